"""客户原话: what a customer's own words ask of a scheme, and what the version itself answers to each, as the customer may read it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiedian.clocks.queries import calendar
from jiedian.core.findings import Refused

ASKED_BY = {
    "cost": "便宜|省钱|费用|花钱|花费|少花|造价|报价|预算|成本|投资|多少钱|cheap|cost|price|budget|afford|expens",
    "date": "尽快|尽早|工期|通电|送电|并网|开业|开张|投产|之前|[日号月节年底]前|before|by the|soon|quick|urgent|deadline|opening",
    "reliability": "可靠|停电|断电|不能停|不间断|供电稳定|连续供电|要有电|reliab|outage|interrupt|blackout",
    "sources": "双电源|两路|双回|备用电源|备供|dual|two sources|second source|standby|backup",
    "line": "架空|电缆|入地|地下|立杆|电杆|overhead|cable|underground|poles?\\b",
    "voltage": "电压|voltage",
    "capacity": "容量|够用|kva|千伏安|capacity",
    "tariff": "电价|电费|峰谷|分时|tariff|time.of.use",
}
"""Words by which a customer asks for something that a scheme has a figure for."""


def asked_by(words: str) -> tuple[str, ...]:
    """Names of what a customer's words ask for, of ``ASKED_BY``.

    >>> asked_by("尽量少花钱，十月前通电"), asked_by("As cheap as possible"), asked_by("周末不要施工")
    (('cost', 'date'), ('cost',), ())
    """
    return tuple(name for name, words_of in ASKED_BY.items() if re.search(words_of, words, re.IGNORECASE))


@dataclass(frozen=True)
class Kept:
    """Figures of a version that answer a customer: cost in yuan and working days as (low, middle, high), None where not known.

    ``why`` is how its option was taken (``kept_why``), ``lines`` its own words on capacity and tariff; ``since`` the day it is answered.
    """

    cost: Sequence[float] | None
    days: Sequence[float] | None
    since: date
    needed_on: date | None
    why: Mapping[str, Any]
    sources: Sequence[Mapping[str, Any]]
    lines: Mapping[str, str]
    is_zh: bool
    is_solar: bool = False


def words_for(names: Iterable[str], kept: Kept) -> str:
    """What a version says to what is asked for; empty where it has nothing to say to any of it."""
    ways = {
        "cost": _cost,
        "date": _date,
        "reliability": _reliability,
        "sources": _sources,
        "line": _line,
        "voltage": _drop,
    }
    said = [ways[name](kept) if name in ways else kept.lines.get(name, "") for name in names]
    return ("；" if kept.is_zh else "; ").join(dict.fromkeys(filter(None, said)))


def _cost(kept: Kept) -> str:
    if kept.cost is None:
        return ""
    low, _mid, high = kept.cost
    told = {"low": f"{low:,.0f}", "high": f"{high:,.0f}"}
    said = _("用电人费用估算 %(low)s–%(high)s 元") % told if high else _("按估算用电人不承担工程费用")
    of, place = kept.why.get("of", 0), kept.why.get("places", {}).get("cost", 0)
    if of < 2 or not place:
        return said
    beside = (
        _("比选的 %(n)d 种走法中没有费用更低的") % {"n": of}
        if place == 1
        else _("比选的 %(n)d 种走法中费用由低到高居第 %(k)d 位") % {"n": of, "k": place}
    )
    return f"{said}，{beside}" if kept.is_zh else f"{said}; {beside}"


def _date(kept: Kept) -> str:
    """The day power comes if the customer agrees on the day of the reply, with its interval, beside the day he wants."""
    if kept.days is None:
        return ""
    try:
        soon, on, late = (calendar().add(kept.since, round(n)) for n in kept.days)
    except Refused:  # beyond the calendar
        return ""
    told = {"on": on, "soon": soon, "late": late, "since": kept.since, "wanted": kept.needed_on}
    said = (
        _("%(since)s 确认方案的，预计 %(on)s 并网（%(soon)s 至 %(late)s 之间）")
        if kept.is_solar
        else _("%(since)s 确认方案的，预计 %(on)s 送电（%(soon)s 至 %(late)s 之间）")
    ) % told
    if kept.needed_on is None:
        return said
    if late <= kept.needed_on:
        beside = _("赶得上您要的 %(wanted)s") % told
    elif on <= kept.needed_on:
        beside = _("预计赶得上您要的 %(wanted)s，最迟的情形会晚于它") % told
    else:
        beside = _("预计赶不上您要的 %(wanted)s") % told
    return f"{said}，{beside}" if kept.is_zh else f"{said}; {beside}"


def _reliability(kept: Kept) -> str:
    words = kept.why.get("reliability")
    if words:
        return _("可靠性等级 %(words)s") % {"words": words[0 if kept.is_zh else 1]}
    return _sources(kept)


def _sources(kept: Kept) -> str:
    if not kept.sources:
        return ""
    names = ("、" if kept.is_zh else "; ").join(
        str(source["name"][0 if kept.is_zh else 1]) for source in kept.sources
    )
    n = len(kept.sources)
    return ngettext("供电电源 %(n)d 路：%(names)s", "供电电源 %(n)d 路：%(names)s", n) % {
        "n": n,
        "names": names,
    }


def _line(kept: Kept) -> str:
    said = []
    for source in kept.sources:
        words = _("进线采用电缆") if source["entry"] == "cable" else _("进线采用架空线")
        if source["length_m"] is not None:
            words += _("，约 %(m)s m") % {"m": f"{source['length_m']:.0f}"}
        said.append(words)
    return ("；" if kept.is_zh else "; ").join(dict.fromkeys(said))


def _drop(kept: Kept) -> str:
    drops = [drop for source in kept.sources if (drop := source.get("drop_percent")) is not None]
    return _("按全部负荷校核，新建线路压降 %(drop)s%%") % {"drop": f"{max(drops):g}"} if drops else ""
