"""Given a demo of which a part cannot be made, when it is brought up, then it ends and names the part."""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from demo import life, network
from jiedian.core.findings import Refused
from jiedian.grid.readers.calc import simbench
from tests.cast import moment
from tools.launch import serve

PARTS = {
    "migrate": "the database could not be brought to this version",
    "collectstatic": "style sheets and scripts could not be collected",
    "demo-grid": "the city's grid could not be made",
    "demo-seed": "the city could not be grown",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_fails_ends_the_demo(part: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serve, "jiedian", lambda name, *_: ["false" if name == part else "true"])
    monkeypatch.setattr(sys, "executable", "false" if part == "collectstatic" else "true")
    env = os.environ | {"JIEDIAN_RUN_DIR": str(tmp_path)}
    with pytest.raises(SystemExit) as ended:
        serve.prepare(env, "", is_demo=True, cases=1)
    assert PARTS[part] in str(ended.value)


def test_a_city_without_a_grid_is_not_grown(settings: Any, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path
    at = moment("2026-03-02 09:00")
    with pytest.raises(SystemExit, match="grid is missing"):
        network.found_grid(at=at, until=at.date())


@pytest.mark.django_db
def test_a_city_that_grew_without_a_grid_is_not_taken_for_a_whole_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(life, "prepare", lambda **_: None)
    life.SimulatedTime.objects.create(at=moment("2026-03-02 09:00"))
    assert life.seed([]) == 1
    assert "grew without a grid" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["simbench", "something_it_needs"])
def test_the_package_that_is_missing_is_named(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "simbench.py").write_text(f"raise ModuleNotFoundError(name={package!r})")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "simbench", raising=False)
    with pytest.raises(Refused) as refused:
        simbench.load("1-MV-urban--0-sw")
    for language in ("zh", "en"):
        (line,) = refused.value.words(language)
        assert line.endswith(package)


def test_a_port_that_was_asked_for_and_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} is taken"):
            serve.own_port(port)
        assert serve.own_port(None, usual=port) != port, "nobody chose it: another one, and it is said"
        assert f"port {port} is taken" in capsys.readouterr().err
    assert serve.own_port(port) == port
