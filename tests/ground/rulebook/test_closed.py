"""Every closed column of every rule table refuses a misspelt word, with its line and what is allowed."""

import csv
import io
from typing import Any, get_type_hints

import pytest

from jiedian.core.findings import Refused
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import RULES, parse

from .tables import TABLES

ONLY_IDS = {
    "clocks/events.csv",
    "clocks/jurisdictions.csv",
    "process/facts.csv",
    "schemes/facts.csv",
}
"""Tables of which only the ids are read."""


def is_closed(hint: Any) -> bool:
    return hint not in (str, tuple[str, ...])


COLUMNS = [
    (table, name)
    for table, kind in sorted(TABLES.items())
    for name, hint in get_type_hints(kind, include_extras=True).items()
    if is_closed(hint)
    and not (name == "grade" and issubclass(kind, Sourced))
    and len((RULES / table).read_text("utf-8").splitlines()) > 1
]


def misspelt(table: str, column: str, word: str) -> tuple[str, int]:
    """The table with one cell changed (the last row in which it is filled), and the line of that cell."""
    reader = csv.DictReader((RULES / table).read_text("utf-8").splitlines())
    lines = [(row, reader.line_num) for row in reader]
    row, line = next(((row, line) for row, line in reversed(lines) if row[column]), lines[-1])
    row[column] = word
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row, _ in lines)
    return out.getvalue(), line


def test_every_table_is_read_as_some_row() -> None:
    files = {str(path.relative_to(RULES)) for path in RULES.rglob("*.csv")}
    assert files == set(TABLES) | ONLY_IDS | {"labels/findings.csv"}, "that one is core's"


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_loads(table: str) -> None:
    parse((RULES / table).read_text("utf-8"), TABLES[table], where=table)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_misspelt_word_refuses_to_load(table: str, column: str) -> None:
    text, line = misspelt(table, column, "ZZZ(")
    with pytest.raises(Refused) as refusal:
        parse(text, TABLES[table], where=table)
    said = [
        finding.words("en")
        for finding in refusal.value.findings
        if f"{table}:{line}:" in str(finding.words("en"))
    ]
    assert any(column in words and "ZZZ(" in words for words in said), refusal.value.words("en")


def limit(**cells: str) -> str:
    """The real limits with one more row, some of whose cells are changed."""
    good = {
        "id": "X", "source_id": "OURS-VOICE", "clause": "", "scope": "company", "jurisdiction": "sgcc", "effective_from": "2026-01-01",
        "effective_to": "", "kind": "STEP", "step": "SURVEY", "customer_class": "HV1", "starts_when": "done:ACCEPT",
        "stops_when": "done:SURVEY", "value": "1", "unit": "wd", "is_adopted": "yes", "note_zh": "", "note_en": "",
    }  # fmt: skip
    text = (RULES / "clocks/limits.csv").read_text("utf-8")
    return text + ",".join((good | cells).values()) + "\n"


@pytest.mark.parametrize(
    ("column", "word", "allowed"),
    [
        ("scope", "compny", "company"),
        ("kind", "STEPP", "STEP"),
        ("step", "SURVEI", "SURVEY"),
        ("customer_class", "HVX", "HV35"),
        ("starts_when", "done:ACEPT", "done:ACCEPT"),
        ("stops_when", "don:SURVEY", "done:SURVEY"),
        ("unit", "week", "wd"),
        ("jurisdiction", "sgccc", "sgcc"),
        ("source_id", "GYGZ-1995", "GYGZ-1996"),
        ("effective_to", "2025-12-31", "lies above"),
        ("effective_from", "2026-02-30", "value not understood"),
    ],
)
def test_a_limit_with_a_typo_says_what_is_allowed(column: str, word: str, allowed: str) -> None:
    kind = TABLES["clocks/limits.csv"]
    parse(limit(), kind, where="clocks/limits.csv")
    text = limit(**{column: word})
    with pytest.raises(Refused) as refusal:
        parse(text, kind, where="clocks/limits.csv")
    (said,) = refusal.value.words("en")
    assert said.startswith(f"clocks/limits.csv:{len(text.splitlines())}: ") and allowed in said, said
