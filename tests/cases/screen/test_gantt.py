"""The plan of a case: its baseline uses the limits up, and counted back from the day power is needed it may not fit."""

import re
from datetime import date
from itertools import combinations

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.calc.gantt import Bar, CaseBar
from jiedian.cases.screen.drawings import gantt_svg, portfolio_svg
from jiedian.cases.screen.queries.gantt import CaseGantt, gantt_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import calendar, due_day
from jiedian.shell.draw import BLOCK_LEFT, delay_bars, step_bars, text_width
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db


def drawn(case: Case, at: str) -> CaseGantt:
    gantt = gantt_of(case, at=moment(at), is_zh=True)
    assert gantt is not None
    return gantt


def ends(gantt: CaseGantt) -> dict[str, date]:
    return {bar.code: bar.planned[1] for bar in gantt.bars if bar.planned}


def test_the_baseline_ends_where_the_clocks_fall_due() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00")
    gantt = drawn(case, "2025-09-15 11:00")
    law = Clock.objects.get(subject=case.number, limit_id="T61")
    assert ends(gantt)["SCHEME_REPLY"] == due_day(law) == date(2025, 9, 28), "the strictest of 10 and 15"
    steps = {bar.code: bar.planned for bar in gantt.bars}
    assert steps["ENERGISE"] and calendar().between(*steps["ENERGISE"]) == 3
    util = Clock.objects.get(subject=case.number, limit_id="T55")
    assert gantt.promised_on == due_day(util), "high voltage is promised by the company's own time"
    assert {"T61", "T69", "T70"} <= {limit.id for limit in gantt.limits}


@pytest.mark.parametrize(
    ("kind", "limit_id", "on"), [("RES", "T34", "2025-09-15"), ("LV0", "T35", "2025-09-16")]
)
def test_a_limit_from_application_to_power_presses_the_baseline(kind: str, limit_id: str, on: str) -> None:
    case = lodge(kind, "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card", "licence"])
    gantt = drawn(case, "2025-09-15 10:30")
    assert gantt.promised_on == date.fromisoformat(on)
    assert ends(gantt)["ENERGISE"] == date.fromisoformat(on)
    assert limit_id in {limit.id for limit in gantt.limits}


def test_the_conflict_is_on_the_page_on_the_first_day_before_acceptance() -> None:
    case = lodge("HV1", "2025-09-15 09:00", needed_on=date(2025, 9, 30))
    gantt = drawn(case, "2025-09-15 09:00")
    assert gantt.late_wd > gantt.short_wd > 0, "the limits allow more than people usually take"
    latest = {bar.code: bar.latest_on for bar in gantt.bars}
    assert latest["ENERGISE"] == date(2025, 9, 30) and latest["CALLBACK"] is None, (
        "a call-back keeps nobody waiting"
    )
    assert gantt.forecast and gantt.short_wd == calendar().between(date(2025, 9, 30), gantt.forecast.on)
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))
    client = Client()
    client.force_login(staff("manager3"))
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert f"晚 {gantt.short_wd} 个工作日" in page and f"将晚 {gantt.late_wd} 个工作日" in page
    assert "倒排最晚" in page


@pytest.mark.parametrize("promised", [date(2026, 1, 1), date(2150, 1, 1), date.max])
@pytest.mark.parametrize("needed", [None, date(1900, 1, 2), date(1996, 3, 5)])
def test_a_span_of_any_length_is_drawn(promised: date, needed: date | None) -> None:
    """An imported case may be as old as the company and promised for a day nobody will see."""
    words = dict.fromkeys(("today", "promised", "needed", "latest", "title"), "x")
    drawn = gantt_svg([], today=date(2025, 9, 15), promised_on=promised, needed_on=needed, words=words)
    years = drawn.count('text-anchor="middle"')
    assert 2 <= years <= 12
    assert (">1900<" in drawn or ">1996<" in drawn) == (needed is not None), "years where days say nothing"


@pytest.mark.parametrize("today", [date(2025, 9, 2), date(2025, 12, 29)])
@pytest.mark.parametrize("words", [("今天", "承诺", "您希望"), ("Today", "Promised", "You want it")])
def test_no_word_of_a_drawing_runs_over_its_edge_or_another_word(today: date, words: tuple[str, ...]) -> None:
    """The words at the heads of the marks, wherever they stand, and the names of the rows."""
    named = dict(zip(("today", "promised", "needed"), words, strict=True)) | {"latest": "", "title": ""}
    long = "Grid works, meter and everything else that stands in the way"
    bars = [Bar("A", long, None, (date(2025, 9, 1), date(2025, 9, 3)), "done", False, False, None, None)]
    drawn = gantt_svg(
        bars, today=today, promised_on=date(2025, 12, 30), needed_on=date(2025, 12, 31), words=named
    )
    texts = re.findall(r'<text class="t m" x="([\d.]+)" y="(\d+)">([^<]+)<', drawn)
    spans = [(y, float(x), float(x) + text_width(word)) for x, y, word in texts]
    assert len(spans) == 3 and all(begin >= 168 and end <= 860 for _y, begin, end in spans), spans
    for one, two in combinations(spans, 2):
        assert one[0] != two[0] or one[2] <= two[1] or two[2] <= one[1], spans
    names = re.findall(r'<text x="0"[^>]*>([^<]+)<', drawn)
    assert len(names) == 2 and all(text_width(name) <= 160 for name in names) and f"<title>{long}" in drawn


def test_a_long_title_among_many_cases_is_cut_at_its_room_and_read_whole() -> None:
    title = "淄博市临淄区齐鲁化学工业区第二污水处理厂扩建工程"
    bar = CaseBar("C-2025-000001", title, "", date(2025, 9, 1), (), None, None, False)
    (drawn,) = portfolio_svg([bar], today=date(2025, 9, 15), words={"today": "", "title": ""})
    label = re.search(r'<text x="0"[^>]*>([^<]+)<title>([^<]+)', drawn)
    assert label and label[2] == title and label[1].endswith("…")
    assert text_width(label[1]) + text_width("C-2025-000001") <= BLOCK_LEFT


def test_the_names_beside_the_bars_of_a_chart_stand_left_of_them() -> None:
    long = "Inspection of the completed receiving works"
    for chart in (
        delay_bars([(long, 3, 9)], title="", unit="h"),
        step_bars([(long, 0, 3, "done")], until=10, title="", unit="wd"),
    ):
        name = re.search(r'<text x="0"[^>]*>([^<]+)<title>([^<]+)', chart)
        assert name and name[2] == long and text_width(name[1]) <= 170
