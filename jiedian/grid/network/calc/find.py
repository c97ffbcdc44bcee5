"""找地方: a place by what people type: an address with its number, a street, a place, a device; near misses where nothing fits.

Full and half width, Chinese and English, pinyin, abbreviations and typing mistakes are one and the same where they can be.
"""

import heapq
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import itemgetter

from .features import Feature, Point

SHOWN = 8
SURE = 0.86
"""A hit at or above this is what was typed; below it is only near."""
LEAST = 0.55
METRES = 111_195.0
ASIDE_M = 15.0
"""A house stands so far beside the middle of its street."""
MOST_TYPED = 80
MOST_LETTERS = 150_000
"""Pairs of letters compared for mistakes in one search, those of the likest names first: some 50 ms, however large the map."""
MOST_KEPT = 200
"""So many forms and entries of the best scores are looked at closer."""
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
WORDS = {
    **dict.fromkeys(("road", "rd", "lu"), "lu"),
    **dict.fromkeys(("street", "str", "st", "jie"), "jie"),
    **dict.fromkeys(("avenue", "ave", "av", "boulevard", "blvd", "dadao"), "dadao"),
    **dict.fromkeys(("lane", "ln", "alley", "xiang", "hutong"), "xiang"),
    **dict.fromkeys(("line", "feeder", "xian"), "xian"),
    **dict.fromkeys(("north", "n", "bei"), "bei"),
    **dict.fromkeys(("south", "s", "nan"), "nan"),
    **dict.fromkeys(("east", "e", "dong"), "dong"),
    **dict.fromkeys(("west", "w", "xi"), "xi"),
    **dict.fromkeys(("no", "number", "nr"), ""),
}
"""English words of streets, their abbreviations and their pinyin as one word."""
RANK = {
    "address": 0,
    "street": 1,
    "place": 2,
    "district": 3,
    "station": 4,
    "feeder": 5,
    "area": 6,
    "water": 7,
    "park": 7,
}


@dataclass(frozen=True)
class Entry:
    """One thing that can be found: its kind, names, place; a street with its parts and numbers; a device with its key."""

    kind: str
    name: str
    name_en: str
    at: Point
    detail: str = ""
    detail_en: str = ""
    code: str = ""
    key: int = 0
    streets: tuple[Feature, ...] = ()
    forms: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Hit:
    """A place that was found. ``score`` 1 is exact; ``number`` is the house; ``is_rough`` stands where it is reckoned or unknown.

    ``range`` are the numbers the street has, when the one asked for is none of them.
    """

    entry: Entry
    at: Point
    score: float
    number: int = 0
    is_rough: bool = False
    range: tuple[int, int] | None = None


def plain(text: str, words: Mapping[str, str] = WORDS) -> str:
    """A text as it is compared: half width, lower case, no spaces, dots or hyphens; English street words as one word.

    >>> plain("学府路　８８号"), plain("Xuefu Rd."), plain("XUE-FU LU"), plain("Xuefu Raod", {})
    ('学府路88号', 'xuefulu', 'xuefulu', 'xuefuraod')
    """
    half = unicodedata.normalize("NFKC", text).casefold()
    parts = re.findall(r"[a-z]+|[0-9]+|[^\W\d_a-z]+", half)
    return "".join(words.get(part, part) for part in parts)


def entry_forms(*names: str) -> tuple[str, ...]:
    """The comparable forms of some names, each once; letter by letter too, for who mistypes the word for a street."""
    forms = (form for name in names for form in (plain(name), plain(name, {})))
    return tuple(dict.fromkeys(form for form in forms if form))


def typed(text: str, words: Mapping[str, str] = WORDS) -> tuple[str, int]:
    """Text typed without its house number, and the number (0 for none): it is the one before 号 or at an end.

    >>> typed("学府路88号"), typed("No. 88, Xuefu Road"), typed("学府路八十八号院3单元"), typed("110 kV 城西站")
    (('学府路', 88), ('xuefulu', 88), ('学府路', 88), ('110kv城西站', 0))
    >>> typed("xuefulu88hao")
    ('xuefulu', 88)
    """
    half = unicodedata.normalize("NFKC", text[:MOST_TYPED]).casefold().replace("號", "号")
    half = re.sub(r"([零〇一二两三四五六七八九十百千]+)(?=号)", lambda m: str(_said(m[1])), half)
    if found := re.search(r"([0-9]{1,5})\s*(?:号|#|hao\b)", half):
        return plain(half[: found.start()], words), int(found[1])
    if found := re.match(r"\s*(?:no\.?|number|nr\.?|#)?\s*([0-9]{1,5})[\s,]+(?=[a-z]{3})", half):
        return plain(half[found.end() :], words), int(found[1])
    if found := re.search(r"(?<=[^\W\d_])[\s,.]*([0-9]{1,5})\s*$", half):
        return plain(half[: found.start(1)], words), int(found[1])
    return plain(half, words), 0


def _said(text: str) -> int:
    """A number in Chinese words.

    >>> _said("八十八"), _said("一百零二"), _said("十"), _said("三〇一")
    (88, 102, 10, 301)
    """
    if not any(c in TENS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in TENS:
            total, digit = total + (digit or 1) * TENS[c], 0
        else:
            digit = DIGITS[c]
    return total + digit


class Shelf:
    """Entries by the forms of their names, houses by their number as well, so that a search need not look at each."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.named = dict[str, list[Entry]]()
        self.houses = dict[int, dict[str, list[Entry]]]()
        for entry in entries:
            forms = self.houses.setdefault(entry.key, {}) if entry.kind == "address" else self.named
            for form in entry.forms:
                forms.setdefault(form, []).append(entry)


def find(text: str, *shelves: Shelf) -> list[Hit]:
    """The places that fit a text, the best first; with a house number the house on every street that fits.

    Anybody may ask, so the work is bounded: MOST_LETTERS, MOST_KEPT.
    """
    number = typed(text)[1]
    tables = [table for shelf in shelves for table in (shelf.named, shelf.houses.get(number, {}))]
    found = dict[int, tuple[float, Entry]]()
    for asked, is_whole in _readings(text).items():
        for form, like in _scores(asked, tables):
            for entry in (entry for table in tables for entry in table.get(form, ())):
                score = _score(like, entry, is_whole=is_whole, number=number)
                if score >= max(LEAST, found.get(id(entry), (0.0,))[0]):
                    found[id(entry)] = score, entry
    kept = heapq.nlargest(MOST_KEPT, found.values(), key=itemgetter(0))
    hits = [_house(Hit(entry, entry.at, score), number) for score, entry in kept]
    hits.sort(
        key=lambda hit: (
            -round(hit.score, 2),
            hit.range is not None,
            RANK.get(hit.entry.kind, 9),
            hit.entry.name,
        )
    )
    best = hits[0].score if hits else 0.0
    return _single([hit for hit in hits if hit.score >= best - 0.3])[:SHOWN]


def _readings(text: str) -> dict[str, bool]:
    """What a text may mean, each with whether it is the whole of it: with its number and without, and letter by letter."""
    found = dict[str, bool]()
    for words in (WORDS, {}):
        name, number = typed(text, words)
        whole = plain(text[:MOST_TYPED], words)[:MOST_TYPED]
        if whole:
            found.setdefault(whole, True)
        if number and name:
            found.setdefault(name[:MOST_TYPED], False)
    return found


def _score(like: float, entry: Entry, *, is_whole: bool, number: int) -> float:
    """Score of an entry one of whose forms is so like what was asked: streets and houses have a number; a place may have a building's."""
    if entry.kind in ("street", "address"):
        return like
    if not is_whole:
        return 0.9 if like == 1.0 and entry.kind == "place" else 0.0
    return like - 0.1 if number and like < 1.0 else like


def _scores(asked: str, tables: Sequence[Mapping[str, object]]) -> list[tuple[str, float]]:
    """The forms that are likest to what was asked, with their likeness."""
    pieces = {asked[i:j] for i in range(len(asked)) for j in range(i + 1, len(asked) + 1)}
    scores, letters = dict[str, float](), set(asked)
    near = list[tuple[int, str]]()
    for table in tables:
        begun = heapq.nsmallest(MOST_KEPT, (form for form in table if form.startswith(asked)), key=len)
        holding = heapq.nsmallest(MOST_KEPT, (form for form in table if asked in form), key=len)
        scores |= {form: within(asked, form) for form in (*begun, *holding, *pieces.intersection(table))}
        near += [
            (unlike, form)
            for form in table
            if 3 * abs(len(asked) - len(form)) <= len(form)
            and 3 * (unlike := len(letters.symmetric_difference(form))) <= 2 * len(form)
        ]
    left = MOST_LETTERS
    for _unlike, form in heapq.nsmallest(2 * MOST_LETTERS // len(asked) ** 2 + 1, near):
        left -= len(asked) * len(form)
        if left < 0:
            break
        if form not in scores:
            scores[form] = mistyped(asked, form)
    return heapq.nlargest(MOST_KEPT, scores.items(), key=itemgetter(1))


def _single(hits: Sequence[Hit]) -> list[Hit]:
    """An address of its own goes before the same one reckoned along the street."""
    exact = {(hit.entry.name, hit.number) for hit in hits if hit.entry.kind == "address"}
    return [hit for hit in hits if hit.entry.kind != "street" or (hit.entry.name, hit.number) not in exact]


def likeness(asked: str, form: str) -> float:
    """Likeness of a text to a name, 0 … 1: the same; the beginning; one within the other; few mistakes.

    >>> likeness("学府路", "学府路"), likeness("学富路", "学府路") > 0.55, likeness("人民路", "学府路") < 0.55
    (1.0, True, True)
    """
    return within(asked, form) or mistyped(asked, form)


def within(asked: str, form: str) -> float:
    """Likeness of a text to a name that is the same, begins so or holds it; 0 for others."""
    if asked == form:
        return 1.0
    if asked not in form and form not in asked:
        return 0.0
    short, long = sorted((asked, form), key=len)
    if len(short) < 2:
        return 0.0
    if form == short:  # a whole name within what was typed: town and block around it, the Chinese one last
        is_meant = form.isascii() or asked.endswith(form)
        return (0.96 if is_meant else 0.84) - 0.1 * (1 - len(short) / len(long))
    return (0.84 if form.startswith(asked) else 0.76) - 0.1 * (1 - len(short) / len(long))


def mistyped(asked: str, form: str) -> float:
    """Likeness of a text to a name it is with a mistake in three letters at most; 0 for others."""
    most = len(form) // 3
    if not most or abs(len(asked) - len(form)) > most or (away := mistakes(asked, form, most)) > most:
        return 0.0
    return 0.85 - 0.6 * away / max(len(form), 4)


def mistakes(a: str, b: str, most: int) -> int:
    """Letters that were missed, added, changed or swapped between two words; ``most + 1`` for more than that many.

    >>> mistakes("xuefulu", "xufeulu", 2), mistakes("学府路", "学富路", 1), mistakes("abc", "xyz", 1)
    (1, 1, 2)
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row, older = row, [i], before
        for j, y in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = last
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _house(hit: Hit, number: int) -> Hit:
    """A hit with the house on its street, where the street has numbers; its middle, roughly, where it has none."""
    entry = hit.entry
    if entry.kind == "address":
        return replace(hit, number=entry.key)
    if entry.kind != "street" or not number:
        return hit
    ranges = [
        (s, min(s.first, s.last), max(s.first, s.last))
        for s in entry.streets
        if s.first is not None and s.last is not None
    ]
    for street, low, high in ranges:
        if low <= number <= high:
            return replace(hit, at=house(street, number), number=number, is_rough=True)
    if ranges:
        low, high = min(r[1] for r in ranges), max(r[2] for r in ranges)
        street = min(ranges, key=lambda r: min(abs(r[1] - number), abs(r[2] - number)))[0]
        return replace(hit, at=house(street, number), number=number, is_rough=True, range=(low, high))
    return replace(hit, number=number, is_rough=True)


def house(street: Feature, number: int) -> Point:
    """Place of a house: as far along its street as its number, odd ones left of it, even ones right; never beyond its ends."""
    assert street.first is not None and street.last is not None
    share = min(max((number - street.first) / (street.last - street.first), 0.0), 1.0)
    way = [p for part in street.parts for p in part]
    flat = max(math.cos(math.radians(way[0][1])), 0.05)
    steps = [(math.hypot((b[0] - a[0]) * flat, b[1] - a[1]), a, b) for a, b in pairwise(way)]
    left = share * sum(step[0] for step in steps)
    for length, a, b in steps:
        if left <= length and length > 0:
            t, side = left / length, (1 if number % 2 else -1) * ASIDE_M / METRES
            across = (-(b[1] - a[1]) / length, (b[0] - a[0]) * flat / length)
            lon = a[0] + t * (b[0] - a[0]) + side * across[0] / flat
            return round(lon, 7), round(a[1] + t * (b[1] - a[1]) + side * across[1], 7)
        left -= length
    return way[-1]


def middle(feature: Feature) -> Point:
    """A point to show a feature by: halfway along a line, the mean of a ring's corners, the point itself."""
    part = max(feature.parts, key=len)
    if len(part) == 1:
        return part[0]
    if feature.is_area:
        return sum(p[0] for p in part[:-1]) / (len(part) - 1), sum(p[1] for p in part[:-1]) / (len(part) - 1)
    return house(replace(feature, parts=(part,), first=0, last=2), 1) if len(set(part)) > 1 else part[0]


def inside(point: Point, rings: Iterable[Sequence[Point]]) -> bool:
    """True if a point lies in an area of rings, holes out (even-odd)."""
    is_in = False
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > point[1]) != (by > point[1]) and point[0] < ax + (point[1] - ay) / (by - ay) * (bx - ax):
                is_in = not is_in
    return is_in


def _box(parts: Sequence[Sequence[Point]]) -> tuple[float, float, float, float]:
    """West, south, east and north of some rings."""
    lons, lats = zip(*(p for part in parts for p in part), strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def entries_of(features: Sequence[Feature], spelt: Callable[[str], str] = lambda name: "") -> list[Entry]:
    """Entries of a base map; the pieces of one street are one, streets of one name in two districts are two.

    ``spelt`` is a name letter by letter in Latin script, by which it is found as well.
    """
    districts = [row for row in features if row.kind == "district" and row.is_area and row.name]

    boxes = [(row, *_box(row.parts)) for row in districts]

    def district(at: Point) -> Feature | None:
        around = (row for row, w, s, e, n in boxes if w <= at[0] <= e and s <= at[1] <= n)
        return next((row for row in around if inside(at, row.parts)), None)

    found, streets = [], dict[tuple[str, str, str], list[Feature]]()
    for row in features:
        if not (row.name or row.name_en) or row.kind == "block":
            continue
        at = middle(row)
        within = district(at) if row.kind != "district" else None
        around = (within.name, within.name_en or within.name) if within else ("", "")
        if row.kind == "street":
            streets.setdefault((row.name, row.name_en, around[0]), []).append(row)
            continue
        forms = entry_forms(row.name, row.name_en, spelt(row.name))
        key = row.first or 0
        found.append(Entry(row.kind, row.name, row.name_en, at, *around, code=row.what, key=key, forms=forms))
    for (name, name_en, _near), parts in streets.items():
        longest = max(parts, key=lambda row: len(row.parts[0]))
        within = district(middle(longest))
        around = (within.name, within.name_en or within.name) if within else ("", "")
        forms = entry_forms(name, name_en, spelt(name))
        found.append(
            Entry("street", name, name_en, middle(longest), *around, streets=tuple(parts), forms=forms)
        )
    return found
