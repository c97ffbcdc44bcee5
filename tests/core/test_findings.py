"""A finding is a code and its facts; the table has the words."""

import json
from datetime import date
from decimal import Decimal

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text


def test_a_finding_is_said_in_the_readers_language_with_its_place() -> None:
    finding = Finding("calendar.unknown", "sheet:3", year=2031)
    assert finding.words("zh-hans").startswith("sheet:3: 2031 年")
    assert finding.words("en") == "sheet:3: There is no working-day calendar for 2031"


def test_lists_and_words_are_said_as_each_language_writes_them() -> None:
    finding = Finding("permission.role", action=Text("审批", "approve"))
    assert "“审批”" in finding.zh and finding.en.endswith(": approve")
    missing = refuse("table.missing", missing=["buses", "sources"]).findings[0]
    assert "buses、sources" in missing.zh and "buses, sources" in missing.en


def test_a_kept_row_gives_the_finding_again() -> None:
    finding = Finding(
        "permission.role", "x", action=Text("审批", "approve"), on=date(2026, 1, 2), kw=Decimal("1.5")
    )
    row = json.loads(json.dumps(finding.row()))
    again = Finding.from_row(row)
    assert (again.zh, again.en, again.where) == (row["zh"], row["en"], "x") == (finding.zh, finding.en, "x")


def test_a_row_of_before_or_of_an_unknown_code_is_still_said() -> None:
    assert Finding.from_row({"code": "calendar.unknown", "where": ""}).en.endswith("for …")
    assert Finding.from_row({"code": "gone.long_ago", "where": "a"}).words("en") == "a: gone.long_ago"


def test_an_error_given_as_a_fact_is_kept_in_its_words() -> None:
    refusal = Refused([Finding("process.xml", error=ValueError("line 3")), Finding("text.empty")])
    assert "line 3" in str(refusal) and len(refusal.words("zh")) == 2
