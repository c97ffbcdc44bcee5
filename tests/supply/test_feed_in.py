"""分布式光伏: a customer who asks for feed-in gets a scheme for PV, at light load, and is told how much fits where it does not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.calc.application import FeedInWish
from jiedian.grid.capacity.calc.lightload import light
from jiedian.grid.capacity.models import Reservation
from jiedian.grid.capacity.queries.capacity import capacity_of
from jiedian.grid.network.models import Device, Grid
from jiedian.ground.journal.services import SYSTEM
from jiedian.supply.scheme.queries.sheet import form_of
from jiedian.supply.study.queries.studies import Study, study_of
from jiedian.supply.study.services import locate
from tests.cast import codes, do, lodge, moment
from tests.core.town import LAT, LON, STEP, network
from tests.supply.town import found_town

AT, ON = moment("2025-09-15 09:00"), date(2025, 9, 15)
V3 = (LON + 2 * STEP + 3 * STEP / 8, LAT + 1.2 * STEP)
"""The end of the low-voltage line."""


@pytest.fixture
def town(company: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def asking(kw: float, *, metres: float = 20, mode: str = "surplus", **changes: Any) -> Case:
    kind, kv = ("PV", "0.22" if kw <= 8 else "0.38") if kw <= 400 else ("PVH", "10")
    wish = FeedInWish(mode, "own")
    asked = {"capacity_kva": Decimal(str(kw)), "voltage_kv": Decimal(kv), "feed_in": wish} | changes
    case = lodge(kind, "2025-09-15 09:00", **asked)
    locate(case, {"pin": (V3[0], V3[1] + metres / 111_195), "use": "residential"}, actor=SYSTEM, at=AT)
    return case


def studied(case: Case) -> Study:
    found = study_of(case, on=ON, is_deep=False)
    assert found
    return found


@given(st.floats(0, 1), st.lists(st.floats(-1e4, 1e4), min_size=19, max_size=19))
def test_light_load_takes_a_share_of_what_is_drawn_and_nothing_of_what_is_given(
    share: float, drawn: list[float]
) -> None:
    from dataclasses import replace

    import numpy as np

    given_ = network()
    loads = replace(given_.loads, p_kw=np.array(drawn), q_kvar=np.array(drawn) * 0.3)
    found = light(replace(given_, loads=loads), share)
    for before, after in zip(drawn, found.loads.p_kw.tolist(), strict=True):
        assert after == pytest.approx(before * share if before > 0 else before)
    assert found.generators == given_.generators and found.lines is given_.lines


@pytest.mark.django_db
def test_feed_in_is_computed_at_light_load_and_what_flows_back_stays_within_the_transformer(
    town: Grid,
) -> None:
    """400 kVA at 80 % is 320; behind it 90 kW are drawn in the model, 18 at light load."""
    area = town.devices.get(kind=Device.Kind.AREA)
    found = capacity_of(area, on=ON, direction="generation").physical_kw
    assert found is not None and found <= 320 + 0.2 * 90 + 3
    assert found > 250, "the rating binds, not nothing"


@pytest.mark.django_db
def test_what_is_promised_to_pv_lowers_the_feed_in_of_what_lies_above_and_leaves_the_load_alone(
    town: Grid,
) -> None:
    area = town.devices.get(kind=Device.Kind.AREA)
    before = [capacity_of(area, on=ON, direction=way).physical_kw or 0 for way in ("generation", "load")]
    case = asking(40)
    walked(case, "SCHEME_SIGN")
    kept = Reservation.objects.get(subject=case.number)
    assert (kept.is_generation, kept.kw, kept.state) == (True, 40, "held")
    after = [capacity_of(area, on=ON, direction=way).physical_kw or 0 for way in ("generation", "load")]
    assert before[0] - after[0] == pytest.approx(40, abs=4) and after[1] == before[1]
    while case.is_open and "ENERGISE" not in codes(case):
        do(case, sorted(codes(case))[0], "2025-09-18 09:00")
    do(case, "ENERGISE", "2025-09-19 09:00")
    running = capacity_of(area, on=ON, direction="generation").physical_kw
    assert running == pytest.approx(after[0], abs=1), "no month measures it: it stays until the next network"


def walked(case: Case, last: str) -> None:
    """The case up to a step, its scheme the study's first."""
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-15 11:00")
    option = studied(case).options[0]
    values = {"buses": [leg.bus for leg in option.legs], "choices": option.choices, "exception_reason": ""}
    do(case, "SCHEME_REPLY", "2025-09-16 09:00", **values)
    if last == "SCHEME_SIGN":
        do(case, "SCHEME_SIGN", "2025-09-17 09:00")


@pytest.mark.django_db
def test_a_household_with_8_kw_gets_a_scheme_for_pv_and_nothing_of_power(town: Grid) -> None:
    case = asking(8)
    walked(case, "SCHEME_REPLY")
    scheme = case.schemes.get()
    assert scheme.depth == 1 and not scheme.missing and scheme.exception_reason == ""
    form = form_of(scheme, "zh-hans")
    said = dict(form["parts"]["feed_in"])
    assert (
        "双向电能表" in said["电能计量"]
        and "防孤岛" in said["并网保护"]
        and "购售电合同" in said["购售电合同"]
    )
    assert "余电上网" in said["上网方式"] and "轻载" in " ".join(said)
    assert form["title"] == "分布式光伏接入系统方案答复单" and ("装机容量", "8 kW") in form["header"]
    assert (
        form["meters"] == [] and form["fees"] == [] and form["costs"] == [] and "不收费" in form["fee_words"]
    )
    assert form["sources"][0]["role"] == "并网点"
    assert len(form["papers"]["bundles"][0][1]) == 4
    assert not {"receiving", "duties"} & {k for k, lines in form["parts"].items() if lines}
    english = form_of(scheme, "en")
    assert "anti-islanding" in str(english["parts"]["feed_in"])


@pytest.mark.django_db
def test_100_kw_at_the_end_of_a_weak_line_is_told_how_much_fits_and_four_ways_on(town: Grid) -> None:
    asked = asking(100, metres=300, mode="full")
    found = studied(asked)
    told = {r.code: r for r in found.reasons}
    assert not found.options and "scheme.feed_fits" in told
    words, fits = told["scheme.feed_fits"].zh, told["scheme.feed_fits"].facts["fits_kw"]
    assert 0 < fits < 100 and f"{fits:.0f} kW" in words
    for way in ("减小到", "全部自用", "上一级电压", "排队"):
        assert way in words
    assert studied(asking(fits, metres=300, mode="full", phone="13812345679")).options, (
        "what is said to fit fits"
    )
    assert not studied(asking(fits + 3, metres=300, mode="full", phone="13812345670")).options


@pytest.mark.django_db
def test_who_uses_all_of_it_on_the_spot_takes_nothing_of_the_grid(town: Grid) -> None:
    case = asking(300, metres=300, mode="self")
    found = studied(case)
    assert found.options and found.wish.feed_in_kw == 0
    assert "防逆流" in " ".join(m.zh for m in found.options[0].modules)
    walked(case, "SCHEME_SIGN")
    assert not Reservation.objects.filter(subject=case.number).exists()
