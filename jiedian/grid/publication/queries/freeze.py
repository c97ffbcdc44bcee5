"""Freezing of every device of a grid for an issue: the load and feed-in figures, what binds, what is reserved and waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from jiedian.grid.capacity.models import Reservation
from jiedian.grid.capacity.queries.capacity import Figure, Ledger, Picture, figures_of, picture
from jiedian.grid.capacity.queries.limits import limit_of, physics_limit
from jiedian.grid.capacity.queries.maps import level
from jiedian.grid.load.models import Measured
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.network import bus_index, network_of

K = Device.Kind
OWN = (K.STATION, K.MAIN, K.FEEDER, K.AREA)
"""What an issue gives first, in this order; its nodes follow."""
TRANSFORMED = (K.STATION, K.MAIN, K.AREA)
WAYS = ("load", "feed_in")


@dataclass
class Wishes:
    """Wishes of customers, held or waiting, at a device or below it, in kW and cases, for load and for feed-in."""

    held: dict[str, tuple[float, int]] = field(default_factory=dict)
    waits: dict[str, tuple[float, int]] = field(default_factory=dict)

    def put(self, row: Reservation) -> None:
        way = WAYS[row.is_generation]
        kept = self.held if row.state == Reservation.State.HELD else self.waits
        kw, count = kept.get(way, (0.0, 0))
        kept[way] = (kw + row.kw, count + 1)


@dataclass(frozen=True)
class Frozen:
    """One device as an issue keeps it: its two figures and the facts beside them. A station has no figures of its own."""

    device: Device
    load: Figure | None
    feed_in: Figure | None
    facts: dict[str, Any]


@dataclass
class Shelf:
    """Shelf of what is read once for all devices of an issue."""

    book: Ledger
    asked: dict[int, Wishes]
    peaks: dict[tuple[int, float], date]
    high_kv: dict[str, float]
    """Transformer → the nominal voltage of its high side; a station has the code of its first one."""


def frozen_of(book: Ledger, *, on: date) -> list[Frozen]:
    """Every device of a grid as it stands: stations, main transformers, feeders, transformer areas by name, then the nodes."""
    shelf = Shelf(book, _asked(book), _peaks(book, on), _high_kv(book))
    order = {kind: at for at, kind in enumerate(OWN)}
    named = [device for device in book.devices.values() if device.kind in order]
    named.sort(key=lambda device: (order[Device.Kind(device.kind)], device.name))
    sections = [device for device in book.devices.values() if device.kind == K.SECTION]
    counted = [device for device in named if device.kind != K.STATION] + sections
    load = {f.device.pk: f for f in figures_of(counted, book)}
    feed_in = {f.device.pk: f for f in figures_of(counted, book, direction="generation")}
    own = [_frozen(device, shelf, load.get(device.pk), feed_in.get(device.pk)) for device in named]
    nodes = list(book.grid.devices.filter(kind=K.NODE, is_retired=False, parent__isnull=False).order_by("id"))
    at_nodes = zip(_below(nodes, book, load, "load"), _below(nodes, book, feed_in, "generation"), strict=True)
    return own + [_frozen(one.device, shelf, one, other) for one, other in at_nodes]


def _below(nodes: Sequence[Device], book: Ledger, above: dict[int, Figure], direction: str) -> list[Figure]:
    """The figures of nodes: the formula is that of what feeds them, physics is their own. As ``figures_of`` gives them, faster."""
    seen, index = picture(book.version, direction), bus_index(book.version.pk)
    by_hand: dict[tuple[int, str], Figure] = {}
    found = []
    for node in nodes:
        parent, bus = node.parent_id or 0, index.get(node.at_bus)
        if parent not in above:
            continue
        if bus is not None and np.isfinite(seen.kw[bus]):
            found.append(_at_node(node, above[parent], book, seen, bus))
            continue
        key = (parent, "" if bus is None else seen.binding[bus])
        if key not in by_hand:
            by_hand[key] = figures_of([node], book, direction=direction)[0]
        found.append(replace(by_hand[key], device=node))
    return found


def _at_node(node: Device, above: Figure, book: Ledger, seen: Picture, bus: int) -> Figure:
    kw, kind = float(seen.kw[bus]), seen.kind_at(bus)
    formula = kw if above.is_generation else above.formula_kw
    return replace(
        above,
        device=node,
        open_kw=None if formula is None else min(formula, kw),
        physical_kw=kw,
        binding=seen.binding[bus],
        element=book.element_name(kind, seen.element[bus]),
        kind=kind,
        margin=float(seen.margin[bus]) if np.isfinite(seen.margin[bus]) else None,
        why=tuple(finding for _, answer in above.path for finding in answer.why),
    )


def _asked(book: Ledger) -> dict[int, Wishes]:
    """Reservations by every device they burden: area, feeder, station, and each main transformer of their section."""
    found: dict[int, Wishes] = defaultdict(Wishes)
    living = book.grid.reservations.filter(state__in=("held", "queued")).select_related("node")
    for row in living:
        for device in book.chain(row.node):
            found[device.pk].put(row)
            if device.kind == K.SECTION:
                for main in book.mains_of(device):
                    found[main.pk].put(row)
    return found


def _high_kv(book: Ledger) -> dict[str, float]:
    network = network_of(book.version.pk)
    return dict(
        zip(network.transformers.id, network.buses.kv[network.transformers.hv_bus].tolist(), strict=True)
    )


def _peaks(book: Ledger, on: date) -> dict[tuple[int, float], date]:
    """(device, kVA) → the newest month in which so much was measured."""
    rows = Measured.objects.filter(device__grid=book.grid, month_on__lte=on).order_by("month_on")
    return {(pk, kva): month for pk, kva, month in rows.values_list("device_id", "peak_kva", "month_on")}


def _frozen(device: Device, shelf: Shelf, load: Figure | None, feed_in: Figure | None) -> Frozen:
    facts: dict[str, Any] = {
        "code": device.code,
        "name": device.name,
        "kv": device.kv,
        "kv_high": shelf.high_kv.get(device.code) if device.kind in TRANSFORMED else None,
        "rated_kva": device.rated_kva,
        **_place(device),
        **_above(device, shelf.book),
    }
    if device.kind == K.NODE:
        facts.pop("rated_kva")
    else:
        facts |= _wishes(shelf.asked.get(device.pk, Wishes()))
    if load is not None:
        facts |= _answer(device, shelf, load)
    if feed_in is not None:
        facts |= _answer_back(shelf, feed_in)
    return Frozen(device, load, feed_in, facts)


def _place(device: Device) -> dict[str, float | None]:
    """Longitude and latitude; 0, 0 is what a file without places says, and no place of a grid."""
    lon, lat = device.lon, device.lat
    is_known = lon is not None and lat is not None and (lon, lat) != (0.0, 0.0)
    is_known = is_known and abs(lon or 0) <= 180 and abs(lat or 0) <= 90
    return {"lon": lon, "lat": lat} if is_known else {"lon": None, "lat": None}


def _above(device: Device, book: Ledger) -> dict[str, str]:
    """The names and codes of what feeds a device; a section with several main transformers names them all."""
    found: dict[str, list[Device]] = defaultdict(list)
    for one in book.chain(device):
        if one.kind == K.SECTION:
            found["main"] += sorted(book.mains_of(one), key=lambda main: main.name)
        elif one.pk != device.pk:
            found[one.kind].append(one)
    if device.kind == K.MAIN:
        found.pop("main")
    said = {}
    for kind, devices in found.items():
        said[kind] = "; ".join(one.name for one in devices)
        said[f"{kind}_code"] = "; ".join(one.code for one in devices)
    return {name: value for name, value in said.items() if value}


def _wishes(asked: Wishes) -> dict[str, Any]:
    found = {}
    for name, kept in (("held", asked.held), ("waits", asked.waits)):
        for way in WAYS:
            kw, count = kept.get(way, (0.0, 0))
            found[f"{name}_{way}"] = [round(kw, 1), count]
    return found


def _answer(device: Device, shelf: Shelf, figure: Figure) -> dict[str, Any]:
    """What binds the load, and the month of the measured peak."""
    limit = limit_of(figure, shelf.book)
    found: dict[str, Any] = {"level": level(figure.open_kw, device.kv)}
    if limit:
        found["limit"] = list(astuple(limit))
    own = next((answer for one, answer in figure.path if one.pk == device.pk), None)
    if own is not None and own.peak_kva is not None:
        month = shelf.peaks.get((device.pk, own.peak_kva))
        found["peak_month"] = month and f"{month:%Y-%m}"
    return found


def _answer_back(shelf: Shelf, figure: Figure) -> dict[str, Any]:
    """What binds the feed-in, or why a person must answer."""
    if figure.open_kw is None:
        return {"why_feed_in": why_rows(figure)}
    limit = physics_limit(figure, shelf.book)
    return {"feed_in_limit": list(astuple(limit))}


def why_rows(figure: Figure) -> list[dict[str, Any]]:
    """Reasons why a person must answer, each once; what is missing at another device on the way names that device."""
    own = figure.device.pk
    found = [(f, "" if one.pk == own else one.name) for one, answer in figure.path for f in answer.why]
    on_way = sum(len(answer.why) for _, answer in figure.path)
    found += [(finding, "") for finding in figure.why[on_way:]]
    named = {f.at(at).words("zh"): f.at(at) for f, at in found}
    return [{"code": f.code, "zh": f.words("zh"), "en": f.words("en")} for f in named.values()]


def areas_by_feeder(rows: Iterable[Frozen]) -> dict[str, tuple[int, float]]:
    """Feeder (its code; names need not be unique) → how many of its areas have a figure, and the sum of their open kW, which nobody may read as the feeder's."""
    found: dict[str, tuple[int, float]] = {}
    for row in rows:
        if (
            row.device.kind == K.AREA
            and row.load
            and row.load.open_kw is not None
            and "feeder_code" in row.facts
        ):
            count, total = found.get(row.facts["feeder_code"], (0, 0.0))
            found[row.facts["feeder_code"]] = (count + 1, total + row.load.open_kw)
    return found
