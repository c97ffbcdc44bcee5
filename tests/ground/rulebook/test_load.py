"""Every table loads; a row without source does not."""

from pathlib import Path

import pytest

from jiedian.cases.papers.rows import papers
from jiedian.clocks.queries import aside, limits, pause_reasons, warning_percents
from jiedian.clocks.rows import WarningRow
from jiedian.core.findings import Refused
from jiedian.ground.rulebook.queries import LabelRow
from jiedian.ground.rulebook.services import RULES, load, parse
from jiedian.people.queries import permissions, roles
from jiedian.process.rows import steps

HEAD = "id,percent,name_zh,name_en,source,status\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("W,50,半,half,,D\n", "no source"),
        ("W,fifty,半,half,us,D\n", "not understood"),
        (",50,半,half,us,D\n", "id is missing"),
        ("W,50,半,half,us,D\nW,80,八成,80,us,D\n", "repeated"),
        ("W,50,半\n", "columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(row: str, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(HEAD + row, WarningRow, where="warnings.csv")
    said = " ".join(refusal.value.words("en"))
    assert words in said and "warnings.csv:" in said


def test_every_bad_row_is_listed_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        parse(HEAD + "A,50,半,half,,D\nB,80,八,80,,D\n", WarningRow, where="w")
    assert len(refusal.value.findings) == 2


def test_every_limit_names_source_and_status() -> None:
    assert len(limits()) > 70 and len(aside()) > 20
    assert all(row.source and row.status for row in limits().values())
    assert not any(row.is_adopted for row in limits().values() if row.scope == "local")
    assert warning_percents() == (50, 80, 100)
    assert all(row.wait_reason in pause_reasons() for row in steps().values() if row.performer == "customer")


def test_the_other_tables_hold_together() -> None:
    known = {row.id for row in roles()} | {"public", "signed_in"}
    assert all(set(row.roles) <= known for row in permissions().values())
    for key in ("residential", "low_voltage", "high_voltage"):
        assert all(not p.defer_until_step or p.defer_until_step in steps() for p in papers(key, on=None))
    load("labels/facts.csv", LabelRow)


def test_every_csv_has_a_source_column() -> None:
    tables = [path for path in Path(RULES).rglob("*.csv") if path.name != "findings.csv"]  # our own sentences
    for path in tables:
        assert "source" in path.read_text("utf-8").splitlines()[0].split(","), path
