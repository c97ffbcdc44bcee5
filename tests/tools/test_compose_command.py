"""The command ``compose``: an application and a network of any format in, the page's schemes out."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.test_grid_chain import CGMES, tables
from tools import compose
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
NAMES = sorted(compose.NUMBERS | compose.FLAGS | compose.WORDS | compose.OTHERS | set(compose.COUNTS))


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
