"""Limit of an open capacity at the device people know: which station, feeder, area or transformer stops it, and how."""

from functools import lru_cache

import numpy as np

from jiedian.grid.circuit.calc.territory import LOW_KV, NONE
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.network import network_of, territory_of

from ..calc.limits import FORMULA, PHYSICS, Limit, least
from .capacity import Figure, Ledger

K = Device.Kind


def limit_of(figure: Figure, book: Ledger) -> Limit | None:
    """The limit of a figure, of the smaller of its results; None where a person must answer."""
    if figure.is_generation:
        return None if figure.physical_kw is None else physics_limit(figure, book)
    results = figure.formula_kw, figure.physical_kw
    return least(*results, formula_limit(figure, book), physics_limit(figure, book))


def formula_limit(figure: Figure, book: Ledger) -> Limit:
    """The device by which the formula binds; of several main transformers of a station none is alone."""
    binds = figure.formula_by
    code = str(binds.kind) if binds else ""
    is_twin = binds is not None and binds.kind == K.MAIN and len(book.peers_of(binds)) > 1
    return Limit("main_twin" if is_twin else code, FORMULA, figure.formula_at)


def physics_limit(figure: Figure, book: Ledger) -> Limit:
    """The limit of the power flow, at the feeder, area or transformer people know.

    ``base`` (over its limit already: nothing more) is ``worse`` where something still fits: up to what is noticeably worse.
    """
    code, kind, at, to = figure.binding, figure.kind, figure.element, ""
    if kind == "line":
        to = book.names.get((K.AREA, _only_area(book.version.pk).get(at, "")), "")
    if kind != "transformer":
        owner = _owners(book.version.pk).get(("line" if kind == "line" else "bus", at))
        at = book.names.get(owner, at) if owner else at
    if "voltage" in (code, kind):
        way = "voltage_high" if figure.is_generation else "voltage_low"
        code, kind = (way, "") if code == "voltage" else (code, way)
    if code != "base":
        return Limit(code, PHYSICS, at, to=to)
    code = "worse" if figure.physical_kw else "base"
    return Limit(code, PHYSICS, at, kind, round(figure.margin or 0.0, 4), to)


@lru_cache(maxsize=4)
def _owners(version_id: int) -> dict[tuple[str, str], tuple[str, str]]:
    """(bus or line, id in the network) → (kind, code) of the feeder, transformer area or section people know it by."""
    network, land = network_of(version_id), territory_of(version_id)
    buses, lines, trafos = network.buses.id, network.lines, network.transformers.id

    def owner(bus: int) -> tuple[str, str]:
        feeder = land.feeders[land.feeder[bus]].head if land.feeder[bus] != NONE else NONE
        if network.buses.kv[bus] <= LOW_KV and land.area[bus] != NONE:
            return (K.AREA, trafos[land.area[bus]])
        if feeder != NONE:
            return (K.FEEDER, lines.id[feeder])
        at = land.sections[land.section[bus]].bus if land.section[bus] != NONE else bus
        return (K.SECTION, buses[at])

    owners = [owner(bus) for bus in range(len(buses))]
    deeper = np.where(land.depth[lines.from_bus] > land.depth[lines.to_bus], lines.from_bus, lines.to_bus)
    found = {("bus", code): one for code, one in zip(buses, owners, strict=True)}
    return found | {("line", code): owners[bus] for code, bus in zip(lines.id, deeper, strict=True)}


@lru_cache(maxsize=4)
def _only_area(version_id: int) -> dict[str, str]:
    """Line, by its id → code of the transformer area that is all it leads to; lines that lead on are left out."""
    network, land = network_of(version_id), territory_of(version_id)
    lines, trafos = network.lines, network.transformers
    ends = np.bincount(np.r_[lines.from_bus, lines.to_bus], minlength=len(network.buses.id))
    fed: dict[int, list[str]] = {}
    for bus, code in zip(trafos.hv_bus.tolist(), trafos.id, strict=True):
        fed.setdefault(bus, []).append(code)
    deeper = np.where(land.depth[lines.from_bus] > land.depth[lines.to_bus], lines.from_bus, lines.to_bus)
    found = zip(lines.id, deeper.tolist(), strict=True)
    return {code: fed[bus][0] for code, bus in found if ends[bus] == 1 and len(fed.get(bus, ())) == 1}
