"""The points around a customer, each with its way, what it can take, and what binds there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from jiedian.core.findings import Finding
from jiedian.grid.capacity.queries.capacity import Figure, figures_of, ledger, measured_stamp, standing_stamp
from jiedian.grid.capacity.queries.present import Present, limits, network_now
from jiedian.grid.circuit.calc.corridor import Corridors, Length
from jiedian.grid.circuit.calc.naming import parts_of, short, worded
from jiedian.grid.circuit.calc.network import Reals
from jiedian.grid.circuit.calc.newline import Load
from jiedian.grid.circuit.calc.shortcircuit import short_circuit_mva
from jiedian.grid.kernel.calc.prepared import Prepared
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.basemap import english
from jiedian.grid.network.queries.network import bus_index, network_of
from jiedian.grid.network.queries.places import Near, Place
from jiedian.supply.menu.calc.ownership import Owner
from jiedian.supply.menu.calc.radius import feeding_m
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish

from ..models import Site
from .high import HIGH_KV, high_points, no_level
from .lines import by_device_names, checked, drawn, screened
from .near import BEYOND, Wanted, home_of, levels_of, nearer_first, radii
from .owners import only_others, owners_of
from .rules import amount, factors, lift


@dataclass(frozen=True)
class Surroundings:
    """Surroundings of a customer: points by the length of the new line, the radius searched, the network's own remark.

    ``left_out`` says which are a customer's own, for staff alone. ``is_beyond``: none lies within the radius; the points are the nearest outside it.
    """

    points: tuple[SupplyPoint, ...]
    radius_m: float
    note_zh: str
    note_en: str
    network: str
    findings: tuple[Finding, ...] = ()
    is_beyond: bool = False
    left_out: tuple[Finding, ...] = ()


@lru_cache(maxsize=4)
def corridors_of(version_id: int) -> Corridors:
    """The ways along the lines of a version; a version never changes."""
    return Corridors(network_of(version_id))


@lru_cache(maxsize=4)
def stiffness_of(version_id: int) -> Reals:
    """Short-circuit capacity of every bus of a version."""
    return short_circuit_mva(network_of(version_id), source_mva=amount("SOURCE-MVA"))


@lru_cache(maxsize=4)
def feeding_of(version_id: int) -> Reals:
    """Existing line before every bus of a version (m), from the transformer that feeds it; NaN where nobody knows."""
    return feeding_m(network_of(version_id))


def points_around(site: Site, wish: Wish, *, kv: float, apart: str, on: date) -> Surroundings:
    """The points of a voltage around a place, each with the new line to it and the voltage at its end; the radius grows until
    enough feeders are found, and where sources must be ``apart`` (station, section), two of those. Where the last radius holds
    none, the nearest beyond it. See domain reference 5.4."""
    present = network_now(site.grid_code)
    version = present.version
    stamp = (version.pk, present.grid.revision, standing_stamp(version), measured_stamp(present.grid))
    tangent = math.tan(math.acos(amount("PF")))
    is_drawn = not wish.is_only_feed_in
    load = Load(wish.kva, wish.load_kw, tangent, wish.is_single_phase, wish.feed_in_kw, is_drawn)
    place = (site.grid_code, site.lon, site.lat)
    asked = (site.search_m, tuple(site.added))
    wanted = Wanted(*place, kv, load, apart, on.replace(day=1), *asked)
    return _around(stamp, wanted)


@lru_cache(maxsize=64)
def _around(_stamp: object, wanted: Wanted) -> Surroundings:
    """Kept until the network, a reservation, a computed section or measured load changes, a month at most: the same page is asked for again and again while composing."""
    present = network_now(wanted.grid_code)
    place = Place(present.grid, wanted.lon, wanted.lat, "pin")
    levels = levels_of(present, wanted.kv)
    if wanted.kv >= HIGH_KV and not levels:
        return _around_high(present, place, wanted)
    note = (present.grid.note_zh, present.grid.note_en, present.grid.name)
    found = Surroundings((), 0.0, *note)
    homes = 0
    for near, parents, radius in nearer_first(place, levels, wanted):
        apart = {home_of(item.node, parents, wanted.apart) for item in near} if wanted.is_apart else set()
        if wanted.is_apart and found.points and len(apart) == homes:
            found = replace(found, radius_m=radius)
            continue
        homes = len(apart)
        owners = owners_of(present, near, parents)
        others, left_out = only_others(near, owners)
        points = _points(present, place, others, parents, wanted, owners) if others else ()
        is_beyond = bool(others) and all(item.distance_m > radius for item in others)
        found = Surroundings(points, radius, *note, is_beyond=is_beyond, left_out=tuple(left_out))
        if not wanted.is_apart or _are_apart(points, wanted):
            break
    return found


def _are_apart(points: Sequence[SupplyPoint], wanted: Wanted) -> bool:
    """Whether points that can take the load lie in two of what sources must differ in."""
    able = [point for point in points if point.is_able(wanted.load.kw)]
    return len({getattr(point, wanted.apart) for point in able}) > 1


def _around_high(present: Present, place: Place, wanted: Wanted) -> Surroundings:
    """The busbars above the main transformers within the widest radius, or the nearest beyond it."""
    version_id, radius = present.version.pk, max(radii(wanted.kv, wanted.radius_m))
    known = corridors_of(version_id), stiffness_of(version_id)
    points = high_points(present, place, *known, radius_m=radius)
    is_beyond = not points
    farther = high_points(present, place, *known, radius_m=math.inf) if is_beyond or wanted.added else []
    points = points or farther[:BEYOND]
    points += [each for each in farther if each.bus in wanted.added and each not in points]
    grid = present.grid
    found = tuple(no_level(wanted.kv, points)) if points else ()
    shown = tuple(drawn(spelt(point), wanted.load) for point in points)
    return Surroundings(shown, radius, grid.note_zh, grid.note_en, grid.name, found, is_beyond)


def _points(
    present: Present,
    place: Place,
    near: Sequence[Near],
    parents: dict[int, Device],
    wanted: Wanted,
    owners: dict[int, Owner],
) -> tuple[SupplyPoint, ...]:
    buses = [present.bus(item.node) for item in near]
    lengths = corridors_of(present.version.pk).lengths(
        (place.lon, place.lat), [item.node.at_bus for item in near], factors()
    )
    stiff, before = stiffness_of(present.version.pk), feeding_of(present.version.pk)
    made, rated = [], _rated(parents)
    for item, bus in zip(near, buses, strict=True):
        length = lengths.get(item.node.at_bus) or Length(
            item.distance_m, item.distance_m, item.distance_m, "straight"
        )
        plain = _plain(item.node, parents, length, float(stiff[bus]), rated)
        made.append(replace(plain, feeding_m=float(before[bus]), owner=owners[item.node.pk]))
    figures = figures_of([item.node for item in near], ledger(present.grid, on=wanted.on))
    is_drawing = wanted.load.kw > 0
    made = [
        _bound(point, figure) if is_drawing else point for point, figure in zip(made, figures, strict=True)
    ]
    if wanted.load.feed_in_kw > 0 or not is_drawing:
        fed_in = figures_of(
            [item.node for item in near], ledger(present.grid, on=wanted.on), direction="generation"
        )
        made = [_feeding(p, f, wanted.load.feed_in_kw) for p, f in zip(made, fed_in, strict=True)]
    if not is_drawing:
        made = [_only_feeding(p) for p in made]
    made = _loaded(present, made, buses, wanted.load.kw, wanted.on)
    found = checked(present, made, buses, wanted.load)
    return tuple(sorted(map(spelt, found), key=lambda point: point.length.mid_m))


def spelt(point: SupplyPoint) -> SupplyPoint:
    """The point with the English of the names in its sentences, where the base map or the letters give one."""
    names = [*parts_of(point), point.element, point.feed_element]
    known = {name: english(name) for name in names if name}
    return replace(point, spelt=tuple(pair for pair in known.items() if pair[0] != pair[1]))


def _bound(point: SupplyPoint, figure: Figure) -> SupplyPoint:
    """What the point can take by formula and physics, and which of the two binds; by hand where either is unknown."""
    if figure.open_kw is None or figure.formula_kw is None or figure.physical_kw is None:
        because = figure.why[0] if figure.why else None
        zh, en = (because.zh, because.en) if because else ("", "")
        lift_zh, lift_en = lift("hand", zh, en)
        return replace(point, binding="hand", lift_zh=lift_zh, lift_en=lift_en)
    if figure.formula_kw < figure.physical_kw:
        binding, element = "formula", figure.formula_at
    else:
        binding, element = figure.binding, figure.element
    lift_zh, lift_en = lift(binding, element, english(element))
    return replace(
        point,
        capacity_kw=figure.open_kw,
        binding=binding,
        element=element,
        lift_zh=lift_zh,
        lift_en=lift_en,
    )


def _feeding(point: SupplyPoint, figure: Figure, asked_kw: float) -> SupplyPoint:
    """What the point can take of generation, and what binds it."""
    open_kw = math.nan if figure.open_kw is None else figure.open_kw
    return replace(point, feed_kw=open_kw, feed_element=figure.element, feed_asked_kw=asked_kw)


def _only_feeding(point: SupplyPoint) -> SupplyPoint:
    """The point for who draws nothing more: what counts is what it takes of generation; by hand where nobody knows that."""
    if math.isnan(point.feed_kw):
        lift_zh, lift_en = lift("hand", "", "")
        return replace(point, binding="hand", lift_zh=lift_zh, lift_en=lift_en)
    return replace(point, capacity_kw=point.feed_kw, element=point.feed_element)


def _rated(parents: dict[int, Device]) -> dict[int, float]:
    """MVA that feeds what hangs below a device: an area's own transformer, all main transformers of a busbar section."""
    found = {pk: (d.rated_kva or math.nan) / 1000 for pk, d in parents.items() if d.kind == Device.Kind.AREA}
    mains = Device.objects.filter(kind=Device.Kind.MAIN, is_retired=False, parent_id__in=parents)
    for section, kva in mains.values_list("parent_id", "rated_kva"):
        found[section] = found.get(section, 0.0) + (kva or math.nan) / 1000
    return found


def _plain(
    node: Device, parents: dict[int, Device], length: Length, stiff: float, rated: dict[int, float]
) -> SupplyPoint:
    chain = [node]
    while chain[-1].parent_id:
        chain.append(parents[chain[-1].parent_id])
    named = {device.kind: device.name for device in chain}
    feeder = named.get("area") or named.get("feeder") or named.get("section") or node.name
    spot = node.pole or node.name
    for word in worded(feeder):
        spot = short(spot, word)
    is_busbar = not named.keys() & {"area", "feeder"} and feeder.endswith(spot)
    said = feeder if is_busbar else spot if spot.startswith(feeder) else f"{feeder} {spot}"
    name = said if f"{node.kv:g}kV" in said else f"{node.kv:g} kV {said}"
    return SupplyPoint(
        bus=node.at_bus,
        name_zh=name,
        name_en=english(name),
        kv=node.kv,
        station=named.get("station", ""),
        section=named.get("section", ""),
        feeder=feeder,
        place=(node.lon or 0.0, node.lat or 0.0),
        length=length,
        capacity_kw=float("nan"),
        short_circuit_mva=stiff,
        supply_mva=next((rated[device.pk] for device in chain if device.pk in rated), math.nan),
    )


def _loaded(
    present: Present, points: Sequence[SupplyPoint], buses: Sequence[int], load_kw: float, on: date
) -> list[SupplyPoint]:
    """Voltage at the point and loadings with the wish added, by AC power flow; where it does not fit, what it would need."""
    from jiedian.grid.capacity.calc.screening import element_with_rating, screen

    seen = screen(present.prepared, kw=load_kw, pf=amount("PF"), limits=limits(), buses=buses)
    found = {each.bus: by_device_names(each, ledger(present.grid, on=on)) for each in seen}
    return [
        replace(
            screened(point, found[bus]),
            line_at=element_with_rating(present.prepared.circuit, found[bus].line_at),
            trafo_at=element_with_rating(present.prepared.circuit, found[bus].transformer_at),
            line_before=found[bus].line_before,
            trafo_before=found[bus].transformer_before,
        )
        if bus in found
        else point
        for point, bus in zip(points, buses, strict=True)
    ]


def with_transfer(site: Site, point: SupplyPoint, load_kw: float) -> SupplyPoint:
    """The point with its N-1: the feeder's head open and each tie closed in turn; unknown where there is no tree or no tie."""
    present = network_now(site.grid_code)
    return replace(
        point,
        transfer_kw=_transfer_kw(
            present.version.pk, present.grid.revision, site.grid_code, point.bus, load_kw
        ),
    )


@lru_cache(maxsize=256)
def _transfer_kw(version_id: int, revision: int, grid_code: str, bus: str, load_kw: float) -> float:
    return kept_kw(network_now(grid_code).prepared, bus_index(version_id)[bus], load_kw)


def kept_kw(prepared: Prepared, row: int, load_kw: float) -> float:
    """Load that is still supplied at a bus when its feeder's head is open: all, or 0; NaN where there is no tree or no tie."""
    from jiedian.grid.capacity.calc.transfers import transfers

    found = transfers(prepared, bus=row, kw=load_kw, pf=amount("PF"), limits=limits())
    if not found:
        return float("nan")
    return load_kw if any(transfer.is_fit for transfer in found) else 0.0
