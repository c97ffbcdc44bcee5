"""A file of answers as a table whose columns are called E_<item>, P_<item>, W_<item>, whatever they were called."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import Asked, Sheet, fold, is_skipped, read, text

HALVES = {
    "E": ("期望值", "期望", "期待", "expectations", "expectation", "expected", "expect", "e"),
    "P": ("感知值", "实际感受", "感知", "实际", "perceptions", "perception", "perceived", "p"),
    "W": ("重要程度", "重要性", "权重", "importance", "weight", "w"),
}
_WORDS = {word: half for half, words in HALVES.items() for word in words}
_HALF = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))
_BEFORE = re.compile(rf"({_HALF})\s*(?:[\[(（【]\s*(.+?)\s*[\])）】]|[_\s.:：\-·]+(.+)|(\d+))", re.IGNORECASE)
_BEHIND = re.compile(rf"(.+?)\s*[\[(（【_\s.:：\-·]\s*({_HALF})[\])）】]?", re.IGNORECASE)
PERSONS = frozenset(
    fold(name)
    for name in [
        "序号",
        "编号",
        "答卷编号",
        "答卷序号",
        "id",
        "respondent",
        "respondentid",
        "responseid",
        "seq",
    ]
)
"""What the column is called that tells the people apart."""


@dataclass(frozen=True)
class AnswerTable:
    """Rows of text with the heading first, the line of every row below it, and what was done to get them."""

    rows: list[list[str]]
    lines: list[int]
    report: tuple[Finding, ...]


def unified(heading: str) -> str:
    """The heading of an answer as ``E_1``; any other as it is.

    >>> unified("期望_1"), unified("E[1]"), unified("感知 价格"), unified("Q1（期望）"), unified("意见"), unified("E1")
    ('E_1', 'E_1', 'P_价格', 'E_Q1', '意见', 'E1')
    """
    name = unicodedata.normalize("NFKC", heading).strip().lstrip("\ufeff").strip("'\" ")
    if re.fullmatch(r"[EePpWw]_.+|[EePpWw]\s?\d+", name):
        return name
    if told := _BEFORE.fullmatch(name):
        return f"{_WORDS[told[1].lower()]}_{told[2] or told[3] or told[4]}"
    if (told := _BEHIND.fullmatch(name)) and len(told[2]) > 1:
        return f"{_WORDS[told[2].lower()]}_{told[1]}"
    return name


def _halves(labels: Sequence[tuple[str, ...]]) -> int:
    """How many items of a heading have both halves."""
    found: dict[str, set[str]] = {}
    for parts in labels:
        if told := re.fullmatch(r"([EePp])[_\s]?(.+)", unified(parts[0])):
            found.setdefault(told[2].casefold(), set()).add(told[1].upper())
    return sum(len(halves) == 2 for halves in found.values())


def answers_in(
    data: bytes, *, name: str = "", asked: Asked | None = None, columns: Mapping[str, str] | None = None
) -> AnswerTable:
    """The answers in a file. ``columns`` says which heading is which answer (``E_1`` → heading) and goes before names.

    A row handed in twice is left out and said; several columns of one answer count as one. Raises Refused.
    """
    sheet = read(data, name=name, asked=asked, score=None if columns else _halves)
    names = _chosen(sheet, columns) if columns else [unified(label) for label in sheet.heading]
    rows = [[text(cell) for cell in row.cells] for row in sheet.rows]
    lines = [row.line for row in sheet.rows]
    report = list(sheet.report)
    renamed = [f"{label} → {new}" for label, new in zip(sheet.heading, names, strict=True) if label != new]
    if renamed:
        told = "；".join(renamed[:6]) + ("…" if len(renamed) > 6 else "")
        report.append(Finding("read.names", values=told))
    rows, lines = _once(names, rows, lines, report)
    return AnswerTable([names, *_joined(names, rows, report)], lines, tuple(report))


def _chosen(sheet: Sheet, columns: Mapping[str, str]) -> list[str]:
    names = [f"({label})" if label else "" for label in sheet.heading]
    missing = []
    for name, heading in columns.items():
        at = sheet.place(heading)
        if at is None:
            missing.append(heading)
        else:
            names[at] = name
    if missing:
        told, there = "、".join(missing), "、".join(filter(None, sheet.heading))
        raise refuse("survey.columns", values=told, there=there)
    return names


def _once(
    names: Sequence[str], rows: list[list[str]], lines: list[int], report: list[Finding]
) -> tuple[list[list[str]], list[int]]:
    """Without rows of one person that are the same; those of one person that differ stay and are said."""
    at = next((i for i, name in enumerate(names) if fold(name) in PERSONS), None)
    if at is None:
        return rows, lines
    seen: dict[str, list[str]] = {}
    same: list[int] = []
    other: list[int] = []
    for n, row in enumerate(rows):
        person = row[at] if at < len(row) else ""
        if person and person in seen:
            (same if seen[person] == row else other).append(n)
        elif person:
            seen[person] = row
    for code, places in (("survey.twice", same), ("survey.twice_apart", other)):
        if places:
            where = "、".join(str(lines[n]) for n in places[:8]) + ("…" if len(places) > 8 else "")
            report.append(Finding(code, count=len(places), lines=where))
    gone = set(same)
    return [row for n, row in enumerate(rows) if n not in gone], [
        x for n, x in enumerate(lines) if n not in gone
    ]


def _joined(names: list[str], rows: Iterable[list[str]], report: list[Finding]) -> list[list[str]]:
    """The rows with the columns of one name filled from each other; the name stays with the first."""
    counts = Counter(name.casefold() for name in names if name)
    twice = {name for name, n in counts.items() if n > 1}
    places = {name: [i for i, other in enumerate(names) if other.casefold() == name] for name in twice}
    filled = Counter[str]()
    kept = []
    for row in rows:
        for name, (first, *others) in places.items():
            more = next((row[i] for i in others if i < len(row) and not is_skipped(row[i])), "")
            if more and (first >= len(row) or is_skipped(row[first])):
                row[first] = more
                filled[name] += 1
        kept.append(row)
    for name, n in filled.items():
        report.append(Finding("survey.joined", name, count=n))
    return kept
