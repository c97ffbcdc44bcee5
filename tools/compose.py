"""``jiedian compose``: an application and a network file in, the schemes with their conflicts out.

What a point can take is the physics of the file alone: the formula of the rules needs what is reserved and measured, which no file has.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.network import Network
from tools.application import application_of
from tools.capacity import add_grid, complain, load, say
from tools.import_grid import write_whole

EXAMPLE = """example:
  jiedian compose site.json network.json --out scheme.json

site.json: {"kva": 630, "kv": 10, "at": [118.02, 36.81]}                     places on the network in longitude and latitude
       or: {"kva": 60, "kv": 0.4, "bus": ["L2"], "distance_m": 120}          the bus, and the metres of new line to it
  may have: load_kw, importance (ordinary, temporary, second, first, special), sources, use (business, industry, agriculture,
  residential), transformers (list of kVA), security_kw, generator_kw, feed_in_kw, is_special_load, is_single_phase,
  is_within_red_line, is_reviewed, network (instead of GRID; beside site.json), base_wd (working days of the steps, 0)

out: wish, points (capacity_kw, binding, new lines), options (recommended first: modules, conflicts, costs, days), findings
exit status: 0 an option without conflict whose new line was checked; 1 only options with conflicts, or with a line that nobody
checked (finding compose.unchecked: no conductor of its kind in the catalogue, or the voltage it begins with is not known), or none
(the findings say why); 2 the input cannot be used, nothing is written"""
CHINA = ZoneInfo("Asia/Shanghai")
LOW_KV, HIGH_KV = 1.0, 30.0
MOST = 60
PHASE_KV = 0.3
"""Below it a voltage is that of one phase."""
UNCHECKED = {"unknown": "C-END-ASK", "rated": "C-END-RATED"}
"""What the rules know of a new line that was not checked whole, and the advice that says so."""
LINES = {"overhead": Text("架空", "overhead"), "cable": Text("电缆", "by cable")}
SAME_LEVEL = 1.25
"""Voltages that differ by no more than this factor are of one level (10 and 10.5, 0.38 and 0.4 kV)."""


def main(argv: list[str]) -> int:
    """Compose for one customer; 0 an option without conflict and checked, 1 none such, 2 the input cannot be used."""
    parser = argparse.ArgumentParser(
        prog="jiedian compose",
        description="由申请与电网文件组成供电方案 / supply schemes for an application on a network",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "site", metavar="SITE.json", type=Path, help="申请 / the application; - for standard input"
    )
    add_grid(parser, count="*")
    parser.add_argument(
        "--out", type=Path, default=Path("-"), help="结果 JSON / the JSON to write (standard output)"
    )
    parser.add_argument(
        "--on",
        type=_day,
        default=datetime.now(CHINA).date(),
        help="规则日期 / day of the rules (today)",
    )
    options = parser.parse_args(argv)
    try:
        site = application_of(options.site)
        options.grid = options.grid or _beside(site, options.site.parent)
        if str(options.site) == "-" and "-" in options.grid:
            raise refuse("file.once", "-")
        network, findings = load(options)
        found = _composed(network, site, options.on)
    except Refused as refused:
        return complain(refused.findings)
    say(findings)
    say(found["findings"])
    text = json.dumps(_plain(found), ensure_ascii=False, indent=1, allow_nan=False)
    if not write_whole(options.out, text):
        return 2
    return 0 if any(not option.to_explain and _is_checked(option) for option in found["options"]) else 1


def _beside(site: Mapping[str, Any], folder: Path) -> list[str]:
    """The network that an application names. Raises Refused where it names none."""
    named = site.get("network", [])
    found = [str(folder / name) for name in ([named] if isinstance(named, str) else named)]
    if not found:
        raise refuse("compose.no_grid", "GRID")
    return found


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError("日期应如 / a day like 2025-09-15") from None


def _composed(network: Network, site: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Wish, points, options and why something is missing."""
    _without_database()
    from jiedian.supply.study.calc.options import options, ranked_options
    from jiedian.supply.study.queries.rules import scheme_rules

    wish, rules, days = _wish(site), scheme_rules(on), int(site.get("base_wd", 0))
    around = _Around(network, site, wish)
    points = around.points()
    found = options(wish, points, rules, base_wd=days)
    found = ranked_options([around.tried(option, rules, days) for option in found])
    return {
        "wish": wish,
        "points": points,
        "options": found,
        "findings": [
            *_unlike(points, site),
            *_unchecked(found),
            *_reasons(wish, points, found, rules, float(site["kv"])),
        ],
    }


def _without_database() -> None:
    """The rooms' rules need Django's settings, and no database behind them."""
    from tools.launch.developer import NO_DATABASE

    for name, value in NO_DATABASE.items():
        os.environ.setdefault(name, value)
    import django

    django.setup()
    from jiedian.grid.network.queries.basemap import spell_without_map

    spell_without_map()


def _wish(site: Mapping[str, Any]) -> Any:
    from jiedian.supply.menu.calc.supply import Wish
    from jiedian.supply.study.queries.rules import amount

    taken = {f.name: site[f.name] for f in fields(Wish) if f.name in site}
    load_kw = float(site.get("load_kw", site["kva"] * amount("PF") * amount("LOAD-SHARE")))
    single = site.get("is_single_phase", site["kv"] < 0.3)
    units = tuple(float(kva) for kva in site.get("transformers", ()))
    return Wish(**taken | {"load_kw": load_kw, "is_single_phase": single, "transformers": units})


@dataclass
class _Around:
    """A network around a customer."""

    network: Network
    site: Mapping[str, Any]
    wish: Any

    def __post_init__(self) -> None:
        from jiedian.grid.capacity.calc.lightload import light
        from jiedian.grid.capacity.queries.present import limits
        from jiedian.grid.circuit.calc.territory import territory
        from jiedian.grid.kernel.calc.capacity import prepare
        from jiedian.grid.network.queries.network import parameter

        self.land, self.prepared, self.limits = territory(self.network), prepare(self.network), limits()
        self.light = prepare(light(self.network, parameter("LIGHT_LOAD")))

    def points(self) -> list[Any]:
        """The points, nearest first, with what they can take and the new line to the customer as part of the flow."""
        from jiedian.grid.capacity.calc.screening import screen
        from jiedian.grid.circuit.calc.newline import Load
        from jiedian.supply.study.queries.lines import checked
        from jiedian.supply.study.queries.rules import amount

        ways = self._ways()
        buses = [row for row, _length in ways]
        seen = {
            c.bus: c
            for c in screen(
                self.prepared, kw=self.wish.load_kw, pf=amount("PF"), limits=self.limits, buses=buses
            )
        }
        made = [self._point(row, length, seen.get(row)) for row, length in ways]
        made = self._feeding(made, buses) if self.wish.feed_in_kw > 0 else made
        wish, tangent = self.wish, math.tan(math.acos(amount("PF")))
        load_ = Load(wish.kva, wish.load_kw, tangent, wish.is_single_phase, wish.feed_in_kw)
        return checked(SimpleNamespace(prepared=self.prepared, prepared_light=self.light), made, buses, load_)  # type: ignore[arg-type]

    def _feeding(self, points: list[Any], buses: list[int]) -> list[Any]:
        """The points with what they can take of generation, and what binds it."""
        from jiedian.grid.kernel.calc.capacity import open_capacity

        found = open_capacity(self.light, limits=self.limits, direction="generation", buses=buses)
        taken = {int(bus): row for row, bus in enumerate(found.bus)}
        return [
            replace(
                point,
                feed_kw=float(found.capacity_kw[taken[bus]]),
                feed_element=found.element[taken[bus]],
                feed_asked_kw=self.wish.feed_in_kw,
            )
            for point, bus in zip(points, buses, strict=True)
        ]

    def _ways(self) -> list[tuple[int, Any]]:
        """The buses of the asked level with the length of a new line to each, nearest first. Raises Refused where nothing is known."""
        from jiedian.grid.circuit.calc.corridor import Corridors, Length
        from jiedian.supply.study.queries.rules import factors

        ids, kv = self.network.buses.id, self.network.buses.kv
        if "bus" in self.site:
            asked = self.site["bus"] if isinstance(self.site["bus"], list) else [self.site["bus"]]
            asked = list(dict.fromkeys(map(str, asked)))
            unknown = [bus for bus in asked if bus not in ids]
            if unknown:
                raise refuse("grid.unknown_bus", ", ".join(unknown))
            metres = float(self.site.get("distance_m", 0.0))
            return [(ids.index(bus), Length(metres, metres, metres, "given")) for bus in asked]
        level = np.digitize(kv, [LOW_KV, HIGH_KV]) == np.digitize(float(self.site["kv"]), [LOW_KV, HIGH_KV])
        targets = [ids[row] for row in np.flatnonzero(level) if ids[row] in self.network.places]
        if not targets:
            raise refuse("compose.no_places", kv=float(self.site["kv"]))
        lon, lat = self.site["at"]
        found = Corridors(self.network).lengths((lon, lat), targets, factors())
        near = sorted(found.items(), key=lambda item: (item[1].mid_m, item[0]))[:MOST]
        return [(ids.index(bus), length) for bus, length in near]

    def _point(self, row: int, length: Any, seen: Any) -> Any:
        from jiedian.grid.circuit.calc.shortcircuit import short_circuit_mva
        from jiedian.supply.menu.calc.ownership import Spot, owner_of, recorded
        from jiedian.supply.menu.calc.radius import feeding_m
        from jiedian.supply.menu.calc.supply import SupplyPoint
        from jiedian.supply.study.queries.lines import screened
        from jiedian.supply.study.queries.rules import amount, lift

        if not hasattr(self, "stiff"):
            self.stiff = short_circuit_mva(self.network, source_mva=amount("SOURCE-MVA"))
            self.before = feeding_m(self.network)
        bus, kv = self.network.buses.id[row], float(self.network.buses.kv[row])
        name = f"{kv:g} kV {bus}"
        point = SupplyPoint(
            bus, name, name, kv, *self._homes(row), self.network.places.get(bus), length, math.nan,
            binding="hand", short_circuit_mva=float(self.stiff[row]), feeding_m=float(self.before[row]),
            owner=owner_of(Spot(bus, recorded=recorded(self.network.names.get(f"owner:bus:{bus}", "")), kv=kv)),
        )  # fmt: skip
        if seen is None or math.isnan(seen.capacity_kw):
            reason = "above" if kv >= HIGH_KV else "hand"
            zh, en = lift(reason, bus, bus)
            return replace(point, binding=reason, lift_zh=zh, lift_en=en)
        zh, en = lift(seen.binding, seen.element, seen.element)
        point = replace(point, capacity_kw=seen.capacity_kw, binding=seen.binding, element=seen.element)
        return screened(replace(point, lift_zh=zh, lift_en=en), seen)

    def _homes(self, row: int) -> tuple[str, str, str]:
        """Station, busbar section and feeder (or transformer area) of a bus, by the ids of the network."""
        land, ids = self.land, self.network.buses.id
        if land.section[row] < 0:
            return "", "", ids[row]
        section = land.sections[int(land.section[row])]
        station, bar = f"S{section.station + 1}", ids[section.bus]
        if land.area[row] >= 0:
            return station, bar, self.network.transformers.id[int(land.area[row])]
        feeder = int(land.feeder[row])
        return station, bar, self.network.lines.id[land.feeders[feeder].head] if feeder >= 0 else bar

    def tried(self, option: Any, rules: Any, days: int) -> Any:
        """An option with one source, with what the grid still does when its feeder fails."""
        from jiedian.supply.study.calc.scheme import compose
        from jiedian.supply.study.queries.points import kept_kw

        if len(option.legs) > 1:
            return option
        leg = option.legs[0]
        row = self.network.buses.id.index(leg.bus)
        leg = replace(leg, transfer_kw=kept_kw(self.prepared, row, self.wish.load_kw))
        return compose(self.wish, [leg], rules, option.choices, base_wd=days)


def _unlike(points: Sequence[Any], site: Mapping[str, Any]) -> list[Finding]:
    """The buses asked for whose voltage is not the one asked; 220 V belongs to a bus of 380 V."""
    asked = float(site["kv"]) * (math.sqrt(3) if site["kv"] < PHASE_KV else 1.0)
    unlike = [p for p in points if not 1 / SAME_LEVEL <= p.kv / asked <= SAME_LEVEL] if "bus" in site else []
    return [
        Finding("compose.other_level", p.bus, bus=p.bus, has=p.kv, asked=float(site["kv"])) for p in unlike
    ]


def _is_checked(option: Any) -> bool:
    """True unless the new line of an option, or the voltage at its end, is left to a person."""
    return option.facts.get("new_line") not in UNCHECKED


def _unchecked(found: Sequence[Any]) -> list[Finding]:
    """What was not checked of the options, in the words of the options themselves."""
    said = {
        (option.choices.line, row.id): Finding(
            "compose.unchecked", option.key, words=Text(row.zh, row.en), line=LINES[option.choices.line]
        )
        for option in found
        if not _is_checked(option)
        for row in option.conflicts
        if row.id in UNCHECKED.values()
    }
    return list(said.values())


def _reasons(wish: Any, points: Sequence[Any], found: Sequence[Any], rules: Any, kv: float) -> list[Finding]:
    """Why there is no option, or none whose sources are far enough apart: as the page says it."""
    from jiedian.supply.study.queries.points import Surroundings
    from jiedian.supply.study.queries.studies import reasons_why

    return reasons_why(wish, Surroundings(tuple(points), 0.0, "", "", ""), found, rules, kv)


def _plain(value: Any) -> Any:
    """Any of the study's values as JSON; what is not a number is null."""
    if isinstance(value, Finding):
        return value.row()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bool | int | str) or value is None:
        return value
    return (
        int(value)
        if isinstance(value, np.integer)
        else str(value if not isinstance(value, Decimal) else f"{value}")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
