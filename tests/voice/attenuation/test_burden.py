"""Burden is counted from the files themselves, and the serial process set beside today's."""

from datetime import date
from pathlib import Path

import pytest

from jiedian.core.findings import Refused
from jiedian.ground.rulebook.services import RULES
from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import longest, way
from jiedian.process.engine import compile_definition
from jiedian.process.rows import cards, steps
from jiedian.voice.attenuation.calc.burden import CONTACTS, difference
from jiedian.voice.attenuation.queries.burden import (
    burden,
    graph_of_version,
    profiles,
    versions,
    works_of,
)
from tools.commands import main

ON = date(2026, 1, 5)
SERIAL = RULES / "process/legacy/serial_hv/process.bpmn"
NS = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def small(body: str) -> bytes:
    return f'<definitions {NS}><process id="p"><startEvent id="s"/>{body}</process></definitions>'.encode()


def flow(source: str, target: str, condition: str = "", key: str = "") -> str:
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{key or source + target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


FORK = (
    '<userTask id="a"/><parallelGateway id="f"/><userTask id="b"/><userTask id="c"/><parallelGateway id="j"/>'
    '<exclusiveGateway id="x" default="xe"/><userTask id="d"/><endEvent id="e"/>'
    + flow("s", "a") + flow("a", "f") + flow("f", "b") + flow("f", "c") + flow("b", "j") + flow("c", "j")
    + flow("j", "x") + flow("x", "d", "again == 'yes'") + flow("d", "a") + flow("x", "e", key="xe")
)  # fmt: skip


def test_branches_side_by_side_take_the_longer_and_a_loop_is_walked_once() -> None:
    graph = graph_of(small(FORK))
    days = {"a": 1.0, "b": 2.0, "c": 5.0, "d": 4.0}
    total, path = longest(way(graph, {}), days)
    assert total == 6 and "b" not in path and "d" not in way(graph, {}).before
    total, path = longest(way(graph, {"again": "yes"}), days)
    assert total == 10 and path.count("a") == 1


def test_the_serial_process_runs_on_the_same_engine_and_has_sixteen_steps() -> None:
    compiled = compile_definition(SERIAL.read_bytes())
    assert set(compiled.codes) == set(cards("serial_hv"))
    one = burden(graph_of_version("serial_hv"), "HV1", on=ON)
    assert one.steps_to_archive == 16, "article: at least 16 steps from acceptance to archive"
    assert (one.n_steps, one.steps[-1].code) == (17, "CALLBACK")
    assert one.total_wd == one.serial_wd, "nothing runs side by side"


@pytest.mark.parametrize("name", ["HV1", "HV2", "HV35"])
def test_today_asks_less_of_the_customer_than_the_serial_process(name: str) -> None:
    today, before = (burden(graph_of_version(key), name, on=ON) for key in ("high_voltage", "serial_hv"))
    less = difference(today, before)
    for figure in ("papers", "hand_ins", "trips", "total_wd", "waiting_wd", "to_power_wd", "limit_wd"):
        assert (less[figure] or 0) < 0, figure
    assert today.total_wd < today.serial_wd
    assert today.waiting_wd + today.customer_wd == today.total_wd
    assert "SCHEME_APPROVE" not in today.path and "SCHEME_APPROVE" in before.path


def test_the_ordinary_customer_is_spared_review_and_mid_inspection() -> None:
    ordinary, important = (burden(graph_of_version("high_voltage"), name, on=ON) for name in ("HV1", "HV2"))
    spared = {step.code for step in important.steps} - {step.code for step in ordinary.steps}
    assert {"DESIGN_REVIEW", "MID_INSPECTION"} <= spared
    assert ordinary.papers == important.papers == 7, (
        "arts. 21, 43, 47: four to apply, two of the design, one report"
    )
    assert (ordinary.hand_ins, important.hand_ins) == (2, 3), (
        "an ordinary customer hands his design in with the report"
    )


def test_every_row_names_something_that_exists() -> None:
    assert set(versions()) == {"residential", "low_voltage", "high_voltage", "serial_hv"}
    for key in versions():
        graph = graph_of_version(key)
        assert {node.id for node in graph.nodes.values() if node.is_step} <= set(works_of(key))
        assert {work.contact for work in works_of(key).values()} <= set(CONTACTS)
    assert all(set(row.processes) <= set(versions()) for row in profiles().values())
    assert set(steps()) <= set(works_of("high_voltage")) | set(cards("distributed")), (
        "PV has steps of its own"
    )


def test_the_command_sets_two_versions_side_by_side(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    words = [
        "burden",
        "--process",
        "high_voltage",
        "--against",
        str(SERIAL),
        "--class",
        "HV1",
        "--out",
        str(out),
    ]
    assert main(words) == 0
    rows = [line.split(",") for line in out.read_text("utf-8").splitlines()]
    assert [row[0] for row in rows] == ["process", "high_voltage", "serial_hv", "difference"]
    table = {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert int(table["difference"]["papers"]) == 7 - 11 and table["high_voltage"]["path"].startswith(
        "ACCEPT "
    )


def test_a_strangers_bpmn_is_counted_and_what_is_unknown_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "theirs.bpmn"
    body = (
        '<userTask id="T1" name="业务受理"/><task id="T2" name="客户盖章"/>'
        + flow("s", "T1")
        + flow("T1", "T2")
    )
    file.write_bytes(small(body))
    assert main(["burden", "--process", str(file), "--class", "HV1", "--set", "fee=yes"]) == 1
    said = capsys.readouterr()
    assert "客户盖章" in said.err and "p,HV1,2,2," in said.out


@pytest.mark.parametrize(
    "content",
    [b"", b"<a/>", b"not xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', small(""), b"\xff" * 40],
)
def test_what_is_no_process_is_refused_with_status_two(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "bad.bpmn"
    file.write_bytes(content)
    with pytest.raises(Refused):
        graph_of(content)
    assert main(["burden", "--process", str(file), "--out", str(tmp_path / "o.csv")]) == 2
    assert main(["burden", "--process", str(tmp_path / "none.bpmn")]) == 2
    assert main(["burden", "--process", "high_voltage", "--class", "MOON"]) == 2
    assert not (tmp_path / "o.csv").exists()
