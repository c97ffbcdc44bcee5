"""The public page of an issue: the list, the card of one device with its sum, and the road on to an application."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.capacity.queries.reasons import limit_words
from jiedian.grid.network.models import Device

from ..calc.binding import Sum, sum_of
from ..models import Publication
from .issues import Issue, Wish, next_due, selected
from .places import nearest_first
from .rows import plain_rows, words_of

SHOWN, NEAR, CLOSE_M = 300, 12, 2000.0
"""So many rows the list has, and around a place; farther than so many metres nothing is said to be near, as while applying."""
TIED_M = 1.0
"""Nearer than this to each other, two distances are the same; ours."""
WIDTH = 320
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A row of the list: the plain row, what limits it (as a sentence, and shortly) or why there is no figure, its address."""

    row: dict[str, Any]
    kind: str
    words: str
    short: str
    distance_m: float | None
    query: str
    is_chosen: bool
    key: str


@dataclass(frozen=True)
class Part:
    """A part of the bar: its look, and where it stands on ``WIDTH``."""

    look: str
    x: float
    width: float


@dataclass(frozen=True)
class Card:
    """One device: its row, what binds, its sum with the bar (None where there is none to show), and where to go on.

    ``is_nearest``: it was not chosen, it lies nearest to the place that was given.
    """

    line: Line
    feed_in: str
    sum: Sum | None
    bar: tuple[Part, ...]
    stop: float
    apply: str
    percent: str
    is_nearest: bool


@dataclass(frozen=True)
class Question:
    """Question of the page's reader: a word, a place, a device (``area:7``), and the query that keeps the issue."""

    wish: Wish
    place: Point | None
    device: str
    kept: dict[str, str]


@dataclass(frozen=True)
class Lateness:
    """Lateness of the issue after this one: when it is due, and by how many days it is late already."""

    due_on: date
    days: int


def look_at(question: Question, card: Card | None) -> str:
    """Place at which the map begins, ``longitude latitude``: that of the reader, else of the device he chose."""
    if question.place:
        return f"{question.place[0]} {question.place[1]}"
    row = card.line.row if card else None
    return f"{row['lon']} {row['lat']}" if row and row["lon"] is not None else ""


def lines_for(issue: Issue, question: Question) -> tuple[list[Line], int]:
    """The list, and how many rows there are in all: around a place the nearest, else by name, at most ``SHOWN``."""
    publication, wish = issue.publication, question.wish
    if question.place and wish.kind not in ("node", "all"):
        kinds = (wish.kind,) if wish.kind else ("area",)
        found = nearest_first(issue.rows, question.place, kinds)
        return [_line(row, question, issue, metres) for row, metres in found[:NEAR]], len(found)
    if (own := _own(issue, question)) and wish == Wish():
        below = [row for row in issue.rows if row is own or _hangs(row, own)]
        return [_line(row, question, issue) for row in below[:SHOWN]], len(below)
    if not wish.kind and not wish.text:
        has_areas = any(row["kind"] == "area" for row in issue.rows)
        wish = Wish("area" if has_areas else "", wish.feeder, wish.level)
    if wish == Wish(wish.kind) and wish.kind not in ("node", "all"):
        kept = [row for row in issue.rows if not wish.kind or row["kind"] == wish.kind]
        return [_line(row, question, issue) for row in kept[:SHOWN]], len(kept)
    rows = selected(publication, wish)
    shown = plain_rows(rows[:SHOWN], publication)
    return [_line(row, question, issue) for row in shown], rows.count()


def _own(issue: Issue, question: Question) -> dict[str, Any] | None:
    """The row of the station or feeder that is asked for by itself; None for any other device."""
    kind, _colon, code = question.device.partition(":")
    is_above = kind in ("station", "feeder")
    return next((r for r in issue.rows if is_above and (r["kind"], r["code"]) == (kind, code)), None)


def _hangs(row: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether a row is a main transformer of a station, or an area on a feeder."""
    if own["kind"] == "station":
        return bool(row["kind"] == "main" and row["station"] == own["device"])
    return bool(row["feeder_code"] == own["code"])


def is_tied(question: Question, lines: list[Line]) -> bool:
    """True if the nearest two to a place are equally near, so that nobody can say which is meant."""
    if not question.place or question.device or len(lines) < 2:
        return False
    return abs((lines[1].distance_m or 0.0) - (lines[0].distance_m or 0.0)) < TIED_M


def card_for(issue: Issue, question: Question, lines: list[Line]) -> Card | None:
    """The device that was chosen; without a choice the nearest close to the place, or the only one that is found."""
    chosen = next((line for line in lines if line.is_chosen), None)
    if chosen is None and question.device:
        kind, _colon, code = question.device.partition(":")
        own = next((row for row in issue.rows if (row["kind"], row["code"]) == (kind, code)), None)
        if own is None:
            rows = selected(issue.publication, Wish(kind="node")).filter(kind=kind, facts__code=code)
            own = next(plain_rows(rows[:1], issue.publication), None)
        chosen = _line(own, question, issue) if own else None
    if chosen is None and is_tied(question, lines):
        return None
    if chosen is None and lines and not question.device and (question.place or len(lines) == 1):
        chosen = lines[0] if (lines[0].distance_m or 0.0) <= CLOSE_M else None
    return _card(chosen, question, issue.publication) if chosen else None


def _line(row: dict[str, Any], question: Question, issue: Issue, metres: float | None = None) -> Line:
    is_zh = (get_language() or "zh").startswith("zh")
    name = f"{row['kind']}:{row['code']}"
    words = words_of(row, "limit", is_zh=is_zh) or words_of(row, "reason", is_zh=is_zh)
    return Line(
        row,
        str(Device.Kind(row["kind"]).label),
        words,
        limit_words(row["limit"] or "", row["limit_at"] or "", own=row["device"]) or words,
        metres,
        urlencode(question.kept | {"device": name}),
        name == question.device,
        issue.mark_of(row),
    )


def _card(line: Line, question: Question, publication: Publication) -> Card:
    row, is_zh = line.row, (get_language() or "zh").startswith("zh")
    feed_in = words_of(row, "feed_in_limit", is_zh=is_zh) or words_of(row, "feed_in_reason", is_zh=is_zh)
    state = words_of(row, "feed_in_state", is_zh=is_zh)
    feed_in += ("。" if is_zh else ". ") + state if feed_in and state else ""
    made = _sum(row, publication)
    bar, stop = _bar(made) if made else ((), 0.0)
    name = {"area": "LOADING_AREA", "feeder": "LOADING_FEEDER"}.get(row["kind"], "")
    share = publication.parameters.get(name)
    return Card(
        line,
        feed_in,
        made,
        bar,
        stop,
        apply=_apply(row, question),
        percent="" if share is None else f"{100 * share:g} %",
        is_nearest=line.distance_m is not None and row["kind"] == "area" and not line.is_chosen,
    )


def _sum(row: dict[str, Any], publication: Publication) -> Sum | None:
    """The formula's sum in kW; none where a part of it is not known."""
    allowed, peak, reserved, free = (
        row[key] for key in ("allowed_kva", "peak_kva", "reserved_kva", "open_kw")
    )
    if None in (allowed, peak, reserved, free):
        return None
    pf = publication.parameters.get("OPEN_PF", 0.95)
    return sum_of(allowed * pf, peak * pf, reserved * pf, free)


def _bar(made: Sum) -> tuple[tuple[Part, ...], float]:
    """The sum as a bar as wide as the allowed, or as what is used where that is more."""
    amounts = (("peak", made.peak), ("kept", made.reserved), ("free", made.open), ("held", made.held))
    whole = max(sum(amount for _, amount in amounts), made.allowed, 1)
    parts, at = [], 0.0
    for look, amount in amounts:
        width = round(WIDTH * amount / whole, 1)
        parts.append(Part(look, round(at, 1), width))
        at += width
    return tuple(parts), round(WIDTH * made.allowed / whole, 1)


def _apply(row: dict[str, Any], question: Question) -> str:
    """The query with which the application begins: the place the customer gave, else the area he looked at.

    Never both: whoever is beside an area is nowhere else, however far his own place is from it.
    """
    if question.place:
        return urlencode({"lon": f"{question.place[0]:.6f}", "lat": f"{question.place[1]:.6f}"})
    return urlencode({"beside": row["device"]} if row["kind"] == "area" else {})


def lateness(publication: Publication, *, today: date, is_last: bool) -> Lateness:
    """The next due day after an issue; only the last issue can be overdue."""
    due = next_due(publication)
    return Lateness(due, max((today - due).days, 0) if is_last else 0)


def counts(issue: Issue) -> dict[str, Any]:
    """Counts of an issue: its areas (``kind``; where there are none: feeders), and those that a person must answer."""
    kind = "area" if any(row["kind"] == "area" for row in issue.rows) else "feeder"
    rows = [row for row in issue.rows if row["kind"] == kind]
    return {"kind": kind, "total": len(rows), "by_hand": sum(row["by_hand"] for row in rows)}


def nothing_there(question: Question) -> str:
    """Words for an empty list."""
    if question.place:
        return _("这个电网没有带坐标的设备。")
    return _("没有符合的设备。")
