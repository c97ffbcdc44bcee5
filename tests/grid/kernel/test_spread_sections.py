"""Sections spread over processes or over Spark give the same numbers as one process."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.prepared import Capacity, CapacityLimits, Direction, Prepared
from jiedian.grid.kernel.spark import session
from jiedian.grid.kernel.spread import in_processes, on_spark, shares
from jiedian.grid.readers.calc import simbench
from tests.grid.grids import network

LIMITS = replace(CapacityLimits(), vmin_pu=0.88, transformer_percent=120.0)


@pytest.fixture(scope="module")
def town() -> Prepared:
    """Fourteen LV sections, one of them meshed."""
    return prepare(network("lv_schutterwald"))


@pytest.fixture(scope="module")
def city() -> Prepared:
    """The SimBench complete set at its peak: 37,734 buses, 33 busbar sections; the grids above them held at 1.02 pu."""
    return prepare(simbench.read("1-complete_data-mixed-all-1-sw", state="peak")[0], upstream_pu=1.02)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Two workers of one core and a gigabyte each."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, which is not here and could not be installed (see run.py)")
    pytest.importorskip("pyspark")
    with session("local-cluster[2,1,1024]") as made:
        yield made


def same(one: Capacity, other: Capacity) -> None:
    """Equal to the last bit: a section is calculated in the same order wherever it runs.

    But for meshes: power-grid-model may add up in another order, and a bus of one may differ in what is far below a watt.
    """
    assert (one.bus == other.bus).all() and one.is_meshed == other.is_meshed
    for column in ("capacity_kw", "margin"):
        apart = 1e-6 if one.is_meshed else 0.0
        np.testing.assert_allclose(getattr(one, column), getattr(other, column), rtol=0, atol=apart)
    assert one.binding == other.binding and one.element == other.element
    assert [v.element for v in one.violations] == [v.element for v in other.violations]


def test_shares_hold_every_bus_once_and_whole_sections(town: Prepared) -> None:
    spread = shares(town, 3)
    assert len(spread) == 3
    every = np.concatenate(spread)
    assert len(every) == len(np.unique(every)) == (town.network.buses.kv < 60).sum()
    owners = [{town.part_of(bus) for bus in share if town.part_of(bus) >= 0} for share in spread]
    assert not owners[0] & owners[1] and not owners[1] & owners[2]


def test_processes_give_the_same_numbers(town: Prepared) -> None:
    same(in_processes(town, limits=LIMITS, workers=2), open_capacity(town, limits=LIMITS))


def test_spark_gives_the_same_numbers(town: Prepared, spark: Any) -> None:
    same(on_spark(spark, town, limits=LIMITS, partitions=4), open_capacity(town, limits=LIMITS))


@pytest.mark.parametrize("direction", ["load", "generation"])
def test_spark_gives_the_same_numbers_for_a_whole_city(
    city: Prepared, spark: Any, direction: Direction
) -> None:
    limits = CapacityLimits(vmin_pu=0.88, vmax_pu=1.15, transformer_percent=130.0)
    alone = open_capacity(city, limits=limits, direction=direction)
    assert len(alone.bus) > 33_000 and (alone.capacity_kw > 0).sum() > 30_000
    assert len({city.part_of(int(bus)) for bus in alone.bus} - {-1}) == 33
    same(on_spark(spark, city, limits=limits, direction=direction, partitions=4), alone)
