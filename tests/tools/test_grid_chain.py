"""The commands of the grid chained on every format: whatever one reads or writes, the others read."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandapower as pp
import pytest

from jiedian.grid.readers.calc.loading import load_grid
from tests.core.tables import TABLES
from tests.grid.grids import pandapower_net
from tools.commands import main

CGMES = Path(__file__).resolve().parents[1] / "data" / "cgmes" / "cigre_lv.zip"
ABLE = ["--trafo", "150", "--vmin", "0.85"]
"""The CIGRE grid is over the usual limits as it comes."""


def tables(folder: Path) -> Path:
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, "utf-8-sig")
    return folder


def archived(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for file in folder.iterdir():
            made.write(file, file.name)
    return path


def grids(folder: Path) -> dict[str, tuple[list[str], str]]:
    """Format → the words of a command, and a bus of it."""
    as_json = pp.to_json(pandapower_net("create_cigre_network_lv"))
    (folder / "lv.json").write_text(as_json)
    (folder / "lv16.json").write_bytes(as_json.encode("utf-16"))
    (folder / "lv.json.gz").write_bytes(gzip.compress(as_json.encode()))
    town = tables(folder / "town")
    files = [str(file) for file in sorted(town.iterdir())]
    with zipfile.ZipFile(CGMES) as archive:
        archive.extractall(folder / "cim")
    bus = load_grid([str(CGMES)]).network.buses.id[-1]  # type: ignore[union-attr]
    return {
        "pandapower": ([str(folder / "lv.json")], "40"),
        "utf-16": ([str(folder / "lv16.json")], "40"),
        "gzip": ([str(folder / "lv.json.gz")], "40"),
        "folder": ([str(town)], "B2"),
        "files": (files, "B2"),
        "archive": ([str(archived(folder / "town.zip", town))], "B2"),
        "cgmes": ([str(CGMES)], bus),
        "xml": ([str(file) for file in sorted((folder / "cim").iterdir())], bus),
    }


def capacities(words: list[str], out: Path) -> dict[str, str]:
    assert main(["capacity", *words, *ABLE, "--out", str(out)]) == 0
    with out.open(encoding="utf-8") as file:
        return {row["bus"]: row["capacity_kw"] for row in csv.DictReader(file)}


def test_every_format_goes_through_every_command(tmp_path: Path, capsys: Any) -> None:
    for kind, (words, bus) in grids(tmp_path).items():
        kept = tmp_path / f"{kind}.network.json"
        assert main(["import-grid", *words, "--out", str(kept)]) in (0, 1)
        first = capacities(words, tmp_path / "a.csv")
        assert first == capacities([str(kept)], tmp_path / "b.csv") and float(first[bus]) > 0, kind
        for one in (words, [str(kept)]):
            assert main(["screen", *one, *ABLE, "--at", bus, "--kw", "1"]) == 0, kind
            assert bus in capsys.readouterr().out
        again = tmp_path / "again.json"
        main(["import-grid", str(kept), "--out", str(again)])
        assert json.loads(again.read_text()) == json.loads(kept.read_text()), kind


def test_a_simbench_code_is_a_grid_for_capacity_too(tmp_path: Path) -> None:
    code = "1-LV-rural1--0-sw"
    main(["import-grid", code, "--state", "peak", "--out", str(tmp_path / "kept.json")])
    kept = capacities([str(tmp_path / "kept.json")], tmp_path / "a.csv")
    assert kept == capacities([code, "--state", "peak"], tmp_path / "b.csv")
    assert kept != capacities([code], tmp_path / "c.csv")


def test_an_unbalanced_network_is_refused_by_capacity_and_screen_as_import_grid_says(
    tmp_path: Path, capsys: Any
) -> None:
    path, kept = tmp_path / "net.json", tmp_path / "kept.json"
    pp.to_json(pandapower_net("ieee_european_lv_asymmetric"), str(path))
    assert main(["import-grid", str(path), "--out", str(kept)]) == 1
    refusals = [row["code"] for row in json.loads(kept.read_text())["refusals"]]
    assert refusals == ["grid.unbalanced_power"]
    capsys.readouterr()
    for name in (path, kept):
        assert main(["capacity", str(name), "--out", str(tmp_path / "a.csv")]) == 2
        assert main(["screen", str(name), "--at", "1", "--kw", "1"]) == 2
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 2 and all("Unbalanced" in line for line in said)
    assert not (tmp_path / "a.csv").exists()


def test_networks_are_called_by_their_file_or_folder(tmp_path: Path, monkeypatch: Any) -> None:
    found = grids(tmp_path)
    names = {kind: load_grid(words).network.name for kind, (words, _bus) in found.items()}  # type: ignore[union-attr]
    assert names["folder"] == names["files"] == names["archive"] == "town"
    assert names["pandapower"] == names["gzip"] == "lv"
    assert names["cgmes"] and names["xml"]
    monkeypatch.chdir(tmp_path / "town")
    assert load_grid(["."]).network.name == "town"  # type: ignore[union-attr]


def test_a_network_goes_through_a_pipe_and_no_name_is_not_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """``import-grid --out -`` had nobody who could read it, and an empty name read whatever lay around."""
    town = str(tables(tmp_path / "town"))
    plain = capacities([town], tmp_path / "a.csv")
    capsys.readouterr()
    assert main(["import-grid", town, "--out", "-"]) == 0
    text = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert capacities(["-"], tmp_path / "b.csv") == plain
    monkeypatch.chdir(tmp_path / "town")
    assert main(["capacity", ""]) == 2


def test_a_band_that_is_none_is_refused(tmp_path: Path, capsys: Any) -> None:
    town = str(tables(tmp_path / "town"))
    assert main(["capacity", town, "--vmin", "1.1", "--vmax", "0.9"]) == 2
    assert "--vmin" in capsys.readouterr().err
