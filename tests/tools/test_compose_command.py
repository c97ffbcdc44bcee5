"""The command ``compose``: an application and a network of any format in, the page's schemes out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.test_grid_chain import CGMES, tables
from tools import application
from tools.commands import main


def composed(folder: Path, site: dict[str, Any], *words: str) -> tuple[int, dict[str, Any]]:
    path, out = folder / "site.json", folder / "scheme.json"
    out.unlink(missing_ok=True)
    path.write_text(json.dumps(site))
    status = main(["compose", str(path), *words, "--out", str(out)])
    return status, json.loads(out.read_text("utf-8")) if out.exists() else {}


def test_a_customer_on_the_map_gets_the_nearest_feeders_first(tmp_path: Path) -> None:
    town = str(tables(tmp_path / "town"))
    site = {"kva": 630, "kv": 10, "at": [118.012, 36.802], "use": "industry"}
    status, found = composed(tmp_path, site, town)
    assert status == 0 and found["findings"] == []
    assert found["options"][0]["legs"][0]["bus"] == "A1" and found["options"][0]["rank"] == [1, 1]
    assert found["wish"]["load_kw"] > 0 and all(o["modules"] and o["costs"] for o in found["options"])
    main(["import-grid", town, "--out", str(tmp_path / "kept.json")])
    assert composed(tmp_path, site, str(tmp_path / "kept.json"))[1] == found
    assert composed(tmp_path, site | {"network": "town"})[1] == found


def test_a_bus_and_metres_serve_where_a_file_has_no_places(tmp_path: Path, capsys: Any) -> None:
    names = [str(CGMES)]
    status, _ = composed(tmp_path, {"kva": 10, "kv": 0.4, "at": [118.0, 36.8]}, *names)
    assert status == 2 and "distance_m" in capsys.readouterr().err
    town = str(tables(tmp_path / "town"))
    near = composed(tmp_path, {"kva": 60, "kv": 0.4, "bus": "L2", "distance_m": 100}, town)
    assert near[0] == 0 and near[1]["options"][0]["legs"][0]["lines"][0]["u_pu"] > 0.93
    far = composed(tmp_path, {"kva": 60, "kv": 0.4, "bus": "L2", "distance_m": 5500}, town)
    assert far[0] == 1 and far[1]["options"] == []
    assert [row["code"] for row in far[1]["findings"]] == ["scheme.far_collapse"]


def test_devices_with_chinese_names_need_no_database(tmp_path: Path) -> None:
    """Their English is spelt by rule: the command has a file, and no base map to ask for the names of streets."""
    folder = tables(tmp_path / "town")
    for path in folder.glob("*.csv"):
        text = re.sub(r"\bA1\b", "柳泉线", path.read_text("utf-8"))
        path.write_text(re.sub(r"\bL1\b", "柳泉台区", text), "utf-8")
    told = ""
    for kva in (630, 9000):
        site = {"kva": kva, "kv": 10, "bus": "柳泉线", "distance_m": 50}
        status, found = composed(tmp_path, site, str(folder))
        assert status in (0, 1) and found["points"]
        told += json.dumps(found, ensure_ascii=False)
    assert "柳泉线" in told


@pytest.mark.parametrize(
    ("site", "named"),
    [
        ({"kva": -1, "kv": 10, "bus": "A1"}, "kva"),
        ({"kva": 100, "kv": 10}, "at, bus"),
        ({"kva": 100, "kv": 10, "bus": "A1", "colour": "red"}, "colour"),
        ({"kva": 100, "kv": 10, "bus": "A1", "use": "casino"}, "use"),
        ({"kva": 100, "kv": 10, "bus": "A1", "at": [1, "x"]}, "at"),
        ({"kva": 100, "kv": 10, "bus": "nowhere"}, "nowhere"),
        ({"kva": 100, "kv": 10, "bus": "A1", "sources": 1.5}, "sources"),
        ({"kva": 100, "kv": 10, "bus": []}, "bus"),
        ({"kva": 100, "kv": 10, "bus": "A1", "importance": []}, "importance"),
        ({"kva": 100, "kv": 10, "bus": "A1", "network": 5}, "network"),
        ({"kva": 10**400, "kv": 10, "bus": "A1"}, "kva"),
    ],
)
def test_what_is_wrong_in_an_application_is_named(
    tmp_path: Path, capsys: Any, site: dict[str, Any], named: str
) -> None:
    status, found = composed(tmp_path, site, str(tables(tmp_path / "town")))
    assert status == 2 and found == {} and named in capsys.readouterr().err


def test_what_is_fed_in_is_checked_against_the_grid(tmp_path: Path) -> None:
    town = str(tables(tmp_path / "town"))
    site = {"kva": 60, "kv": 0.4, "bus": "L2", "distance_m": 20}
    fits, little = composed(tmp_path, site | {"feed_in_kw": 20}, town)
    assert fits == 0 and little["points"][0]["feed_kw"] > 20
    status, much = composed(tmp_path, site | {"feed_in_kw": 5000}, town)
    assert status == 1 and much["options"] == [] and much["points"][0]["feed_kw"] < 5000
    assert [row["code"] for row in much["findings"]] == ["scheme.feed_short"]


ODD: Any = st.recursive(
    st.sampled_from(
        [
            None,
            True,
            0,
            -1,
            1.5,
            2,
            630,
            1e308,
            10**400,
            float("nan"),
            "",
            "A1",
            "L2",
            "first",
            "\0",
            "\ud800",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kva", ""]), inner, max_size=2)
    ),
    max_leaves=5,
)
NAMES = sorted(
    application.NUMBERS | application.FLAGS | application.WORDS | application.OTHERS | set(application.COUNTS)
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ODD, max_size=3))
def test_no_odd_value_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, odd: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    site = {"kva": 100, "kv": 10, "bus": "A1"} | odd
    status, found = composed(folder, site, str(tables(folder / "town")))
    assert (status == 2) == (found == {})


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "", "\ud800"])
def test_what_is_no_application_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "site.json"
    path.write_bytes(content.encode(errors="surrogatepass"))
    assert main(["compose", str(path), str(tables(tmp_path / "town"))]) == 2


def test_a_voltage_that_is_not_the_buss_is_said(tmp_path: Path, capsys: Any) -> None:
    town = str(tables(tmp_path / "town"))
    _, found = composed(tmp_path, {"kva": 60, "kv": 0.4, "bus": ["A1", "L2"], "distance_m": 50}, town)
    said = [(row["code"], row["where"]) for row in found["findings"]]
    assert said.count(("compose.other_level", "A1")) == 1 and ("compose.other_level", "L2") not in said
    assert "A1" in capsys.readouterr().err
    for kv, bus in ((0.22, "L2"), (0.38, "L2"), (10.5, "A1")):
        _, fits = composed(tmp_path, {"kva": 5, "kv": kv, "bus": bus, "distance_m": 50}, town)
        assert "compose.other_level" not in [row["code"] for row in fits["findings"]], kv


def test_two_sources_that_are_not_there_are_the_reason_and_not_the_load(tmp_path: Path) -> None:
    """Asked for two sources at a bus that carries the load, the command said that nothing carries it."""
    town = str(tables(tmp_path / "town"))
    status, found = composed(tmp_path, {"kva": 60, "kv": 0.4, "bus": "L2", "sources": 2}, town)
    assert status == 1 and [row["code"] for row in found["findings"]] == ["scheme.one_feeder"]


def test_a_load_above_the_capacity_is_refused(tmp_path: Path, capsys: Any) -> None:
    town = str(tables(tmp_path / "town"))
    assert composed(tmp_path, {"kva": 60, "kv": 0.4, "bus": "L2", "load_kw": 70}, town)[0] == 2
    assert "load_kw > kva" in capsys.readouterr().err


def test_a_capacity_beside_a_voltage_is_told_so_that_it_can_be_seen(tmp_path: Path) -> None:
    """12.35 kW are more than the 12 kW of 220 V; it read "(12 kW) is not"."""
    site = {"kva": 13, "kv": 0.22, "bus": "L2", "distance_m": 30, "use": "residential"}
    found = composed(tmp_path, site, str(tables(tmp_path / "town")))[1]
    told = {c["id"]: c["zh"] for c in found["options"][0]["conflicts"]}
    assert "12.3 kW" in told["C-VOLT"]
    (line,) = [m["zh"] for m in found["options"][0]["modules"] if "载流量" in m["zh"]]
    assert "（校核电流 59 A）" in line and "计算电流" not in line


def test_a_customer_on_a_line_of_35_kv_is_not_told_the_busbar(tmp_path: Path) -> None:
    """Six kilometres down the line "12" of the busbar "1": neither the busbar nor line "2"; and a row number is no pole."""
    town = town_with_35_kv(tmp_path)
    site = {"kva": 12000, "kv": 35, "distance_m": 3000, "use": "industry"}
    line, busbar = (
        composed(tmp_path, site | {"bus": bus}, str(town))[1]["options"][0]["modules"][0]["zh"]
        for bus in ("Q", "1")
    )
    assert "由S1 变电站 12 线以 35 kV" in line and "由S1 变电站 35 kV 母线以 35 kV" in busbar


def town_with_35_kv(folder: Path) -> Path:
    """The town with a busbar "1" of 35 kV and a line "12" of six kilometres to "Q"."""
    town = tables(folder / "town")
    for name, rows in (
        ("buses", "1,35,118.00,36.80\nQ,35,118.03,36.80\n"),
        ("lines", "12,1,Q,6000,0.17,0.38,0,500,1,1,\n"),
        ("transformers", "T2,H,1,50000,110,36.75,10.5,0.4,30,0.2\n"),
    ):
        with (town / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(rows)
    return town


def test_a_line_that_nobody_checked_is_said_and_is_no_success(tmp_path: Path, capsys: Any) -> None:
    """A cable of 35 kV stands in no catalogue: it was offered in silence, with status 0."""
    site = {"kva": 12000, "kv": 35, "distance_m": 3000, "use": "industry", "bus": "Q"}
    status, found = composed(tmp_path, site, str(town_with_35_kv(tmp_path)))
    (said,) = [row for row in found["findings"] if row["code"] == "compose.unchecked"]
    assert status == 1 and found["options"][0]["choices"]["line"] == "cable"
    assert "电缆" in said["zh"] and "压降" in said["zh"] and said["where"] == "Q|cable"
    assert said["zh"] in capsys.readouterr().err


@pytest.mark.parametrize("coding", ["utf-16", "gb18030", "utf-8-sig"])
def test_an_application_is_read_as_windows_writes_it(tmp_path: Path, coding: str, capsys: Any) -> None:
    path = tmp_path / "site.json"
    path.write_text('{"kva": 60, "kv": 0.4, "bus": "北门"}', coding)
    assert main(["compose", str(path), str(tables(tmp_path / "town"))]) == 2
    assert "北门: 没有这个节点" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b'{"kva": 60, "kva": 600, "kv": 0.4, "bus": "L2"}', "写了两遍"),
        (b" " * 1_000_001, "超过 1 MB"),
        (b"\n", "文件是空的"),
    ],
)
def test_an_application_that_is_not_clear_is_refused(
    tmp_path: Path, content: bytes, word: str, capsys: Any
) -> None:
    path = tmp_path / "site.json"
    path.write_bytes(content)
    assert main(["compose", str(path), str(tables(tmp_path / "town"))]) == 2
    assert word in capsys.readouterr().err


def test_a_missing_grid_and_standard_input_for_both_are_named(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "site.json"
    path.write_text('{"kva": 60, "kv": 0.4, "bus": "L2"}')
    assert main(["compose", str(path)]) == 2 and "没有给出电网" in capsys.readouterr().err
    assert main(["capacity", "-", "-"]) == 2 and "只能读一次" in capsys.readouterr().err
