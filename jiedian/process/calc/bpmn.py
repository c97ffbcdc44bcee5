"""The one reader of BPMN files: XML in, a process as a graph out. It judges nothing but what it cannot read at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from jiedian.core.findings import refuse

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
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
    """One element of a process; ``lane`` is the name of the lane it stands in, ``line`` where the file has it."""

    id: str
    kind: str
    name: str
    lane: str
    default: str
    line: int = 0

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
    line: int = 0


@dataclass(frozen=True)
class Graph:
    """One process of a BPMN file.

    ``drawn`` are the elements that stand on the diagram, ``elements`` the kinds of element in the file with the line
    of the first, ``processes`` the number of processes in the file.
    """

    key: str
    name: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    drawn: frozenset[str] = frozenset()
    elements: Mapping[str, int] | None = None
    processes: int = 1

    @property
    def arrows(self) -> list[tuple[str, str]]:
        """Its flows as pairs of node ids."""
        return [(flow.source, flow.target) for flow in self.flows]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its steps, in the order of the file."""
        return tuple(key for key, node in self.nodes.items() if node.is_step)

    @property
    def starts(self) -> list[str]:
        """Starts of a process: its start events, else whatever no arrow leads to."""
        targets = {flow.target for flow in self.flows}
        events = [key for key, node in self.nodes.items() if node.kind == "startEvent"]
        return events or [key for key in self.nodes if key not in targets]


def graph_of(xml: bytes, *, where: str = "") -> Graph:
    """The first process of a BPMN 2.0 file that has steps. Raises Refused: not XML, too large, a DTD, no steps."""
    root = _root(xml, where)
    processes = list(root.iter(f"{BPMN}process"))
    drawn = {
        shape.get("bpmnElement") or ""
        for kind in ("BPMNShape", "BPMNEdge")
        for shape in root.iter(f"{BPMNDI}{kind}")
    }
    for process in processes:
        nodes = _nodes(process, where)
        if any(node.is_step for node in nodes.values()):
            flows = tuple(_flow(f) for f in process.iter(f"{BPMN}sequenceFlow"))
            known = tuple(flow for flow in flows if flow.source in nodes and flow.target in nodes)
            return Graph(
                process.get("id") or "",
                process.get("name") or "",
                nodes,
                known,
                frozenset(drawn),
                _elements(root),
                len(processes),
            )
    raise refuse("process.steps", where)


def _root(xml: bytes, where: str) -> Any:
    """The file as a tree; nothing in it is fetched or expanded."""
    if len(xml) > CEILING_BYTES:
        raise refuse("process.size", where)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise refuse("process.xml", where, error=error) from error
    if root.getroottree().docinfo.doctype:
        raise refuse("process.doctype", where)
    return root


def _elements(root: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in root.iter():
        if isinstance(item.tag, str) and item.tag.startswith(BPMN):
            found.setdefault(item.tag.removeprefix(BPMN), item.sourceline or 0)
    return found


def _kind(item: Any) -> str:
    return item.tag.removeprefix(BPMN) if item is not None and isinstance(item.tag, str) else ""


def _nodes(process: Any, where: str) -> dict[str, Node]:
    lanes = {
        (ref.text or "").strip(): lane.get("name") or ""
        for lane in process.iter(f"{BPMN}lane")
        for ref in lane.iter(f"{BPMN}flowNodeRef")
    }
    found = {}
    for item in process.iter():
        kind = _kind(item)
        if kind in TASKS or kind.endswith(("Event", "Gateway")):
            key = item.get("id") or ""
            if _kind(item.getparent()) in TASKS or _kind(item.getparent()).endswith(("Event", "Gateway")):
                raise refuse("process.nested", where, element=key, line=item.sourceline or 0)
            name = " ".join((item.get("name") or "").split())
            found[key] = Node(
                key, kind, name, lanes.get(key, ""), item.get("default") or "", item.sourceline or 0
            )
    return found


def _flow(item: Any) -> Flow:
    condition = (item.findtext(f"{BPMN}conditionExpression") or "").strip()
    ends = item.get("sourceRef") or "", item.get("targetRef") or ""
    return Flow(item.get("id") or "", *ends, condition, item.sourceline or 0)
