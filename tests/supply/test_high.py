"""35 kV where the grid has it, and two stations where a grade needs them: what is looked at around a customer."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from jiedian.grid.circuit.calc.network import Network
from jiedian.supply.menu.calc.supply import Wish
from jiedian.supply.study.calc.options import MOST_PAIRED, options
from jiedian.supply.study.queries.studies import study_of
from tests.cast import moment
from tests.core.town import LAT, LON, STEP, network
from tests.supply.test_answer import ON, located
from tests.supply.test_scheme import RULES, point
from tests.supply.town import found_town

BETWEEN = (LON + 4.5 * STEP, LAT + STEP)


def at_35_kv() -> Network:
    """The town with 35 kV where it has 10, and no low voltage of its own rating."""
    net = network()
    trafos = net.transformers
    is_main = trafos.rated_kva > 1000
    return replace(
        net,
        buses=replace(net.buses, kv=np.where(net.buses.kv == 10, 35.0, net.buses.kv)),
        transformers=replace(
            trafos,
            rated_hv_kv=np.where(is_main, trafos.rated_hv_kv, 35.0),
            rated_lv_kv=np.where(is_main, 35.0, trafos.rated_lv_kv),
        ),
    )


@pytest.mark.django_db
def test_who_wants_35_kv_is_answered_from_the_35_kv_grid_with_its_computed_capacity() -> None:
    """Not from the busbars of 110 kV above it, of which the network knows nothing."""
    found_town(moment("2025-09-01 08:00"), net=at_35_kv())
    case = located("HV1", pin=BETWEEN, capacity_kva=8000, voltage_kv=Decimal(35))
    study = study_of(case, on=ON)
    assert study and study.options
    assert {p.kv for p in study.around.points} == {35.0}
    assert all(p.capacity_kw > 0 for p in study.around.points)
    assert not study.options[0].legs[0].is_by_hand


@pytest.mark.django_db
def test_where_the_grid_has_no_35_kv_the_busbars_above_are_a_persons() -> None:
    found_town(moment("2025-09-01 08:00"))
    case = located("HV1", pin=BETWEEN, capacity_kva=8000, voltage_kv=Decimal(35))
    study = study_of(case, on=ON)
    assert study and {p.kv for p in study.around.points} == {110.0}
    assert all(p.is_by_hand for p in study.around.points) and "scheme.no_level" in {
        f.code for f in study.reasons
    }


def test_a_near_station_with_many_feeders_does_not_crowd_out_a_far_one() -> None:
    near = [point(f"S1-B1-F{n}", 100.0 + n) for n in range(MOST_PAIRED + 5)]
    far = point("S2-B1-F1", 3000.0)
    wish = Wish(2000, 1900, importance="first", security_kw=200, generator_kw=260)
    found = options(wish, [*near, far], RULES, base_wd=8)
    assert found and {leg.station for leg in found[0].legs} == {"S1", "S2"}
