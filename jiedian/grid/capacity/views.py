"""The map of what is open, the list beside it, one device with its why."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.basemap import device_name, grid_title, ground_now
from jiedian.grid.network.queries.finding import areas_around, place_of
from jiedian.grid.network.queries.land import wires_of
from jiedian.grid.network.queries.network import parameter_rows, standing_grids
from jiedian.grid.network.queries.places import upstream
from jiedian.shell.atlas import Stroke
from jiedian.shell.shell import business_now, page, whole_number
from jiedian.shell.tables import table_response

from .models import Reservation
from .queries.capacity import Figure, Ledger, capacity_of, capacity_range, figures_of, ledger
from .queries.drawings import MapDevice, OpenMap, feeder_names, open_map, station_dots
from .queries.maps import Sheet, area_sheet, level_of, level_words, sheet, value_of
from .queries.present import last_sample, undrawn
from .queries.reasons import card_of, short_reason

SORTS = {
    "name": lambda f: f.device.name,
    "open": lambda f: (f.open_kw is None, f.open_kw or 0.0),
    "formula": lambda f: (f.formula_kw is None, f.formula_kw or 0.0),
    "physical": lambda f: (f.physical_kw is None, f.physical_kw or 0.0),
}
SHOWN = 400


@page("grid.view")
def grid_map(request: HttpRequest) -> HttpResponse:
    """Everything open in one grid: a map, and a list to search, sort, filter and take away."""
    asked = {
        name: request.GET.get(name, "") for name in ("grid", "kind", "feeder", "level", "q", "sort", "by")
    }
    grids = list(standing_grids())
    if not grids:
        return render(request, "network/empty.html", {})
    try:
        chosen = _feeder(asked["feeder"])
        code = asked["grid"] or (chosen.grid if chosen else grids[0]).code
        drawn = sheet(code, on=localdate(business_now()), feeder=chosen)
    except Refused as refusal:
        words = refusal.words(get_language() or "zh-hans")
        return render(request, "network/empty.html", {"findings": words})
    asked["kind"] = asked["kind"] or ("feeder" if _has_feeders(drawn) else "area")
    rows = _rows(drawn, asked)
    if request.GET.get("format") in ("csv", "xlsx"):
        return table_of(rows, drawn.book, kind=request.GET["format"])
    book = drawn.book
    context = {
        "grid": book.grid,
        "version": book.version,
        "grids": [(row.code, grid_title(row.name)) for row in grids],
        "filters": asked,
        "sorts": SORTS,
        "feeders": _feeders(drawn),
        "rows": [(f, level_of(f, asked["by"]), short_reason(f, book)) for f in rows[:SHOWN]],
        "total": len(rows),
        "refusals": [_words(row) for row in book.version.refusals],
        "sampled": last_sample(book.grid),
        "kinds": [("feeder", _("馈线")), ("area", _("配变台区")), ("main", _("主变")), ("node", _("节点"))],
        "levels": list(level_words().items()),
        "ways": [("open", _("两者较小")), ("formula", _("只看公式")), ("physical", _("只看物理"))],
    }
    pictured = _pictured(drawn, asked, chosen)
    return render(request, "capacity/map.html", context | pictured | _here(request, book))


def _pictured(drawn: Sheet, asked: dict[str, str], chosen: Device | None) -> dict[str, Any]:
    """The map with its legend."""
    pictured = _drawing(drawn, asked["level"], asked["by"], of=chosen)
    counts = Counter(level_of(figure, asked["by"]) for figure in drawn.figures)
    return {"drawing": pictured.svg, "ramp": pictured.ramp, "counts": counts, "ground": ground_now()}


def _here(request: HttpRequest, book: Ledger) -> dict[str, Any]:
    """The place that the address names: where the map begins, the card of the area there, and the words for the place."""
    place = place_of(request.GET)
    if place is None:
        return {}
    around = areas_around(book.version.pk, place, book.devices.values())
    told = {"look": f"{place[0]} {place[1]}", "where": request.GET.get("where", "")[:80]}
    if not around:
        return told | {"is_far": around is not None, "is_unknown": around is None}
    near, found = around[0], around[0].area
    load, generation = (figures_of([found], book, direction=way)[0] for way in ("load", "generation"))
    return told | _own_card(found, book, load, generation) | {"near": near}


def _feeder(text: str) -> Device | None:
    return (
        Device.objects.filter(pk=whole_number(text), kind=Device.Kind.FEEDER).select_related("grid").first()
    )


def _feeders(drawn: Sheet) -> list[tuple[int, str]]:
    """The feeders one can choose, by name."""
    found = [device for device in drawn.book.devices.values() if device.kind == Device.Kind.FEEDER]
    return [(device.pk, device_name(device.name)) for device in sorted(found, key=lambda device: device.name)]


def _words(row: dict[str, Any]) -> str:
    return str(row["zh"] if (get_language() or "zh").startswith("zh") else row["en"])


def _rows(drawn: Sheet, asked: dict[str, str]) -> list[Figure]:
    kind = asked["kind"]
    if kind == "node":
        found = [f for f in drawn.figures if f.device.kind == Device.Kind.NODE]
    elif kind == "area":
        found = [f for f in drawn.figures if f.device.kind == Device.Kind.AREA]
    else:
        found = figures_of([d for d in drawn.book.devices.values() if d.kind == kind], drawn.book)
    text = asked["q"].strip().lower()
    if text:
        found = [f for f in found if text in f.device.name.lower() or text in f.device.code.lower()]
    if asked["level"]:
        found = [f for f in found if level_of(f, asked["by"]) == asked["level"]]
    sort = asked["sort"].removeprefix("-")
    found.sort(key=SORTS.get(sort, SORTS["name"]), reverse=asked["sort"].startswith("-"))
    return found


def title_of(figure: Figure) -> str:
    """Title of a dot, which the pointer is told."""
    words = level_words()[level_of(figure)]
    amount = "—" if figure.open_kw is None else f"{figure.open_kw:,.0f} kW"
    return f"{device_name(figure.device.label)} · {amount} · {words}"


def _has_feeders(drawn: Sheet) -> bool:
    return any(device.kind == Device.Kind.FEEDER for device in drawn.book.devices.values())


def _drawing(drawn: Sheet, level: str = "", by: str = "", *, of: Device | None = None) -> OpenMap:
    """The map of a sheet; ``of`` one feeder with its own station, or of one area with its low-voltage lines."""
    near = {row.pk for row in upstream(of)} if of else set[int]()
    devices = [d for d in drawn.book.devices.values() if not near or d.pk in near]
    shown = [
        MapDevice(f.device, value_of(f, by), title_of(f), f"/grid/devices/{f.device.pk}/")
        for f in drawn.figures
        if not level or level_of(f, by) == level
    ]
    version_id, names = drawn.book.version.pk, feeder_names(drawn.book.devices.values())
    if of is not None and of.kind == Device.Kind.AREA:
        strokes = [Stroke(line.points, line.is_open, line.code, "low") for line in drawn.lines]
    else:
        strokes = wires_of(version_id, names, feeder=of.code if of else "")
    is_city = _has_feeders(drawn)  # in a village stations would cover the transformer areas
    dots = station_dots(devices, "/grid/devices/{}/") if is_city else []
    return open_map(version_id, shown, strokes=strokes, dots=dots, label=device_name(of.name) if of else "")


def table_of(figures: Iterable[Figure], book: Ledger, *, kind: str) -> HttpResponse:
    """The list to take away: both results, and what sets the number."""
    heads = [
        _("设备"),
        _("编号"),
        _("电压（kV）"),
        _("可开放容量（kW）"),
        _("管理口径（kW）"),
        _("物理计算（kW）"),
        _("受什么限制"),
    ]
    rows = []
    for figure in figures:
        values = [figure.open_kw, figure.formula_kw, figure.physical_kw]
        own, formula, physical = ("" if value is None else round(value, 1) for value in values)
        device = figure.device
        name = device_name(device.name)
        rows.append([name, device.code, device.kv, own, formula, physical, short_reason(figure, book)])
    return table_response("capacity", heads, rows, kind=kind, title=_("可开放容量"))


@page("grid.view")
def device(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: what is open, why, who holds or waits, what was published, what hangs below."""
    found = (
        Device.objects.select_related("grid", "parent__parent__parent__parent").filter(pk=device_id).first()
    )
    if found is None:
        raise Http404
    on = localdate(business_now())
    try:
        load, generation = capacity_of(found, on=on), capacity_of(found, on=on, direction="generation")
    except Refused as refusal:
        return render(
            request,
            "network/empty.html",
            {"findings": refusal.words(get_language() or "zh-hans")},
            status=409,
        )
    book = ledger(found.grid, on=on)
    own = _own_card(found, book, load, generation)
    if request.headers.get("HX-Request"):
        return render(request, "capacity/_card.html", own)
    parts = list(found.parts.filter(is_retired=False).order_by("name")[:SHOWN])
    context = {
        "generation": generation,
        "level": level_of(load),
        "grid_query": urlencode({"grid": found.grid.code}),
        "said": _said(load),
        "why": [finding.words(get_language() or "zh-hans") for finding in load.why],
        "chain": list(reversed(upstream(found)[1:])),
        "parts": [(f, level_of(f), short_reason(f, book)) for f in figures_of(parts, book)],
        "is_short": len(parts) <= 20,
        "spread": capacity_range(parts, book.version) if found.kind in ("feeder", "section") else None,
    }
    return render(request, "capacity/device.html", context | own | _known(found) | _own_map(found, on=on))


def _own_card(found: Device, book: Ledger, load: Figure, generation: Figure) -> dict[str, Any]:
    """One device in short: what a click on the map shows."""
    reservations = _reserved(found, book)
    return {
        "device": found,
        "figure": load,
        "name": f"{found.get_kind_display()} {device_name(found.label)}",
        "card": card_of(load, generation, book, reservations),
        "reservations": reservations,
    }


def _own_map(found: Device, *, on: date) -> dict[str, Any]:
    """The low-voltage grid of an area, or the course of a feeder; other devices have no map of their own."""
    if found.kind == Device.Kind.AREA:
        drawn = area_sheet(found, on=on)
    elif found.kind == Device.Kind.FEEDER:
        drawn = sheet(found.grid.code, on=on, feeder=found)
    else:
        return {}
    pictured = _drawing(drawn, of=found)
    return {"drawing": pictured.svg, "ramp": pictured.ramp, "ground": ground_now()}


def _known(found: Device) -> dict[str, Any]:
    """What is known of a device besides what is open: its measured peaks, what was published, how many accounts."""
    history = found.published.select_related("publication").order_by("-publication__due_on")
    return {
        "months": list(found.measured.order_by("-month_on")[:12]),
        "history": list(history[:12]),
        "accounts": found.accounts.count(),
        "parameters": list(parameter_rows().values()),
    }


def _said(figure: Figure) -> str:
    """What can be opened at a device, as a sentence."""
    if figure.device.kind == Device.Kind.STATION:
        return _("可开放容量按母线段给出，见下属。")
    if figure.open_kw is None:
        return _("可开放容量须人工核定。")
    return _("还可开放 %(kw)s kW。") % {"kw": f"{figure.open_kw:,.0f}"}


def _reserved(found: Device, book: Ledger) -> list[Reservation]:
    """What is held, waits, or runs and is not in the network yet, at the device or anywhere below it."""
    rows = found.grid.reservations.exclude(state="released").select_related("node", "drawn_in").order_by("id")
    living = undrawn(list(rows), book.version)
    return [row for row in living if row.node_id == found.pk or found in book.chain(row.node)][:SHOWN]
