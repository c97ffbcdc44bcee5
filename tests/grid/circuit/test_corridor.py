"""Ways along lines and the stiffness of a bus, worked by hand on the town of the scheme tests."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.grid.circuit.calc.corridor import Corridors, Factors
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.circuit.calc.shortcircuit import short_circuit_mva
from tests.core.town import LAT, LON, network

TOWN = network()
LOOSE = Factors((1.15, 1.4, 1.9), (1.0, 1.05, 1.15))


def test_the_way_goes_along_the_lines() -> None:
    """From a pin 50 m south of a2: 50 × 1.4 of stub and two lines of 400 m × 1.05 to a4; straight it would be 713 m."""
    a2 = TOWN.places["a2"]
    pin = (a2[0], a2[1] - 0.00045)
    found = Corridors(TOWN).lengths(pin, ["a4", "a2"], LOOSE)
    assert found["a2"].how == found["a4"].how == "corridor"
    assert found["a2"].mid_m == pytest.approx(70, abs=1)
    assert found["a4"].mid_m == pytest.approx(70 + 840, abs=1)


def test_what_no_line_reaches_is_straight_times_its_factor() -> None:
    pin = TOWN.places["a2"]
    found = Corridors(TOWN).lengths(pin, ["d4"], LOOSE)["d4"]
    straight = distance_m(pin, TOWN.places["d4"])
    assert found.how == "straight"
    assert (found.low_m, found.mid_m, found.high_m) == pytest.approx(
        (1.15 * straight, 1.4 * straight, 1.9 * straight)
    )


@given(st.floats(-0.01, 0.04), st.floats(-0.01, 0.02))
def test_a_way_is_never_shorter_than_the_straight_line(dlon: float, dlat: float) -> None:
    pin = (LON + dlon, LAT + dlat)
    for bus, length in Corridors(TOWN).lengths(pin, ["a1", "b3", "c2", "d4"], LOOSE).items():
        assert length.low_m <= length.mid_m <= length.high_m
        assert length.high_m >= distance_m(pin, TOWN.places[bus]) - 1e-6


def test_short_circuit_capacity_by_hand() -> None:
    """B1: 1/2000 + 0.105/20 per MVA, resistance 0.004/20; a1: plus 0.4 km of 0.16 + j0.12 Ω/km at 10 kV."""
    found = short_circuit_mva(TOWN, source_mva=2000)
    at = {bus: float(found[i]) for i, bus in enumerate(TOWN.buses.id)}
    r, z = 0.004 / 20, 0.105 / 20
    x = math.sqrt(z**2 - r**2) + 1 / 2000
    assert at["H1"] == pytest.approx(2000) and at["B1"] == pytest.approx(1 / math.hypot(r, x))
    line_r, line_x = 0.4 * 0.16 / 100, 0.4 * 0.12 / 100
    assert at["a1"] == pytest.approx(1 / math.hypot(r + line_r, x + line_x))
    assert at["a1"] > at["a2"] > at["a3"] > at["v3"] > 0


def test_a_bus_that_no_source_reaches_is_not_stiff() -> None:
    cut = replace(TOWN, lines=replace(TOWN.lines, from_closed=np.zeros(len(TOWN.lines.id), np.bool_)))
    found = short_circuit_mva(cut, source_mva=2000)
    assert found[TOWN.buses.id.index("a1")] == 0 and found[TOWN.buses.id.index("B1")] > 0
