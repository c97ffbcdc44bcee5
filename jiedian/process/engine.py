"""The only door to SpiffWorkflow: parse a BPMN file against a whitelist, and move tokens.

A definition's spec is stored once per version; a run stores only its tokens, without predicted tasks.
Tokens are text, not jsonb: a task's data is a difference from its parent's, so the order of keys carries meaning.
Conditions are read by ``core.conditions``; nothing is evaluated as Python.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import WorkflowConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from jiedian.core.conditions import BadCondition, holds, parse
from jiedian.core.findings import Finding, Refused

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
CEILING_BYTES = 1_000_000
ALLOWED = {
    "definitions",
    "process",
    "startEvent",
    "endEvent",
    "userTask",
    "exclusiveGateway",
    "parallelGateway",
    "sequenceFlow",
    "conditionExpression",
    "incoming",
    "outgoing",
    "documentation",
}


@dataclass(frozen=True)
class Token:
    """A step that is open now: its code and the engine's own name for it."""

    code: str
    task_uid: str


@dataclass(frozen=True)
class Compiled:
    """A checked definition: its key, the step codes it uses, the spec to store, and its flows."""

    key: str
    codes: tuple[str, ...]
    spec: str
    flows: tuple[tuple[str, str], ...]


class Conditions(PythonScriptEngine):  # type: ignore[misc]
    """Reads gateway conditions through the whitelist; scripts do not run."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return holds(expression, task.data)

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        raise BadCondition(script)


class Tokens(WorkflowConverter):  # type: ignore[misc]
    """What a run keeps: its tokens. The spec is stored with the definition; subprocesses are not allowed."""

    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        kept: dict[str, Any] = super().to_dict(workflow)
        return kept | {"subprocesses": {}}


_ENGINE = Conditions()
_SERIALIZER = BpmnWorkflowSerializer()
_TOKENS = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG | {BpmnWorkflow: Tokens}))


@lru_cache(maxsize=32)
def _spec_of(spec: str) -> Any:
    """A stored spec read once a process: moving tokens does not change it."""
    return _SERIALIZER.registry.restore(json.loads(spec))


def compile_definition(xml: bytes, *, known_codes: frozenset[str]) -> Compiled:
    """Check a BPMN file and compile it. Raises Refused with every finding; nothing half-checked goes on."""
    root = _root(xml)
    found = [*_elements(root), *_conditions(root), *_diagram(root), *_codes(root, known_codes)]
    if found:
        raise Refused(found)
    key = root.find(f"{BPMN}process").get("id")
    parser = BpmnParser()
    try:
        parser.add_bpmn_xml(root)
        workflow = BpmnWorkflow(parser.get_spec(key), script_engine=_ENGINE)
    except Exception as error:  # the parser raises many kinds; all mean the same to the reader
        raise Refused(Finding("process.parse", error=error)) from error
    codes = tuple(task.get("id") for task in root.iter(f"{BPMN}userTask"))
    flows = tuple((f.get("sourceRef"), f.get("targetRef")) for f in root.iter(f"{BPMN}sequenceFlow"))
    spec = json.dumps(_SERIALIZER.to_dict(workflow)["spec"], ensure_ascii=False)
    return Compiled(key, codes, spec, flows)


def _root(xml: bytes) -> Any:
    if len(xml) > CEILING_BYTES:
        raise Refused(Finding("process.size"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(Finding("process.xml", error=error)) from error
    if root.getroottree().docinfo.doctype:
        raise Refused(Finding("process.doctype"))
    processes = root.findall(f"{BPMN}process")
    if root.tag != f"{BPMN}definitions" or len(processes) != 1 or not processes[0].get("id"):
        raise Refused(Finding("process.single"))
    return root


def _elements(root: Any) -> list[Finding]:
    found = []
    for node in root.iter():
        if isinstance(node.tag, str) and node.tag.startswith(BPMN):
            name = node.tag.removeprefix(BPMN)
            if name not in ALLOWED:
                found.append(Finding("process.element", f"{node.sourceline}", name=name))
    return found


def _conditions(root: Any) -> list[Finding]:
    found = []
    for node in root.iter(f"{BPMN}conditionExpression"):
        try:
            parse(node.text or "")
        except BadCondition:
            found.append(Finding("process.condition", f"{node.sourceline}", condition=node.text))
    return found


def _diagram(root: Any) -> list[Finding]:
    shown = {shape.get("bpmnElement") for shape in root.iter(f"{BPMNDI}BPMNShape")}
    drawn = [n for n in root.iter() if isinstance(n.tag, str) and n.tag.startswith(BPMN) and n.get("id")]
    missing = [
        n.get("id")
        for n in drawn
        if n.tag.removeprefix(BPMN) in ALLOWED - {"definitions", "process", "sequenceFlow"}
        and not n.tag.endswith("conditionExpression")
        and n.get("id") not in shown
    ]
    return [Finding("process.diagram", name=name) for name in missing]


def _codes(root: Any, known: frozenset[str]) -> list[Finding]:
    unknown = [t.get("id") for t in root.iter(f"{BPMN}userTask") if t.get("id") not in known]
    return [Finding("process.step", step=c) for c in unknown]


def begin(spec: str, data: Mapping[str, str]) -> tuple[str, list[Token]]:
    """Start a run: its tokens to store, and the steps that are open."""
    workflow = BpmnWorkflow(_spec_of(spec), script_engine=_ENGINE)
    workflow.task_tree.data.update(data)
    return _run(workflow)


def advance(spec: str, tokens: str, *, task_uid: str, outcome: Mapping[str, str]) -> tuple[str, list[Token]]:
    """Complete one open step and run to where people are needed again."""
    workflow = _restore(spec, tokens)
    task = next(t for t in workflow.get_tasks() if str(t.id) == task_uid)
    task.data.update(outcome)
    task.run()
    return _run(workflow)


def _run(workflow: BpmnWorkflow) -> tuple[str, list[Token]]:
    workflow.do_engine_steps()
    open_now = [
        Token(task.task_spec.bpmn_id, str(task.id))
        for task in workflow.get_tasks(state=TaskState.READY)
        if task.task_spec.manual
    ]
    return _freeze(workflow), open_now


def _freeze(workflow: BpmnWorkflow) -> str:
    state = _TOKENS.to_dict(workflow)
    keep = {uid: task for uid, task in state["tasks"].items() if not task["state"] & TaskState.PREDICTED_MASK}
    for task in keep.values():
        task["children"] = [child for child in task["children"] if child in keep]
    state["tasks"] = keep
    return json.dumps(state, ensure_ascii=False)


def _restore(spec: str, tokens: str) -> BpmnWorkflow:
    whole = {**json.loads(tokens), "spec": _spec_of(spec), "subprocess_specs": {}, "bpmn_events": []}
    workflow = _SERIALIZER.from_dict(whole)
    workflow.script_engine = _ENGINE
    for task in workflow.get_tasks(state=TaskState.NOT_FINISHED_MASK):
        # without this a restored run has no future tasks to move to and strands silently
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    return workflow
