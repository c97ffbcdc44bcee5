"""能上网多少: where what a customer wants to feed in does not fit, how much of it does at his end of the line."""

import math
from dataclasses import replace

import numpy as np

from jiedian.core.findings import Finding
from jiedian.core.words import Text
from jiedian.grid.capacity.queries.present import Present, limits, network_now
from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.grid.network.queries.network import bus_index
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish

from ..models import Site
from .points import Surroundings
from .rules import amount, conductors

TRIED = 24
"""Powers looked at in one flow; a second look between two of them gives a hundredth of what the point takes and better."""
LOOKED_AT = 3
"""Of the points that take most, how many are looked at to the customer's end."""


def what_fits(site: Site, wish: Wish, around: Surroundings) -> list[Finding]:
    """Fitting feed-in: what a customer may feed in at the best of the points around him, his new line included, and the ways on.

    Nothing where he asks for none, where no point carries his load by a line that holds, where nobody knows what they take,
    or where all of it fits.
    """
    able = [
        p
        for p in around.points
        if p.carries(p.needs(wish.load_kw)) and p.feed_kw == p.feed_kw and may_feed(p, wish)
    ]
    if wish.feed_in_kw <= 0 or not able:
        return []
    present, near = network_now(site.grid_code), sorted(able, key=lambda p: -p.feed_kw)[:LOOKED_AT]
    found = [(most_fed(present, point, wish), point) for point in near]
    fits_kw, best = max(found, key=lambda pair: pair[0])
    told = {"point": Text(best.name_zh, best.name_en), "asked_kw": wish.feed_in_kw}
    if fits_kw >= wish.feed_in_kw:  # all of it fits: what stands against it is something else
        return []
    if fits_kw < 1:
        return [Finding("scheme.feed_nothing", **told)]
    return [Finding("scheme.feed_fits", fits_kw=math.floor(fits_kw), **told)]


def most_fed(present: Present, point: SupplyPoint, wish: Wish) -> float:
    """Most that may be fed in (kW) through a point and the best of its new lines: what it takes, and the voltage at his end."""
    top = min(point.feed_kw, wish.feed_in_kw)
    lines = may_feed(point, wish)
    if top <= 0 or not lines:
        return 0.0
    return max(_through(present, point, line, top, is_single_phase=wish.is_single_phase) for line in lines)


def may_feed(point: SupplyPoint, wish: Wish) -> list[NewLine]:
    """Lines of a point by which less could be fed in than is asked: those that hold (as the study judged them) but for what is fed
    in. Of who draws nothing the current is what he feeds as well.
    """
    mended = ("", "feed", "current") if wish.is_only_feed_in else ("", "feed")
    return [line for line in point.lines if line.binds in mended]


def _through(
    present: Present, point: SupplyPoint, line: NewLine, top: float, *, is_single_phase: bool
) -> float:
    """Most through one line: the highest power at which voltage and current hold, looked for twice on a ladder."""
    from jiedian.grid.capacity.calc.serviceline import ServiceLine, served

    bus = bus_index(present.version.pk)[point.bus]
    row = next(each for each in conductors() if each.id == line.conductor)
    ohm, held = amount("HOT") * line.worst_m / 1000, replace(limits(), pf=amount("PF"))
    low, high = 0.0, top
    for _look in range(2):
        powers = np.linspace(low, high, TRIED + 1)[1:]
        asked = [
            ServiceLine(
                bus,
                float(row.r_ohm_km) * ohm,
                float(row.x_ohm_km) * line.worst_m / 1000,
                float(kw),
                rated_a=line.rated_a,
                is_single_phase=is_single_phase,
            )
            for kw in powers
        ]
        seen = served(present.prepared_light, asked, limits=held, direction="generation")
        good = [flow.u_pu <= line.high_pu and flow.amps <= line.rated_a for flow in seen]
        first_bad = good.index(False) if False in good else len(good)
        if first_bad == len(good):
            return float(high)
        low, high = (float(powers[first_bad - 1]) if first_bad else low), float(powers[first_bad])
    return low
