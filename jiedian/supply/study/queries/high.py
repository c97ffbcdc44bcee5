"""高压接入: the high-voltage busbars of the substations around a customer. The network's data end there, so a person answers."""

import math

from jiedian.core.findings import Finding
from jiedian.grid.capacity.queries.present import Present
from jiedian.grid.circuit.calc.corridor import Corridors, Length
from jiedian.grid.circuit.calc.ground import distance_m
from jiedian.grid.circuit.calc.network import Reals
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.basemap import english
from jiedian.grid.network.queries.places import Place
from jiedian.supply.menu.calc.supply import SupplyPoint

from .rules import amount, factors, lift

HIGH_KV = 30.0
"""From here on a customer hangs on the busbars above the main transformers."""


def high_points(
    present: Present, place: Place, corridors: Corridors, stiff: Reals, *, radius_m: float
) -> list[SupplyPoint]:
    """Every busbar above the main transformers of a grid within a radius (straight), the shortest new line first.

    Nobody can say from this network what they have left: it models nothing above them. Each says so, and what its
    main transformers are rated, which feed the city's voltage and do not bind a customer above them.
    """
    network = present.network
    mains = _mains(present)
    nodes = present.grid.devices.filter(
        kind=Device.Kind.NODE, is_retired=False, kv__gte=HIGH_KV, at_bus__in=mains, lon__isnull=False
    )
    here = (place.lon, place.lat)
    near = sorted((distance_m(here, (n.lon or 0, n.lat or 0)), n.pk, n) for n in nodes)
    within = [node for metres, _pk, node in near if metres <= radius_m]
    lengths = corridors.lengths(here, [node.at_bus for node in within], factors())
    index = {name: row for row, name in enumerate(network.buses.id)}
    found = [
        _by_hand(node, *mains[node.at_bus], lengths[node.at_bus], _known(float(stiff[index[node.at_bus]])))
        for node in within
    ]
    return sorted(found, key=lambda point: point.length.mid_m)


def _known(short_circuit_mva: float) -> float:
    """A fault level that was computed; NaN where it is but the one assumed of the grid above, which nobody computed."""
    return short_circuit_mva if short_circuit_mva < 0.99 * amount("SOURCE-MVA") else math.nan


def _by_hand(
    node: Device, station: str, ratings: list[float], length: Length, short_circuit_mva: float
) -> SupplyPoint:
    mva = " + ".join(f"{kva / 1000:g}" for kva in ratings)
    zh, en = lift(
        "above", f"{station}（主变 {mva} MVA）", f"{english(station)} (main transformers {mva} MVA)"
    )
    busbar = f"{station} {node.kv:g} kV {node.name}"
    return SupplyPoint(
        bus=node.at_bus,
        name_zh=node.name if "母" in node.name else f"{node.kv:g} kV {station} 高压母线 {node.name}",
        name_en=f"{node.kv:g} kV busbar {english(node.name)}"
        + ("" if "母" in node.name else f" of {english(station)}"),
        kv=node.kv,
        station=station,
        section=busbar,
        feeder=busbar,
        place=(node.lon or 0.0, node.lat or 0.0),
        length=length,
        capacity_kw=math.nan,
        binding="above",
        lift_zh=zh,
        lift_en=en,
        short_circuit_mva=short_circuit_mva,
    )


def _mains(present: Present) -> dict[str, tuple[str, list[float]]]:
    """High-voltage bus → the station that stands below it, and the ratings (kVA) of its main transformers there."""
    trafos, buses = present.network.transformers, present.network.buses
    row = {name: i for i, name in enumerate(trafos.id)}
    devices = present.grid.devices.filter(kind=Device.Kind.MAIN, is_retired=False, code__in=row)
    found: dict[str, tuple[str, list[float]]] = {}
    for main in devices.select_related("parent__parent").order_by("id"):
        bus = buses.id[int(trafos.hv_bus[row[main.code]])]
        station = main.parent.parent.name if main.parent and main.parent.parent else main.name
        found.setdefault(bus, (station, []))[1].append(main.rated_kva or 0.0)
    return found


def no_level(kv: float, points: list[SupplyPoint]) -> list[Finding]:
    """That the grid has no busbar of the asked voltage, and what it has instead."""
    if any(abs(point.kv - kv) <= 0.06 * kv for point in points):
        return []
    have = "、".join(f"{level:g}" for level in sorted({point.kv for point in points})) or "—"
    return [Finding("scheme.no_level", kv=kv, have=have)]
