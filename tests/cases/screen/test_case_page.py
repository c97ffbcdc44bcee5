"""The screen of a case says first who acts and what waits for an answer, in words and without private codes."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.services import coordination
from jiedian.cases.screen.queries.cases import desk_of, lines
from jiedian.cases.screen.queries.file import events_of
from jiedian.cases.screen.queries.talk import talk_of
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-23 09:00")
CODES = r"\bT\d{2}\b|\bK-STEP|domain reference|NDRC|GYGZ-|\[[ADFR?][^\]]*\]|step:\d|\b(?:LV0|LVN|HV1|HV2)\b"
"""What the authors call a limit, a document, a status, a fact and a class among themselves."""


@pytest.fixture
def case() -> Case:
    """Five branches at once, and talk on it that nobody has answered."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", grid_works="yes", has_fee="yes")
    for code, day in (("SCHEME_DRAFT", 18), ("SCHEME_REPLY", 19), ("SCHEME_SIGN", 22)):
        do(case, code, f"2025-09-{day} 09:00")
    who = actor(User.objects.get(pk=case.account_manager_id))
    coordination.ask(
        case, answerer=staff("operator"), text="能否转供？", actor=who, at=moment("2025-09-22 10:00")
    )
    coordination.hear_customer(case, text="月底前行吗？", actor=CUSTOMER, at=moment("2025-09-22 11:00"))
    SimulatedTime.objects.create(at=AT)
    return case


def page(who: str, url: str, **headers: str) -> str:
    client = Client()
    client.force_login(staff(who))
    return client.get(url, headers=headers).content.decode().split("<main", 1)[1]


def test_who_acts_and_what_waits_stand_first_and_the_gantt_is_folded(case: Case) -> None:
    shown = page("head", reverse("case", args=[case.number]))
    places = [shown.index(f'id="{place}"') for place in ("now", "talk", "papers", "way", "events")]
    assert places == sorted(places)
    assert "客户有 1 件要办，我们有 4 件在办" in shown and shown.count("<h3>") == 5
    assert '<details class="fold" id="way">' in shown and "倒排最晚" not in shown.split('id="way"')[0]
    assert "1 件等答复" in shown and "等我们回复" in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_private_code_is_on_the_page(case: Case, language: str) -> None:
    step = open_steps(case.number).get(code="CONTRACT_DRAFT")
    owner = User.objects.get(pk=step.owner_id).username
    for who, url in (
        ("head", reverse("case", args=[case.number])),
        (owner, reverse("step", args=[case.number, step.pk])),
    ):
        text = re.sub(r"<[^>]*>", " ", page(who, url, **{"accept-language": language}))
        assert not re.findall(CODES, text), url


def test_what_is_answered_goes_behind_what_waits(case: Case) -> None:
    (turn,) = talk_of(case).waiting
    assert (turn.text, turn.answer) == ("能否转供？", "")
    coordination.answer_question(case.questions.get(), text="可以", actor=actor(staff("operator")), at=AT)
    talk = talk_of(case)
    assert not talk.waiting and talk.answered[0].answer == "可以" and talk.waits_for_us


def test_the_same_thing_in_a_row_is_told_once(case: Case) -> None:
    coordination.hear_customer(case, text="在吗？", actor=CUSTOMER, at=moment("2025-09-22 11:05"))
    coordination.hear_customer(case, text="请回话", actor=CUSTOMER, at=moment("2025-09-23 08:00"))
    last, twice, *_earlier = events_of(case)
    assert (last.kind, last.n, twice.kind, twice.n) == (
        "message.from_customer",
        1,
        "message.from_customer",
        2,
    )
    assert twice.at == moment("2025-09-22 11:05") and " ×2" in page(
        "clerk", reverse("case", args=[case.number])
    )


def test_a_desk_counts_its_own_steps_and_shows_their_clocks(case: Case) -> None:
    accept = lodge("HV1", "2025-09-22 15:00")
    do(accept, "ACCEPT", "2025-09-22 16:00")
    step = open_steps(accept.number).get(code="SURVEY")
    desk = desk_of(User.objects.get(pk=step.owner_id), at=AT)
    mine = [row.is_customers for row in desk.steps]
    assert mine == sorted(mine), "what waits for the customer stands behind"
    assert desk.n_mine == mine.count(False)
    manager = desk_of(User.objects.get(pk=case.account_manager_id), at=AT)
    assert {row.step.code for row in manager.steps if row.is_customers} == {"CUSTOMER_DESIGN"}


def test_a_day_that_has_passed_is_late_before_the_sweep_has_judged_it() -> None:
    case = lodge("LVN", "2025-09-12 09:00")
    do(case, "ACCEPT", "2025-09-15 11:00")
    (line,) = lines([case], at=moment("2025-10-20 09:00"))
    assert line.left_wd < 0 and line.is_late
