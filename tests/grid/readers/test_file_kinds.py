"""Files that are no grid say what they are and what to do; those in another wrapping are read."""

import gzip
import io
import json
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pandapower as pp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.grid.circuit.calc.packing import unpack
from jiedian.grid.readers.calc.files import GridFile, read_file
from tests.grid.grids import pandapower_net


def read(name: str, content: bytes) -> GridFile:
    return read_file(name, [(name, content)])


def refusal(name: str, content: bytes) -> tuple[str, str]:
    found = read(name, content)
    assert found.network is None
    return found.findings[0].code, found.findings[0].en


def tar() -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as made:
        made.addfile(tarfile.TarInfo("a"))
    return kept.getvalue()


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "a.db") as made:
        made.execute("create table bus (vn_kv real)")
    made.close()
    return (folder / "a.db").read_bytes()


def test_a_file_of_another_kind_says_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    for content, code, word in (
        (pickle.dumps({"bus": 1}), "file.pickle", "pandapower.to_json"),
        (pickle.dumps({"bus": 1}, protocol=2), "file.pickle", "pandapower.to_json"),
        (database(tmp_path), "file.other_format", "SQLite"),
        (tar(), "file.packed", "tar"),
        (gzip.compress(tar()), "file.packed", "tar"),
        (b"7z\xbc\xaf\x27\x1c0000", "file.packed", "7z"),
        (b"gAAAAABlqFzXw==", "file.other_format", "encrypted"),
        (b"<!DOCTYPE html><html></html>", "file.other_format", "HTML"),
        (b"function mpc = case9\nmpc.bus = [", "file.other_format", "MATPOWER"),
        (b'{"version": "1.0", "is_batch": false, "data": {}}', "file.other_format", "power-grid-model"),
        (b'{"version": "1.10", "substations": []}', "file.other_format", "IIDM"),
        (b"<?xml version='1.0'?><iidm:network id='n'/>", "file.other_format", "IIDM"),
        (b"%PDF-1.7", "file.other_format", "PDF"),
    ):
        found = refusal("grid.bin", content)
        assert found[0] == code and word in found[1], found


RAW = b"0,   100.00     / PSS/E-29.0\n case\n line\n 1,'BUS1', 110.0,3\n"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("grid.txt", RAW, "PSS/E"),
        ("grid.txt", b"@!IC,SBASE,REV,XFRRAT,NXFRAT,BASFRQ\n0,100.0,35\n", "PSS/E"),
        ("grid.txt", b"Clear\nNew Circuit.x basekv=10", "OpenDSS"),
        ("grid.txt", b"##C 2007.05.01\n##N\n", "UCTE-DEF"),
        ("grid.bin", b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"),
        ("grid.mat", b"\0\0\0\0", "MATLAB"),
        ("grid.txt", b" 08/19/93 UW ARCHIVE 100.0 1962 W IEEE 14\nBUS DATA FOLLOWS 14 ITEMS\n", "IEEE CDF"),
        ("grid.cdf", b"anything", "IEEE CDF"),
        ("grid.txt", b"title\n!\nbus data [3]\n", "PSLF"),
        ("grid.txt", b"$$General;ID(a:40);Descr(a:40);Val(a:40)\n1;Version;5.0\n", "PowerFactory"),
        ("grid.json", b'{"baseMVA": 100, "gen": []}', "MATPOWER"),
    ],
)
def test_another_program_is_known_by_what_its_file_says(name: str, content: bytes, word: str) -> None:
    code, said = refusal(name, content)
    assert code == "file.other_format" and word in said


def test_words_of_other_programs_deep_in_a_pandapower_file_are_only_words() -> None:
    net = pandapower_net("simple_four_bus_system")
    net.bus["name"] = ["FeatureCollection", "mpc.bus", '"substations": []', "new circuit."]
    data = json.loads(pp.to_json(net))
    held = {"substations": data["_object"]["bus"]} | data["_object"]
    for content in (data, data | {"_object": held}):
        assert read("net.json", json.dumps(content).encode()).network is not None


def test_a_workbook_of_pandapower_is_known() -> None:
    from openpyxl import Workbook

    net, book, kept = pandapower_net("simple_four_bus_system"), Workbook(), io.BytesIO()
    book.remove(book.active)
    for name in ("bus", "ext_grid", "line", "load", "trafo"):
        sheet = book.create_sheet(name)
        sheet.append(["", *net[name].columns])
        for number, row in net[name].astype(str).iterrows():
            sheet.append([number, *row])
    book.save(kept)
    code, said = refusal("net.xlsx", kept.getvalue())
    assert code == "table.pandapower" and "from_excel" in said


@pytest.mark.parametrize(
    "coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_json_in_another_coding_or_in_gzip_reads_the_same(coding: str) -> None:
    text = pp.to_json(pandapower_net("simple_four_bus_system"))
    for content in (text.encode(coding), gzip.compress(text.encode(coding))):
        found = read("net.json", content)
        assert found.network is not None and found.network.name == "net"


def test_a_gzip_that_swells_is_not_unpacked() -> None:
    assert refusal("net.json.gz", gzip.compress(b" " * 40_000_000))[0] == "file.swells"
    assert refusal("net.json.gz", gzip.compress(b"{}")[:-6])[0] == "file.archive"


TABLES = {"buses.csv": b"id,kv\nA,10\nB,10\n" * 40, "note.txt": b"town" * 300}
PACKINGS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def zipped(packing: int) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", packing) as made:
        for name, content in TABLES.items():
            made.writestr(name, content)
    return kept.getvalue()


@pytest.mark.parametrize("packing", PACKINGS[1:])
def test_a_zip_with_a_damaged_member_is_refused(packing: int) -> None:
    content = bytearray(zipped(packing))
    content[30 + len("buses.csv") + 4] = 0xFF
    assert refusal("town.zip", bytes(content))[0] == "file.archive"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*map(zipped, PACKINGS), gzip.compress(TABLES["buses.csv"])]),
    st.lists(st.tuples(st.integers(4, 2000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
    st.integers(0, 2000),
)
def test_no_damaged_archive_breaks_the_reader(
    content: bytes, spots: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(content)
    for at, put in spots:
        at %= len(damaged)
        damaged[at : at + len(put)] = put
    for each in (bytes(damaged), bytes(damaged[: max(4, cut)])):
        assert read("town.zip", each).findings
    with pytest.raises(Refused):
        unpack(bytes(damaged))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["lines"]["from_bus"].__setitem__(0, 99),
        lambda d: d["loads"]["bus"].__setitem__(0, -1),
        lambda d: d["loads"]["p_kw"].append(1.0),
        lambda d: d.pop("links"),
        lambda d: d.update(findings=[3]),
    ],
)
def test_our_own_json_changed_by_hand_is_refused_whole(change: Any) -> None:
    from jiedian.grid.circuit.calc.packing import as_json
    from tests.core.tables import reading

    data = as_json(reading().network)  # type: ignore[arg-type]
    assert read("net.json", json.dumps(data).encode()).format == "jiedian"
    change(data)
    assert refusal("net.json", json.dumps(data).encode())[0] in (
        "grid.json",
        "grid.columns",
        "grid.no_such_end",
    )


def test_kilowatts_without_a_version_are_too_old_and_empty_cells_are_said() -> None:
    net = json.loads(pp.to_json(pandapower_net("simple_four_bus_system")))["_object"]
    old = {name: json.loads(net[name]["_object"]) for name in ("bus", "load")}
    old["load"]["columns"] = [c.replace("p_mw", "p_kw") for c in old["load"]["columns"]]
    assert refusal("net.json", json.dumps(old).encode())[0] == "grid.too_old"
    text = pp.to_json(pandapower_net("simple_four_bus_system"))
    data = json.loads(text)
    load = json.loads(data["_object"]["load"]["_object"])
    load["data"][0][load["columns"].index("scaling")] = None
    data["_object"]["load"]["_object"] = json.dumps(load)
    [said] = [f for f in read("net.json", json.dumps(data).encode()).findings if f.code == "grid.guessed"]
    assert said.where == "load.scaling = 1" and said.facts["first"] == ("0",)
