"""Hot spots: what rose in the last week, where, and why; each number opens to the concerns behind it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.drawings import network_strokes
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import backdrop
from jiedian.people.queries import actor, areas, person
from jiedian.shell.atlas import Dot, network_svg
from jiedian.shell.draw.concerns import week_bars
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page, verdict_on, whole_number
from jiedian.shell.tables import table_response
from jiedian.voice.classify.calc.classify import GROUP_OF, STEPS
from jiedian.voice.inbox.queries.leaves import leaf_of, phase_of
from jiedian.voice.inbox.rows import threshold
from jiedian.voice.inbox.templatetags.voice_tags import times

from . import services
from .calc.hotspots import Change
from .models import HotSpot
from .queries import hotspots as queries
from .queries.hotspots import Cell
from .queries.lists import Area, PageRows, Rise, causes_of, concerns_of, decision_of, key_of
from .queries.marks import Mark, concerns_by_grid, marks_on
from .queries.names import cell_name, place_name
from .queries.places import Spot, feeder_names

NEXT_SHOWN, DECIDED_SHOWN = 12, 10
FIRST = date(2000, 1, 1)
"""No week before this one is asked for; the weeks it is compared with must exist in the calendar."""
CLOSE_M = 800.0
"""Marks nearer than so many metres lie on each other on the map of a city."""
WIDE = 54.0
"""As wide as the largest mark with its number, in its own units."""


@page("hotspots.view")
def hotspots(request: HttpRequest) -> HttpResponse:
    """Page of hot spots: what rose beyond chance in the week before a day, and what came next without doing so."""
    until_on = _until(request)
    found = queries.rises_until(until_on)
    place = request.GET.get("place")
    hot = [row for row in found.hot if place in (None, row.key.place)]
    if request.GET.get("format") in ("csv", "xlsx"):
        return _table(found, kind=request.GET["format"])
    calm = [row for row in found.changes if row not in found.hot and row.ratio > 1]
    calm = [row for row in calm if place in (None, row.key.place)]
    latest = list(HotSpot.objects.order_by("-decided_at")[:DECIDED_SHOWN])
    feeders = feeder_names([row.key.feeder for row in found.changes] + [row.feeder for row in latest])
    known = PageRows(feeders, {key_of(row): row for row in HotSpot.objects.filter(until_on=until_on)})
    can_later = until_on <= local_day(business_now()) - timedelta(days=6)
    context = {
        "rises": found,
        "last_on": until_on - timedelta(days=1),
        "earlier_on": until_on - timedelta(days=7),
        "later_on": until_on + timedelta(days=7) if can_later else None,
        "hot": _rises(hot, found, known),
        "next": _rises(calm[:NEXT_SHOWN], found, known),
        "areas": _areas(found, until_on),
        "place": place,
        "decided": [decision_of(row, feeders) for row in latest],
        "fdr": threshold("hotspot_fdr"),
    }
    return render(request, "hotspots/hotspots.html", context | _map(request, found, feeders))


@page("hotspots.view")
def hotspot(request: HttpRequest) -> HttpResponse:
    """One cell: its weeks, its concerns, its cause tree; on POST a person decides."""
    until_on, cell = _until(request), _cell(request)
    change = next((row for row in queries.rises_until(until_on).changes if row.key == cell), None)
    if change is None:
        raise refuse("missing.comparison")
    may_decide = verdict_on(request.user, "hotspots.decide").may
    if request.method == "POST" and may_decide:
        given = request.POST
        branch, _sep, value = given.get("cause", "").partition(":")
        verdict = services.Verdict(given.get("state", ""), branch, value, given.get("words", ""))
        who = actor(person(request.user.pk))
        services.decide(change, verdict, until_on=until_on, actor=who, at=business_now())
        messages.success(request, _("已记下。"))
        return redirect(_link(cell, until_on))
    new, old = queries.concerns_in(cell, queries.spans_until(until_on))
    weeks = queries.weekly(new, old, queries.spans_until(until_on))
    feeders = feeder_names([cell.feeder])
    context = {
        "change": change,
        "title": cell_name(cell, feeders),
        "until_on": until_on,
        "bars": week_bars([(f"{day.month}/{day.day}", n) for day, n in weeks], title=_("每周诉求数")),
        "n_weeks": len(weeks) - 1,
        "concerns": [(row, phase_of(row.step)) for row in concerns_of(new)],
        "tree": causes_of(queries.cause_tree(new, old)),
        "n_new": len(new),
        "n_old": len(old),
        "decided": decision_of(queries.judged_hot_spot(cell, until_on), feeders),
        "may_decide": may_decide,
        "is_hot": change.q <= threshold("hotspot_fdr"),
    }
    return render(request, "hotspots/hotspot.html", context)


def _rises(rows: list[Change[Cell]], found: queries.Rises, known: PageRows) -> list[Rise]:
    """Cells that rose as lines of a table."""
    until_on, feeders = found.spans.until_on, known.feeders
    return [
        Rise(
            title=cell_name(row.key, feeders),
            url=_link(row.key, until_on),
            change=row,
            weekly=row.old / found.spans.weeks,
            is_hot=row in found.hot,
            decision=decision_of(known.decided.get(row.key), feeders),
        )
        for row in rows
    ]


def _until(request: HttpRequest) -> date:
    """The day after the newer week; tomorrow unless asked for, so that today counts."""
    tomorrow = local_day(business_now()) + timedelta(days=1)
    try:
        return min(max(date.fromisoformat(request.GET.get("until", "")), FIRST), tomorrow)
    except ValueError:
        return tomorrow


def _cell(request: HttpRequest) -> Cell:
    leaf, place, step, kind = (request.GET.get(name, "") for name in ("leaf", "place", "step", "class"))
    known = leaf in GROUP_OF and (not step or step in STEPS) and (not kind or kind in Case.Class.values)
    if not known or place not in ("", *dict(areas())):
        raise refuse("missing.hotspot")
    return Cell(leaf, place, step, kind, whole_number(request.GET.get("feeder")))


def _link(cell: Cell, until_on: date) -> str:
    asked: dict[str, Any] = {"leaf": cell.leaf, "place": cell.place, "step": cell.step}
    asked |= {"class": cell.customer_class, "feeder": cell.feeder}
    held = {name: value for name, value in asked.items() if value} | {"until": until_on.isoformat()}
    return f"{reverse('hotspot')}?{urlencode(held)}"


def _cell_key(cell: Cell) -> tuple[str | int, ...]:
    return cell.leaf, cell.place, cell.step, cell.customer_class, cell.feeder


def _areas(found: queries.Rises, until_on: date) -> list[Area]:
    """Every area and what has no known place."""
    wide = [row for row in found.changes if row.key == Cell(row.key.leaf, row.key.place)]
    rows = []
    for code, name in [*areas(), ("", _("地点未明"))]:
        new = sum(row.new for row in wide if row.key.place == code)
        usual = sum(row.old for row in wide if row.key.place == code) / found.spans.weeks
        hot = sum(row.key.place == code for row in found.hot)
        url = f"{reverse('hotspots')}?{urlencode({'place': code, 'until': until_on.isoformat()})}"
        rows.append(Area(code, name, new, usual, hot, url))
    return rows


def _map(request: HttpRequest, found: queries.Rises, feeders: dict[int, str]) -> dict[str, Any]:
    """The marks on one grid, drawn over its medium-voltage lines, and the same marks as a list."""
    counts = concerns_by_grid(found)
    grids = list(Grid.objects.filter(Q(is_city=True) | Q(code__in=counts)).order_by("-is_city", "name"))
    grid = next((row for row in grids if row.code == request.GET.get("grid")), grids[0] if grids else None)
    if grid is None:
        return {}
    marks = [m for m in marks_on(found, grid.code) if request.GET.get("place") in (None, m.change.key.place)]
    try:
        strokes, stations = network_strokes(grid)
    except Refused:
        strokes, stations = [], []
    dots = [*stations, *_said(found, grid.code), *reversed(_beside(marks, found.spans.until_on))]
    return {
        "grid": grid,
        "grids": [(row, counts[row.code]) for row in grids],
        "map": network_svg(strokes, dots, label=_("诉求热点图"), ground=backdrop()) if strokes else "",
        "marks": [
            (mark, cell_name(mark.change.key, feeders), _link(mark.change.key, found.spans.until_on))
            for mark in marks
        ],
        "located": counts[grid.code],
    }


def _said(found: queries.Rises, grid: str) -> list[Dot]:
    """Every concern of the week that has a place."""
    spots = [line.spot for line in found.lines if line.spot and line.spot.grid == grid]
    return [Dot(spot.lon, spot.lat, "node", _("一件诉求"), size=0.8) for spot in spots]


def _beside(marks: list[Mark], until_on: date) -> list[Dot]:
    """The marks; those that would lie on each other on the whole map stand beside each other."""
    standing: Counter[Spot] = Counter()
    dots = []
    for mark in marks:
        at = next((spot for spot in standing if _lie_close(spot, mark.spot)), mark.spot)
        dots.append(_dot(replace(mark, spot=at), WIDE * standing[at], until_on))
        standing[at] += 1
    return dots


def _lie_close(one: Spot, other: Spot) -> bool:
    return distance_m((one.lon, one.lat), (other.lon, other.lat)) < CLOSE_M


def _dot(mark: Mark, aside: float, until_on: date) -> Dot:
    """A mark whose area grows with the rate ratio, up to nine times."""
    change, spot, link = mark.change, mark.spot, _link(mark.change.key, until_on)
    title = f"{cell_name(Cell(change.key.leaf, change.key.place), {})} · {times(change.ratio)}"
    size = min(max(change.ratio, 1.0), 9.0) ** 0.5
    return Dot(spot.lon, spot.lat, mark.level, title, link, str(mark.number), size=size, aside=aside)


def _table(found: queries.Rises, *, kind: str) -> HttpResponse:
    heads = [
        _("诉求类别"),
        _("地点"),
        _("环节"),
        _("客户类别"),
        _("供电线路"),
        _("本周（件）"),
        _("之前各周合计（件）"),
    ]
    heads += [_("倍数"), _("95% 区间下限"), _("95% 区间上限"), _("p 值"), _("校正后 p 值"), _("是否热点")]
    names = feeder_names(row.key.feeder for row in found.changes)
    cells: list[tuple[Any, ...]] = [
        (
            name_of(leaf_of(r.key.leaf)),
            place_name(r.key.place),
            name_of(phase_of(r.key.step)) if r.key.step else "",
            dict(Case.Class.choices).get(r.key.customer_class, r.key.customer_class),
            names.get(r.key.feeder, ""),
            r.new,
            r.old,
            *_figures(r),
            _("是") if r in found.hot else _("否"),
        )
        for r in found.changes
    ]
    return table_response("hotspots", heads, cells, kind=kind, title=_("诉求热点"))


def _figures(row: Change[Cell]) -> tuple[str, ...]:
    return tuple(f"{value:.6g}" for value in (row.ratio, row.low, row.high, row.p, row.q))
