"""Sections spread over processes or over Spark give the same numbers as one process."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from jiedian.compute.sections import in_processes, on_spark, shares
from jiedian.compute.spark import session
from jiedian.core.grid.capacity import Capacity, CapacityLimits, Prepared, open_capacity, prepare
from tests.core.grids import network

LIMITS = replace(CapacityLimits(), vmin_pu=0.88, transformer_percent=120.0)


@pytest.fixture(scope="module")
def town() -> Prepared:
    """Fourteen LV sections, one of them meshed."""
    return prepare(network("lv_schutterwald"))


def same(one: Capacity, other: Capacity) -> None:
    """Equal but for last bits, which memory alignment may turn in the compiled sums; where a bit decides whether one more
    secant step is taken, a bus may differ by the tolerance, 1 kW."""
    assert (one.bus == other.bus).all() and one.is_meshed == other.is_meshed
    np.testing.assert_allclose(one.capacity_kw, other.capacity_kw, rtol=0, atol=1.0, equal_nan=True)
    bits = np.isclose(one.capacity_kw, other.capacity_kw, rtol=0, atol=1e-6, equal_nan=True)
    assert bits.mean() > 0.999
    for left, right in ((one.binding, other.binding), (one.element, other.element)):
        assert (np.array(left) == np.array(right))[bits].mean() > 0.999
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


@pytest.mark.skipif(not shutil.which("java"), reason="no Java")
def test_spark_gives_the_same_numbers(town: Prepared) -> None:
    pytest.importorskip("pyspark")
    with session("local-cluster[2,1,1024]") as spark:
        found = on_spark(spark, town, limits=LIMITS, partitions=4)
    same(found, open_capacity(town, limits=LIMITS))
