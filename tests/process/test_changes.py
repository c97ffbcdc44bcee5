"""Whoever changes a process legally can publish it and open every page of a case on it; whoever forgets something is told what."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.models import User
from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import loops, optional
from jiedian.process.queries import open_steps, run_of, steps_of
from jiedian.process.services import publish, publish_all
from jiedian.shell.models import SimulatedTime
from tests.cast import codes, do, lodge, moment, staff
from tests.process.changed import add_cards, doable, rules
from tests.process.drawing import Drawing

__all__ = ["doable", "rules"]
pytestmark = pytest.mark.django_db
CLASS_OF = {"residential": "RES", "low_voltage": "LVN", "high_voltage": "HV1"}
AT = moment("2025-09-15 08:00")


def new_step(drawing: Drawing) -> None:
    drawing.step("MEETING", after="ACCEPT")
    drawing.step("TALK", after="MEETING")


def loop_over_two(drawing: Drawing) -> None:
    new_step(drawing)
    drawing.loop("talk == 'again'", after="TALK", to="MEETING")


def nested_loop(drawing: Drawing) -> None:
    new_step(drawing)
    drawing.loop("talk == 'again'", after="TALK", to="TALK")
    drawing.loop("talk == 'anew'", after=_behind(drawing, "TALK"), to="MEETING")


def _behind(drawing: Drawing, code: str) -> str:
    """The gateway that stands behind a step."""
    return str(drawing._ends(code, "sourceRef")[0].get("targetRef"))


def second_way_out(drawing: Drawing) -> None:
    new_step(drawing)
    drawing.way_out("talk == 'out'", after="TALK")


def step_made_optional(drawing: Drawing) -> None:
    new_step(drawing)
    drawing.leave_out("talk == 'without'", step="METER_INSTALL")


CHANGES: dict[Callable[[Drawing], None], list[str]] = {
    new_step: ["on"],
    loop_over_two: ["again", "on"],
    nested_loop: ["again", "anew", "on"],
    second_way_out: ["out"],
    step_made_optional: ["without"],
}
"""Each change, and what is said in turn when the new step is done."""


def drawn(rules: Path, key: str, change: Callable[[Drawing], None]) -> bytes:
    """A process of the copy, changed."""
    path = rules / f"process/{key}/process.bpmn"
    drawing = Drawing(path.read_bytes())
    change(drawing)
    path.write_bytes(drawing.xml())
    return drawing.xml()


def see_every_page(case: Case) -> None:
    """As the people concerned and as the customer: nothing but 200."""
    case.refresh_from_db()
    definition = run_of(case.number).definition
    waiting = list(open_steps(case.number))
    of_process = [definition.key, definition.version]
    manager = User.objects.get(pk=case.account_manager_id)
    for user in User.objects.filter(pk__in=[s.owner_id for s in waiting]):
        mine = [reverse("step", args=[case.number, s.pk]) for s in waiting if s.owner_id == user.pk]
        opened(user, [*mine, reverse("desk")])
    of_manager = [reverse(name) for name in ("today", "desk", "cases", "today_gantt")]
    opened(manager, [reverse("case", args=[case.number]), *of_manager])
    opened(staff("head"), [reverse("department")])
    drawn_pages = [reverse(name, args=of_process) for name in ("process", "process_file", "process_tokens")]
    opened(staff("process"), [reverse("processes"), *drawn_pages])
    customer = Client()
    session = customer.session
    session["tracked"] = [case.number]
    session.save()
    assert customer.get(reverse("tracker", args=[case.number])).status_code == 200


def opened(user: User, pages: list[str]) -> None:
    client = Client()
    client.force_login(user)
    for page in pages:
        assert client.get(page).status_code == 200, (user.username, page)


@pytest.mark.parametrize("key", CLASS_OF)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_legal_change_is_published_and_every_page_opens(
    rules: Path, doable: None, key: str, change: Callable[[Drawing], None]
) -> None:
    add_cards(rules, key, "MEETING", "TALK")
    drawn(rules, key, change)
    assert {d.key: d.version for d in publish_all(at=AT)}[key] == 2
    SimulatedTime.objects.create(at=moment("2025-09-22 09:00"))
    case = lodge(CLASS_OF[key])
    see_every_page(case)
    do(case, "ACCEPT", "2025-09-15 10:00")
    for answer in CHANGES[change]:
        if "MEETING" in codes(case):
            see_every_page(case)
            do(case, "MEETING", "2025-09-16 09:00")
        see_every_page(case)
        do(case, "TALK", "2025-09-17 09:00", answer=answer)
    see_every_page(case)
    assert "TALK" not in codes(case) and case.is_open == (change is not second_way_out)
    while change is new_step and codes(case):
        do(case, sorted(codes(case))[0], "2025-09-18 09:00")
    if change is new_step:
        assert case.energised_at and not case.is_open, "the new steps are on the way to the end"
        see_every_page(case)
    assert steps_of(case.number).filter(code="MEETING").count() == 1 + (
        change in (loop_over_two, nested_loop)
    )


def test_the_reader_sees_what_was_drawn(rules: Path) -> None:
    graph = graph_of(drawn(rules, "residential", nested_loop))
    assert len(loops(graph)) == 2 + 1, "the no to a contract is one more"
    changed = graph_of(drawn(rules, "low_voltage", step_made_optional))
    assert "METER_INSTALL" in optional(changed) and "METER_ALLOC" not in optional(changed)


def refused(xml: bytes) -> set[str]:
    """The codes of what a process lacks; each is said in both languages."""
    with pytest.raises(Refused) as refusal:
        publish(xml, actor=SYSTEM, at=AT)
    for finding in refusal.value.findings:
        assert finding.zh != finding.en and finding.code not in (finding.zh, finding.en)
    return {finding.code for finding in refusal.value.findings}


@pytest.mark.parametrize("key", CLASS_OF)
def test_a_step_without_a_card_is_refused_with_what_is_missing(rules: Path, key: str) -> None:
    xml = drawn(rules, key, lambda drawing: drawing.step("MEETING", after="ACCEPT") and None)
    assert refused(xml) == {"card.row", "card.verb"}
    add_cards(rules, key, "MEETING")
    assert refused(xml) == {"card.verb"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("contact", ""),
        ("layer", ""),
        ("milestone", "danced"),
        ("owner_role", "king"),
        ("wait_reason", "WAIT_X"),
    ],
)
def test_a_card_with_a_gap_is_refused_with_its_line(
    rules: Path, doable: None, column: str, value: str
) -> None:
    path = rules / "process/residential/steps.csv"
    add_cards(rules, "residential", "MEETING")
    names, *_, last = lines = path.read_text("utf-8").splitlines()
    cells = last.split(",")
    cells[names.split(",").index(column)] = value
    path.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n", "utf-8")
    with pytest.raises(Refused) as refusal:
        publish_all(at=AT)
    said = " ".join(refusal.value.words("en"))
    assert f"steps.csv:{len(lines)}" in said and column in said


def undrawn(drawing: Drawing) -> None:
    new_step(drawing)
    drawing.plane.remove(drawing.plane[-1])


def unheard_of(drawing: Drawing) -> None:
    drawing.loop("contract == 'refused'", after="CONTRACT_SIGN", to="CONTRACT_SIGN")


def no_default(drawing: Drawing) -> None:
    del drawing.find("works_split").attrib["default"]


def waits_for_ever(drawing: Drawing) -> None:
    """Two ways to choose from meet where both are waited for."""
    drawing.find("works_join").tag = drawing.find("fork").tag


def twice(drawing: Drawing) -> None:
    """Branches side by side meet where none is waited for."""
    drawing.find("join").tag = drawing.find("works_join").tag


def without_power(drawing: Drawing) -> None:
    step_out(drawing, "ENERGISE")


def step_out(drawing: Drawing, code: str) -> None:
    """Take a step out; what led to it leads to what followed it."""
    (onward,) = drawing._ends(code, "sourceRef")
    target = onward.get("targetRef")
    for arrow in drawing._ends(code, "targetRef"):
        drawing._bend(arrow, "targetRef", target)
    for item in drawing.find(target).findall("{*}incoming"):
        if item.text == onward.get("id"):
            item.getparent().remove(item)
    drawing.process.remove(onward)
    drawing.process.remove(drawing.find(code))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (undrawn, "process.diagram"),
        (unheard_of, "card.outcome"),
        (no_default, "process.default"),
        (waits_for_ever, "process.stuck"),
        (twice, "process.twice"),
        (without_power, "card.unreached"),
        (lambda drawing: step_out(drawing, "ACCEPT"), "card.milestone"),
    ],
)
def test_what_no_case_could_pass_is_refused(
    rules: Path, doable: None, change: Callable[[Drawing], None], code: str
) -> None:
    add_cards(rules, "residential", "MEETING", "TALK")
    assert code in refused(drawn(rules, "residential", change))


def test_a_step_of_the_customer_says_what_he_is_waited_for(rules: Path, doable: None) -> None:
    add_cards(rules, "residential", "MEETING", "TALK")
    path = rules / "process/residential/steps.csv"
    path.write_text(path.read_text("utf-8").replace("WAIT_SIGN", ""), "utf-8")
    assert "card.wait" in refused(drawn(rules, "residential", new_step))


def test_a_card_stays_while_cases_run_on_its_step(rules: Path, doable: None) -> None:
    before = (rules / "process/residential/process.bpmn").read_bytes()
    add_cards(rules, "residential", "MEETING", "TALK")
    drawn(rules, "residential", new_step)
    publish_all(at=AT)
    lodge("RES")
    path = rules / "process/residential/steps.csv"
    rows = [row for row in path.read_text("utf-8").splitlines() if not row.startswith(("MEETING", "TALK"))]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    add_cards(rules, "residential")
    assert refused(before) == {"card.running"}


def test_whether_the_grid_needs_works_is_asked_at_acceptance_where_no_survey_asks() -> None:
    home, shop = lodge("RES"), lodge("LVN")
    do(home, "ACCEPT", "2025-09-15 10:00", needs_grid_works=True)
    assert "GRID_WORKS" in codes(home)
    client = Client()
    client.force_login(User.objects.get(pk=open_steps(shop.number).get().owner_id))
    page = client.get(reverse("step", args=[shop.number, open_steps(shop.number).get().pk]))
    assert "needs_grid_works" not in page.content.decode()
