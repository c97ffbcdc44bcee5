"""The only door to SpiffWorkflow: compile a process that was read and checked, and move tokens.

A definition's spec is stored once per version; a run stores only its tokens, without predicted tasks.
Tokens are text, not jsonb: a task's data is a difference from its parent's, so the order of keys carries meaning.
Conditions are read by ``core.conditions``; nothing is evaluated as Python.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import WorkflowConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from jiedian.core.conditions import BadCondition, holds, parse
from jiedian.core.findings import Finding, Refused, refuse

from .calc.bpmn import Graph, graph_of
from .calc.markings import faults

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
    """A checked definition: its key, the step codes it uses, the spec to store, its flows, and the graph they came from."""

    key: str
    codes: tuple[str, ...]
    spec: str
    flows: tuple[tuple[str, str], ...]
    graph: Graph


class Conditions(PythonScriptEngine):  # type: ignore[misc]
    """Reads gateway conditions through the whitelist; scripts do not run."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return holds(expression, task.data)

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        raise BadCondition(script)


class Tokens(WorkflowConverter):  # type: ignore[misc]
    """Tokens of a run. The spec is stored with the definition; subprocesses are not allowed."""

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


def compile_definition(xml: bytes) -> Compiled:
    """Check a BPMN file and compile it. Raises Refused with every finding; nothing half-checked goes on.

    What the steps are is not asked here: ``process.cards`` does.
    """
    graph = graph_of(xml)
    found = [*_elements(graph, len(xml)), *_conditions(graph), *_diagram(graph)]
    found = found or faults(graph)
    if found:
        raise Refused(found)
    parser = BpmnParser()
    try:
        parser.add_bpmn_str(xml)
        workflow = BpmnWorkflow(parser.get_spec(graph.key), script_engine=_ENGINE)
    except Exception as error:  # the parser raises many kinds; all mean the same to the reader
        raise refuse("process.parse", error=error) from error
    spec = json.dumps(_SERIALIZER.to_dict(workflow)["spec"], ensure_ascii=False)
    return Compiled(graph.key, graph.codes, spec, tuple(graph.arrows), graph)


def _elements(graph: Graph, size: int) -> list[Finding]:
    """What the engine does not run."""
    found = [
        Finding("process.element", f"{line}", name=name)
        for name, line in (graph.elements or {}).items()
        if name not in ALLOWED
    ]
    if graph.processes != 1 or not graph.key:
        found.append(Finding("process.single"))
    if size > CEILING_BYTES:
        found.append(Finding("process.size"))
    return found


def _conditions(graph: Graph) -> list[Finding]:
    """Conditions that nobody can read, and choices with no way on when none of them holds."""
    found = []
    for flow in graph.flows:
        try:
            parse(flow.condition or "always == 'yes'")
        except BadCondition:
            found.append(Finding("process.condition", f"{flow.line}", condition=flow.condition))
    for node in graph.nodes.values():
        out = {flow.id for flow in graph.flows if flow.source == node.id}
        if node.kind == "exclusiveGateway" and len(out) > 1 and node.default not in out:
            found.append(Finding("process.default", node.id))
    return found


def _diagram(graph: Graph) -> list[Finding]:
    """What runs and is not drawn."""
    runs = [*graph.nodes, *(flow.id for flow in graph.flows)]
    return [Finding("process.diagram", name=name) for name in runs if name not in graph.drawn]


def begin(spec: str, data: Mapping[str, str]) -> tuple[str, list[Token]]:
    """Start a run: its tokens to store, and the steps that are open."""
    workflow = BpmnWorkflow(_spec_of(spec), script_engine=_ENGINE)
    workflow.task_tree.data.update(data)
    return _run(workflow)


def first_facts(tokens: str) -> dict[str, str]:
    """Facts a run was begun with."""
    state = json.loads(tokens)
    return dict(state["tasks"][state["root"]]["data"])


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
