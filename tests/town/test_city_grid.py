"""Given the made-up city, then its grid is one that a power company could have: radial, fed, on its streets, with a story."""

import hashlib
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from demo.town import city
from demo.town.streets import Net, lay
from jiedian.grid.capacity.calc.transfers import transfers
from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.packing import as_json, from_json, pack, unpack
from jiedian.grid.circuit.calc.territory import NONE, Territory, territory
from jiedian.grid.kernel.calc.capacity import prepare
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from tools.city_grid import main

from .pandapowers import built

ROOT = Path(__file__).resolve().parents[2]
WEAK = "北山线"


@cache
def town() -> city.City:
    return city.make()


@cache
def land() -> Territory:
    return territory(town().network)


@cache
def volts() -> Any:
    """Voltage of every bus, per unit, by the product's own flow."""
    circuit = circuit_of(town().network)
    return np.abs(Flow(circuit).solve())[circuit.node]


@cache
def solved() -> Any:
    """The same network solved by pandapower."""
    net = built(town().network)
    pp.runpp(net, trafo_model="t", calculate_voltage_angles=True, init="dc", tolerance_mva=1e-9)
    return net


def feeder_names(network: Network, of: Territory) -> list[str]:
    return [network.names[f"feeder:{network.lines.id[feeder.head]}"] for feeder in of.feeders]


def loading_of_areas() -> dict[str, float]:
    network, percent = town().network, solved().res_trafo.loading_percent
    areas = {int(row) for row in np.unique(land().area) if row != NONE}
    return {network.transformers.id[row]: float(percent[row]) for row in areas}


def loading_of_heads() -> dict[str, float]:
    network, percent = town().network, solved().res_line.loading_percent
    names = feeder_names(network, land())
    return {name: float(percent[f.head]) for name, f in zip(names, land().feeders, strict=True)}


def test_two_processes_make_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "tools.commands", "demo-grid", str(tmp_path / seed)]
        env = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin"}
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        files = sorted((tmp_path / seed).iterdir())
        digests.append({f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files})
    assert digests[0] == digests[1] and set(digests[0]) == {"network.npz", "peaks.npz", "map.geojson"}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file" / "grid")]) == 2
    assert "jiedian:" in capsys.readouterr().err


def test_every_bus_is_supplied_and_no_loop_is_closed() -> None:
    assert land().is_fed.all() and not land().closing
    network = town().network
    low = network.buses.kv < 1
    assert (land().area[low] != NONE).all() and 3_000 < len(network.buses.id) < 6_000


def test_it_solves_as_pandapower_does() -> None:
    assert np.isfinite(volts()).all()
    assert np.abs(volts() - solved().res_bus.vm_pu.to_numpy()).max() <= 1e-6


def test_voltages_hold_but_at_the_end_of_the_long_feeder() -> None:
    network, v = town().network, volts()
    names = np.asarray(feeder_names(network, land()), object)
    own = np.where(land().feeder == NONE, "", names[land().feeder])
    outside = (v < 0.93) | (v > 1.07)
    assert set(own[outside & (network.buses.kv < 60)]) == {f"10kV {WEAK} 124"}
    assert (network.buses.kv[outside] < 1).all(), "medium voltage holds there too"
    near = (v >= 0.93) & (v < 0.935) & (network.buses.kv < 60)
    assert not near.any(), "no village by a hair within its limit binds a whole busbar section"
    busbars = [v[section.bus] for section in land().sections]
    assert all(1.03 <= one <= 1.06 for one in busbars)


def test_the_map_has_a_story() -> None:
    heads, areas = loading_of_heads(), loading_of_areas()
    full = [name for name, percent in heads.items() if percent > 80]
    assert full == ["10kV 机电线 112"] and max(heads.values()) < 100
    assert 2 <= sum(percent > 100 for percent in areas.values()) <= 4
    assert 0.5 < np.mean([percent < 60 for percent in areas.values()]) < 0.9
    network = town().network
    net_kw = np.zeros(len(network.transformers.id))
    for rows, sign in ((network.loads, 1), (network.generators, -1)):
        np.add.at(net_kw, land().area[rows.bus], sign * rows.p_kw)
    back = [network.transformers.id[row] for row in np.flatnonzero(net_kw < -10).tolist()]
    assert {"梨园村1公变", "梨园村2公变", "梨园村3公变"} <= set(back) and len(back) > 8
    sunny = [name.startswith("梨园村2公变") for name in network.buses.id]
    assert 1.05 < volts()[sunny].max() < 1.07


def test_every_ring_is_open_at_one_point_and_closing_it_carries_the_other_feeder() -> None:
    network = town().network
    ties = np.flatnonzero(~network.lines.to_closed)
    joined = Counter()
    for row in ties.tolist():
        ends = land().feeder[network.lines.from_bus[row]], land().feeder[network.lines.to_bus[row]]
        assert NONE not in ends or network.buses.kv[network.lines.from_bus[row]] > 30
        joined[tuple(sorted(ends))] += 1
    assert max(joined.values()) == 1 and len(joined) >= 19
    prepared, limits = prepare(network), CapacityLimits(transformer_percent=130)
    fits = []
    for feeder in land().feeders:
        bus = int(np.flatnonzero(land().spot_of == feeder.bus)[0])
        fits.append(any(t.is_fit for t in transfers(prepared, bus=bus, kw=0.0, pf=0.95, limits=limits)))
    assert 28 <= sum(fits) < len(fits), (
        "most carry the other half too; a heavy ring, and what has no tie, does not"
    )


def test_cables_lie_in_the_streets_and_are_as_long_as_their_way() -> None:
    network, net = town().network, lay()
    places = network.places
    cables = [
        row for row in range(len(network.lines.id)) if network.buses.kv[network.lines.from_bus[row]] == 10
    ]
    for row in cables:
        way = network.routes[network.lines.id[row]]
        metres = sum(distance_m(a, b) for a, b in zip(way, way[1:], strict=False))
        assert abs(metres - network.lines.length_m[row]) < 0.01 * metres + 6
        ends = [places[network.buses.id[int(b[row])]] for b in (network.lines.from_bus, network.lines.to_bus)]
        assert max(distance_m(way[0], ends[0]), distance_m(way[-1], ends[1])) < 1.0
    way_points = [network.routes[network.lines.id[row]][k] for row in cables for k in (0, -1)]
    far = [p for p in way_points if off_street(p, net) > 30]
    assert not far, "a unit, pole or station stands by a street"


def off_street(point: tuple[float, float], net: Net) -> float:
    """Metres from a place to the nearest street."""
    starts, ends = street_ends(net)
    at = np.asarray(metres_of(point))
    d = ends - starts
    share = np.clip(((at - starts) * d).sum(1) / np.maximum((d * d).sum(1), 1e-9), 0, 1)
    return float(np.hypot(*(at - (starts + d * share[:, None])).T).min())


@cache
def _ends() -> tuple[Any, Any]:
    net = lay()
    pairs = [(a, b) for a, others in net.joined.items() for b in others if a < b]
    return np.asarray([net.at[a] for a, _ in pairs]), np.asarray([net.at[b] for _, b in pairs])


def street_ends(_net: Net) -> tuple[Any, Any]:
    return _ends()


def metres_of(point: tuple[float, float]) -> tuple[float, float]:
    from demo.town.ground import M_PER_DEGREE, ORIGIN

    east = (point[0] - ORIGIN[0]) * M_PER_DEGREE * np.cos(np.radians(ORIGIN[1]))
    return float(east), (point[1] - ORIGIN[1]) * M_PER_DEGREE


def test_every_device_has_a_place_and_the_name_dispatchers_use() -> None:
    network = town().network
    assert set(network.places) == set(network.buses.id) and set(network.routes) == set(network.lines.id)
    kinds = Counter(key.partition(":")[0] for key in network.names)
    assert kinds["node"] == len(network.buses.id) and kinds["feeder"] == len(land().feeders)
    assert kinds["station"] == len(land().stations) == 6 and kinds["section"] == len(land().sections)
    assert kinds["area"] + kinds["main"] == len(network.transformers.id)
    assert len(set(network.names.values()) - {""}) >= len(network.names) - kinds["section"]
    for code in ("云溪变1号主变", "学府变1号主变"):
        assert network.names[f"station:{code}"] == f"110kV {code[:3]}"


def test_names_are_kept_by_every_form_of_storage() -> None:
    network = town().network
    assert unpack(pack(network)).names == network.names == from_json(as_json(network)).names


def test_the_measured_year_is_that_of_its_loads() -> None:
    network, peaks = town().network, town().peaks
    row = {key: i for i, key in enumerate(zip(peaks.kind, peaks.code, strict=True))}
    for i, feeder in enumerate(land().feeders):
        own = land().feeder == i
        p, q = (values[own[network.loads.bus]].sum() for values in (network.loads.p_kw, network.loads.q_kvar))
        sun = network.generators.p_kw[own[network.generators.bus]].sum()
        found = peaks.kva[row["feeder", network.lines.id[feeder.head]]]
        if feeder.section != NONE and network.buses.kv[land().sections[feeder.section].bus] == 10:
            assert 0.85 * np.hypot(p - sun, q) <= np.nanmax(found) <= 1.001 * np.hypot(p, q) + 0.1
    empty = np.isnan(peaks.kva).all(axis=1)
    assert 0 < empty.sum() < len(empty) / 10, "some are by hand"
