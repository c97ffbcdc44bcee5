"""The candidates of a scheme as a planner reads them: able ones first, the others by reason, what was over before, refused ones last."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import activate, override

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.naming import name_of
from jiedian.grid.circuit.calc.newline import KINDS, Load, Node, chosen_line
from jiedian.grid.network.models import Device, Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.supply.bench.queries.bench import bench_of, first_choice
from jiedian.supply.bench.queries.candidates import line_load, reason_state
from jiedian.supply.bench.queries.maps import state_of
from jiedian.supply.bench.queries.wider import points_meant, wider_radii
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint
from jiedian.supply.scheme.queries.panel import blocks_of, refusals_of
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import conductors, hold
from jiedian.supply.study.queries.studies import Study, study_of
from jiedian.supply.study.services import search
from tests.cast import do, moment, staff
from tests.supply.test_answer import located, town  # noqa: F401 - town is a fixture
from tests.supply.test_scheme import point

pytestmark = pytest.mark.django_db
ON = date(2025, 9, 16)
AT = moment("2025-09-16 10:00")


@pytest.fixture(autouse=True)
def _today(db: object) -> None:
    activate("zh-hans")
    SimulatedTime.objects.create(at=moment("2025-09-17 09:00"))


def study_for(case: Case) -> Study:
    found = study_of(case, on=ON)
    assert found
    return found


def test_those_that_supply_stand_first_and_the_others_by_reason_with_a_count(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    study = study_for(case)
    first = study.around.points[0]
    full = replace(first, capacity_kw=1.0, element="主变甲", bus="full")
    over = replace(first, capacity_kw=0.0, binding="base", element="旧线", bus="over")
    study = replace(study, around=replace(study.around, points=(*study.around.points, full, over)))
    bench = bench_of(study, None)
    assert bench.able == len(bench.supplying) > 0
    told = {group.title: group.rows for group in bench.groups}
    assert [row.p.bus for row in told["现状已越限"]] == ["over"]
    assert "full" in [row.p.bus for row in told["可开放容量不足"]]
    short = next(row for row in told["可开放容量不足"] if row.p.bus == "full")
    assert re.fullmatch(r"差 [\d,]+ kW，限在 主变甲", short.reason)
    shown = [*bench.supplying, *(row for rows in told.values() for row in rows)]
    assert sorted(row.n for row in shown) == list(range(1, len(study.around.points) + 1))
    assert all("—%" not in words for row in shown for _name, words in row.details)


def test_a_point_whose_new_line_does_not_hold_is_not_able(town: Grid) -> None:  # noqa: F811
    load, length = Load(2000, 1900, 0.3287), Length(40_000, 40_000, 40_000, "straight")
    held = replace(hold(10.0, is_single_phase=False), before_m=1000.0)
    node = Node(10.0, 0.98, -0.01)
    lines = tuple(chosen_line(conductors(), kind, load, node, length, held) for kind in KINDS)
    assert all(line and not line.holds for line in lines)
    far = point("S1-B1-F01", 40_000.0, lines=lines, length=length, capacity_kw=9000.0)
    assert state_of(far, 1900.0) == "short" and reason_state(far, 1900.0) == "far"


def test_the_page_has_one_line_a_point_and_no_table_that_is_cut_off(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    client = Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("scheme", args=[case.number])).content.decode()
    part = page[page.index('id="points"') :]
    assert part.count("<summary>") >= len(study_for(case).around.points) and "<table" not in part
    assert "—%" not in page


def over_before(before: float) -> SupplyPoint:
    return replace(
        point("S1-B1-F01", 300.0), line_percent=107.2, line_before=before, line_at=("甲线", "300 A")
    )


def test_what_was_over_before_is_named_and_said_so() -> None:
    """107 % beside 可承担 puzzled a planner: it is a line elsewhere, which was over before."""
    with override("zh-hans"):
        assert line_load(over_before(106.4)) == "甲线 107%，额定 300 A；接入前已是 106%，不是本户所致"
        assert line_load(over_before(80.0)).endswith("；接入前 80%")
        assert line_load({"line_percent": None, "line_at": None}) == ""
    with override("en"):
        assert "106% before already, not because of this customer" in line_load(over_before(106.4))


def test_a_study_knows_how_the_line_was_loaded_before(town: Grid) -> None:  # noqa: F811
    points = [p for p in study_for(located("HV1")).around.points if p.line_at[0]]
    assert points and all(0 <= p.line_before <= p.line_percent for p in points)
    assert all(p.trafo_before < p.trafo_percent for p in points)


def test_what_is_lifted_is_what_binds_first(town: Grid) -> None:  # noqa: F811
    """Where the voltage at the customer's end binds first, a larger transformer elsewhere lifts nothing."""
    study = study_for(located("HV1"))
    option = study.options[0]
    kind = option.choices.line
    line = option.legs[0].line(kind)
    assert line and line.u_pu
    poor = replace(line, u_pu=line.low_pu + 0.004, conductor=conductors_of(kind)[0])
    leg = replace(option.legs[0], lines=(poor,), lift_zh="受限于变压器甲：增容")
    changed = replace(option, legs=(leg,))
    study = replace(study, options=(changed,), around=replace(study.around, points=(leg,)))
    way = bench_of(study, changed).ways[0]
    assert way.first.startswith("客户处电压 ") and way.first.endswith(" kV，下限 9.30 kV")
    assert "新建线路换更大截面" in way.relief and "增容" not in way.relief and "更近的供电点" in way.relief
    roomy = bench_of(study_for(located("HV1")), None).ways[0]
    assert roomy.relief == roomy.weakest.lift_zh


def conductors_of(kind: str) -> list[str]:
    rows = [row for row in conductors() if row.kind == kind and row.from_kv <= 10 < row.below_kv]
    return [row.id for row in sorted(rows, key=lambda row: row.rated_a)]


def refused_by_countersign(case: Case) -> Study:
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00", open_capacity="no")
    study = study_for(case)
    first = study.options[0]
    do(case, "SCHEME_DRAFT", "2025-09-16 10:00", buses=[leg.bus for leg in first.legs], choices=first.choices)
    do(case, "COUNTERSIGN", "2025-09-16 11:00", agreed="no", text="改接 S2 的线路")
    return study


def test_what_was_refused_says_by_whom_and_why_and_does_not_stand_first(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    before = refused_by_countersign(case)
    refusals = refusals_of(case)
    gone = frozenset(leg.bus for leg in before.options[0].legs)
    assert set(refusals) == {gone} and refusals[gone].endswith("会签未同意：改接 S2 的线路")
    study = study_for(case)
    chosen = first_choice(study, refusals)
    assert chosen and frozenset(leg.bus for leg in chosen.legs) != gone
    ways = bench_of(study, chosen, refusals).ways
    assert ways[-1].refused and ways[-1].word == "曾被退回" and not ways[0].refused and ways[0].word == "推荐"
    client = Client()
    client.force_login(User.objects.get(pk=open_steps(case.number).get(code="SCHEME_DRAFT").owner_id))
    page = client.get(reverse("scheme", args=[case.number])).content.decode()
    assert "会签未同意：改接 S2 的线路" in page and f"建议接 {chosen.legs[0].name_zh}" in page


def test_a_planner_looks_farther_and_adds_a_point_that_is_kept_with_the_site(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    near = study_for(case)
    known = {p.bus for p in near.around.points}
    assert wider_radii(10.0, near.around.radius_m) and min(wider_radii(10.0, 500.0)) > 500.0
    nodes = town.devices.filter(kind=Device.Kind.NODE, is_retired=False, parent__isnull=False)
    buses = [node.at_bus for node in nodes if 9 < node.kv < 12]
    search(case, {"radius_m": 8000.0}, actor=SYSTEM, at=AT)
    assert study_for(case).around.radius_m >= 8000.0
    bus = next((each for each in buses if each not in known), near.around.points[-1].bus)
    search(case, {"add": bus}, actor=SYSTEM, at=AT)
    search(case, {"add": bus}, actor=SYSTEM, at=AT)
    assert Site.objects.get(case=case).added == [bus]
    study = study_for(case)
    own = next(row for row in bench_of(study, None).points if row.p.bus == bus)
    assert own.is_added
    if own.state == "able":
        assert any(bus in [leg.bus for leg in option.legs] for option in study.options)
    assert [f.kind for f in facts_of(case.stream)].count("site.searched") == 3
    search(case, {"drop": bus}, actor=SYSTEM, at=AT)
    assert Site.objects.get(case=case).added == []
    with pytest.raises(Refused) as refusal:
        search(case, {"add": "nowhere"}, actor=SYSTEM, at=AT)
    assert "没有这个供电点" in refusal.value.words("zh-hans")[0]


def test_a_wider_search_is_taken_back_to_the_rule(town: Grid) -> None:  # noqa: F811
    """The empty choice of the form says so; a point that is let go does not touch it."""
    case, client = located("HV1"), Client()
    client.force_login(staff("planner"))
    url = reverse("search_wider", args=[case.number])
    kept = []
    for asked in ({"radius_m": "8000"}, {"drop": "x"}, {"radius_m": "nan"}, {"radius_m": ""}):
        client.post(url, asked)
        kept.append(Site.objects.get(case=case).search_m)
    assert kept == [8000, 8000, 8000, 0]


def test_a_point_is_found_by_its_name_and_by_a_click(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    study = study_for(case)
    named = study.around.points[0]
    device = town.devices.get(kind="node", at_bus=named.bus, parent__isnull=False)
    station = town.devices.filter(kind="station").first()
    assert station
    found = points_meant(study.site, 10.0, {"find": station.name})
    assert found is not None and all(each.metres >= 0 for each in found)
    clicked = points_meant(study.site, 10.0, {"lon": str(device.lon), "lat": str(device.lat)})
    assert clicked and named.bus in [each.bus for each in clicked]
    assert (
        points_meant(study.site, 10.0, {}) is None
        and points_meant(study.site, 10.0, {"find": "没有的"}) == ()
    )
    client = Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("scheme", args=[case.number]), {"lon": device.lon, "lat": device.lat})
    assert "加入候选" in page.content.decode()
    answer = client.post(reverse("search_wider", args=[case.number]), {"add": named.bus})
    assert answer.status_code == 302 and Site.objects.get(case=case).added == [named.bus]


def test_a_line_and_its_pole_are_named_once() -> None:
    """A signed paper read 10kV 南庄线 124 线 南庄线#008杆."""
    spelt = (("10kV 南庄线 124", "10kV Nanzhuang Line 124"), ("110kV 园区变", "110kV Yuanqu Substation"))
    pole = replace(
        point("S1-B1-F01", 300.0),
        name_zh="10kV 南庄线 124 南庄线#008杆",
        station="110kV 园区变",
        section="110kV 园区变 10kVⅠ母",
        feeder="10kV 南庄线 124",
        spelt=spelt,
    )
    assert name_of(pole) == (
        "110kV 园区变 10kV 南庄线 124 008 号杆",
        "110kV Yuanqu Substation, 10kV Nanzhuang Line 124, pole 008",
    )


def test_a_label_is_said_once_above_its_lines(town: Grid) -> None:  # noqa: F811
    case = located("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_for(case)
    do(case, "SCHEME_DRAFT", "2025-09-16 10:00", buses=[study.options[0].legs[0].bus], choices=Choices())
    for part, lines in blocks_of(case.schemes.get()):
        labels = [line.label for line in lines if line.label]
        assert part.name_zh not in labels
        assert all(one != two for one, two in zip(labels, labels[1:], strict=False))
    papers = next(lines for part, lines in blocks_of(case.schemes.get()) if part.id == "completion")
    assert len(papers) > 10 and sum(bool(line.label) for line in papers) <= 1
