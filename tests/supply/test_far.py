"""How far a voltage reaches: sites by distance, every offer recomputed in pandapower, every refusal with its drop and a way on."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.core.evidence import Grade
from jiedian.grid.circuit.calc.corridor import Length
from jiedian.grid.circuit.calc.newline import (
    KINDS,
    Hold,
    Load,
    Node,
    chosen_line,
    end_of,
)
from jiedian.grid.circuit.calc.newline import (
    sizes as line_sizes,
)
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.queries import facts_of
from jiedian.supply.menu.calc.supply import Choices
from jiedian.supply.scheme.services.automatic import answer_alone
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.queries.rules import amount, conductors, hold
from jiedian.supply.study.queries.studies import Study, composed, study_of
from tests.cast import codes, do, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.test_answer import ON, located
from tests.supply.town import found_town
from tests.supply.twin import twin, voltage_at_the_end

AT_V3 = (LON + 2.375 * STEP, LAT + 1.2 * STEP)
TANGENT = math.tan(math.acos(0.95))
SITES = [50, 120, 260, 400, 800, 1500, 3000, 5500, 8000]


@pytest.fixture
def town(db: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def site(kind: str, metres: float, **changes: object) -> Case:
    """A case so many metres north of the last low-voltage node of the town."""
    return located(kind, pin=(AT_V3[0], AT_V3[1] + metres / 111_195), **changes)


def studied(case: Case) -> Study:
    study = study_of(case, on=ON)
    assert study
    return study


@pytest.mark.parametrize("metres", SITES)
@pytest.mark.parametrize(
    ("kind", "kva", "kv"),
    [("LVN", 8, "0.38"), ("LVN", 60, "0.38"), ("LVN", 150, "0.38"), ("HV1", 315, "10"), ("HV1", 2000, "10")],
)
def test_what_is_offered_holds_and_what_is_refused_names_the_drop_and_the_next_voltage(
    town: Grid, kind: str, kva: int, kv: str, metres: int
) -> None:
    """±7 % at the customer's end (供电营业规则 2024 art. 57 (2)), by pandapower on the same figures."""
    study = studied(site(kind, metres, capacity_kva=kva, voltage_kv=Decimal(kv)))
    rows = {row.id: row for row in conductors()}
    for option in study.options:
        leg, line = option.legs[0], weakest_line(option.legs, option.choices.line)
        assert line and line.u_pu and line.worst_m == leg.length.high_m
        seen = voltage_at_the_end(
            leg.bus, rows[line.conductor], line.worst_m, study.wish.load_kw, hot=amount("HOT")
        )
        assert 0.93 <= seen <= 1.07 and seen == pytest.approx(line.u_pu, abs=1e-5)
        assert line.current_a <= line.rated_a and line.length_m <= line.reach_m
    if not study.options:
        told = [reason.code for reason in study.reasons]
        far = next(reason for reason in study.reasons if reason.code.startswith("scheme.far_"))
        assert "压降" in far.zh and "%" in far.zh and "drop" in far.en, told
        assert study.offer and study.offer.kv > float(kv)
        assert (
            study.reasons[-1].code.startswith("scheme.next_")
            and f"{study.offer.kv:g} kV" in study.reasons[-1].zh
        )
    assert bool(study.options) == (study.offer is None)


def test_a_shop_5500_m_away_is_never_promised_low_voltage(town: Grid) -> None:
    """G2: 60 kVA over 5.5 km of 0.4 kV has no solution; asked for at 0.38 kV it is refused and 10 kV is offered."""
    case = site("LVN", 5500, capacity_kva=60)
    study = studied(case)
    assert not study.options and study.offer and study.offer.kv == 10
    assert {reason.code for reason in study.reasons} == {
        "scheme.beyond",
        "scheme.far_collapse",
        "scheme.next_kv",
    }
    do(case, "ACCEPT", "2025-09-15 10:00")
    assert not answer_alone(case, at=moment("2025-09-15 10:00")) and codes(case) == {"SURVEY"}
    fact = next(f for f in facts_of(case.stream) if f.kind == "scheme.not_automatic")
    assert "scheme.far_collapse" in fact.data["reasons"]
    forced = composed(study, [study.around.points[0].bus], Choices())
    against = next(c for c in forced.conflicts if c.id == "C-END-LOW")
    assert not against.is_advice and "10 kV" in against.lift_zh, "a person who takes it says why"


def test_the_smallest_conductor_that_holds_is_chosen(town: Grid) -> None:
    lines = {
        metres: studied(site("LVN", metres, capacity_kva=60)).options[0].legs[0].line("overhead")
        for metres in (50, 150)
    }
    sizes = {row.id: row.mm2 for row in conductors()}
    near, far = lines[50], lines[150]
    assert near and far and sizes[near.conductor] < sizes[far.conductor], "the next bigger one was tried"
    assert near.grounds[0].grade == Grade.SECOND_HAND


def test_a_household_is_judged_by_the_limits_of_220_v(town: Grid) -> None:
    """+7/−10 % (art. 57 (3)); 600 m away neither one phase nor three reach, and the refusal says how long the line would be."""
    near = studied(site("RES", 20, capacity_kva=8, voltage_kv=Decimal("0.22")))
    line = near.options[0].legs[0].line("overhead")
    assert line and line.low_pu == 0.9 and line.u_pu and line.u_pu > 0.9
    assert line.current_a == pytest.approx(8 / (0.4 / math.sqrt(3)), rel=0.05)
    far = studied(site("RES", 600, capacity_kva=8, voltage_kv=Decimal("0.22")))
    assert not far.options and far.offer and far.offer.kv == 10
    assert "scheme.beyond" in {reason.code for reason in far.reasons}


def test_single_phase_counts_go_and_return() -> None:
    """By hand: 8 kW at 0.95, 100 m of 0.641 Ω/km at 20 °C on 231 V: 2·(P·R+Q·X)/U = 2·(8000·0.0641+2629·0.031)/231 ≈ 5.15 V."""
    row = next(r for r in conductors() if r.id == "N-OH-LV-50")
    load = Load(8 / 0.95, 8, TANGENT, is_single_phase=True)
    u, drop, _loss, _amps = end_of(row, load, Node(0.4, 1.0, 0.0), 100, 1.0)
    assert u and drop == pytest.approx(100 * 5.15 / 230.94, rel=0.03)
    three = end_of(row, replace(load, is_single_phase=False), Node(0.4, 1.0, 0.0), 100, 1.0)
    assert three[1] == pytest.approx(drop / 6, rel=0.03)


def test_the_twin_is_the_town(town: Grid) -> None:
    """The independent computation begins with the same voltages, so that what differs later is the new line."""
    import pandapower as pp

    net, at = twin()
    pp.runpp(net, trafo_model="pi", tolerance_mva=1e-9)
    for point in studied(site("HV1", 50)).around.points:
        before = point.u_pu - point.du_percent / 100
        assert before == pytest.approx(float(net.res_bus.vm_pu[at[point.bus]]), abs=2e-6)


metres_ = st.floats(1, 20_000)


@settings(deadline=None)
@given(
    a=metres_, b=metres_, kw=st.floats(1, 3000), u=st.floats(0.9, 1.1), kv=st.sampled_from([0.4, 10.0, 35.0])
)
def test_a_longer_line_never_gives_a_higher_voltage(
    a: float, b: float, kw: float, u: float, kv: float
) -> None:
    short, long = sorted((a, b))
    for kind in KINDS:
        for row in (r for r in conductors() if r.kind == kind and float(r.from_kv) <= kv < float(r.below_kv)):
            node, load = Node(kv, u, -0.001), Load(kw / 0.95, kw, TANGENT)
            near, far = (end_of(row, load, node, metres, 1.2)[0] for metres in (short, long))
            assert far is None or (near is not None and far <= near + 1e-9)


@settings(deadline=None)
@given(kw=st.floats(1, 400), metres=metres_, u=st.floats(0.85, 1.15))
def test_a_line_that_is_said_to_hold_holds(kw: float, metres: float, u: float) -> None:
    held = hold(0.4, is_single_phase=False)
    length = Length(metres, metres * 1.05, metres * 1.15, "corridor")
    line = chosen_line(
        conductors(), "overhead", Load(kw / 0.95, kw, TANGENT), Node(0.4, u, -0.002), length, held
    )
    assert line
    if line.binds == "":
        assert line.u_pu and held.low_pu <= line.u_pu <= held.high_pu and u + 0.002 <= held.high_pu
        assert line.current_a <= line.rated_a and line.length_m <= held.reach_m
    smaller = [
        r
        for r in conductors()
        if r.kind == "overhead" and r.below_kv == 1 and float(r.rated_a) < line.rated_a
    ]
    for row in smaller if line.holds else []:
        end = end_of(row, Load(kw / 0.95, kw, TANGENT), Node(0.4, u, -0.002), length.high_m, held.hot)[0]
        assert end is None or end < held.low_pu or line.current_a > float(row.rated_a), (
            "a smaller one would do"
        )


def test_nobody_is_offered_a_voltage_that_is_too_high_already() -> None:
    """G10's kind: load cannot raise it, yet the customer would get it when he draws nothing."""
    length = Length(30, 30, 30, "corridor")
    held = Hold(0.93, 1.07, 500, 1.2)
    line = chosen_line(conductors(), "cable", Load(10, 9.5, TANGENT), Node(0.4, 1.068, -0.01), length, held)
    assert line and line.binds == "high"


def test_what_a_customer_feeds_in_is_held_to_the_upper_limit_at_his_end(town: Grid) -> None:
    """Distributed PV beside a load: open feed-in capacity and +7 % at the customer's end, else the reason and the next voltage."""
    fits = studied(located("LVN", capacity_kva=30, pin=(AT_V3[0], AT_V3[1] + 50 / 111_195), feed_in_kw=20))
    assert fits.options and fits.options[0].facts["feed_in"] == "ok"
    line = weakest_line(fits.options[0].legs, fits.options[0].choices.line)
    assert line and line.feed_pu and line.u_pu and line.u_pu < line.feed_pu <= 1.07
    far = studied(located("LVN", capacity_kva=30, pin=(AT_V3[0], AT_V3[1] + 300 / 111_195), feed_in_kw=180))
    assert not far.options and far.offer and far.offer.kv == 10
    assert {r.code for r in far.reasons} & {"scheme.far_feed", "scheme.feed_short", "scheme.far_length"}
    huge = studied(located("LVN", capacity_kva=30, pin=(AT_V3[0], AT_V3[1] + 50 / 111_195), feed_in_kw=900))
    assert not huge.options and "scheme.feed_short" in {r.code for r in huge.reasons}


@pytest.mark.parametrize(
    ("kv", "is_named"), [(6.0, True), (10.5, True), (15.0, False), (20.0, False), (22.0, False)]
)
@pytest.mark.parametrize("kind", ["overhead", "cable"])
def test_no_line_is_insulated_for_less_than_its_voltage(kind: str, kv: float, is_named: bool) -> None:
    """JKLYJ-10 and 8.7/15 kV are of the 10 kV class (highest voltage 12 kV); above, the class is left to the design and said."""
    names = [row.name_zh for row in line_sizes(conductors(), kind, kv)]
    assert names and all(("JKLYJ-10" in name or "8.7/15" in name) is is_named for name in names)
    assert is_named or all("由设计按供电电压选定" in name for name in names)
