"""Reads the way through a BPMN file: which steps a case with certain facts passes, and which of them set its length."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any

from lxml import etree

from jiedian.core.conditions import BadCondition, holds
from jiedian.core.findings import Finding, refuse

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CEILING_BYTES = 5_000_000
TASKS = {
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
}
CHOICES = {"exclusiveGateway", "inclusiveGateway"}
CUSTOMER_WORDS = ("客户", "customer", "申请人", "applicant")


@dataclass(frozen=True)
class Node:
    """One element of a process; ``lane`` is the name of the lane it stands in."""

    id: str
    kind: str
    name: str
    lane: str
    default: str

    @property
    def is_step(self) -> bool:
        return self.kind in TASKS


@dataclass(frozen=True)
class Flow:
    """An arrow; ``condition`` is empty where it always holds."""

    id: str
    source: str
    target: str
    condition: str


@dataclass(frozen=True)
class Graph:
    """One process of a BPMN file."""

    key: str
    name: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]


def graph_of(xml: bytes, *, where: str = "") -> Graph:
    """The first process of a BPMN 2.0 file that has steps. Raises Refused: not XML, too large, a DTD, no steps."""
    if len(xml) > CEILING_BYTES:
        raise refuse("process.size", where)
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise refuse("process.xml", where, error=error) from error
    if root.getroottree().docinfo.doctype:
        raise refuse("process.doctype", where)
    for process in root.iter(f"{BPMN}process"):
        nodes = _nodes(process)
        if any(node.is_step for node in nodes.values()):
            flows = tuple(_flow(f) for f in process.iter(f"{BPMN}sequenceFlow"))
            known = tuple(flow for flow in flows if flow.source in nodes and flow.target in nodes)
            return Graph(process.get("id") or "", process.get("name") or "", nodes, known)
    raise refuse("process.steps", where)


def _nodes(process: Any) -> dict[str, Node]:
    lanes = {
        (ref.text or "").strip(): lane.get("name") or ""
        for lane in process.iter(f"{BPMN}lane")
        for ref in lane.iter(f"{BPMN}flowNodeRef")
    }
    found = {}
    for item in process.iter():
        kind = item.tag.removeprefix(BPMN) if isinstance(item.tag, str) else ""
        if kind in TASKS or kind.endswith(("Event", "Gateway")):
            key = item.get("id") or ""
            name = " ".join((item.get("name") or "").split())
            found[key] = Node(key, kind, name, lanes.get(key, ""), item.get("default") or "")
    return found


def _flow(item: Any) -> Flow:
    condition = (item.findtext(f"{BPMN}conditionExpression") or "").strip()
    return Flow(item.get("id") or "", item.get("sourceRef") or "", item.get("targetRef") or "", condition)


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
    arrows = [(flow.source, flow.target) for flow in graph.flows]
    starts = [key for key, node in graph.nodes.items() if node.kind == "startEvent"]
    onward = forward(arrows, starts=starts)
    sources = {source for source, _target in arrows}
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


def steps_before(arrows: Iterable[tuple[str, str]], codes: Collection[str]) -> dict[str, set[str]]:
    """Each of the steps ``codes`` with those of them directly before it; what lies between is walked through.

    Without a loop in ``arrows`` there is none in the answer, whichever steps are left out.
    """
    before: dict[str, list[str]] = {}
    for source, target in arrows:
        before.setdefault(target, []).append(source)
    return {code: _nearest(code, before, codes) for code in codes}


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
    targets = {flow.target for flow in graph.flows}
    starts = [key for key, node in graph.nodes.items() if node.kind == "startEvent"]
    starts = starts or [key for key in graph.nodes if key not in targets]
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


def ends(taken: Way, days: Mapping[str, float]) -> dict[str, float]:
    """When each node ends at the earliest, in days from the start. Nodes without days take none."""
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
