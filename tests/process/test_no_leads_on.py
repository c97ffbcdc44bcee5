"""Every no of every step of the processes leaves the case with an open step that somebody owns."""

from typing import Any

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.replay import differences
from jiedian.ground.rulebook.services import RULES
from jiedian.people.models import User
from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import variables
from jiedian.process.queries import open_steps
from jiedian.process.steps import doings
from tests.cast import codes, do, lodge

pytestmark = pytest.mark.django_db
NOES: dict[tuple[str, str], dict[str, Any]] = {
    ("COUNTERSIGN", "refused"): {"agreed": "no", "text": "改接另一座变电站"},
    ("SCHEME_SIGN", "another"): {"answer": "another", "words": "希望架空进线"},
    ("FEE_COLLECT", "refused"): {"answer": "refused", "words": "容量算错了"},
    ("CONTRACT_SIGN", "refused"): {"answer": "refused", "words": "产权分界点写得不对"},
    ("DESIGN_REVIEW", "rectify"): {"result": "rectify", "defects": "保护定值缺失"},
    ("MID_INSPECTION", "rectify"): {"result": "rectify", "defects": "接地网未焊接"},
    ("COMPLETION_CHECK", "rectify"): {"result": "rectify", "defects": "闭锁失效"},
}
"""How each no is said. What is missing here fails the first test."""
KINDS = {
    "residential": [("RES", {})],
    "low_voltage": [("LVN", {"has_fee": "yes", "grid_works": "yes"}), ("LV0", {})],
    "distributed": [("PV", {}), ("PVH", {"grid_works": "yes"})],
    "high_voltage": [("HV2", {"grid_works": "yes"}), ("HV1", {"open_capacity": "no"})],
}
GOOD = {"agreed", "accepted", "pass", "paid", "signed"}
FACTS_OF_SURVEY = {"SURVEY", "ACCEPT", "SCHEME_DRAFT"}
"""What these say is a finding, not a no: every value goes forward."""


def graph(key: str) -> Any:
    return graph_of((RULES / f"process/{key}/process.bpmn").read_bytes())


def noes(key: str) -> list[tuple[str, str]]:
    """Each step of a process with each value that is no yes."""
    asked = variables(graph(key))
    return [
        (code, value)
        for code in graph(key).codes
        if code not in FACTS_OF_SURVEY
        for name, values in doings()[code].outcomes.items()
        if name in asked
        for value in values
        if value not in GOOD
    ]


def test_every_no_of_every_process_is_walked() -> None:
    assert {no for key in KINDS for no in noes(key)} == set(NOES)


def owned(case: Case) -> None:
    """Something is open, and each has an owner who works here."""
    held = list(open_steps(case.number))
    assert held and case.is_open
    for step in held:
        assert User.objects.filter(pk=step.owner_id, is_active=True).exists(), step.code
    assert differences(case.number) == []


@pytest.mark.parametrize(
    ("kind", "survey"), [pair for pairs in KINDS.values() for pair in pairs], ids=lambda v: str(v)
)
def test_after_each_no_somebody_has_the_case_and_it_reaches_its_end(
    kind: str, survey: dict[str, str]
) -> None:
    case = lodge(kind, "2025-09-15 09:00", importance="second" if kind.startswith("HV") else "ordinary")
    said: set[str] = set()
    for _n in range(80):
        step = open_steps(case.number).first()
        if step is None:
            break
        changes = survey if step.code == "SURVEY" else {}
        no = next((no for (code, _value), no in NOES.items() if code == step.code), None)
        if no is not None and step.code not in said:
            said.add(step.code)
            do(case, step.code, "2025-09-16 09:00", **no)
            owned(case)
            continue
        do(case, step.code, "2025-09-16 09:00", **changes)
        if case.is_open:
            owned(case)
    assert case.state == Case.State.FINISHED and codes(case) == set()
    assert said == {code for code, _value in noes(case.process_key) if code in {f.code for f in _done(case)}}


def _done(case: Case) -> Any:
    from jiedian.process.queries import steps_of

    return steps_of(case.number)
