"""答复单的内容: the sources, metering points, fees and pieces of an option as the reply form lists them, in plain values."""

from typing import Any

from jiedian.grid.circuit.calc.naming import line_of, name_of, station_of, take_off
from jiedian.supply.menu.calc.metering import current_transformer, rated_current_a
from jiedian.supply.menu.calc.newlines import how_words
from jiedian.supply.menu.calc.spots import spot_of
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish
from jiedian.supply.menu.calc.voltages import at_meter, used_kv
from jiedian.supply.study.calc.scheme import Option, Rules

GEAR = ("switch", "bay", "station_bay")
"""What a line leaves the grid by, of which a connection has one."""


def sheet(option: Option, wish: Wish, rules: Rules) -> dict[str, Any]:
    """The lists of a reply form. Words are pairs (Chinese, English); kV, kVA, A and m are numbers; None is not known."""
    facts, legs = option.facts, option.legs
    inside = option.receiving
    return {
        "kv": used_kv(wish, legs[0].kv),
        "kva": wish.kva,
        "is_single_phase": wish.is_single_phase,
        "level": facts["level"],
        "use": wish.use if wish.is_use_told else "",
        "metering": facts["metering"],
        "wires": facts.get("wires", ""),
        "boundary": facts["boundary"],
        "units": list(option.choices.transformers) if legs[0].kv >= 1 else [],
        "unit_kvar": [list(each) for each in inside.unit_kvar],
        "generator_kw": generator_kw(option, wish),
        "generator_has": wish.generator_kw,
        "is_generator_asked": wish.generator_kw < generator_kw(option, wish),
        "sources": [_source(option, leg, n) for n, leg in enumerate(legs)],
        "only_feed_in": wish.is_only_feed_in,
        "feed_mode": facts["feed_mode"],
        "meters": [] if wish.is_only_feed_in else _meters(option, wish, rules),
        "fees": _fees(option),
        "pieces": [
            {
                "name": [piece.name_zh, piece.name_en],
                "builder": piece.builder,
                "payer": piece.payer,
                "owner": piece.owner,
                "keeper": piece.keeper,
            }
            for piece in option.builds.pieces
            if piece.piece != "generator" or generator_kw(option, wish) > 0
        ],
    }


def generator_kw(option: Option, wish: Wish) -> float:
    """Emergency source of the customer: what he has, at least what his security load asks for; 0 where none is asked."""
    asked = float(option.figures["emergency_kw"]) if wish.security_kw > 0 else 0.0
    return max(wish.generator_kw, asked)


def _source(option: Option, leg: SupplyPoint, n: int) -> dict[str, Any]:
    facts, is_written = option.facts, not leg.bus
    kind = "area" if leg.kv < 1 else "own" if spot_of(leg) == "station" else "public"
    line = leg.line(option.choices.line)
    inlet = option.receiving.inlets[n] if option.receiving.inlets else None
    nothing = ("", "")
    return {
        "role": "main" if n == 0 else "standby",
        "kind": kind,
        "kv": used_kv_of(option, leg),
        "kva": float(option.figures["kva"]),
        "name": list(name_of(leg)),
        "station": list(nothing if is_written else station_of(leg)),
        "line": list(nothing if is_written else line_of(leg)),
        "spot": list(nothing if is_written else take_off(leg)),
        "entry": facts["line"],
        "circuits": 1,
        "conductor": list(conductor_of(option, leg)),
        "length_m": None if is_written else round(leg.length.mid_m),
        "how": [] if is_written else list(how_words(leg.length)),
        "drop_percent": round(line.drop_percent, 1) if line and line.holds else None,
        "fault": [round(inlet.short_circuit_mva), round(inlet.short_circuit_ka, 1)]
        if inlet and inlet.is_fault_known
        else [],
        "breaker": [inlet.switch_a, inlet.break_ka] if inlet else [],
        "boundary": option.builds.boundaries[n],
        "gear": next((name for name in GEAR if name in option.builds.by_source[n]), ""),
    }


def used_kv_of(option: Option, leg: SupplyPoint) -> float:
    """The voltage a source is used at: 220 V of a single phase, 380 V of three at low voltage."""
    if leg.kv >= 1:
        return leg.kv
    return 0.22 if option.facts["single_phase"] == "yes" else 0.38


def conductor_of(option: Option, leg: SupplyPoint) -> tuple[str, str]:
    """Type and cross-section of the new line to a point; empty where none was computed or it does not hold."""
    line = leg.line(option.choices.line)
    return (line.name_zh, line.name_en) if line and line.holds else ("", "")


def _meters(option: Option, wish: Wish, rules: Rules) -> list[dict[str, Any]]:
    """One metering point behind each transformer, or one for each source."""
    facts = option.facts
    is_low = facts["metering"] == "hv_lv"
    kv = at_meter(wish, option.legs[0].kv, facts)
    sizes = list(option.choices.transformers) if is_low else [wish.kva] * len(option.legs)
    return [
        {
            "source": 1 if is_low else n,
            "unit": n if is_low and len(sizes) > 1 else 0,
            "kva": size,
            "current_a": round(rated_current_a(size, kv), 1),
            **_transformers(option, rated_current_a(size, kv), rules),
            "active": option.figures["meter_active"],
            "reactive": "" if wish.is_single_phase else option.figures["meter_reactive"],
        }
        for n, size in enumerate(sizes, start=1)
    ]


def _transformers(option: Option, current_a: float, rules: Rules) -> dict[str, str]:
    """Instrument transformers of one metering point; empty where it has none, or none of the stock is large enough."""
    figures, facts = option.figures, option.facts
    is_direct, is_high = facts["ct"] == "direct", facts["metering"] == "hv_hv"
    ct = current_transformer(current_a, rules.ct_stock_a, normal_share=rules.normal_share)
    return {
        "ct_ratio": ct.ratio if ct and not is_direct else "",
        "ct_class": figures["ct_class"] if ct and not is_direct else "",
        "vt_ratio": figures["vt_ratio"] if is_high else "",
        "vt_class": figures["vt_class"] if is_high else "",
    }


def _fees(option: Option) -> list[dict[str, Any]]:
    """Fees with their price, quantity and amount in yuan as text; empty: settled by a person."""
    kind = option.facts["fee"]
    if kind == "none":
        return []
    if kind == "survey":
        return [
            {
                "name": ["业务费用（勘查核定）", "Fees (by the survey)"],
                "price": "",
                "quantity": "",
                "amount": "",
            }
        ]
    quantity, amount = option.figures["fee_kva"], option.figures["fee_cny"]
    price = f"{float(amount) / float(quantity):g}" if amount else ""
    name = ["高可靠性供电费", "High-reliability fee"]
    return [{"name": name, "price": price, "quantity": f"{quantity} kVA", "amount": amount}]
