"""Questions a diagram answers: which steps a case with certain facts passes, which set its length, what comes back, what may be left out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

from jiedian.core.conditions import BadCondition, holds, names_and_values
from jiedian.core.findings import Finding

from .bpmn import CHOICES, Flow, Graph, Node


def forward(arrows: Iterable[tuple[str, str]], *, starts: Iterable[str] = ()) -> frozenset[tuple[str, str]]:
    """The arrows that go on, without those that close a loop. What is left has no loop, whatever came in.

    Walks in depth from ``starts``, then from whatever was not reached yet; an arrow to a node that lies on the way
    walked just now goes back.

    >>> sorted(forward([("draft", "sign"), ("sign", "works"), ("sign", "draft")], starts=["draft"]))
    [('draft', 'sign'), ('sign', 'works')]
    """
    out: dict[str, list[str]] = {}
    for source, target in arrows:
        out.setdefault(source, []).append(target)
    entered = {target for targets in out.values() for target in targets}
    kept: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in [*starts, *(key for key in out if key not in entered), *out]:
        stack, walking = [(root, iter(out.get(root, ())))], {root}
        while root not in done:
            key, targets = stack[-1]
            onward = next(targets, None)
            if onward is None:
                stack.pop()
                walking.discard(key)
                done.add(key)
            elif onward not in walking:
                kept.add((key, onward))
                if onward not in done:
                    stack.append((onward, iter(out.get(onward, ()))))
                    walking.add(onward)
    return frozenset(kept)


def straight(graph: Graph) -> Graph:
    """A process without its ways back: no arrow that closes a loop, and no step that only a loop opens.

    Such a step (putting right what an inspection found) has no way on but back, so it does not reach an end.
    """
    onward = forward(graph.arrows, starts=graph.starts)
    sources = {source for source, _target in graph.arrows}
    into: dict[str, list[str]] = {}
    for source, target in onward:
        into.setdefault(target, []).append(source)
    todo = [key for key in graph.nodes if key not in sources]
    ending = set(todo) if todo else set(graph.nodes)
    while todo:
        for source in into.get(todo.pop(), ()):
            if source not in ending:
                ending.add(source)
                todo.append(source)
    flows = tuple(
        flow
        for flow in graph.flows
        if (flow.source, flow.target) in onward and flow.source in ending and flow.target in ending
    )
    return replace(
        graph, nodes={key: node for key, node in graph.nodes.items() if key in ending}, flows=flows
    )


def loops(graph: Graph) -> tuple[Flow, ...]:
    """The arrows that lead back."""
    onward = forward(graph.arrows, starts=graph.starts)
    return tuple(flow for flow in graph.flows if (flow.source, flow.target) not in onward)


def optional(graph: Graph) -> frozenset[str]:
    """The steps that some case never passes: those that do not lie on every way from the start to an end.

    Branches side by side are all passed; of branches to choose from, one.
    """
    onward = straight(graph)
    into: dict[str, set[str]] = {key: set() for key in onward.nodes}
    for source, target in onward.arrows:
        into[target].add(source)
    passed: dict[str, frozenset[str]] = {}
    for key in TopologicalSorter(into).static_order():
        ways = [passed[source] for source in into[key]]
        is_join = onward.nodes[key].kind == "parallelGateway"
        join = frozenset.union if is_join else frozenset.intersection
        passed[key] = (join(*ways) if ways else frozenset()) | {key}
    leaves = onward.nodes.keys() - {source for source, _target in onward.arrows}
    always = frozenset.intersection(*(passed[key] for key in leaves)) if leaves else frozenset()
    return frozenset(graph.codes) - always


def variables(graph: Graph) -> dict[str, set[str]]:
    """Variables the choices of a process read, each with the values its conditions compare it with."""
    found: dict[str, set[str]] = {}
    for flow in graph.flows:
        try:
            asked = names_and_values(flow.condition) if flow.condition else []
        except BadCondition:
            continue
        for name, value in asked:
            found.setdefault(name, set()).add(value)
    return found


def steps_before(arrows: Iterable[tuple[str, str]], codes: Collection[str]) -> dict[str, set[str]]:
    """Each of the steps ``codes`` with those of them directly before it; what lies between is walked through.

    Without a loop in ``arrows`` there is none in the answer, whichever steps are left out.
    """
    before: dict[str, list[str]] = {}
    for source, target in arrows:
        before.setdefault(target, []).append(source)
    return {code: _nearest(code, before, codes) for code in codes}


def ahead(arrows: Iterable[tuple[str, str]], codes: Iterable[str], *, to: str) -> frozenset[str]:
    """Nodes of a process that may still come before one of its nodes is reached; nothing when it cannot be reached any more.

    >>> way = [("draft", "sign"), ("sign", "power"), ("power", "file")]
    >>> sorted(ahead(way, ["draft"], to="power")), sorted(ahead(way, ["file"], to="power"))
    (['draft', 'power', 'sign'], [])
    """
    out: dict[str, list[str]] = {}
    for source, target in arrows:
        out.setdefault(source, []).append(target)
    todo, seen = list(codes), set[str]()
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += out.get(key, ()) if key != to else ()
    return frozenset(seen) if to in seen else frozenset()


def _nearest(key: str, before: Mapping[str, list[str]], codes: Collection[str]) -> set[str]:
    found: set[str] = set()
    todo, seen = list(before.get(key, ())), {key}
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in codes:
            found.add(current)
        else:
            todo += before.get(current, ())
    return found


@dataclass(frozen=True)
class Way:
    """The part of a process that a case with certain facts passes, loops cut: each node and those before it."""

    before: Mapping[str, frozenset[str]]
    findings: tuple[Finding, ...]


def way(graph: Graph, facts: Mapping[str, str]) -> Way:
    """Walk from the start: at a choice the first condition that holds, else the default, else the first free arrow."""
    out: dict[str, list[Flow]] = {key: [] for key in graph.nodes}
    for flow in graph.flows:
        out[flow.source].append(flow)
    starts = graph.starts
    before: dict[str, set[str]] = {key: set() for key in starts}
    found: list[Finding] = []
    done: set[str] = set()
    stack = list(reversed(starts))
    while stack:
        key = stack.pop()
        if key in done:
            continue
        done.add(key)
        for flow in _taken(graph.nodes[key], out[key], facts, found):
            if not _comes_before(flow.target, key, before):
                before.setdefault(flow.target, set()).add(key)
                stack.append(flow.target)
    return Way({key: frozenset(held) for key, held in before.items()}, tuple(found))


def _comes_before(early: str, late: str, before: Mapping[str, set[str]]) -> bool:
    """Whether a node lies above another on the way found so far; an arrow back to it would close a loop."""
    todo, seen = [late], set()
    while todo:
        key = todo.pop()
        if key == early:
            return True
        if key not in seen:
            seen.add(key)
            todo += before.get(key, ())
    return False


def _taken(node: Node, flows: list[Flow], facts: Mapping[str, str], found: list[Finding]) -> list[Flow]:
    if node.kind not in CHOICES or len(flows) < 2:
        return flows
    chosen = [flow for flow in flows if flow.condition and _holds(flow, facts, found)]
    if chosen:
        return chosen[:1] if node.kind == "exclusiveGateway" else chosen
    free = [flow for flow in flows if flow.id == node.default] or [f for f in flows if not f.condition]
    return free[:1] or flows[:1]


def _holds(flow: Flow, facts: Mapping[str, str], found: list[Finding]) -> bool:
    try:
        return holds(flow.condition, facts)
    except BadCondition:
        found.append(Finding("process.unread_condition", flow.id, condition=flow.condition))
        return False


def onward(
    graph: Graph, forth: Graph, passed: Collection[str], standing: Collection[str]
) -> frozenset[tuple[str, str]]:
    """The arrows a case still goes along from where it stands, loops cut: what is open, and all that follows it.

    ``forth`` is the graph without its ways back, ``passed`` the nodes on the way by the facts of the case. From a node that is not among them (a step that only a loop
    opens, a way the facts have left since) every arrow is followed, also one that leads back, until the way is met
    again; so what has to be done once more after it is on the way once more. The arrows answered have no loop.
    """
    ahead: dict[str, list[str]] = {}
    for source, target in forth.arrows:
        if source not in passed or target in passed:
            ahead.setdefault(source, []).append(target)
    every: dict[str, list[str]] = {}
    for source, target in graph.arrows:
        every.setdefault(source, []).append(target)
    found: dict[tuple[str, str], None] = {}
    todo, seen = list(standing), set()
    while todo:
        key = todo.pop()
        if key in seen:
            continue
        seen.add(key)
        for target in ahead.get(key, ()) if key in forth.nodes else every.get(key, ()):
            found[key, target] = None
            todo.append(target)
    return forward(found, starts=[*standing])


def ends(taken: Way, days: Mapping[str, float]) -> dict[str, float]:
    """End of each node at the earliest, in days from the start. Nodes without days take none."""
    found: dict[str, float] = {}
    for key in TopologicalSorter(taken.before).static_order():
        begin = max((found[before] for before in taken.before.get(key, ())), default=0)
        found[key] = begin + days.get(key, 0)
    return found


def longest(taken: Way, days: Mapping[str, float], *, to: str = "") -> tuple[float, tuple[str, ...]]:
    """The longest way in days, to a node or to the end, and its nodes from first to last."""
    when = ends(taken, days)
    key = to if to in when else max(when, key=lambda k: (when[k], k), default="")
    total, path = when.get(key, 0), []
    while key:
        path.append(key)
        key = max(sorted(taken.before.get(key, ())), key=lambda k: when[k], default="")
    return total, tuple(reversed(path))
