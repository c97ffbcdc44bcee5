"""Play a diagram through: every set of steps that can be open at once, and the faults that only playing shows."""

from collections.abc import Iterable, Iterator

from jiedian.core.findings import Finding

from .bpmn import Graph

Marking = frozenset[str]
"""The arrows on which a token stands; nothing when the case is over."""
CEILING = 20_000
"""So many markings are looked at; a process with more is looked at in part."""


class Twice(Exception):  # noqa: N818 - what was found, not an error
    """A second token on an arrow: a step would be open twice at once."""


class Board:
    """A diagram with its arrows sorted by where they come from and lead to."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.target = {flow.id: flow.target for flow in graph.flows}
        self.out: dict[str, list[str]] = {key: [] for key in graph.nodes}
        self.into: dict[str, set[str]] = {key: set() for key in graph.nodes}
        for flow in graph.flows:
            self.out[flow.source].append(flow.id)
            self.into[flow.target].add(flow.id)

    def open(self, marking: Marking) -> list[str]:
        """The steps that wait for somebody, one entry a token."""
        return [self.target[flow] for flow in marking if self.graph.nodes[self.target[flow]].is_step]

    def begin(self) -> set[Marking]:
        """Markings in which a case can stand first."""
        return self.settled([_with(frozenset(), (f for key in self.graph.starts for f in self.out[key]))])

    def after(self, marking: Marking, code: str) -> set[Marking]:
        """Markings in which a case can stand when a step was done."""
        token = next(flow for flow in marking if self.target[flow] == code)
        return self.settled([_with(marking - {token}, self.out[code])])

    def settled(self, markings: Iterable[Marking]) -> set[Marking]:
        """Let gateways and events work until only people can."""
        todo, seen, found = list(markings), set[Marking](), set[Marking]()
        while todo:
            marking = todo.pop()
            if marking not in seen:
                seen.add(marking)
                onward = self._moved(marking)
                todo += onward or []
                if onward is None:
                    found.add(marking)
        return found

    def _moved(self, marking: Marking) -> list[Marking] | None:
        """The markings after one gateway or event worked; None when none can."""
        for flow in sorted(marking):
            key = self.target[flow]
            node = self.graph.nodes[key]
            if node.is_step:
                continue
            if node.kind != "parallelGateway":
                rest = marking - {flow}
                return [_with(rest, [way]) for way in self.out[key]] or [rest]
            if self.into[key] <= marking:
                return [_with(marking - self.into[key], self.out[key])]
        return None


def _with(marking: Marking, flows: Iterable[str]) -> Marking:
    added = list(flows)
    if marking & set(added):
        raise Twice(added[0])
    return marking | set(added)


def faults(graph: Graph) -> list[Finding]:
    """Findings of a process: a step open twice at once, one never reached, a place from which it cannot go on."""
    board = Board(graph)
    try:
        ways = _ways(board)
    except Twice as twice:
        step = graph.nodes[board.target[str(twice)]]
        return [Finding("process.twice", step.id, name=step.name or step.id)]
    found = list(_stuck(board, ways))
    if len(ways) < CEILING:
        reached = {code for marking in ways for code in board.open(marking)}
        for code in graph.codes:
            if code not in reached:
                found.append(Finding("process.unreached", code, name=graph.nodes[code].name or code))
        if not found and frozenset() not in ways:
            found.append(Finding("process.endless", graph.key))
    return found


def _ways(board: Board) -> dict[Marking, set[Marking]]:
    """Every marking that can be reached, with those that can follow it."""
    ways: dict[Marking, set[Marking]] = {}
    todo = list(board.begin())
    while todo and len(ways) < CEILING:
        marking = todo.pop()
        if marking in ways:
            continue
        held = board.open(marking)
        if len(set(held)) < len(held):
            code = next(code for code in held if held.count(code) > 1)
            raise Twice(next(flow for flow in marking if board.target[flow] == code))
        ways[marking] = set[Marking]().union(*(board.after(marking, code) for code in held))
        todo += ways[marking]
    return ways


def _stuck(board: Board, ways: dict[Marking, set[Marking]]) -> Iterator[Finding]:
    """The gateways at which a case waits for a branch that never comes."""
    waiting = {board.target[flow] for marking in ways if not board.open(marking) for flow in marking}
    for key in sorted(waiting):
        yield Finding("process.stuck", key)
