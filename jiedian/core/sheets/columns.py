"""Columns of a table by their meaning: by the names they go by, or as somebody chose."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jiedian.core.findings import Finding, refuse
from jiedian.core.words import Text

_SIMPLE = str.maketrans(
    "單號編項稱時間內電話訴狀態類別區經辦戶環節計畫劃劉來聯絡證據點層級權誰發進後實際滿",
    "单号编项称时间内电话诉状态类别区经办户环节计画划刘来联络证据点层级权谁发进后实际满",
)


@dataclass(frozen=True)
class Column:
    """A column that an import takes: its key, its name in both languages, and the other names it goes by."""

    key: str
    name_zh: str
    name_en: str
    names: tuple[str, ...] = ()
    is_needed: bool = False

    def all_names(self) -> tuple[str, ...]:
        return (self.key, self.name_zh, self.name_en, *self.names)


def fold(heading: object) -> str:
    """A heading as it is compared: one width, one case, without blanks, marks and what stands in brackets.

    >>> fold("工單編號*"), fold(" 诉求内容（必填）"), fold("Case ID"), fold("(单位) 容量")
    ('工单编号', '诉求内容', 'caseid', '容量')
    """
    text = unicodedata.normalize("NFKC", "" if heading is None else str(heading)).strip("\ufeff \t\r\n'\"")
    text = re.sub(r"[(\[【<][^)\]】>]*[)\]】>]", "", text) or text
    return re.sub(r"[\s_*＊:：#·.-]+", "", text).lower().translate(_SIMPLE)


@dataclass(frozen=True)
class ColumnMap:
    """Columns of a table as they were taken: key → place, what is lacking, and what was taken for nothing."""

    places: Mapping[str, int]
    missing: tuple[Column, ...]
    unused: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    needed: tuple[int, ...] = ()
    """Places of the columns that no record can do without."""

    @property
    def is_whole(self) -> bool:
        return not self.missing


def take_columns(
    labels: Sequence[tuple[str, ...]], columns: Sequence[Column], chosen: Mapping[str, str] | None = None
) -> ColumnMap:
    """Match headings (each with its parts, the whole first) to columns; what somebody chose goes before names.

    A choice names a heading, or its place as ``#3``; an empty one leaves the column out.
    """
    chosen = chosen or {}
    places: dict[str, int] = {}
    unknown = []
    for key, told in chosen.items():
        at = place_of(told, labels)
        if at is not None:
            places[key] = at
        elif told.strip():
            unknown.append(told)
    folded = [tuple(fold(part) for part in parts) for parts in labels]
    for depth in range(max((len(parts) for parts in folded), default=0)):
        for column in columns:
            if column.key in places or column.key in chosen:
                continue
            at = _named(column, folded, depth, set(places.values()))
            if at is not None:
                places[column.key] = at
    missing = tuple(column for column in columns if column.is_needed and column.key not in places)
    used = set(places.values())
    unused = tuple(parts[0] for at, parts in enumerate(labels) if at not in used and parts[0])
    needed = tuple(places[column.key] for column in columns if column.is_needed and column.key in places)
    return ColumnMap(places, missing, unused, tuple(unknown), needed)


def place_of(told: str, labels: Sequence[tuple[str, ...]]) -> int | None:
    """The place of the column that a heading, a part of one, or ``#3`` names."""
    if (number := re.fullmatch(r"#(\d{1,4})", told.strip())) and 0 < int(number[1]) <= len(labels):
        return int(number[1]) - 1
    for same in (str.strip, fold):
        for at, parts in enumerate(labels):
            if told.strip() and any(same(told) == same(part) for part in parts):
                return at
    return None


def _named(column: Column, folded: Sequence[tuple[str, ...]], depth: int, used: set[int]) -> int | None:
    """The first column of a table that carries one of the names, the likelier name first."""
    for name in dict.fromkeys(fold(name) for name in column.all_names()):
        for at, parts in enumerate(folded):
            if at not in used and name and len(parts) > depth and parts[depth] == name:
                return at
    return None


def lacking(taken: ColumnMap, *, where: str = "") -> list[Finding]:
    """Findings on columns a table lacks, with the names that would have been understood and the headings that are there."""
    there = "、".join(taken.unused[:12]) or "—"
    return [
        Finding(
            "file.column",
            where,
            there=there,
            column=Text(column.name_zh, column.name_en),
            value=Text(
                "、".join(dict.fromkeys((column.name_zh, *column.names))),
                ", ".join(dict.fromkeys((column.key, *column.names))),
            ),
        )
        for column in taken.missing
    ] + [Finding("file.chosen", where, name=name) for name in taken.unknown]


def read_choices(text: str) -> dict[str, str]:
    """A column map from its file: a line a column, ``text,诉求内容`` or ``text: 诉求内容``; ``column,heading`` may
    stand on top, and ``#`` begins a remark.

    >>> read_choices("column,heading\\ntext,诉求内容\\n# remark\\nat: 时间")
    {'text': '诉求内容', 'at': '时间'}
    """
    found = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or (line.startswith("#") and "," not in line):
            continue
        told = re.match(r"\s*([\w-]+)\s*[:：=]\s*(.*)", line)
        cells = [told[1], told[2]] if told else next(csv.reader(io.StringIO(line)), [])
        if len(cells) < 2:
            raise refuse("map.line", number=number)
        key, heading = cells[0].strip(), cells[1].strip().strip("'\"")
        if fold(key) not in ("column", "项", "字段"):
            found[key] = heading
    return found
