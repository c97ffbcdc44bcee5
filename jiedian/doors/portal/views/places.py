"""Place of an application: the map to point at, and the answer of the grid there."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language

from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.intake.forms import VOLTAGES
from jiedian.cases.intake.rows import band_of, feed_in_bands, usual
from jiedian.clocks.queries import reply_limit
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Refused
from jiedian.core.identity import tidy_power
from jiedian.core.workdays import local_day
from jiedian.grid.capacity.queries.capacity import figures_of, ledger
from jiedian.grid.capacity.queries.reasons import reason_of
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.basemap import ground_now
from jiedian.grid.network.queries.finding import areas_around, find_place, place_of
from jiedian.grid.publication.queries import issue_of, latest
from jiedian.ground.throttle.queries import asker_of
from jiedian.ground.throttle.services import Limit, count_in
from jiedian.process.rows import classes
from jiedian.shell.shell import business_now, page, real_now
from jiedian.supply.bench.queries.maps import pin_map
from jiedian.supply.study.queries.answers import Inquiry, answer_at

from ..forms import ONLY_SOLAR, PLACE, VOLTAGE_KV
from ..queries import kva_told, sends_scheme

PLACES = Limit("place.many", 60, timedelta(minutes=1))
"""Answers for places that one address gets; a hall full of people is one address."""


def map_to_point_at() -> dict[str, Any]:
    """Map to point at: that of the last issue; before the first one the city's lines; nothing where there is no grid."""
    publication, ground = latest(), ground_now()
    if publication:
        issue = issue_of(publication)
        return {"drawing": issue.drawing, "ramp": issue.map.ramp, "ground": ground}
    grid = Grid.objects.filter(is_city=True).first()
    return {"drawing": pin_map(grid) if grid else "", "ground": ground}


def given_place(query: QueryDict) -> dict[str, str]:
    """Place that a link into the application names: a neighbour, or where, with the words it was found by."""
    known = {name: str(query[name])[:60] for name in PLACE if name in query}
    return known | ({"spot": str(query["where"])[:60]} if query.get("where") and "lon" in known else {})


def half_way(request: HttpRequest) -> dict[str, Any] | None:
    """Half-filled application after a button inside it was pressed where no script runs: look for a place, take one of those
    found, take the voltage that reaches. Whatever was typed stays (``values``). None where the application itself was sent.
    """
    values, found = {name: str(value) for name, value in request.POST.items()}, None
    if pick := values.pop("pick", ""):
        lon, lat, spot = (pick.split(",", 2) + ["", ""])[:3]
        values |= {"lon": lon, "lat": lat, "spot": spot[:60]}
    elif use := values.pop("use", ""):
        kind, _, kv = use.partition(":")
        values |= {"declared_class": kind, "case_class": kind, "voltage_kv": kv}
    elif values.pop("find", "") and values.get("where", "").strip():
        found = find_place(values["where"][:80], Grid.objects.filter(is_city=True).first())
    else:
        return None
    told = {"values": values, "where": values.get("where", ""), "found": found, "picks": True}
    return told | told_here(request, values)


def answer_here(asked: Mapping[str, str]) -> dict[str, Any]:
    """Answer at a place: the area there with what can be opened and why not more, and, where the use of power is told,
    whether the capacity reaches it, with the drop, and the next voltage that does. Empty where no place is named.
    """
    place, grid = place_of(asked), Grid.objects.filter(is_city=True).first()
    is_solar = asked.get("declared_class") in ONLY_SOLAR or asked.get("case_class") in SOLAR
    context: dict[str, Any] = {"is_asked": place is not None, "is_solar": is_solar}
    if place and grid:
        on = local_day(business_now())
        with suppress(Refused):
            book = ledger(grid, on=on)
            around = areas_around(book.version.pk, place, book.devices.values())
            context |= {"is_far": around is not None}
            for near in () if is_solar else (around or ())[:1]:
                figure = figures_of([near.area], book)[0]
                context |= {"figure": figure, "near": near, "reason": reason_of(figure, book), "on": on}
            context |= (_weighed_feed_in if is_solar else _weighed)(place, asked, on)
    return context


def _weighed(place: tuple[float, float], asked: Mapping[str, str], on: date) -> dict[str, Any]:
    """What the grid answers to the use, capacity and voltage that were told so far; a usual capacity where none was."""
    kind = asked.get("declared_class") or asked.get("case_class", "")
    if kind not in VOLTAGE_KV:
        return {}
    said, row = kva_told(asked), usual()[kind]
    kv = Decimal(asked["voltage_kv"] if asked.get("voltage_kv") in dict(VOLTAGES) else VOLTAGE_KV[kind])
    if not classes()[kind].from_kv <= kv < classes()[kind].below_kv:
        return {}
    found = answer_at(place, Inquiry(kind, said or row.start_kva, kv), at=business_now(), on=on)
    told = {"answer": found, "kva": said or row.start_kva, "is_guess": said is None, "kind": kind}
    is_short = not sends_scheme(classes()[kind].process, kind)
    return told | {"reply": reply_limit(kind, kv, on=on), "is_short": is_short} if found else {}


def _weighed_feed_in(place: tuple[float, float], asked: Mapping[str, str], on: date) -> dict[str, Any]:
    """What the grid answers to PV of the power that was told and the way it feeds in; nothing while no power is told."""
    said = tidy_power(asked.get("pv_kw") or asked.get("capacity_kva") or "")
    if not said.replace(".", "", 1).isdecimal() or not 0 < (kw := Decimal(said)) <= feed_in_bands()[-1].to_kw:
        return {}
    band, mode = band_of(kw), asked.get("pv_mode") or asked.get("mode") or ""
    kind = band.customer_class
    is_person = asked.get("declared_class") == "PV" or asked.get("kind") == "person"
    known = mode if mode in FeedIn.Mode else ""
    found = answer_at(place, Inquiry(kind, kw, band.voltage_kv, known, is_person), at=business_now(), on=on)
    told = {"answer": found, "kva": kw, "is_guess": False, "kind": kind, "feed_mode": known}
    return told | {"reply": reply_limit(kind, band.voltage_kv, on=on)} if found else {}


def told_here(request: HttpRequest, asked: Mapping[str, str]) -> dict[str, Any]:
    """Answer at a place for whoever asks; in place of it, when to ask again. Each answer is a whole study, and anybody may ask."""
    if place_of(asked) is None:
        return answer_here(asked)
    try:
        count_in(PLACES, asker_of(request), at=real_now())
    except Refused as refusal:
        return {"is_asked": True, "many": refusal.words(get_language() or "zh-hans")[0]}
    return answer_here(asked)


@page("public")
def here(request: HttpRequest) -> HttpResponse:
    """Answer at a place of the map.

    No area within two kilometres, and no answer at all (no place, no grid, no version in force), are two sentences; that
    somebody asks too often is a third.
    """
    return render(request, "portal/_here.html", told_here(request, request.GET.dict()) | {"is_asked": True})
