"""客户处与依据: what a scheme says of its new lines and of the voltage at the customer's end, and the rows behind its facts."""

from collections.abc import Iterable, Mapping, Sequence

from jiedian.core.decisions import AmountRow
from jiedian.core.sourced import Ground, SourcedRow
from jiedian.grid.circuit.calc.naming import in_english, station_of
from jiedian.grid.circuit.calc.newline import Kind, NewLine
from jiedian.supply.menu.calc.quality import Check
from jiedian.supply.menu.calc.supply import SupplyPoint

WORST = ("collapse", "low", "high", "feed", "current", "drop", "length", "unknown", "")
"""What a new line cannot hold, the worst first."""


def volts_at(kv: float, u_pu: float) -> str:
    """A voltage of so many times a nominal one, as people read it; a busbar of 0.4 kV supplies at 380 V.

    >>> volts_at(0.38, 1.019), volts_at(0.22, 0.9), volts_at(10.0, 1.019)
    ('387 V', '198 V', '10.19 kV')
    """
    kv = 0.38 if 0.3 < kv < 1 else kv
    return f"{1000 * kv * u_pu:.0f} V" if kv < 1 else f"{kv * u_pu:.2f} kV"


def lines_of(legs: Sequence[SupplyPoint], kind: str) -> list[NewLine]:
    """New lines of an option, where they were computed."""
    return [line for leg in legs if (line := leg.line(kind)) is not None]


def weakest_line(legs: Sequence[SupplyPoint], kind: str) -> NewLine | None:
    """New line that holds least: by what it cannot hold, then by its room at the customer's end."""
    found = lines_of(legs, kind)
    return min(found, key=lambda line: (WORST.index(line.binds), line.margin_pu), default=None)


def line_fact(legs: Sequence[SupplyPoint], kind: str) -> str:
    """``ok`` where every new line holds, ``rated`` where conductor and drop do and the voltage before is not known, ``unknown`` where
    one was not computed, else what the weakest cannot hold.
    """
    line = weakest_line(legs, kind)
    if line is None or len(lines_of(legs, kind)) < len(legs):
        return "unknown"
    return "rated" if line.binds == "unknown" else line.binds or "ok"


def line_grounds(legs: Sequence[SupplyPoint], kind: str) -> tuple[Ground, ...]:
    """Rows the new lines were computed with."""
    return tuple(dict.fromkeys(ground for line in lines_of(legs, kind) for ground in line.grounds))


def line_words(legs: Sequence[SupplyPoint], kind: str, next_kv: str, kv: float) -> dict[str, str]:
    """Words of the weakest new line for conflicts and modules: conductor, lengths, amperes, voltage and its limits, at the
    voltage (kV) that is used.
    """
    line = weakest_line(legs, kind)
    if line is None:
        names = (
            "conductor",
            "conductor_en",
            "line_m",
            "line_a",
            "line_rated",
            "end_u",
            "end_low",
            "end_high",
        )
        said = dict.fromkeys((*names, "drop", "reach_m", "radius_m", "feed_u"), "—")
        return said | {"next_kv": next_kv, "weak": "", "weak_en": ""}
    weak = next(n for n, leg in enumerate(legs, start=1) if leg.line(kind) is line)
    return {
        "conductor": line.name_zh,
        "conductor_en": line.name_en,
        "line_m": f"{line.length_m:.0f}",
        "line_a": f"{line.current_a:.0f}",
        "line_rated": f"{line.rated_a:.0f}",
        "end_u": "—" if line.u_pu is None else volts_at(kv, line.u_pu),
        "end_low": volts_at(kv, line.low_pu),
        "end_high": volts_at(kv, line.high_pu),
        "feed_u": "—" if line.feed_pu is None else volts_at(kv, line.feed_pu),
        "drop": f"{line.drop_percent:.1f}",
        "reach_m": f"{line.reach_m:.0f}",
        "radius_m": f"{line.radius_m:.0f}",
        "weak": f"电源 {weak} " if len(legs) > 1 else "",
        "weak_en": f"Source {weak}: " if len(legs) > 1 else "",
        "next_kv": next_kv,
    }


def kinds_able(legs: Sequence[SupplyPoint], load_kw: float, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """Kinds of line by which every leg supplies a load."""
    return tuple(kind for kind in kinds if all(leg.supplies(load_kw, kind) for leg in legs))


def homes(legs: Sequence[SupplyPoint]) -> dict[str, str]:
    """Homes of the sources: how many there are and how they spread over substations, sections or feeders, in words of both languages."""
    count = len(legs)
    told = {"sources_zh": f"{COUNTED.get(count, str(count))}路", "sources_en": str(count)}
    for name, zh, en in HOMES:
        found = [getattr(leg, name) for leg in legs]
        if len(set(found)) > 1:
            called = {
                (home := getattr(leg, name)): station_of(leg)
                if name == "station"
                else (home, in_english(leg, home))
                for leg in legs
            }
            spread = [(home, found.count(home)) for home in dict.fromkeys(found)]
            told["homes_zh"], told["homes_en"] = f"{len(spread)} {zh}", f"{len(spread)} {en}"
            if all(
                leg.bus for leg in legs
            ):  # of points a person wrote down nobody knows the names of their homes
                told["homes_zh"] += "：" + "、".join(f"{called[home][0]} {n} 路" for home, n in spread)
                told["homes_en"] += (
                    " (" + ", ".join(f"{n} from {called[home][1]}" for home, n in spread) + ")"
                )
            return told
    return told | {"homes_zh": "", "homes_en": ""}


COUNTED = {1: "一", 2: "两", 3: "三", 4: "四"}
HOMES = (
    ("station", "座变电站", "substations"),
    ("section", "段母线", "bus sections"),
    ("feeder", "条线路", "feeders"),
)
"""Where sources may part, the farthest first, and how those are counted."""

CAPACITY = ("PF", "LOAD-SHARE", "LINE-LIMIT", "TRAFO-LIMIT", "VMIN")
"""The figures open capacity is computed with."""


def grounds(
    *,
    needed: SourcedRow,
    is_counted: bool,
    voltages: Iterable[SourcedRow],
    amounts: Mapping[str, AmountRow],
    checks: Sequence[Check],
) -> dict[str, tuple[Ground, ...]]:
    """The rows behind each computed fact. ``is_counted``: the number of sources is the row's, not the customer's wish."""
    sources = _of([needed]) if is_counted else ()
    over = [check for check in checks if not check.is_kept]
    return {
        "needed_sources": sources,
        "sources_short": sources,
        "sources_near": _of([needed]),
        "capacity_short": _of(amounts[name] for name in CAPACITY),
        "voltage_fit": _of(voltages),
        "ct": _of([amounts["CT-STOCK"]]),
        "ct_low": _of([amounts["CT-STOCK"], amounts["CT-NORMAL-SHARE"]]),
        "quality_over": tuple(ground for check in over for ground in check.grounds),
        "emergency_small": _of([amounts["EMERGENCY-SHARE"]]),
        "security_open": _of([amounts["EMERGENCY-SHARE"]]),
    }


def _of(rows: Iterable[SourcedRow]) -> tuple[Ground, ...]:
    return tuple(Ground.of(row) for row in rows)
