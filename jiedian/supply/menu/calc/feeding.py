"""上网: facts and figures of a customer who feeds in, for the rows of his scheme."""

from collections.abc import Mapping, Sequence

from jiedian.grid.circuit.calc.naming import in_english

from .supply import SupplyPoint, Wish

OWN = "only_feed_in"
"""The fact by whose name a row says that it is written for PV."""


def feeding_facts(wish: Wish, legs: Sequence[SupplyPoint]) -> dict[str, str]:
    """Facts of feeding in: ``feed_in`` whether the grid takes it (``none`` asked, ``ok``, ``short``, ``by_hand``), how, and whether that is all."""
    return {
        "feed_in": feed_fact(legs, wish.feed_in_kw),
        "feed_mode": wish.feed_mode or ("surplus" if wish.feed_in_kw > 0 else "none"),
        OWN: "yes" if wish.is_only_feed_in else "no",
    }


def feed_fact(legs: Sequence[SupplyPoint], feed_in_kw: float) -> str:
    """Fact of feeding in, whether the grid takes it: ``none`` asked, ``ok``, ``short``, or ``by_hand`` where nobody knows."""
    if feed_in_kw <= 0:
        return "none"
    if any(leg.feed_kw != leg.feed_kw for leg in legs):
        return "by_hand"
    return "ok" if min(leg.feed_kw for leg in legs) >= feed_in_kw else "short"


def feeding_words(wish: Wish, legs: Sequence[SupplyPoint]) -> Mapping[str, str]:
    """Figures of feeding in for the rows: kW asked, kW the points take at light load, and what binds."""
    return {
        "feed_in_kw": f"{wish.feed_in_kw:g}",
        "feed_kw": "、".join("—" if leg.feed_kw != leg.feed_kw else f"{leg.feed_kw:.0f}" for leg in legs),
        **binding_words("feed_binding", [(leg, leg.feed_element) for leg in legs]),
    }


def binding_words(name: str, found: Sequence[tuple[SupplyPoint, str]]) -> dict[str, str]:
    """What binds at the points, each once, under a name and its English; a dash where nothing does."""
    zh = dict.fromkeys(element for _leg, element in found if element)
    en = dict.fromkeys(in_english(leg, element) for leg, element in found if element)
    return {name: "、".join(zh) or "—", f"{name}_en": ", ".join(en) or "—"}
