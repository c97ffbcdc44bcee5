"""Given a network, when its territory is walked, then every bus has its station, section, feeder and area."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.grid.capacity.calc.openness import Month, Parameters, Transit, open_kva
from jiedian.grid.circuit.calc.packing import as_json, from_json, pack, unpack
from jiedian.grid.circuit.calc.territory import NONE, groups, territory
from tests.core.tables import TABLES, reading

PARAMETERS = Parameters(0.8, 0.8, 0.8, 1.0, 12, 0.9)


def test_the_town_is_divided_as_it_was_built() -> None:
    network = reading().network
    assert network is not None
    land = territory(network)
    at = {name: i for i, name in enumerate(network.buses.id)}
    assert len(land.stations) == len(land.sections) == 1 and len(land.feeders) == 2 and not land.closing
    heads = {network.lines.id[f.head]: i for i, f in enumerate(land.feeders)}
    assert land.feeder[at["B2"]] == heads["LB1"] and land.feeder[at["A2"]] == heads["LA1"]
    assert land.feeder[at["M"]] == NONE and land.section[at["M"]] == 0 and land.section[at["H"]] == NONE
    assert network.transformers.id[land.area[at["L2"]]] == "D1" and land.area[at["A1"]] == NONE
    assert land.is_fed.all() and land.depth[at["L2"]] == 3


def test_a_transformer_whose_sides_are_swapped_makes_no_station_of_its_village() -> None:
    lines = TABLES["lines"] + "K2,L2,L3,100,0.206,0.08,260,270,1,1,\n"
    town = {"buses": TABLES["buses"] + "L3,0.4,118.011,36.80\n", "lines": lines}
    swapped = TABLES["transformers"].replace("D1,A1,L1,630,10,0.4", "D1,L1,A1,630,0.4,10")
    found, plain = reading(**town, transformers=swapped), reading(**town)
    assert (
        found.network is not None
        and plain.network is not None
        and [f.code for f in found.findings] == ["grid.trafo_turned"]
    )
    mine, theirs = territory(found.network), territory(plain.network)
    assert mine.stations == theirs.stations and mine.feeders == theirs.feeders
    assert mine.area.tolist() == theirs.area.tolist() and mine.feeder.tolist() == theirs.feeder.tolist()


def test_low_voltage_that_two_transformers_feed_from_different_poles_is_a_loop() -> None:
    second = TABLES["transformers"] + "D2,{},L2,400,10,0.4,4,1,0.6,0.6\n"
    away, twin = (reading(transformers=second.format(pole)) for pole in ("A2", "A1"))
    looped = [f for f in away.findings if f.code == "grid.loop"]
    assert [f.where for f in looped] == ["transformers"] and "D2" in looped[0].en
    assert twin.findings == ()


@given(st.integers(1, 40), st.data())
def test_groups_are_those_of_a_plain_search(n: int, data: st.DataObject) -> None:
    ends = st.integers(0, n - 1)
    pairs = data.draw(st.lists(st.tuples(ends, ends), max_size=60))
    found = groups(n, pairs)
    reach = np.eye(n, dtype=bool)
    for a, b in pairs:
        reach[a, b] = reach[b, a] = True
    for _ in range(n):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    assert ((found[:, None] == found[None, :]) == reach).all()


def test_a_network_survives_being_kept_and_handed_on() -> None:
    network = reading().network
    assert network is not None
    for copy in (unpack(pack(network)), from_json(as_json(network))):
        assert copy.places == network.places and copy.routes == network.routes and copy.name == network.name
        for table in ("buses", "lines", "transformers", "links", "loads", "sources"):
            for name, values in vars(getattr(network, table)).items():
                assert np.array_equal(getattr(getattr(copy, table), name), values, equal_nan=name != "id"), (
                    name
                )


positive = st.floats(0, 1e5)


@settings(max_examples=200)
@given(
    positive,
    st.lists(positive, min_size=12, max_size=12),
    st.lists(st.tuples(positive, st.floats(0, 1)), max_size=5),
)
def test_the_formula_is_never_negative_and_never_more_than_allowed(
    allowed: float, peaks: list[float], transit: list[tuple[float, float]]
) -> None:
    months, items = [Month(p, 1.0) for p in peaks], [Transit(*t) for t in transit]
    answer = open_kva(allowed, months, items, PARAMETERS)
    if allowed == 0:
        assert answer.kva is None
        return
    assert answer.kva is not None and 0 <= answer.kva <= allowed
    more = open_kva(allowed, months, [*items, Transit(10.0, 0.5)], PARAMETERS)
    assert more.kva is not None and more.kva <= answer.kva
