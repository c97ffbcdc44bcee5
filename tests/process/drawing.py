"""A pencil for BPMN files: legal changes of a process drawn by script, with shapes and edges as a modeler draws them."""

from itertools import count
from typing import Any

from lxml import etree

from jiedian.process.calc.bpmn import BPMN, BPMNDI

DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"


class Drawing:
    """A process file that is being changed."""

    def __init__(self, xml: bytes) -> None:
        self.root = etree.fromstring(xml)
        self.process: Any = self.root.find(f"{BPMN}process")
        self.plane: Any = next(self.root.iter(f"{BPMNDI}BPMNPlane"))
        self.numbers = count(1)

    def xml(self) -> bytes:
        return bytes(etree.tostring(self.root, xml_declaration=True, encoding="UTF-8"))

    def find(self, key: str) -> Any:
        return next(item for item in self.process if item.get("id") == key)

    def node(self, kind: str, key: str, **more: str) -> str:
        """An element with its shape."""
        etree.SubElement(self.process, f"{BPMN}{kind}", {"id": key, **more})
        shape = etree.SubElement(self.plane, f"{BPMNDI}BPMNShape", {"id": f"{key}_di", "bpmnElement": key})
        etree.SubElement(shape, f"{DC}Bounds", {"x": "0", "y": "0", "width": "100", "height": "80"})
        return key

    def flow(self, source: str, target: str, condition: str = "") -> str:
        """An arrow with its edge."""
        key = f"flow_drawn_{next(self.numbers)}"
        arrow = etree.SubElement(
            self.process, f"{BPMN}sequenceFlow", {"id": key, "sourceRef": source, "targetRef": target}
        )
        if condition:
            etree.SubElement(arrow, f"{BPMN}conditionExpression").text = condition
        edge = etree.SubElement(self.plane, f"{BPMNDI}BPMNEdge", {"id": f"{key}_di", "bpmnElement": key})
        for x in ("0", "9"):
            etree.SubElement(edge, f"{DI}waypoint", {"x": x, "y": "0"})
        for end, mark in ((source, "outgoing"), (target, "incoming")):
            etree.SubElement(self.find(end), f"{BPMN}{mark}").text = key
        return key

    def _ends(self, key: str, end: str) -> list[Any]:
        return [item for item in self.process.iter(f"{BPMN}sequenceFlow") if item.get(end) == key]

    def _bend(self, arrow: Any, end: str, to: str) -> None:
        """Let an arrow begin or end at another element."""
        mark = "outgoing" if end == "sourceRef" else "incoming"
        for item in self.find(arrow.get(end)).findall(f"{BPMN}{mark}"):
            if item.text == arrow.get("id"):
                item.getparent().remove(item)
        arrow.set(end, to)
        etree.SubElement(self.find(to), f"{BPMN}{mark}").text = arrow.get("id")

    def after(self, old: str, kind: str, key: str, **more: str) -> str:
        """Put a new element directly behind an old one; what followed the old one (of a choice: by default) follows it."""
        self.node(kind, key, **more)
        usual = self.find(old).get("default")
        for arrow in self._ends(old, "sourceRef"):
            if usual in (None, arrow.get("id")):
                self._bend(arrow, "sourceRef", key)
        onward = self.flow(old, key)
        if usual:
            self.find(old).set("default", onward)
        return key

    def before(self, old: str, kind: str, key: str, **more: str) -> str:
        """Put a new element directly in front of an old one; what led to the old one leads to the new one."""
        self.node(kind, key, **more)
        for arrow in self._ends(old, "targetRef"):
            self._bend(arrow, "targetRef", key)
        self.flow(key, old)
        return key

    def step(self, code: str, *, after: str) -> str:
        return self.after(after, "userTask", code, name=code)

    def choice(self, key: str, *, after: str) -> str:
        """A choice behind a step, whose default is to go on."""
        self.after(after, "exclusiveGateway", key)
        (onward,) = self._ends(key, "sourceRef")
        self.find(key).set("default", onward.get("id"))
        return key

    def loop(self, condition: str, *, after: str, to: str) -> None:
        """From behind one step back to the front of another, while a condition holds."""
        merge = self.before(to, "exclusiveGateway", f"back_to_{to}_{next(self.numbers)}")
        self.flow(self.choice(f"again_{next(self.numbers)}", after=after), merge, condition)

    def way_out(self, condition: str, *, after: str) -> None:
        """A second end behind a step."""
        self.flow(
            self.choice(f"out_{next(self.numbers)}", after=after),
            self.node("endEvent", "end_early"),
            condition,
        )

    def leave_out(self, condition: str, *, step: str) -> None:
        """A way around a step."""
        around = self.before(step, "exclusiveGateway", f"need_{step}")
        (onward,) = self._ends(around, "sourceRef")
        self.find(around).set("default", onward.get("id"))
        self.flow(around, self.after(step, "exclusiveGateway", f"past_{step}"), condition)
