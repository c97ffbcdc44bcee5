"""The command ``compose``: an application and a network of any format in, the page's schemes out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.test_grid_chain import CGMES, tables
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
    ],
)
def test_what_is_wrong_in_an_application_is_named(
    tmp_path: Path, capsys: Any, site: dict[str, Any], named: str
) -> None:
    status, found = composed(tmp_path, site, str(tables(tmp_path / "town")))
    assert status == 2 and found == {} and named in capsys.readouterr().err
