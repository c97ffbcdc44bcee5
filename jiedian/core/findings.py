"""Finding: a code and its facts here, the sentences of both languages in ``rules/labels/findings.csv``.

Bad input is answered with the whole list of findings, not with the first.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from numbers import Integral, Number
from typing import Any

from .words import Text, in_sentence


@cache
def sentences() -> Mapping[str, Text]:
    """Code → its sentence; ``{name}`` stands for the fact of that name. Comes with the package, so no room is needed."""
    table = files("jiedian").joinpath("rules/labels/findings.csv").read_text("utf-8")
    return {row["code"]: Text(row["zh"], row["en"]) for row in csv.DictReader(table.splitlines())}


@dataclass(frozen=True, init=False)
class Finding:
    """One thing that is wrong: a code with one meaning, where it was found, and the facts its sentence speaks of.

    >>> Finding("calendar.unknown", year=2031).en
    'There is no working-day calendar for 2031'
    """

    code: str
    where: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __init__(self, code: str, where: str = "", /, **facts: object) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "facts", {name: _plain(value) for name, value in facts.items()})

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self._said("zh")

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self._said("en")

    def words(self, language: str) -> str:
        """Sentence of a finding with its place, in the reader's language (``zh…`` or anything else for English)."""
        return f"{self.where}: {self._said(language)}" if self.where else self._said(language)

    def at(self, where: str) -> "Finding":
        """The same finding at another place."""
        return Finding(self.code, where, **self.facts)

    def row(self) -> dict[str, Any]:
        """The finding as JSON for a table or a partner: code, place, facts, and the sentences of today."""
        facts = {name: _json(value) for name, value in self.facts.items()}
        return {"code": self.code, "where": self.where, "facts": facts, "zh": self.zh, "en": self.en}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Finding":
        """The finding of a row written by ``row``."""
        facts = {
            name: Text(value["zh"], value["en"]) if isinstance(value, dict) else value
            for name, value in row.get("facts", {}).items()
        }
        return cls(row["code"], row["where"], **facts)

    def _said(self, language: str) -> str:
        sentence = sentences().get(self.code)
        if sentence is None:
            return self.code
        facts = {name: in_sentence(value, language) for name, value in self.facts.items()}
        return sentence.in_language(language).format_map(_Facts(facts))


class _Facts(dict[str, object]):
    """Facts by name; one that an old row lacks leaves a gap and not an error."""

    def __missing__(self, name: str) -> "_Gap":
        return _Gap()


class _Gap:
    def __format__(self, spec: str) -> str:
        return "…"


def _plain(value: object) -> Any:
    """A fact as it may be kept: words, numbers, dates and lists of them; anything else is what it says of itself."""
    if value is None or isinstance(value, str | Number | date | Text):
        return value
    if isinstance(value, tuple | list | set | frozenset | Iterator):
        return tuple(_plain(item) for item in value)
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Number) else str(value)  # type: ignore[arg-type]


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Nothing was done, and here is why."""

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("; ".join(f"{f.code}: {f.words('en')}" for f in self.findings))

    def words(self, language: str) -> list[str]:
        """Every finding in the reader's language."""
        return [finding.words(language) for finding in self.findings]


def refuse(code: str, where: str = "", /, **facts: object) -> Refused:
    """A refusal with a single finding: ``raise refuse("pause.no_evidence")``."""
    return Refused(Finding(code, where, **facts))
