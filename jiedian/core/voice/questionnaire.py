"""Answers to a survey as people hand them in: any table of text becomes numbers, with findings for what did not."""

import codecs
import csv
import io
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.voice.gaps import Answers, Reals

MISSING = frozenset(
    ["", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "missing", "-", "--", "—", "/", ".", "?", "#n/a"]
    + ["无", "空", "缺失", "未答", "未填", "不适用", "不清楚", "不知道", "(跳过)", "don't know", "dk"]
)
"""What people write for "no answer" (after NFKC and lower case)."""
CODES = frozenset([-999, -99, -98, -97, -9, -8, -1, 77, 88, 97, 98, 99, 888, 998, 999, 9999])
"""Numbers that statistics programs keep for "no answer", where the scale itself does not reach so far."""
SCALES = ((1, 5), (1, 7), (1, 10), (0, 10), (0, 100))
NUMERALS = {word: float(value) for value, word in enumerate("零一二三四五六七八九十")} | {"两": 2.0}
LABELLED = re.compile(r"^\(?(-?\d+(?:\.\d+)?)\)?(?:\s*(?:分|点|星|级)|\s*[-–—=:.、(]\D*|\)?\s+\D+)$")
SERVQUAL = (("tangibles", 4), ("reliability", 5), ("responsiveness", 4), ("assurance", 4), ("empathy", 5))
"""The 22 items in their order: the five dimensions and how many items each has (reference 10.2, R-H)."""


@dataclass(frozen=True)
class Survey:
    """A table read: the answers, what was wrong, the scale (None: not recognised, no range check), blank rows."""

    answers: Answers
    findings: tuple[Finding, ...]
    scale: tuple[float, float] | None
    blank_rows: int


def decode(data: bytes, *, otherwise: str = "") -> str:
    """Text from bytes: UTF-8 with or without mark, UTF-16 with mark, else GB 18030, else the encoding named.

    Raises Refused for other bytes when none is named.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if otherwise:
        return data.decode(otherwise, errors="replace")
    raise refuse("survey.encoding", "不是 UTF-8、UTF-16 或 GBK 文本", "Not text in UTF-8, UTF-16 or GBK")


def rows_of(text: str) -> Iterator[list[str]]:
    """The rows of a CSV text; the separator is the one of , ; tab | that cuts most of the first lines alike."""
    separator = max(",;\t|", key=lambda mark: _evenness(text[:20_000], mark))
    csv.field_size_limit(10_000_000)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise refuse("survey.csv", f"表格不能识别：{error}", f"The table cannot be read: {error}") from error


def _evenness(text: str, mark: str) -> tuple[int, int]:
    """How many of the first lines a mark cuts into equally many cells, and into how many."""
    head = [line for line in text.splitlines()[:16] if line.strip()][:8]
    lengths = Counter(len(row) for row in csv.reader(head, delimiter=mark) if len(row) > 1)
    return max(((n, length) for length, n in lengths.items()), default=(0, 0))


def number(text: str) -> float | None:
    """A number from what was typed: NaN for no answer, None when it is not understood.

    >>> number(" ７ "), number("5 - 非常同意"), number("四分"), number("4,5"), number("often") is None
    (7.0, 5.0, 4.0, 4.5, True)
    """
    word = unicodedata.normalize("NFKC", text).strip().strip("'\"").strip()
    if word.lower() in MISSING:
        return nan
    try:
        value = float(re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", word))
    except ValueError:
        told = LABELLED.match(word)
        value = float(told[1]) if told else NUMERALS.get(word.removesuffix("分"), nan)
    return value if isfinite(value) else None


def read(
    rows: Iterable[Sequence[str]],
    *,
    scale: tuple[float, float] | None = None,
    infer_scale: bool = True,
    satisfaction: str = "satisfaction",
) -> Survey:
    """A survey from rows of text, the header among the first ten. Raises Refused when no item has both
    halves, or nobody answered in numbers.

    Columns are ``E_<item>``, ``P_<item>`` and optionally ``W_<item>`` and one of overall satisfaction. What is not
    a number, or outside the scale, counts as not answered and is said once a column with how many and where.
    """
    iterator, findings = iter(rows), list[Finding]()
    header, line = _header(iterator)
    places, items = _places(header, satisfaction, findings)
    columns, blank, unread = _cells(iterator, places, line)
    findings += unread
    if not len(next(iter(columns.values()))):
        zh, en = "没有一格是可用的答案（须为数字）", "not one cell holds an answer (a number)"
        raise Refused([*findings, Finding("survey.none", zh, en)])
    if blank:
        zh, en = f"{blank} 行没有任何答案，未计入", f"{blank} rows without any answer were left out"
        findings.append(Finding("survey.blank", zh, en))
    halves = [key for key in columns if key[0] in "EP"]
    if scale is None and infer_scale:
        scale = scale_of([columns[key] for key in halves])
    for key in halves:
        columns[key] = _within(columns[key], scale, places[key], header, findings)
    answers = Answers(
        items,
        _stack(columns, "E", items),
        _stack(columns, "P", items),
        _stack(columns, "W", items) if any(key[0] == "W" for key in columns) else None,
        columns.get(("S", "")),
    )
    _remarks(answers, findings)
    return Survey(answers, tuple(findings), scale, blank)


Key = tuple[str, str]


def _header(iterator: Iterator[Sequence[str]]) -> tuple[list[str], int]:
    for line, row in enumerate(iterator, start=1):
        names = [unicodedata.normalize("NFKC", cell).strip().lstrip("\ufeff") for cell in row]
        halves = {name[0].upper() for name in names if re.match(r"^[EePp](_.+|\s?\d+)$", name)}
        if halves == {"E", "P"}:
            return names, line
        if line >= 10:
            break
    raise refuse(
        "survey.header",
        "找不到成对的列 E_<题号> 与 P_<题号>",
        "No pair of columns E_<item> and P_<item> was found",
    )


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
            findings.append(
                Finding("survey.repeated", "列名重复，取前者", "repeated; the first counts", name)
            )
        places.setdefault(key, index)
    items = tuple(item for item in spelling.values() if {("E", item), ("P", item)} <= places.keys())
    for half, item in list(places):
        if half in "EPW" and item not in items:
            name = header[places.pop((half, item))]
            zh, en = "没有成对的另一半，未计入", "has no other half and was left out"
            findings.append(Finding("survey.half", zh, en, name))
    if not items:
        raise refuse("survey.pairs", "没有一题同时有 E_ 和 P_ 两列", "No item has both an E_ and a P_ column")
    return places, items


def _cells(
    iterator: Iterator[Sequence[str]], places: dict[Key, int], line: int
) -> tuple[dict[Key, Reals], int, list[Finding]]:
    """Every cell as a number; each distinct text is understood once. Rows without an answer are counted and left out."""
    known: dict[str, float] = {}
    flat, indices, blank = array("d"), list(places.values()), 0
    strange: dict[int, Counter[str]] = defaultdict(Counter)
    first: dict[int, int] = {}
    for number_, row in enumerate(iterator, start=line + 1):
        try:
            values = [known[row[index]] for index in indices]
        except (KeyError, IndexError):  # a text not met before, one that is no number, a short row
            values = [_value(row, index, number_, known, strange, first) for index in indices]
        if any(value == value for value in values):
            flat.extend(values)
        else:
            blank += 1
    table = np.array(flat, dtype=float).reshape(-1, len(indices))
    names = {index: "_".join(key) for key, index in places.items()}
    findings = [_strange(names[index], counts, first[index]) for index, counts in strange.items()]
    return {key: table[:, column] for column, key in enumerate(places)}, blank, findings


def _value(
    row: Sequence[str],
    index: int,
    line: int,
    known: dict[str, float],
    strange: dict[int, Counter[str]],
    first: dict[int, int],
) -> float:
    text = row[index] if index < len(row) else ""
    value = known[text] if text in known else number(text)
    if value is None:
        strange[index][text] += 1
        first.setdefault(index, line)
        return nan
    known[text] = value
    return value


def _strange(name: str, counts: Counter[str], line: int) -> Finding:
    told = "、".join(text[:20] for text, _n in counts.most_common(3))
    n = counts.total()
    return Finding(
        "survey.number",
        f"{n} 格不是数字，按未答计（首见第 {line} 行：{told}）",
        f"{n} cells are no number and count as not answered (first in line {line}: {told})",
        name.rstrip("_"),
    )


def scale_of(columns: Sequence[Reals]) -> tuple[float, float] | None:
    """The scale that people answered on, or None when the answers fit no usual one.

    The smallest usual scale that holds every answer, but for at most one in a hundred (or two in all) that lie
    apart from it: those are slips of the pen or codes for "no answer".
    """
    pooled = np.concatenate(columns) if columns else np.array([])
    values, counts = np.unique(pooled[~np.isnan(pooled)], return_counts=True)
    if not len(values) or (counts[values == np.round(values)].sum() < 0.99 * counts.sum()):
        return None
    coded = np.isin(values, list(CODES))
    if (~coded).any() and values[~coded].max() <= 10:
        values, counts = values[~coded], counts[~coded]
    for low, high in SCALES:
        out = (values < low) | (values > high)
        slips = int(counts[out].sum())
        edge = int(counts[values == high].sum())
        apart = not ((values == high + 1) | (values == low - 1)).any() or edge >= 5 * slips
        if slips == 0 or (apart and slips <= max(2, counts.sum() // 100)):
            return float(low), float(high)
    return None


def _within(
    column: Reals, scale: tuple[float, float] | None, place: int, header: list[str], findings: list[Finding]
) -> Reals:
    if scale is None:
        return column
    out = (column < scale[0]) | (column > scale[1])
    if not out.any():
        return column
    told = "、".join(f"{value:g}" for value in np.unique(column[out])[:3])
    low, high = scale
    findings.append(
        Finding(
            "survey.range",
            f"{int(out.sum())} 格超出 {low:g}–{high:g}，按未答计（{told}）",
            f"{int(out.sum())} cells outside {low:g}–{high:g} count as not answered ({told})",
            header[place],
        )
    )
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
            zh, en = "成对答案不足两份，没有检验", "fewer than two paired answers: no test"
            findings.append(Finding("survey.few", zh, en, item))
        elif np.ptp(differences) < 1e-12:
            zh, en = "各人差距相同，t、d 没有意义", "everybody differs by the same: t and d mean nothing"
            findings.append(Finding("survey.constant", zh, en, item))


def default_dimensions(items: Sequence[str]) -> dict[str, str]:
    """Item → dimension without a map: SERVQUAL for items 1…22 (or Q1…Q22), else the name before its number, or ``all``.

    >>> default_dimensions(["tan_1", "tan_2", "speed"])
    {'tan_1': 'tan', 'tan_2': 'tan', 'speed': 'all'}
    """
    numbers = {item: re.fullmatch(r"[Qq]?_?0*(\d+)", item) for item in items}
    if sorted(int(told[1]) for told in numbers.values() if told) == list(range(1, 23)) and len(items) == 22:
        order = [name for name, n in SERVQUAL for _ in range(n)]
        return {item: order[int(told[1]) - 1] for item, told in numbers.items() if told}
    found = {}
    for item in items:
        told = re.fullmatch(r"(.*?)(?:[_\s.-]*\d+[A-Za-z]?|_[^_]*)", item)
        found[item] = told[1].rstrip("_- .") if told and told[1].rstrip("_- .") else "all"
    return found


def mapped(rows: Iterable[Sequence[str]], items: Sequence[str]) -> tuple[dict[str, str], list[Finding]]:
    """Item → dimension from a map of two columns; an item without a line goes to ``all`` and is said."""
    table = [[unicodedata.normalize("NFKC", cell).strip() for cell in row[:2]] for row in rows]
    told = [row for row in table if len(row) == 2 and all(row)]
    wanted = {item.casefold() for item in items}
    known: dict[str, str] = {}
    for order in (0, 1):  # some write the dimension first
        pairs = ((re.sub(r"^[ep]_", "", row[order].casefold()), row[1 - order]) for row in told)
        known = dict(reversed([pair for pair in pairs if pair[0] in wanted]))
        if known:
            break
    if not known:
        raise refuse("survey.map", "题目对照表与问卷没有相同的题号", "The map shares no item with the survey")
    zh, en = "对照表中没有此题，归入 all", "is not in the map and goes to 'all'"
    findings = [Finding("survey.map", zh, en, item) for item in items if item.casefold() not in known]
    return {item: known.get(item.casefold(), "all") for item in items}, findings


def dimensions(
    items: Sequence[str], rows: Iterable[Sequence[str]] | None
) -> tuple[Mapping[str, str], list[Finding]]:
    """The map given, or the usual one."""
    return mapped(rows, items) if rows is not None else (default_dimensions(items), [])
