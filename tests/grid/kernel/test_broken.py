"""现状越限: what is broken already binds only who makes it noticeably worse; for the others it is a finding."""

import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandapower as pp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from jiedian.grid.capacity.calc.bruteforce import bisected
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.meshbroken import _between
from jiedian.grid.kernel.calc.prepared import Capacity, CapacityLimits, Prepared
from jiedian.grid.readers.calc.pandapower import read
from tests.grid.grids import pandapower_net, town
from tests.grid.loop import ruled_within

LIMITS = CapacityLimits()
DIRECTIONS = ("load", "generation")


def scaled(name: str, scale: float) -> Any:
    net = copy.deepcopy(town() if name == "town" else pandapower_net(name))
    net.load["scaling"] *= scale
    return net


def village(**more: Any) -> Any:
    """A 10 kV busbar with two feeders: one of three village transformers, one of a single bus 4 km away."""
    net = pp.create_empty_network()
    hv, bar = pp.create_bus(net, 110.0), pp.create_bus(net, 10.0)
    pp.create_ext_grid(net, hv, vm_pu=1.0)
    pp.create_transformer(net, hv, bar, "25 MVA 110/10 kV")
    above = bar
    for k in range(3):
        here, low, end = pp.create_bus(net, 10.0), pp.create_bus(net, 0.4), pp.create_bus(net, 0.4)
        pp.create_line(net, above, here, 1.5, "NA2XS2Y 1x150 RM/25 6/10 kV")
        pp.create_transformer(net, here, low, "0.4 MVA 10/0.4 kV", **(more if k == 1 else {}))
        pp.create_line(net, low, end, 0.25, "NAYY 4x150 SE")
        pp.create_load(net, low, 0.1, 0.03)
        pp.create_load(net, end, 0.04, 0.01)
        above = here
    far = pp.create_bus(net, 10.0)
    pp.create_line(net, bar, far, 4.0, "NA2XS2Y 1x150 RM/25 6/10 kV")
    return net


def rated(network: Network, factors: dict[tuple[str, int], float]) -> Network:
    """The same network and flows, with the ratings of some lines and transformers multiplied."""
    lines, trafos = network.lines, network.transformers
    amps = lines.rated_a.copy()
    columns = {c: getattr(trafos, c).copy() for c in ("rated_kva", "vk_percent", "vkr_percent", "i0_percent")}
    for (kind, row), factor in factors.items():
        if kind == "line":
            amps[row] *= factor
        else:
            for column in columns:
                columns[column][row] *= 1 / factor if column == "i0_percent" else factor
    return replace(network, lines=replace(lines, rated_a=amps), transformers=replace(trafos, **columns))


def below(prepared: Prepared, kind: str, row: int) -> np.ndarray:
    """Which nodes only this branch (with those parallel to it) feeds."""
    circuit = prepared.circuit
    every = circuit.branches
    mine = np.flatnonzero((every.kind == (kind == "transformer")) & (every.element == row))[0]
    ends = np.sort(np.stack([every.from_node, every.to_node]), axis=0)
    kept = (ends != ends[:, [mine]]).any(axis=0)
    graph = coo_matrix(
        (np.ones(kept.sum()), (every.from_node[kept], every.to_node[kept])), shape=(circuit.size,) * 2
    )
    label = connected_components(graph, directed=False)[1]
    found: np.ndarray = ~np.isin(label, label[circuit.source_node])
    return found


def loading(network: Network, limits: CapacityLimits) -> dict[tuple[str, int], float]:
    """Loading of every branch as a share of its limit, from a run in which everything is broken."""
    tiny = {("line", k): 1e-6 for k in range(len(network.lines.id))}
    tiny |= {("transformer", k): 1e-6 for k in range(len(network.transformers.id))}
    found = open_capacity(prepare(rated(network, tiny)), limits=limits).violations
    ids = {"line": network.lines.id, "transformer": network.transformers.id}
    return {
        (v.kind, ids[v.kind].index(v.element)): (1 - v.margin) * 1e-6 for v in found if v.kind != "voltage"
    }


def by_bus(answer: Capacity) -> dict[int, float]:
    return dict(zip(answer.bus.tolist(), answer.capacity_kw.tolist(), strict=True))


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(
        [
            ("mv_oberrhein", 0.3),
            ("create_cigre_network_mv", 0.25),
            ("town", 0.6),
            ("create_kerber_dorfnetz", 0.3),
        ]
    ),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=3),
)
def test_a_branch_over_its_limit_binds_only_its_own_subtree(
    kind: tuple[str, float], draws: list[float]
) -> None:
    """Lines and transformers, anywhere, several at once, nested or not; all others as if it were rated without end."""
    network, _ = read(scaled(*kind))
    limits = replace(LIMITS, vmin_pu=0.85)
    shares = {b: s for b, s in loading(network, limits).items() if 0.05 < s < 1}  # not what only charges
    chosen = sorted({list(shares)[int(draw * len(shares))] for draw in draws})
    over = open_capacity(prepare(rated(network, {b: shares[b] / 1.05 for b in chosen})), limits=limits)
    free = open_capacity(prepared := prepare(rated(network, dict.fromkeys(chosen, 100.0))), limits=limits)
    shut = np.zeros(prepared.circuit.size, np.bool_)
    for branch in chosen:
        shut |= below(prepared, *branch)
    assert {v.kind for v in over.violations} <= {"line", "transformer"} and len(over.violations) == len(
        chosen
    )
    assert all(v.margin == pytest.approx(-0.05, abs=1e-3) for v in over.violations)
    for k, bus in enumerate(over.bus):
        if shut[prepared.circuit.node[bus]]:
            assert over.capacity_kw[k] == 0 and over.binding[k] == "base"
        elif not np.isnan(over.capacity_kw[k]):
            assert over.capacity_kw[k] == pytest.approx(free.capacity_kw[k], abs=1.0)
            assert over.binding[k] == free.binding[k]


def test_a_line_broken_at_one_end_only_is_broken() -> None:
    """What it charges makes one end 100.05 %, the other 99.9 %: the rest of the busbar is not bound by the other end."""
    net = village()
    net.line.loc[0, "c_nf_per_km"] *= 8
    pp.runpp(net)
    ends = net.res_line.loc[0, ["i_from_ka", "i_to_ka"]].astype(float)
    assert ends.max() > ends.min() * 1.001
    net.line.loc[0, "max_i_ka"] = ends.mean()
    answer = open_capacity(prepare(read(net)[0]), limits=replace(LIMITS, transformer_percent=200))
    kw = by_bus(answer)
    assert [v.element for v in answer.violations] == ["0"] and kw[2] == kw[10] == 0 and kw[11] > 4000


def test_an_overloaded_village_leaves_the_other_feeder_its_room() -> None:
    """The finding of the walk: one transformer at 105 % took the whole busbar section to zero."""
    net = village()
    net.load.loc[2, "p_mw"] = 0.3
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    (broken,) = answer.violations
    assert (broken.kind, broken.element) == ("transformer", "2") and broken.margin < -0.05
    zero = [int(b) for b, kw in zip(answer.bus, answer.capacity_kw, strict=True) if kw == 0]
    assert zero == [6, 7] and {
        answer.element[k] for k in range(len(answer.bus)) if answer.capacity_kw[k] == 0
    } == {"2"}
    kw = by_bus(answer)
    assert ruled_within(net, 11, kw[11], LIMITS, "load") and kw[11] > 4000
    assert ruled_within(net, 5, kw[5], LIMITS, "load") and kw[5] > 3000


def test_a_wrong_tap_leaves_the_feed_in_elsewhere_its_room() -> None:
    """An LV node at 1.09 pu: nothing behind that transformer, elsewhere what does not lift it noticeably."""
    net = village()
    net.load["p_mw"] /= 10
    net.trafo.loc[2, "tap_pos"] = -4
    net.trafo.loc[2, "tap_changer_type"] = "Ratio"
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS, direction="generation")
    kw = by_bus(answer)
    assert {v.element for v in answer.violations} == {"6", "7"}
    assert kw[6] == kw[7] == 0
    assert all(kw[bus] > 100 for bus in (3, 4, 9, 10))
    assert kw[11] > 4000 and kw[1] > 4000
    for bus in (2, 3, 4, 5, 8, 9, 11):
        assert ruled_within(net, bus, kw[bus], LIMITS, "generation"), bus


def test_it_falls_smoothly_towards_what_is_broken() -> None:
    """Worked in the docs: 0.005 pu and 0.002 pu a MW. The nearer, the less, without a step, to zero at the node itself."""
    net = village()
    net.line.loc[3, "length_km"] = 0.6
    net.load.loc[3, "p_mw"] = 0.08
    answer = open_capacity(prepare(read(net)[0]), limits=LIMITS)
    kw, broken = by_bus(answer), {v.element for v in answer.violations}
    assert broken == {"7"}
    assert kw[7] == 0 and 0 < kw[6] < kw[5] < kw[2] < kw[1]
    assert [kw[bus] for bus in (1, 11)] > [4000, 4000]
    binding = {int(b): word for b, word in zip(answer.bus, answer.binding, strict=True)}
    assert binding[6] == binding[5] == "base" and binding[11] != "base"
    for bus in (1, 2, 5, 6, 8, 11):
        assert ruled_within(net, bus, kw[bus], LIMITS, "load"), bus


def test_what_relieves_is_not_shut_out() -> None:
    """Feed-in behind an overloaded transformer takes load off it, until it is loaded the other way round."""
    net = village()
    net.load.loc[2, "p_mw"] = 0.3
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=replace(LIMITS, vmax_pu=1.2), direction="generation")
    kw = by_bus(answer)
    assert kw[6] > 500 and {v.element for v in answer.violations} == {"2"}
    assert ruled_within(net, 6, kw[6], replace(LIMITS, vmax_pu=1.2), "generation")


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("mv_oberrhein", 1.0),
        ("create_cigre_network_mv", 0.8),
        ("create_cigre_network_lv", 0.9),
        ("create_kerber_dorfnetz", 1.2),
        ("case33bw", 1.0),
    ],
)
def test_networks_broken_somewhere_are_what_pandapower_measures(
    name: str, scale: float, direction: Any
) -> None:
    net = scaled(name, scale)
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS, direction=direction)
    known = np.flatnonzero(~np.isnan(answer.capacity_kw))
    for k in np.random.default_rng(3).choice(known, 5, replace=False):
        bus, kw = int(ours.buses.id[answer.bus[k]]), float(answer.capacity_kw[k])
        assert ruled_within(net, bus, kw, LIMITS, direction), (bus, kw, answer.binding[k], answer.element[k])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("name", "scale", "tight"),
    [
        ("simple_mv_open_ring_net", 1.0, {"line": 0.1}),
        ("create_cigre_network_mv", 1.2, {}),
        ("town", 2.2, {}),
    ],
)
def test_meshes_broken_somewhere_are_what_pandapower_measures(
    name: str, scale: float, tight: dict[str, float], direction: Any
) -> None:
    net = scaled(name, scale)
    net.switch["closed"] = True
    if name == "town":
        pp.create_line(net, 5, 11, 0.3, "NA2XS2Y 1x150 RM/25 6/10 kV")
    for kind, factor in tight.items():
        net[kind].loc[net[kind].index[1], "max_i_ka"] *= factor
    ours, _ = read(net)
    answer = open_capacity(prepare(ours), limits=LIMITS, direction=direction)
    assert answer.is_meshed and answer.violations
    known = np.flatnonzero(~np.isnan(answer.capacity_kw))
    for k in np.random.default_rng(4).choice(known, min(len(known), 5), replace=False):
        bus, kw = int(ours.buses.id[answer.bus[k]]), float(answer.capacity_kw[k])
        assert ruled_within(net, bus, kw, LIMITS, direction, is_mesh=True), (bus, kw, answer.binding[k])


def test_twins_with_a_busbar_each_leave_nothing_between_them() -> None:
    """Two transformers on two 110 kV busbars feed one ring, both over their limit: each alone could be done without."""
    net = pp.create_empty_network()
    hv = [pp.create_bus(net, 110.0) for _ in range(2)]
    bar = [pp.create_bus(net, 10.0) for _ in range(3)]
    pp.create_ext_grid(net, hv[0])
    pp.create_line(net, *hv, 2.0, "149-AL1/24-ST1A 110.0")
    for above, low in ((hv[0], bar[0]), (hv[1], bar[1]), (hv[1], bar[2])):
        pp.create_transformer(net, above, low, "25 MVA 110/10 kV")
    pp.create_line(net, bar[0], bar[1], 0.4, "NA2XS2Y 1x240 RM/25 6/10 kV")
    end = pp.create_bus(net, 10.0)
    pp.create_line(net, bar[1], end, 0.5, "NA2XS2Y 1x240 RM/25 6/10 kV")
    for bus in bar[:2]:
        pp.create_load(net, bus, 20.5, 4.0)
    answer = open_capacity(prepare(read(net)[0]), limits=replace(LIMITS, vmin_pu=0.85))
    kw = by_bus(answer)
    assert answer.is_meshed and {v.element for v in answer.violations} == {"0", "1"}
    assert kw[bar[0]] == kw[bar[1]] == kw[end] == 0 and kw[bar[2]] > 10_000
    for bus in (bar[0], bar[2], end):
        assert ruled_within(net, bus, kw[bus], replace(LIMITS, vmin_pu=0.85), "load", is_mesh=True), bus


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_broken_in_a_mesh_binds_those_between_it_and_a_source(data: Any) -> None:
    """Any graph: a broken branch binds a place that only broken ones feed, where a way to it passes that branch and nothing twice."""
    import networkx as nx

    size = data.draw(st.integers(3, 7))
    edges = [(data.draw(st.integers(0, k - 1)), k) for k in range(1, size)]
    more = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda e: e[0] != e[1])
    edges += data.draw(st.lists(more, max_size=5))
    broken = sorted(data.draw(st.sets(st.integers(0, len(edges) - 1), min_size=1)))
    ends = [(size - 1 - a, size - 1 - b) for a, b in edges]  # the source is the last place
    view: Any = SimpleNamespace(
        own=SimpleNamespace(from_node=np.array([a for a, _ in ends]), to_node=np.array([b for _, b in ends])),
        mesh=SimpleNamespace(size=size, held=[size - 1]),
    )
    found = _between(view, np.array(broken))
    pairs = {frozenset(ends[k]) for k in broken}
    graph = nx.Graph([e for e in ends if frozenset(e) not in pairs])
    graph.add_nodes_from(range(size))
    place = {
        v: min(one) if size - 1 not in one else size - 1
        for one in nx.connected_components(graph)
        for v in one
    }
    ways = nx.MultiGraph(
        [(place[a], place[b], k) for k, (a, b) in enumerate(ends) if frozenset((a, b)) in pairs]
    )
    for at in range(size - 1):
        passed = set()
        if place[at] != size - 1:
            for path in nx.all_simple_edge_paths(ways, size - 1, place[at]):
                passed |= {k for _a, _b, k in path}
        assert {k for n, k in enumerate(broken) if found[n, at]} == passed & set(broken)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_random_trees_are_what_bisection_finds(data: Any) -> None:
    """Trees of any shape with something broken: as many voltages and currents as there are."""
    size = data.draw(st.integers(3, 14))
    draw = lambda low, high: data.draw(st.floats(low, high))  # noqa: E731
    net = pp.create_empty_network()
    for _ in range(size + 1):
        pp.create_bus(net, 10.0)
    pp.create_ext_grid(net, 0, vm_pu=draw(0.94, 1.06))
    for k in range(1, size + 1):
        above = data.draw(st.integers(0, k - 1))
        pp.create_line_from_parameters(
            net, above, k, 1.0, draw(0.05, 1.0), draw(0.05, 1.0), 0, draw(0.02, 0.3)
        )
        mw = draw(-1.0, 1.0)
        pp.create_load(net, k, mw, mw / 3)
    prepared = prepare(read(net)[0])
    for direction in DIRECTIONS:
        answer = open_capacity(prepared, limits=LIMITS, direction=direction)
        found = bisected(prepared, answer.bus, limits=LIMITS, direction=direction)
        apart = np.abs(answer.capacity_kw - found)
        assert (np.isnan(apart) | (apart < 1)).all(), (direction, answer.capacity_kw, found, answer.binding)


@pytest.mark.parametrize(("direction", "scale"), [("load", 2.2), ("generation", 0.3)])
def test_two_levels_with_broken_grids_are_what_bisection_finds(direction: Any, scale: float) -> None:
    net = scaled("town", scale)
    net.trafo.loc[[3, 6], "tap_changer_type"] = "Ratio"
    net.trafo.loc[[3, 6], "tap_pos"] = -2
    prepared = prepare(read(net)[0])
    limits = replace(LIMITS, vmax_pu=1.05)
    answer = open_capacity(prepared, limits=limits, direction=direction)
    assert len(prepared.network.buses.id) > 250 and "base" in answer.binding
    some = np.random.default_rng(8).choice(len(answer.bus), 60, replace=False)
    found = bisected(prepared, answer.bus[some], limits=limits, direction=direction)
    assert np.nanmax(np.abs(answer.capacity_kw[some] - found)) < 1


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_many_states_are_the_least_of_each(direction: Any) -> None:
    """Something is broken in some of the states only."""
    ours, _ = read(scaled("create_cigre_network_lv", 1.0))
    prepared = prepare(ours)
    node = prepared.circuit.node
    first = np.unique(node, return_index=True)[1]
    now = np.zeros(len(node), np.complex128)
    now[first] = prepared.circuit.demand[node[first]] * 1000
    states = np.array([now * scale for scale in (0.3, 1.0, 0.8, 1.3, -0.4)])
    together = open_capacity(prepared, limits=LIMITS, direction=direction, states=states)
    alone = [
        open_capacity(prepared, limits=LIMITS, direction=direction, states=state[None]) for state in states
    ]
    least = np.min([one.capacity_kw for one in alone], axis=0)
    assert np.nanmax(np.abs(together.capacity_kw - least)) < 1
    assert together.violations
