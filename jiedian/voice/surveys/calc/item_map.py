"""Maps of items: the dimension of every item, which were asked the other way round, and which columns hold them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jiedian.core.findings import Finding, refuse

from .gaps import Answers

SERVQUAL = (("tangibles", 4), ("reliability", 5), ("responsiveness", 4), ("assurance", 4), ("empathy", 5))
"""The 22 items in their order: the five dimensions and how many items each has (reference 10.2, R-H)."""


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


@dataclass(frozen=True)
class ItemMap:
    """Map of items: item → dimension, the items asked the other way round, and the columns of answers."""

    dimension_of: Mapping[str, str]
    reversed_items: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


MAP_NAMES = {
    "item": ("item", "题号", "题"),
    "dimension": ("dimension", "维度"),
    "reversed": ("reversed", "反向", "反向题"),
    "expectation": ("expectation", "期望", "期望列"),
    "perception": ("perception", "感知", "感知列"),
    "importance": ("importance", "重要性", "重要性列"),
    "missing": ("missing", "未答"),
}
YES = frozenset(["1", "yes", "y", "true", "是", "反", "√", "x"])


def read_item_map(rows: Iterable[Sequence[str]]) -> ItemMap:
    """A map of items with its heading: item, dimension, reversed, expectation, perception, importance, missing.

    Raises Refused for a column it does not know: nothing of a map is passed over.
    """
    table = [[unicodedata.normalize("NFKC", cell).strip() for cell in row] for row in rows if any(row)]
    head = [cell.casefold() for cell in table[0]] if table else []
    places = {key: head.index(name) for key, names in MAP_NAMES.items() for name in names if name in head}
    if "item" not in places:
        return ItemMap({row[0]: row[1] for row in table if len(row) > 1})
    if strange := [name for at, name in enumerate(head) if name and at not in places.values()]:
        told, known = "、".join(strange), "、".join(MAP_NAMES)
        raise refuse("survey.map", values=told, known=known)

    def cells(name: str) -> dict[str, str]:
        at = places.get(name, 10**6)
        return {row[places["item"]]: row[at] for row in table[1:] if at < len(row) and row[at]}

    columns = {
        f"{half}_{item}": heading
        for half, name in (("E", "expectation"), ("P", "perception"), ("W", "importance"))
        for item, heading in cells(name).items()
    }
    turned = frozenset(item.casefold() for item, word in cells("reversed").items() if word.casefold() in YES)
    skipped = frozenset(word for cell in cells("missing").values() for word in re.split(r"[;；|\s]+", cell))
    return ItemMap(cells("dimension"), turned, columns, skipped)


def turn(answers: Answers, items: frozenset[str], scale: tuple[float, float] | None) -> Answers:
    """The answers with reversed items turned on their scale. Raises Refused without a scale to turn them on."""
    at = [n for n, item in enumerate(answers.items) if item.casefold() in items]
    if not at:
        return answers
    if scale is None:
        raise refuse("survey.reversed")
    expected, perceived = answers.expected.copy(), answers.perceived.copy()
    for half in (expected, perceived):
        half[:, at] = sum(scale) - half[:, at]
    return replace(answers, expected=expected, perceived=perceived)


def mapped(rows: Iterable[Sequence[str]], items: Sequence[str]) -> tuple[dict[str, str], list[Finding]]:
    """Item → dimension from a map; an item without a line goes to ``all`` and is said."""
    told = list(read_item_map(rows).dimension_of.items())
    wanted = {item.casefold() for item in items}
    known: dict[str, str] = {}
    for order in (0, 1):  # some write the dimension first
        pairs = [(re.sub(r"^[ep]_", "", row[order].casefold()), row[1 - order]) for row in told]
        known = dict(reversed([pair for pair in pairs if pair[0] in wanted]))
        if known:
            break
    if told and not known:
        raise refuse("survey.map_map_shares_no")
    if not told:
        return dict(default_dimensions(items)), []
    findings = [Finding("survey.unmapped", item) for item in items if item.casefold() not in known]
    return {item: known.get(item.casefold(), "all") for item in items}, findings


def dimensions(
    items: Sequence[str], rows: Iterable[Sequence[str]] | None
) -> tuple[Mapping[str, str], list[Finding]]:
    """The map given, or the usual one."""
    return mapped(rows, items) if rows is not None else (default_dimensions(items), [])
