"""Given a bad or hostile file, when it is read, then there are findings, no crash, and nothing half read."""

import copy
import io
import json
import re
import time
import zipfile

import pandapower as pp
import pytest

from jiedian.grid.readers.calc.files import GridFile, read_file
from jiedian.grid.readers.calc.opening import Ceilings, open_files
from tests.core.tables import TABLES, reading
from tests.grid.grids import pandapower_net
from tests.grid.readers.test_read_cim import HEAD, small


def read(name: str, content: bytes) -> GridFile:
    return read_file(name, [(name, content)])


def codes(found: GridFile) -> set[str]:
    return {finding.code for finding in found.findings}


def archive(**files: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "."), content)
    return kept.getvalue()


PARALLEL = """id,hv_bus,lv_bus,rated_kva,rated_hv_kv,rated_lv_kv,vk_percent,vkr_percent,parallel
T1,H,M,40000,110,10,16,0.4,1
D1,A1,L1,630,10,0.4,4.5,0.98,{}
"""
XXE = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.json", b"", "file.empty"),
        ("x.bin", b"\x00\xff\x13garbage", "file.kind"),
        ("x.json", b"{", "grid.not_json"),
        ("x.json", b'{"a": 1}', "grid.not_pandapower"),
        ("x.json", b'{"bus": {"vn_kv": {"0": 10}}, "line": {"from_bus": {"x": 0}}}', "grid.broken_table"),
        (
            "x.json",
            b'{"bus": {"vn_kv": {"0": 10}}, "load": {"bus": {"0": 0}, "p_mw": 3}}',
            "grid.broken_table",
        ),
        ("x.json", b"[" * 200_000, "file.kind"),
        ("x.json", b'{"a":' * 200_000, "grid.not_json"),
        ("x.xml", b"<a/>", "cim.root"),
        ("x.xml", (HEAD + "</rdf:RDF>").encode(), "cim.no_terminal"),
        ("x.xml", small()[:-200].encode(), "cim.xml"),
        ("x.xml", (XXE + HEAD + "&x;</rdf:RDF>").encode(), "cim.doctype"),
        ("x.xml", (LAUGHS + HEAD + "&b;</rdf:RDF>").encode(), "cim.doctype"),
        ("x.zip", b"PK\x03\x04broken", "file.archive"),
        ("x.zip", archive(a__txt=b"hello"), "file.kind"),
        ("buses.csv", b"id,kv\nA,10\n", "table.missing"),
        ("x.xlsx", b"PK\x03\x04broken", "table.xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(name: str, content: bytes, code: str) -> None:
    found = read(name, content)
    assert found.network is None and code in codes(found), found.findings
    assert all(finding.zh and finding.en for finding in found.findings)


def test_nothing_outside_is_fetched_by_an_entity(tmp_path: object) -> None:
    found = read("x.xml", (XXE + small()).encode())
    assert found.network is None and "root:" not in repr(found.findings)


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = archive(EQ__xml=b"0" * 50_000_000)
    assert len(bomb) < 100_000
    found = read("bomb.zip", bomb)
    assert found.network is None and codes(found) == {"file.swells"}
    layered = archive(a__zip=bomb, b__zip=bomb)
    assert codes(read("layers.zip", layered)) == {"file.swells"}


def test_too_large_and_too_many_are_refused_under_their_ceilings() -> None:
    from jiedian.core.findings import Refused

    tiny = Ceilings(given_bytes=10, unpacked_bytes=1_000, files=2, swell=250)
    with pytest.raises(Refused):
        open_files("x", b"x" * 11, ceilings=tiny)
    many = archive(a__xml=b"1", b__xml=b"2", c__xml=b"3")
    with pytest.raises(Refused):
        open_files("x.zip", many, ceilings=Ceilings(files=2))


def test_a_great_heap_of_garbage_nodes_is_read_in_time_and_refused() -> None:
    begun = time.process_time()
    heap = "".join(f'<cim:ConnectivityNode rdf:ID="_{i}"/>' for i in range(200_000))
    found = read("heap.xml", (HEAD + heap + "</rdf:RDF>").encode())
    assert found.network is None and codes(found) == {"cim.no_terminal"}
    assert time.process_time() - begun < 6


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": TABLES["lines"].replace("LB2,B1,B2,1100", "LB2,B1,B2,-1100")}, "grid.bad_line"),
        ({"lines": TABLES["lines"].replace("LB2,B1,B2,1100,0.161", "LB2,B1,B2,1100,nan")}, "grid.bad_line"),
        ({"lines": TABLES["lines"].replace("LB2,B1,B2,1100,0.161,0.11", "LB2,B1,B2,1100,0,0")}, "grid.zero_impedance"),
        ({"lines": TABLES["lines"].replace("TIE,A2,B2,2800,0.161,0.11,406,358,1,0", "TIE,A2,B2,2800,0.161,0.11,406,358,1,1")}, "grid.loop"),
        ({"lines": TABLES["lines"].replace("LB2,B1,B2", "LB2,B1,ZZ")}, "table.bus"),
        ({"lines": TABLES["lines"] + "LB2,B1,B2,5,0.1,0.1,0,100,1,1,\n"}, "table.repeated"),
        ({"lines": TABLES["lines"].replace("LB1,M,B1,1100,0.161,0.11,406,358,1", "LB1,M,B1,1100,0.161,0.11,406,358,0")}, "grid.island"),
        ({"sources": "bus,vm_pu,va_deg\nH,1.02,0\nB2,1.0,0\n"}, "grid.two_sources"),
        ({"transformers": TABLES["transformers"].replace("T1,H,M,40000", "T1,H,M,-5")}, "grid.bad_trafo"),
        ({"loads": TABLES["loads"].replace("W2,A2,900", "W2,A2,lots")}, "grid.bad_load"),
        ({"buses": TABLES["buses"].replace("A1,10,", "A1,0,")}, "grid.bad_bus"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_and_the_kernel_does_not_fall_over(
    change: dict[str, str], code: str
) -> None:
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
    from jiedian.grid.kernel.calc.prepared import CapacityLimits

    found = reading(**change)
    assert found.network is not None and code in codes(found), found.findings
    answer = open_capacity(prepare(found.network), limits=CapacityLimits())
    assert len(answer.bus) == sum(found.network.buses.kv < 60)


@pytest.mark.parametrize(
    "wrong",
    [
        {"transformers": TABLES["transformers"].replace("D1,A1,L1,630,10,0.4", "D1,A1,L1,630,0.4,10")},
        {"transformers": TABLES["transformers"].replace("D1,A1,L1,630,10,", "D1,A1,L1,630,35,")},
        {"transformers": PARALLEL.format("2.5")},
        {"transformers": PARALLEL.format("0")},
        {"transformers": PARALLEL.format("two")},
        {"transformers": PARALLEL.format("1").replace("parallel", "tap_percent").replace("0.98,1", "0.98,-150")},
        {"sources": "bus,vm_pu,va_deg\nH,112,0\n"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_and_no_figure_stands_on_it(wrong: dict[str, str]) -> None:
    """A winding of another level, units that are no number of units, a ratio below nothing, a source in kilovolts."""
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
    from jiedian.grid.kernel.calc.prepared import CapacityLimits

    found = reading(**wrong)
    assert found.network is not None and codes(found) & {"grid.bad_trafo", "grid.no_held_voltage"}
    answer = open_capacity(prepare(found.network), limits=CapacityLimits())
    assert set(answer.binding) == {"data"}


def test_a_second_bad_transformer_is_named_beside_the_one_the_reader_named() -> None:
    """The reader sees the one without units, the check the one of another level: neither hides the other."""
    net = pandapower_net("simple_mv_open_ring_net")
    net = copy.deepcopy(net)
    first = int(net.trafo.index[0])
    wrong = pp.create_transformer(net, net.trafo.lv_bus[first], net.bus.index[-1], "0.4 MVA 20/0.4 kV")
    net.trafo.loc[first, "parallel"] = 0
    found = read("net.json", pp.to_json(net).encode())
    told = " ".join(finding.zh for finding in found.findings if finding.code == "grid.bad_trafo")
    assert str(first) in told and str(wrong) in told, told


def test_a_winding_a_quarter_from_its_bus_is_calculated_and_said() -> None:
    found = reading(transformers=TABLES["transformers"].replace("D1,A1,L1,630,10,", "D1,A1,L1,630,6.3,"))
    assert codes(found) == {"grid.rated_voltages"}


@pytest.mark.parametrize("amps", ["0", "-358", ""])
def test_a_line_without_a_rating_is_unlimited_in_tables_as_in_pandapower(amps: str) -> None:
    changed = TABLES["lines"].replace(
        "LB2,B1,B2,1100,0.161,0.11,406,358", f"LB2,B1,B2,1100,0.161,0.11,406,{amps}"
    )
    found = reading(lines=changed)
    assert found.network is not None and "grid.no_rating" in codes(found)
    assert found.network.lines.rated_a[found.network.lines.id.index("LB2")] == float("inf")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("hz",), float("nan")),
        (("hz",), 0),
        (("places",), {"A1": [1e999, 36.8]}),
        (("held_pu",), {"A1": float("nan")}),
        (("lines", "from_closed", 0), "false"),
        (("lines", "from_closed", 0), None),
        (("lines", "from_bus", 0), 1.7),
        (("lines", "from_bus", 0), 1e30),
        (("transformers", "parallel", 0), 2.7),
    ],
)
def test_our_own_json_with_a_value_of_another_kind_is_refused(path: tuple[str, ...], value: object) -> None:
    from jiedian.grid.circuit.calc.packing import as_json

    network = reading().network
    assert network is not None
    inner = data = as_json(network)
    for word in path[:-1]:
        inner = inner[word]
    inner[path[-1]] = value
    found = read("network.json", json.dumps(data).encode())
    assert found.network is None and codes(found) == {"grid.json"}


@pytest.mark.parametrize("name", ["p", "q"])
@pytest.mark.parametrize("value", ["0,4", "nan", "viel"])
def test_a_load_of_cim_that_is_no_number_is_not_nought(name: str, value: str) -> None:
    content, changed = re.subn(f"(<cim:EnergyConsumer.{name}>)[^<]*", rf"\g<1>{value}", small())
    found = read("x.xml", content.encode())
    assert changed and "grid.bad_load" in codes(found)


def test_a_well_made_network_has_no_findings() -> None:
    assert reading().findings == ()


def test_tables_in_chinese_in_gbk_with_semicolons_read_the_same() -> None:
    from jiedian.grid.readers.calc import tables

    parts = []
    for name, text in TABLES.items():
        head, rest = text.split("\n", 1)
        for column in tables.TABLES[name]:
            head = ",".join(column.zh if cell == column.name else cell for cell in head.split(","))
        body = (head + "\n\n" + rest).replace(";", "|").replace(",", ";").replace("|", ",")
        parts.append((f"{name}.csv", body.encode("gb18030")))
    routed = [(n, c) for n, c in parts]
    found, plain = read_file("town", routed), reading()
    assert found.network is not None and plain.network is not None
    assert found.counts == plain.counts and found.network.buses == found.network.buses
    assert found.network.lines.r_ohm.tolist() == plain.network.lines.r_ohm.tolist()


def test_a_workbook_reads_as_the_csv_set() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in TABLES.items():
        sheet = book.create_sheet(name)
        for line in text.strip().split("\n"):
            sheet.append(line.split(","))
    kept = io.BytesIO()
    book.save(kept)
    found = read("town.xlsx", kept.getvalue())
    assert found.counts == reading().counts and not found.findings


def test_the_command_writes_one_json_or_nothing(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    from pathlib import Path

    from jiedian.grid.circuit.calc.packing import from_json
    from tools.import_grid import main

    folder = Path(str(tmp_path)) / "town"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, "utf-8-sig")
    out = Path(str(tmp_path)) / "network.json"
    assert main([str(folder), "--out", str(out)]) == 0
    data = json.loads(out.read_text("utf-8"))
    network = from_json(data)
    expected = reading().network
    assert expected is not None and network.lines.id == expected.lines.id and data["counts"]["buses"] == 8
    (folder / "lines.csv").write_text(TABLES["lines"].replace("1100", "-1100"), "utf-8")
    assert main([str(folder), "--out", str(out)]) == 1
    assert "负" in capsys.readouterr().err and json.loads(out.read_text("utf-8"))["findings"]
    missing = Path(str(tmp_path)) / "none.json"
    assert main([str(missing), "--out", str(missing)]) == 2 and not missing.exists()
    (folder / "x.bin").write_bytes(b"\x01\x02")
    assert main([str(folder / "x.bin"), "--out", str(missing)]) == 2 and not missing.exists()
    assert not list(Path(str(tmp_path)).glob(".part-*"))


def test_cim_in_utf_16_is_read() -> None:
    content = small().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert len(read("x.xml", content).network.buses.id) == len(
        read("x.xml", small().encode()).network.buses.id
    )  # type: ignore[union-attr]


def test_a_workbook_that_names_its_last_cell_is_read_no_wider_than_it_is() -> None:
    """A declared size of ten thousand million cells is not believed."""
    import openpyxl

    book = openpyxl.Workbook()
    for k, (table, text) in enumerate(TABLES.items()):
        sheet = book.active if k == 0 else book.create_sheet()
        sheet.title = table
        for line in text.strip().splitlines():
            sheet.append(line.split(","))
    kept = io.BytesIO()
    book.save(kept)
    padded = io.BytesIO()
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(padded, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.startswith("xl/worksheets/"):
                data = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', data)
                assert b"XFD1048576" in data
            new.writestr(item.filename, data)
    begun = time.process_time()
    found = read("town.xlsx", padded.getvalue())
    assert found.network is not None and found.counts["buses"] == 8
    assert time.process_time() - begun < 3


def test_a_workbook_as_people_keep_it_is_read_and_what_was_done_is_said() -> None:
    """A title, a total, a hidden row, Chinese headings and decimal commas: the one reader of people's files knows them."""
    import openpyxl

    from jiedian.grid.readers.calc import tables

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in TABLES.items():
        sheet = book.create_sheet(name)
        head, *rows = [line.split(",") for line in text.strip().split("\n")]
        if name == "lines":
            sheet.append(["10 千伏线路台账"])
        zh = {column.name: column.zh for column in tables.TABLES[name]}
        sheet.append([zh[cell] for cell in head])
        for row in rows:
            decimal = {"r_ohm_per_km": ",", "x_ohm_per_km": ","}
            sheet.append(
                [cell.replace(".", decimal.get(key, ".")) for key, cell in zip(head, row, strict=False)]
            )
        if name == "loads":
            sheet.append(["合计", None, "99999"])
    book.create_sheet("说明").append(["制表人"])
    kept = io.BytesIO()
    book.save(kept)
    found, plain = read("town.xlsx", kept.getvalue()), reading()
    assert found.network is not None and plain.network is not None and found.counts == plain.counts
    assert found.network.lines.r_ohm.tolist() == plain.network.lines.r_ohm.tolist()
    assert codes(found) == {"read.title", "read.closing", "table.not_read"}
    assert all(finding.where.startswith("town.xlsx:") for finding in found.findings)
    assert tables.is_set([("town.xls", b"")])


def test_a_missing_column_is_named_by_both_names() -> None:
    found = reading(lines="id,from_bus,to_bus\nL1,H,M\n")
    assert "table.column" in codes(found) and any("r_ohm_per_km" in f.en for f in found.findings)
