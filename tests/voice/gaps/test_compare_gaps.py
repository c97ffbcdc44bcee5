"""The five gaps on data whose truth is known; each from its own data, and no data is said."""

import math
import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.clocks import services as clocks
from jiedian.voice.gaps.queries import quality
from jiedian.voice.gaps.queries.evidence import Evidence, beside, written_limit
from jiedian.voice.gaps.queries.gaps import Gap, five_gaps, lines, sheet
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import AnswerFilter
from tests.cast import CUSTOMER, codes, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
ON = date(2025, 11, 20)


def say(by: str = "customer", **values: Any) -> Response:
    base: dict[str, Any] = {
        "instrument": "after_scheme", "step_code": "SCHEME_REPLY", "case_class": "HV1", "department": "marketing",
        "channel": "link", "case_channel": "web", "answered_on": ON, "by": by,
    }  # fmt: skip
    return Response.objects.create(**{**base, **values})


def cells(chosen: AnswerFilter) -> dict[tuple[str, int], Gap]:
    return {(name, gap.number): gap for name, row in five_gaps(chosen, sheet(chosen)).items() for gap in row}


def reply(case: Case, before: str, at: str) -> None:
    """Whatever comes before the reply is done at one instant, the reply at another."""
    while "SCHEME_REPLY" not in codes(case):
        do(case, sorted(codes(case))[0], before)
    do(case, "SCHEME_REPLY", at)


def test_each_gap_has_the_value_that_was_put_in() -> None:
    for index in range(10):
        swing = index % 2
        say(answers={"E_sc3": 6 + swing, "P_sc3": 4 + swing, "D_scheme": 5, "satisfaction": 4 + swing})
        say("manager", case_class="", answers={"B_sc3": 5 + swing})
    for index in range(6):
        case = lodge("HV1", at="2025-09-15 09:00")
        do(case, "ACCEPT", "2025-09-15 10:00")
        reply(case, "2025-09-17 10:00", "2025-10-15 10:00")
        if index < 2:
            Breach.objects.create(
                case=case, kind="second_notice", text="x", actor_name="x", found_at=moment("2025-09-20 10:00")
            )
    chosen = AnswerFilter(step="SCHEME_REPLY", case_class="HV1")
    found = cells(chosen)
    # 1: managers believe 5.5, customers expect 6.5.
    assert found["responsiveness", 1].value == pytest.approx(-1) and found["responsiveness", 1].n_other == 10
    # 2: five days are thought right; the strictest written limit (law, since 2024-06-01) is ten.
    assert written_limit("SCHEME_REPLY", "HV1", ON).value == 10  # type: ignore[union-attr]
    assert found["responsiveness", 2].value == pytest.approx(-5)
    # 3: from 15 September to 15 October 2025 there are 18 working days (1–8 October off; 28 September and
    # 11 October worked); ten were allowed. 4: since 2023 the company promises nothing of the reply alone.
    assert found["responsiveness", 3].value == pytest.approx(-8) and found["responsiveness", 3].n == 6
    assert found["responsiveness", 4].n == 0
    # 4 of reliability: two of six were asked again after the one-time notice.
    assert found["reliability", 4].value == pytest.approx(-2 / 6)
    assert found["empathy", 3].value == 0
    # 5: everybody is two marks short.
    assert found["responsiveness", 5].value == pytest.approx(-2) and found["responsiveness", 5].n == 10
    # What nobody was asked stays without data.
    for key in (("tangibles", 1), ("tangibles", 2), ("tangibles", 3), ("supply", 5), ("economy", 4)):
        assert found[key].n == 0 and math.isnan(found[key].value)
    client = Client()
    client.force_login(staff("quality"))
    query = "?step=SCHEME_REPLY&case_class=HV1&since=2025-01-01"
    behind = client.get(reverse("gap_cases") + query + "&row=G3-clock").content.decode()
    assert behind.count("超时") == 6 and "T61" not in behind, "a code of the rules is no word for a reader"
    assert (
        client.get(reverse("gap_cases") + query + "&row=G4-notice").content.decode().count("/cases/C-") == 2
    )
    assert "没有这样的记录" in client.get(reverse("gap_cases") + query + "&row=G3-sent").content.decode()
    # Only the department's own: the reply is marketing's step.
    assert len(Evidence(AnswerFilter(step="SCHEME_REPLY", department="marketing")).strictest({"law"})) == 6
    assert Evidence(AnswerFilter(step="SCHEME_REPLY", department="metering")).strictest({"law"}) == []
    row = next(b for b in beside(chosen, sheet(chosen).rows, on=ON))
    assert (row.fact_mean, row.wish_mean, row.cases, row.on_time) == (18, 5, 6, 0)
    assert [limit.id for limit in row.standard] == ["T61"] and row.promise == ()


def test_a_promise_that_held_on_the_day_of_the_case_is_held_against_it() -> None:
    """Accepted on 1 August 2022, replied on the 25th: 18 working days. The company then promised fifteen (T26)."""
    case = lodge("HV1", at="2022-08-01 09:00")
    do(case, "ACCEPT", "2022-08-01 10:00")
    reply(case, "2022-08-03 10:00", "2022-08-25 10:00")
    chosen = AnswerFilter(step="SCHEME_REPLY", case_class="HV1")
    found = cells(chosen)
    assert found["responsiveness", 4].value == pytest.approx(-3)
    (row,) = beside(chosen, sheet(chosen).rows, on=date(2022, 9, 1))
    assert [limit.id for limit in row.promise] == ["T26"]


def test_days_used_do_not_count_a_pause() -> None:
    case = lodge("HV1", at="2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    of_case: dict[str, Any] = {"subject": case.number, "stream": case.stream, "actor": CUSTOMER}
    clocks.suspend(reason="WAIT_DOCS", evidence="客户来函 3 号", at=moment("2025-09-16 10:00"), **of_case)
    clocks.resume(at=moment("2025-09-23 10:00"), **of_case)
    reply(case, "2025-09-25 10:00", "2025-09-26 10:00")
    used, allowed = Evidence(AnswerFilter(step="SCHEME_REPLY")).used_and_limits({"law"})
    # Nine working days passed, five of them paused.
    assert used.tolist() == [4] and allowed.tolist() == [10]


def test_groups_too_small_are_not_shown() -> None:
    for index in range(4):
        say(answers={"E_sc3": 7, "P_sc3": 3 + index})
    held = sheet(AnswerFilter())
    assert all(line.is_hidden for line in lines(held)) and quality.voices(held) == []
    assert quality.totals(held) == [] and quality.groups(held)[0].is_hidden
    assert cells(AnswerFilter())["responsiveness", 5].is_hidden
    client = Client()
    client.force_login(staff("quality"))
    body = client.get(reverse("gaps") + "?since=2025-01-01").content.decode()
    assert "样本不足" in body and "−2.50" not in body
    assert client.get(reverse("survey_export", args=["after_scheme", "csv"])).status_code == 404
    say(answers={"E_sc3": 7, "P_sc3": 3})
    assert "−2.80" in client.get(reverse("gaps") + "?since=2025-01-01").content.decode()


def test_the_page_shows_shares_quadrant_trend_and_the_answers_behind() -> None:
    dice = np.random.default_rng(6)
    for index in range(60):
        mood = int(dice.integers(-1, 2))
        marks = {f"P_sc{i}": int(np.clip(4 + mood + dice.integers(-1, 2), 1, 7)) for i in range(1, 8)}
        say(
            answers={f"E_sc{i}": 6 for i in range(1, 8)} | marks | {"satisfaction": int(4 + mood), "W_sc1": 5},
            answered_on=date(2025, 7 + index % 4, 3), words="方案看不太懂" if index == 7 else "",
            case_number="C-2025-000001" if index == 7 else "", department="marketing" if index % 9 else "metering",
            is_simulated=True,
        )  # fmt: skip
    client = Client()
    client.force_login(staff("quality"))
    body = client.get(reverse("gaps") + "?since=2025-01-01").content.decode()
    assert (
        body.count('<svg class="chart"') == body.count('<svg class="quadrant"') == 1
        and "60 份答卷中 60 份为模拟数据" in body
    )
    assert "满意度份额" in body and "样本少" in body and "无数据" in body
    english = client.get(reverse("gaps") + "?since=2025-01-01&level=item", headers={"accept-language": "en"})
    text = english.content.decode()
    assert "Act first" in text and "Share in satisfaction" in text
    assert "最让客户失望" in body and "最糟的" in body and "先做这件" in body and "方案看不太懂" in body
    assert body.index("先做这件") < body.index("<details"), "sentences and quadrant first, then the figures"
    assert " open>" not in body[body.index('class="fold"') :], "figures are folded, each under a sentence"
    spoken = client.get(reverse("gap_answers") + "?since=2025-01-01&words=1").content.decode()
    assert "方案看不太懂" in spoken and "只打了分" not in spoken
    answers = client.get(reverse("gap_answers") + "?since=2025-01-01").content.decode()
    assert "方案看不太懂" in answers and "C-2025-000001" in answers and "匿名" in answers
    rows = (
        client.get(reverse("gaps") + "?since=2025-01-01&format=csv").content.decode("utf-8-sig").splitlines()
    )
    assert rows[0].startswith("层级,名称,答卷（份）,期望均值,感知均值,差距,95% 区间下限") and len(rows) == 15
    assert rows[1].startswith("总体,总体,") and not re.search(r"\b(dimension|item|overall)\b", "".join(rows))
    assert client.get(reverse("gaps") + "?since=yesterday").status_code == 422
