"""Given a cell that is empty or no number, in any column of any format, then no figure stands on it without a word."""

import copy
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandapower as pp
import pytest

from jiedian.grid.circuit.calc.packing import as_json
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.kernel.calc.prepared import CapacityLimits
from jiedian.grid.readers.calc.files import GridFile, read_file
from tests.core.tables import TABLES, reading

from .test_read_cim import small
from .test_read_pandapower import every_element

Said = set[tuple[str, str]]


def said(found: GridFile) -> Said:
    return {(finding.code, finding.where) for finding in found.findings}


def without_figure(found: GridFile) -> set[str]:
    """The buses that have no figure because their data cannot be used; load that no grid carries is another matter."""
    assert found.network is not None
    answer = open_capacity(prepare(found.network), limits=CapacityLimits())
    rows = zip(answer.bus.tolist(), answer.capacity_kw, answer.binding, strict=True)
    return {found.network.buses.id[bus] for bus, kw, why in rows if np.isnan(kw) and why == "data"}


def mutations() -> Iterator[tuple[str, int, int, str]]:
    for table, text in TABLES.items():
        rows = [line.split(",") for line in text.strip().split("\n")]
        for line in range(1, len(rows)):
            for place in range(len(rows[0])):
                if re.fullmatch(r"-?[\d.]+", rows[line][place]):
                    yield from ((table, line, place, to) for to in ("viel", "nan", "-1", "0", "250", "1e9"))


def test_whatever_data_leave_a_bus_without_a_figure_are_named() -> None:
    silent = []
    for table, line, place, to in mutations():
        rows = [row.split(",") for row in TABLES[table].strip().split("\n")]
        rows[line][place] = to
        found = reading(**{table: "\n".join(",".join(row) for row in rows) + "\n"})
        if found.network is None or not found.counts["sources"]:
            assert found.findings
        elif without_figure(found):
            words = " ".join(f.where + f.zh for f in found.findings)
            near = (
                bool(words) if table == "buses" else rows[line][0] in words
            )  # the transformer at that bus is named
            if not (near or f"{table}.csv:{line + 1}" in words):
                silent.append((table, rows[0][place], rows[line][0], to, said(found)))
    assert not silent


@pytest.mark.parametrize(("vk", "vkr", "tap"), [(4.5, 9.8, 0), (4.5, 0.98, 250), (4.5, 0.98, -90)])
def test_an_impedance_or_a_tap_that_cannot_be_leaves_no_figure_and_is_named(
    vk: float, vkr: float, tap: float
) -> None:
    head = TABLES["transformers"].replace("i0_percent", "i0_percent,tap_percent")
    rows = head.replace("20,0.1\n", "20,0.1,0\n").replace("4.5,0.98,0.81,0.6", f"{vk},{vkr},0.81,0.6,{tap}")
    found = reading(transformers=rows)
    assert [f.code for f in found.findings] == ["grid.bad_trafo"] and "D1" in found.findings[0].zh
    assert {"L1", "L2"} <= without_figure(found)


def test_the_voltage_of_a_source_that_is_empty_is_said() -> None:
    found = reading(sources="bus,vm_pu,va_deg\nH,,\n")
    assert ("grid.guessed", "sources.vm_pu = 1") in said(found)
    assert not said(reading(sources="bus\nH\n"))


def pandapower_of(net: pp.pandapowerNet) -> tuple[str, Said]:
    found = read_file("x.json", [("x.json", pp.to_json(net, None).encode())])
    network = found.network
    return json.dumps(as_json(network), sort_keys=True, default=str) if network else "", said(found)


def full_net() -> pp.pandapowerNet:
    """A network with a row in every table that is read, most columns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = every_element()
        pp.create_sgen(net, 2, 0.1, 0.02)
        pp.create_storage(net, 2, 0.1, 1.0, q_mvar=0.01)
        pp.create_motor(net, 2, 0.1, 0.9)
        pp.create_ward(net, 2, 0.1, 0.02, 0.03, 0.04)
        pp.create_xward(net, 2, 0.1, 0.02, 0.03, 0.04, 0.1, 0.5, 1.0)
        pp.create_gen(net, 1, 0.1, vm_pu=1.0)
        net.sgen["scaling"], net.storage["scaling"] = 0.8, 0.7
    return net


TAPS = {"tap_step_percent", "tap_step_degree", "tap2_step_percent", "tap2_step_degree"}
"""Empty, these are no tap for pandapower too."""
ELEMENTS = (
    *("bus", "line", "trafo", "trafo3w", "load", "sgen", "storage", "motor"),
    *("ward", "xward", "shunt", "impedance", "gen", "ext_grid", "switch"),
)


@pytest.mark.parametrize("element", ELEMENTS)
def test_no_column_of_pandapower_turns_to_nought_in_silence(element: str) -> None:
    net = full_net()
    plain, before = pandapower_of(net)
    silent = []
    for column in net[element].columns:
        for value in (None, "abc"):
            changed: Any = copy.deepcopy(net)
            changed[element][column] = changed[element][column].astype(object)
            changed[element].iat[0, changed[element].columns.get_loc(column)] = value
            read, after = pandapower_of(changed)
            if read != plain and not after - before and not (value is None and column in TAPS):
                silent.append((column, value))
    assert not silent


def test_a_number_that_is_text_leaves_no_figure() -> None:
    columns = (("gen", "p_mw"), ("ward", "pz_mw"), ("load", "const_z_p_percent"), ("switch", "z_ohm"))
    for element, column in columns:
        net: Any = full_net()
        before = read_file("x.json", [("x.json", pp.to_json(net, None).encode())])
        net[element][column] = net[element][column].astype(object)
        net[element].iat[0, net[element].columns.get_loc(column)] = "abc"
        found = read_file("x.json", [("x.json", pp.to_json(net, None).encode())])
        assert ("grid.no_number", f"{element}.{column}") in said(found)
        assert without_figure(found) > without_figure(before) or element == "switch", (element, column)


@pytest.mark.parametrize("value", ["viel", "0,4", "", "nan"])
def test_no_attribute_of_cim_turns_to_nought_or_without_limit_in_silence(value: str) -> None:
    def read(content: str) -> tuple[str, Said]:
        found = read_file("x.xml", [("x.xml", content.encode())])
        network = found.network
        return json.dumps(as_json(network), sort_keys=True, default=str) if network else "", said(found)

    plain, before = read(small())
    for tag in sorted(set(re.findall(r"<(cim:[\w.]+)>-?[\d.]+</", small()))):
        text, after = read(re.sub(rf"(<{re.escape(tag)}>)[^<]*", rf"\g<1>{value}", small(), count=1))
        assert text == plain or after - before, tag
    odd = small().replace("<cim:CurrentLimit.value>", f"<cim:CurrentLimit.value>{value or 'x'}", 1)
    found = read_file("x.xml", [("x.xml", odd.encode())])
    assert found.network is not None and np.isnan(found.network.lines.rated_a).sum() == 1
