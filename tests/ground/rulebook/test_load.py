"""Every table loads; a row without source does not."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jiedian.cases.papers.rows import papers
from jiedian.clocks.calc.promises import Limit
from jiedian.clocks.queries import aside, limits, pause_reasons, warning_percents
from jiedian.clocks.rows import WarningRow
from jiedian.core.evidence import Grade, binds
from jiedian.core.findings import Refused
from jiedian.ground.rulebook.queries import LabelRow
from jiedian.ground.rulebook.services import RULES, load, parse, sources
from jiedian.people.queries import permissions, roles
from jiedian.process.rows import steps

HEAD = "id,percent,name_zh,name_en,source_id,clause\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("W,50,半,half,,\n", "source_id"),
        ("W,50,半,half,GYGZ-2025,第一条\n", "GYGZ-2024"),
        ("W,50,半,half,GYGZ-2024,\n", "no clause"),
        ("W,fifty,半,half,OURS,\n", "not understood"),
        (",50,半,half,OURS,\n", "id is missing"),
        ("W,50,半,half,OURS,\nW,80,八成,80,OURS,\n", "repeated"),
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
        parse(HEAD + "A,50,半,half,,\nB,80,八,80,,\n", WarningRow, where="w")
    assert len(refusal.value.findings) == 2


def test_every_limit_names_source_and_status() -> None:
    assert len(limits()) > 70 and len(aside()) > 20
    assert all(row.source_id and (row.clause or row.grade == Grade.OURS) for row in limits().values())
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
        columns = set(path.read_text("utf-8").splitlines()[0].split(","))
        assert columns & {"source", "source_id", "grade"}, path


def test_the_end_of_a_document_ends_its_rows() -> None:
    """As if 供电营业规则 of 2024 were repealed on 1 July 2027: its limits bind on the last day of June, and no longer."""
    text = (RULES / "clocks/limits.csv").read_text("utf-8")
    ended = replace(sources()["GYGZ-2024"], in_force_to=date(2027, 7, 1))
    rows = parse(text, Limit, where="clocks/limits.csv", known=sources() | {"GYGZ-2024": ended})

    def law(on: date) -> set[str]:
        return {row.id for row in rows if row.source_id == "GYGZ-2024" and row.is_in_force(on)}

    assert law(date(2027, 6, 30)) == {"T60", "T61", "T62", "T67", "T68", "T69", "T70"}
    assert not law(date(2027, 7, 1))
    others = {row.id for row in rows if row.source_id != "GYGZ-2024" and row.is_in_force(date(2027, 7, 1))}
    assert others == {
        row.id
        for row in limits().values()
        if row.source_id != "GYGZ-2024" and row.is_in_force(date(2027, 7, 1))
    }


def test_every_source_says_where_it_is_read_and_who_issued_it() -> None:
    for row in sources().values():
        assert row.title_zh and row.title_en, row.id
        if binds(row.grade):
            assert row.issuer and (row.address or row.id == "IMPORTED"), row.id
