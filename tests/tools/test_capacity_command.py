"""The commands ``capacity`` and ``screen`` on files: a CSV that can be measured again, and plain words when it cannot be."""

import copy
import csv
from pathlib import Path
from typing import Any

import pandapower as pp
import pytest

from jiedian.grid.kernel.calc.prepared import CapacityLimits
from tests.grid.grids import pandapower_net
from tests.grid.loop import measured_kw
from tools.commands import main


def saved(folder: Path, name: str, scale: float) -> tuple[Path, Any]:
    net = copy.deepcopy(pandapower_net(name))
    net.load["scaling"] *= scale
    path = folder / "grid.json"
    pp.to_json(net, str(path))
    return path, net


def test_the_csv_holds_every_bus_below_60_kv(tmp_path: Path, capsys: Any) -> None:
    path, net = saved(tmp_path, "create_cigre_network_lv", 0.5)
    out = tmp_path / "out.csv"
    options = ["--pf", "0.9", "--vmin", "0.94", "--line", "90", "--trafo", "85"]
    assert main(["capacity", str(path), *options, "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert list(rows[0]) == ["bus", "capacity_kw", "binding", "element", "margin"]
    assert {int(row["bus"]) for row in rows} == set(net.bus.index)
    assert {row["binding"] for row in rows if not row["capacity_kw"]} == {"source"}
    limits = CapacityLimits(pf=0.9, vmin_pu=0.94, line_percent=90, transformer_percent=85)
    for row in (rows[10], rows[30]):
        assert float(row["capacity_kw"]) == pytest.approx(measured_kw(net, int(row["bus"]), limits), abs=1.0)
    assert "44 buses" in capsys.readouterr().err
    assert main(["capacity", str(path), "--out", str(tmp_path / "none" / "out.csv")]) == 2
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_without_a_file_the_table_alone_is_on_standard_output(tmp_path: Path, capsys: Any) -> None:
    path, _net = saved(tmp_path, "create_cigre_network_lv", 0.5)
    out = tmp_path / "out.csv"
    assert main(["capacity", str(path), "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["capacity", str(path)]) == 0
    said = capsys.readouterr()
    assert said.out == out.read_text(encoding="utf-8") and "44 buses" in said.err


@pytest.mark.parametrize("content", [b"", b"{}", b"\xef\xbb\xbf[]", "电网".encode("gbk")])
def test_what_is_no_network_leaves_nothing_behind(tmp_path: Path, capsys: Any, content: bytes) -> None:
    path, out = tmp_path / "grid.json", tmp_path / "out.csv"
    path.write_bytes(content)
    assert main(["capacity", str(path), "--out", str(out)]) == 2
    assert not out.exists() and "/" in capsys.readouterr().err
    assert main(["capacity", str(tmp_path / "none.json"), "--out", str(out)]) == 2
    with pytest.raises(SystemExit) as stopped:
        main(["capacity", str(path), "--pf", "7", "--out", str(out)])
    assert stopped.value.code == 2


def test_screen_says_whether_it_fits(tmp_path: Path, capsys: Any) -> None:
    path, _net = saved(tmp_path, "mv_oberrhein", 0.6)
    assert main(["screen", str(path), "--at", "147", "--kw", "800"]) == 0
    said = capsys.readouterr().out
    assert "双电源 / dual supply (substation)" in said and "可开放容量 / capacity" in said
    assert "feeder lost, line 66 closed" in said
    assert main(["screen", str(path), "--at", "147", "--kw", "9000"]) == 1
    assert "needs:" in capsys.readouterr().out
    assert main(["screen", str(path), "--at", "9999", "--kw", "800"]) == 2
    assert main(["screen", str(path), "--at", "147", "--kw", "-1"]) == 2


@pytest.mark.parametrize("command", [["capacity"], ["screen", "--at", "147", "--kw", "1e300"]])
def test_two_networks_are_refused_and_none_is_left_out_in_silence(
    tmp_path: Path, capsys: Any, command: list[str]
) -> None:
    """The second JSON was called "not of the format that is read", and the figures were those of the first."""
    path, _net = saved(tmp_path, "mv_oberrhein", 0.6)
    second, empty = tmp_path / "second.json", tmp_path / "empty"
    second.write_bytes(path.read_bytes())
    empty.mkdir()
    for words in (
        [str(path), str(second)],
        [str(second), str(path)],
        [str(path), str(path)],
        [str(tmp_path)],
    ):
        assert main([*command, *words]) == 2
        out, err = capsys.readouterr()
        assert "不止一个电网" in err and not out
    assert main([*command, str(path), str(empty)]) == 2 and "文件是空的" in capsys.readouterr().err
    second.write_text('{"note": "what lies beside a network"}')
    status = main([*command, str(second), str(path)])
    assert (status, "未读入" in (said := capsys.readouterr().err)) == (
        (0, True) if len(command) == 1 else (2, False)
    )
    assert len(command) == 1 or "小于 1 千万 kW" in said
