"""Answers to a survey as people hand them in: any table of text becomes numbers, with findings for what did not."""

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from jiedian.core.findings import Finding, Refused, refuse

from .gaps import Answers, Reals
from .marks import UNREAD, WordScale, number, plain, scale_of, scale_of_words

Key = tuple[str, str]


@dataclass(frozen=True)
class AnswerSheet:
    """A table read: the answers, what was wrong, the scale (None: not recognised, no range check), blank rows."""

    answers: Answers
    findings: tuple[Finding, ...]
    scale: tuple[float, float] | None
    blank_rows: int


def read(
    rows: Iterable[Sequence[str]],
    *,
    scale: tuple[float, float] | None = None,
    infer_scale: bool = True,
    satisfaction: str = "satisfaction",
    words: Sequence[WordScale] = (),
    lines: Sequence[int] = (),
) -> AnswerSheet:
    """A survey from rows of text, the header among the first ten. Raises Refused when no item has both
    halves, or nobody answered in numbers.

    Columns are ``E_<item>``, ``P_<item>`` and optionally ``W_<item>`` and one of overall satisfaction. Words are read
    by the first of ``words`` that fits a whole half; ``lines`` are those of the file below its heading. What is then not a number, or outside the scale, counts as not
    answered and is said once a column with how many and where.
    """
    iterator, findings = iter(rows), list[Finding]()
    header, line = _header(iterator)
    places, items = _places(header, satisfaction, findings)
    table = _cells(iterator, list(places.values()), line, lines)
    worded, told = _worded(table, places, words)
    findings += told
    columns, blank, unread = _columns(table, places, header)
    findings += unread
    _some(columns, blank, findings)
    if scale is None and infer_scale and worded:
        scale = (1.0, float(worded))
        _same_length(columns, worded, findings)
    _say_apart(columns, findings)
    names = {key: header[place] for key, place in places.items()}
    scale = _scaled(columns, scale, infer_scale, names, findings)
    answers = Answers(
        items,
        _stack(columns, "E", items),
        _stack(columns, "P", items),
        _stack(columns, "W", items) if any(key[0] == "W" for key in columns) else None,
        columns.get(("S", "")),
    )
    _remarks(answers, findings)
    return AnswerSheet(answers, tuple(findings), scale, blank)


def _some(columns: Mapping[Key, Reals], blank: int, findings: list[Finding]) -> None:
    """Refuse a table without one answer, and say how many rows had none."""
    if not len(next(iter(columns.values()))):
        raise Refused([*findings, Finding("survey.none")])
    if blank:
        findings.append(Finding("survey.blank", blank=blank))


LIKE = 20
"""From so many people on, a half that nobody answers above a lower end is worth a question."""


def _say_apart(columns: Mapping[Key, Reals], findings: list[Finding]) -> None:
    """Say that one half ends lower than the other: their scales may be of different length."""
    ends = {}
    for half in "EP":
        own = [column for key, column in columns.items() if key[0] == half]
        scale = scale_of(own)
        if scale is None or min(len(column) for column in own) < LIKE:
            return
        ends[half] = scale
    if ends["E"] != ends["P"] and not any(finding.code == "survey.scales" for finding in findings):
        told = " / ".join(f"{half} {low:g}–{high:g}" for half, (low, high) in ends.items())
        findings.append(Finding("survey.scales_told", values=told))


def _same_length(columns: Mapping[Key, Reals], points: int, findings: list[Finding]) -> None:
    """Say that a half in numbers reaches further than the words of the other."""
    for half in "EP":
        own = scale_of([column for key, column in columns.items() if key[0] == half])
        if own and own[1] > points:
            findings.append(Finding("survey.scales"))
            return


def _header(iterator: Iterator[Sequence[str]]) -> tuple[list[str], int]:
    for line, row in enumerate(iterator, start=1):
        names = [unicodedata.normalize("NFKC", cell).strip().lstrip("\ufeff") for cell in row]
        halves = {name[0].upper() for name in names if re.match(r"^[EePp](_.+|\s?\d+)$", name)}
        if halves == {"E", "P"}:
            return names, line
        if line >= 10:
            break
    raise refuse("survey.header")


def _places(
    header: list[str], satisfaction: str, findings: list[Finding]
) -> tuple[dict[Key, int], tuple[str, ...]]:
    """Which column holds what, and the items that have both halves."""
    pattern = r"^([EePpWw])_(.+)$"
    if not any(re.match(pattern, name) for name in header):
        pattern = r"^([EePpWw])\s?(\d+)$"
    places: dict[Key, int] = {}
    spelling: dict[str, str] = {}
    for index, name in enumerate(header):
        told = re.match(pattern, name)
        if (
            name
            and name.lower() in (satisfaction.lower(), "满意度", "总体满意度")
            and ("S", "") not in places
        ):
            places["S", ""] = index
        if not told:
            continue
        item = spelling.setdefault(told[2].strip().casefold(), told[2].strip())
        key = (told[1].upper(), item)
        if key in places:
            findings.append(Finding("survey.repeated", name))
        places.setdefault(key, index)
    items = tuple(item for item in spelling.values() if {("E", item), ("P", item)} <= places.keys())
    for half, item in list(places):
        if half in "EPW" and item not in items:
            name = header[places.pop((half, item))]
            findings.append(Finding("survey.half", name))
    if not items:
        raise refuse("survey.pairs")
    return places, items


@dataclass
class _Table:
    """The cells of the columns asked for: ``cells`` rows × columns, UNREAD − i where ``texts[i]`` is no number."""

    cells: Reals
    lines: NDArray[np.int64]
    texts: list[str]
    blank: int


def _cells(
    iterator: Iterator[Sequence[str]], indices: list[int], line: int, known_lines: Sequence[int] = ()
) -> _Table:
    """Every cell as a number; each distinct text is understood once. Rows without an answer are counted and left out."""
    known: dict[str, float] = {}
    flat, lines, texts, blank = array("d"), array("q"), list[str](), 0
    for number_, row in enumerate(iterator, start=line + 1):
        try:
            values = [known[row[index]] for index in indices]
        except (KeyError, IndexError):  # a text not met before, a short row
            values = [_value(row[index] if index < len(row) else "", known, texts) for index in indices]
        if any(value == value for value in values):
            flat.extend(values)
            lines.append(known_lines[number_ - line - 1] if known_lines else number_)
        else:
            blank += 1
    table = np.array(flat, dtype=float).reshape(-1, len(indices))
    return _Table(table, np.array(lines, dtype=np.int64), texts, blank)


def _value(text: str, known: dict[str, float], texts: list[str]) -> float:
    if text not in known:
        value = number(text)
        if value is None or value <= UNREAD:
            value = UNREAD - len(texts)
            texts.append(text)
        known[text] = value
    return known[text]


def _worded(
    table: _Table, places: Mapping[Key, int], scales: Sequence[WordScale]
) -> tuple[int, list[Finding]]:
    """Put marks where words of a scale stand; returns the points of the scale (0: no words) and what to say."""
    found, points = dict[str, set[str]](), set[int]()
    for column, scale in _scales_of(table, places, scales).items():
        _mark(table, column, scale, found)
        if list(places)[column][0] in "EP":
            points.add(scale.points)
    findings = []
    for name, pairs in found.items():
        told = "、".join(sorted(pairs, key=lambda pair: float(pair.rpartition("=")[2])))
        findings.append(Finding("survey.words", name=name, values=told))
    if len(points) > 1:
        findings.append(Finding("survey.scales"))
    return max(points, default=0), findings


def _scales_of(table: _Table, places: Mapping[Key, int], scales: Sequence[WordScale]) -> dict[int, WordScale]:
    """For each column with words its scale: one for both halves, else one for each half of the same length, else
    one for each column."""
    halves = {half: [n for n, key in enumerate(places) if key[0] == half] for half in "EPWS"}
    pairs = halves["E"] + halves["P"]
    whole = _scale_for(table, pairs, scales)
    chosen: dict[int, WordScale | None] = dict.fromkeys(pairs, whole) if whole else {}
    for length in dict.fromkeys(scale.points for scale in scales):
        equal = [scale for scale in scales if scale.points == length]
        both = [_scale_for(table, halves[half], equal) for half in "EP"]
        if not chosen and all(both):
            chosen = {
                column: scale for half, scale in zip("EP", both, strict=True) for column in halves[half]
            }
    for column in range(len(places)):
        chosen.setdefault(column, _scale_for(table, [column], scales))
    return {column: scale for column, scale in chosen.items() if scale and _unread(table, [column])}


def _unread(table: _Table, columns: Sequence[int]) -> list[int]:
    """Which texts that are no number stand in some columns."""
    cells = table.cells[:, columns]
    return [int(UNREAD - value) for value in np.unique(cells[cells <= UNREAD])]


def _scale_for(table: _Table, columns: Sequence[int], scales: Sequence[WordScale]) -> WordScale | None:
    texts = [table.texts[index] for index in _unread(table, columns)]
    return scale_of_words(texts, scales) if texts else None


def _mark(table: _Table, column: int, scale: WordScale, found: dict[str, set[str]]) -> None:
    for index in _unread(table, [column]):
        text = plain(table.texts[index]).strip(".!。！")
        table.cells[table.cells[:, column] == UNREAD - index, column] = scale.marks[text]
        found.setdefault(scale.id, set()).add(f"{text}={scale.marks[text]:g}")


def _columns(
    table: _Table, places: Mapping[Key, int], header: Sequence[str]
) -> tuple[dict[Key, Reals], int, list[Finding]]:
    """The columns with what is still no number taken as not answered and said; rows left without an answer go."""
    findings = []
    for column, index in enumerate(places.values()):
        wrong = table.cells[:, column] <= UNREAD
        if wrong.any():
            findings.append(_strange(table, column, wrong, header[index]))
            table.cells[wrong, column] = nan
    kept = ~np.isnan(table.cells).all(axis=1) if table.cells.size else np.zeros(0, dtype=bool)
    cells = table.cells[kept]
    blank = table.blank + int((~kept).sum())
    return {key: cells[:, column] for column, key in enumerate(places)}, blank, findings


def _strange(table: _Table, column: int, wrong: NDArray[np.bool_], name: str) -> Finding:
    counts = Counter(table.texts[int(UNREAD - value)] for value in table.cells[wrong, column])
    told = "、".join(text[:20] for text, _n in counts.most_common(3))
    n, line = counts.total(), int(table.lines[wrong][0])
    return Finding("survey.number", name, count=n, line=line, values=told)


def _scaled(
    columns: dict[Key, Reals],
    scale: tuple[float, float] | None,
    infer_scale: bool,
    names: Mapping[Key, str],
    findings: list[Finding],
) -> tuple[float, float] | None:
    """Take what lies outside the scale as not answered; returns the scale, found from the answers where none was given.

    An importance is only not negative; overall satisfaction has a scale of its own.
    """
    halves = [key for key in columns if key[0] in "EP"]
    if scale is None and infer_scale:
        scale = scale_of([columns[key] for key in halves])
    for key, column in columns.items():
        own = (0.0, inf) if key[0] == "W" else scale_of([column]) if infer_scale else None
        columns[key] = _within(column, scale if key in halves else own, names[key], findings)
    if scale == (0, 10) and max(np.nanmax(columns[key], initial=0) for key in halves) <= 7:
        findings.append(Finding("survey.zero"))
    return scale


def _within(column: Reals, scale: tuple[float, float] | None, name: str, findings: list[Finding]) -> Reals:
    if scale is None:
        return column
    out = (column < scale[0]) | (column > scale[1])
    if not out.any():
        return column
    told = "、".join(f"{value:g}" for value in np.unique(column[out])[:3])
    low, high = scale
    findings.append(Finding("survey.range", name, count=int(out.sum()), low=low, high=high, values=told))
    return np.where(out, nan, column)


def _stack(columns: dict[Key, Reals], half: str, items: Sequence[str]) -> Reals:
    length = len(next(iter(columns.values())))
    empty = np.full(length, nan)
    return np.column_stack([columns.get((half, item), empty) for item in items])


def _remarks(answers: Answers, findings: list[Finding]) -> None:
    """What is not wrong but limits what the numbers can say."""
    for index, item in enumerate(answers.items):
        e, p = answers.expected[:, index], answers.perceived[:, index]
        differences = (p - e)[~np.isnan(p - e)]
        if len(differences) < 2:
            findings.append(Finding("survey.few", item))
        elif np.ptp(differences) < 1e-12:
            findings.append(Finding("survey.constant", item))
