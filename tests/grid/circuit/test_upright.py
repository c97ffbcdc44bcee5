"""A transformer that a file writes the wrong way round is turned once, when it is read, and said; nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from jiedian.grid.circuit.calc.circuit import circuit_of
from jiedian.grid.circuit.calc.network import Transformers, upright
from jiedian.grid.kernel.calc.powerflow import Flow
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.land import land_of
from jiedian.grid.network.queries.network import version_now
from jiedian.supply.study.queries.owners import loads_below
from tests.core.tables import TABLES, reading
from tests.grid.conftest import bring_in

SWAPS = {
    "D1,A1,L1,630,10,0.4": "D1,L1,A1,630,0.4,10",
    "T1,H,M,40000,110,10": "T1,M,H,40000,10,110",
}


def swapped(*rows: str) -> str:
    text = TABLES["transformers"]
    for row in rows:
        text = text.replace(row, SWAPS[row])
    return text


@pytest.mark.parametrize("model", ["t", "pi"])
def test_a_turned_transformer_solves_to_the_same_state_taps_and_shifts_too(model: str) -> None:
    network = reading().network
    assert network is not None
    trafos = replace(network.transformers, ratio_pu=np.array([1.05, 0.95]), shift_deg=np.array([0.0, 150.0]))
    swap = {"hv_bus": "lv_bus", "rated_hv_kv": "rated_lv_kv", "hv_closed": "lv_closed"}
    swap |= {low: high for high, low in swap.items()}
    columns = Transformers.__dataclass_fields__
    raw = replace(
        network, transformers=replace(trafos, **{a: getattr(trafos, swap.get(a, a)) for a in columns})
    )
    turned, names = upright(raw)
    assert names == ("T1", "D1") and turned.transformers.hv_bus.tolist() == trafos.hv_bus.tolist()
    states = [Flow(circuit_of(one, transformer_model=model)).solve() for one in (raw, turned)]
    assert np.allclose(*states, rtol=0, atol=1e-9)
    assert upright(turned) == (turned, ())


@pytest.mark.django_db
def test_a_swapped_transformer_keeps_its_area_its_place_and_its_name() -> None:
    bring_in(reading(), code="plain")
    bring_in(reading(transformers=swapped(*SWAPS)), code="swapped")
    plain, mine = (Grid.objects.get(code=code) for code in ("plain", "swapped"))
    columns = ("kind", "code", "name", "at_bus", "kv", "lon", "parent__code")
    assert {*mine.devices.values_list(*columns)} == {*plain.devices.values_list(*columns)}
    assert mine.devices.get(kind=Device.Kind.MAIN).kv == 10 and mine.devices.filter(kind="area").exists()
    versions = [version_now(grid).pk for grid in (plain, mine)]
    assert loads_below(versions[0]) == loads_below(versions[1]) == {"A1": 1}
    assert land_of(versions[0]).keys() == land_of(versions[1]).keys() == {"D1"}


def test_what_was_turned_is_said_by_name() -> None:
    found = reading(transformers=swapped(*SWAPS))
    assert [(f.code, f.facts["first"]) for f in found.findings] == [("grid.trafo_turned", ("T1", "D1"))]
