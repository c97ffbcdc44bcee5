"""Map of a grid: lines, and devices with the level of what is open there."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.territory import LOW_KV, NONE
from jiedian.grid.network.models import Device
from jiedian.grid.network.queries.land import way_of
from jiedian.grid.network.queries.network import grid_named, network_of, parameter, territory_of

from .capacity import Figure, Ledger, figures_of, ledger

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line:
    """A line as drawn: its route, or straight between its ends."""

    code: str
    points: Points
    is_open: bool


@dataclass(frozen=True)
class Sheet:
    """One map: its lines and its devices' figures, and the ledger they came from."""

    book: Ledger
    lines: list[Line]
    figures: list[Figure]


def value_of(figure: Figure, by: str = "open") -> float | None:
    """Value of open capacity in kW: the smaller of both results, or ``formula`` or ``physical`` alone; None by hand."""
    values = {"formula": figure.formula_kw, "physical": figure.physical_kw}
    return values.get(by, figure.open_kw)


def level_of(figure: Figure, by: str = "open") -> str:
    """Level of open capacity, in a word, by the smaller of both results or by ``formula`` or ``physical`` alone."""
    return level(value_of(figure, by), figure.device.kv)


def level(open_kw: float | None, kv: float) -> str:
    """A figure in a word: ample, enough, tight, none, or hand when a person must answer."""
    if open_kw is None:
        return "hand"
    stem = "LV" if kv <= LOW_KV else "MV"
    if open_kw >= parameter(f"AMPLE_{stem}_KW"):
        return "ample"
    if open_kw >= parameter(f"ENOUGH_{stem}_KW"):
        return "enough"
    return "tight" if open_kw > 0 else "none"


def level_words() -> dict[str, str]:
    """The levels in the reader's language, in the order of the legend."""
    return {
        "ample": _("充裕"),
        "enough": _("够用"),
        "tight": _("紧张"),
        "none": _("无"),
        "hand": _("人工核定"),
    }


def lines_of(version_id: int, *, feeder: str = "", area: str = "") -> list[Line]:
    """The medium-voltage lines of a version (or of the feeder with that head), or the low-voltage ones of an area.

    A network without medium voltage, a village, shows its low voltage.
    """
    network, land = network_of(version_id), territory_of(version_id)
    rows = network.lines
    is_low = network.buses.kv[rows.from_bus] <= LOW_KV
    if area:
        row = network.transformers.id.index(area) if area in network.transformers.id else NONE
        chosen = (land.area[rows.from_bus] == row) & (land.area[rows.to_bus] == row) & is_low
    else:
        chosen = ~is_low & (network.buses.kv[rows.from_bus] < 60)
        chosen = chosen if chosen.any() else is_low
    if feeder:
        at = next((i for i, f in enumerate(land.feeders) if rows.id[f.head] == feeder), NONE)
        chosen &= (land.feeder[rows.from_bus] == at) | (land.feeder[rows.to_bus] == at)
    found = []
    for row in np.flatnonzero(chosen).tolist():
        points = way_of(network, row)
        if len(points) > 1:
            found.append(Line(rows.id[row], points, not (rows.from_closed[row] and rows.to_closed[row])))
    return found


def sheet(
    code: str = "", *, on: date, kinds: tuple[str, ...] = ("area", "node"), feeder: Device | None = None
) -> Sheet:
    """The overview of a grid: medium-voltage lines; areas, and the medium-voltage nodes that no area stands at."""
    grid = grid_named(code)
    book = ledger(grid, on=on)
    named = [d for d in book.devices.values() if d.kind in kinds and d.kind != Device.Kind.NODE]
    if "node" in kinds:
        taken = {(d.lon, d.lat) for d in named}
        nodes = grid.devices.filter(kind=Device.Kind.NODE, is_retired=False, kv__gt=LOW_KV, kv__lt=60)
        named += [d for d in nodes if (d.lon, d.lat) not in taken]
    if feeder is not None:
        named = [d for d in named if feeder in book.chain(d)]
    lines = lines_of(book.version.pk, feeder=feeder.code if feeder else "")
    return Sheet(book, lines, figures_of(named, book))


def area_sheet(area: Device, *, on: date) -> Sheet:
    """The low-voltage grid of one transformer area."""
    book = ledger(area.grid, on=on)
    nodes = list(area.parts.filter(kind=Device.Kind.NODE, is_retired=False))
    return Sheet(book, lines_of(book.version.pk, area=area.code), figures_of(nodes, book))
