"""方案研究: what a case wishes, the points around it, the options, and any choice of them composed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import feed_in_kw, feed_in_mode
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.cases.forecast.queries import gateway_facts
from jiedian.cases.intake.calc.carried import Carried
from jiedian.cases.intake.queries import first_facts
from jiedian.clocks.queries import calendar
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.grid.network.queries.basemap import english
from jiedian.process.queries import newest, way
from jiedian.process.rows import cards, milestone_step
from jiedian.supply.menu.calc.quality import Disturbance, six_pulse_a
from jiedian.supply.menu.calc.supply import Choices, SupplyPoint, Wish, apart

from ..calc.ends import volts_at, weakest_line
from ..calc.feeding import rules_for
from ..calc.options import options, ranked_options
from ..calc.scheme import APART, Option, Rules, compose, source_row
from ..models import Site
from .ahead import is_inspected, next_words, steps_after_reply
from .feeding import what_fits
from .offers import NextVoltage, beyond, next_voltage, short, steps_above, too_far, why_none
from .points import Surroundings, points_around, with_transfer
from .rules import amount, scheme_rules
from .uses import is_use_known


@dataclass(frozen=True)
class Study:
    """A case before its scheme: the wish, the points with what binds them, the options, and why something is missing."""

    site: Site
    wish: Wish
    rules: Rules
    around: Surroundings
    options: tuple[Option, ...]
    reasons: tuple[Finding, ...]
    base_wd: int
    took_ms: float
    offer: NextVoltage | None = None
    """Where no option is found: the next voltage that reaches the customer."""


def wish_of(case: Case, site: Site, *, on: date, at_kv: float = 0.0) -> Wish:
    """Wish for supply, from the case and what was said of the load; at another voltage than the case's where one is given."""
    kva, is_solar = float(case.capacity_kva), case.case_class in SOLAR
    kv = at_kv or float(case.voltage_kv)
    facts = gateway_facts([case])[case.number]
    steps = steps_after_reply(case, facts)
    return Wish(
        kva=kva,
        load_kw=0.0 if is_solar else kva * amount("PF") * amount("LOAD-SHARE"),
        importance=case.importance,
        sources=sources_of(case),
        use=site.use,
        is_use_told=is_use_known(case, site),
        kv=kv,
        is_special_load=case.is_special_load,
        is_single_phase=kv < 0.3,
        security_kw=site.security_kw,
        generator_kw=site.generator_kw,
        disturbance=Disturbance(
            six_pulse_a(site.rectifier_kva, kv), site.step_kva, site.steps_per_hour, site.single_phase_kva
        ),
        is_within_red_line=site.is_within_red_line,
        feed_in_kw=_fed_in_kw(case, site),
        is_only_feed_in=is_solar,
        feed_mode=feed_in_mode(case),
        is_reviewed=bool(review_reasons(case)),
        has_fee=facts.get("fee") == "yes",
        is_inspected=is_inspected(steps),
        next_steps=next_words(steps),
        days_left=max(calendar().between(on, case.needed_on), 0) if case.needed_on else None,
    )


def _fed_in_kw(case: Case, site: Site) -> float:
    """What is fed in at most (kW): of PV what the customer installs and feeds, unless the planner has limited it."""
    if case.case_class not in SOLAR:
        return site.feed_in_kw
    asked = feed_in_kw(case)
    return min(site.feed_in_kw, asked) if site.feed_in_kw > 0 else asked


def sources_of(case: Case) -> int:
    """Number of sources a customer of this class is given."""
    return 2 if first_facts(case).get("sources") == "dual" else 1


def base_wd(case: Case) -> int:
    """Working days that every choice needs from the reply to power, by the usual times of the steps on the case's way.

    What the grid and the customer build is left out: it depends on the choice and comes on top.
    """
    key = case.process_key
    rows = cards(key)
    before = way(newest(key), first_facts(case)).before()
    since = next(
        (code for name in ("replied", "accepted") if (code := milestone_step(key, name)) in before), ""
    )
    ends: dict[str, int] = {}
    for code in TopologicalSorter(before).static_order():
        days = 0 if rows[code].deliverable == "works" else rows[code].typical_wd
        ends[code] = max((ends[each] for each in before[code]), default=0) + days
    power = milestone_step(key, "energised")
    return ends.get(power, max(ends.values())) - ends.get(since, 0)


def study_of(case: Case, *, on: date, is_deep: bool = True) -> Study | None:
    """Everything the scheme page shows; None while nobody has said where the customer is.

    A deep study also lets the feeder's head of every single-source option fail (N-1).
    """
    site = Site.objects.filter(case=case).first()
    if site is None:
        return None
    site.case = case
    return study_at(case, site, on=on, is_deep=is_deep)


def study_at(case: Case, site: Site, *, on: date, is_deep: bool = True) -> Study:
    """Study of a case at a place; neither of them need be kept yet. Refused where PV does not say how it feeds in."""
    begun = time.perf_counter()
    wish = wish_of(case, site, on=on)
    if wish.is_only_feed_in and not wish.feed_mode:
        raise refuse("application.solar")
    rules = rules_for(wish, scheme_rules(on))
    kv = float(case.voltage_kv)
    days = base_wd(case)
    needed = source_row(rules, wish.importance).apart
    around = points_around(site, wish, kv=kv, apart=needed, on=on)
    found = options(wish, around.points, rules, base_wd=days, added=site.added)
    if is_deep:
        found = ranked_options([_tried(site, wish, rules, option, days) for option in found])
    reasons = [*around.findings, *reasons_why(wish, around, found, rules, kv)]
    reasons += [] if found else what_fits(site, wish, around)
    offer = None
    if not found and not _by_hand(around):
        higher = [(each, wish_of(case, site, on=on, at_kv=each)) for each in steps_above(rules, kv, on)]
        offer = next_voltage(site, higher, rules, base_wd=days, on=on)
        reasons.append(offer.finding if offer else Finding("scheme.no_next", kv=kv))
    took_ms = 1000 * (time.perf_counter() - begun)
    return Study(site, wish, rules, around, found, tuple(reasons), days, took_ms, offer)


def power_on(study: Study, option: Option) -> date | None:
    """Day power comes by an option if its scheme is signed on the day of the study; None beyond the calendar."""
    try:
        return calendar().add(study.rules.on, round(option.days.mid))
    except Refused:
        return None


def _by_hand(around: Surroundings) -> bool:
    """True where a person answers: every point is to be found by hand."""
    return bool(around.points) and all(point.is_by_hand for point in around.points)


def _tried(site: Site, wish: Wish, rules: Rules, option: Option, days: int) -> Option:
    """An option with one source, with what the grid can still do when its feeder fails."""
    if len(option.legs) > 1:
        return option
    leg = with_transfer(site, option.legs[0], wish.load_kw)
    return compose(wish, [leg], rules, option.choices, base_wd=days)


def composed(study: Study, buses: Sequence[str], choices: Choices) -> Option:
    """One choice of points and modules. Raises Refused when a point is not among those around the customer."""
    held = {point.bus: point for point in study.around.points}
    legs = [held[bus] for bus in buses if bus in held]
    if not legs or len(legs) < len(buses):
        raise refuse("scheme.point")
    option = compose(study.wish, legs, study.rules, choices, base_wd=study.base_wd)
    return _tried(study.site, study.wish, study.rules, option, study.base_wd)


def placed(study: Study, option: Option) -> Option:
    """A composed option with the place it takes among the study's own."""
    others = [other for other in study.options if other.key != option.key]
    return next(o for o in ranked_options([*others, option]) if o.key == option.key)


def reasons_why(
    wish: Wish, around: Surroundings, found: Sequence[Option], rules: Rules, kv: float
) -> list[Finding]:
    """Reasons why there is no option, or none whose sources are far enough apart."""
    points = around.points
    needed = source_row(rules, wish.importance)
    count = max(wish.sources, needed.sources)
    if not points:
        return beyond(around, kv)
    if _by_hand(around):
        return [*beyond(around, kv), *short(wish, points)]
    wanted = needed.apart or ("feeder" if count > 1 else "none")
    if count > 1 and all(APART.index(apart(o.legs)) < APART.index(wanted) for o in found):
        able = [point for point in points if point.is_able(wish.load_kw)]
        if not able and (far := too_far(wish, around, kv)):
            return [*beyond(around, kv), *far]
        if (
            len({getattr(point, wanted) for point in able}) > 1
        ):  # far enough apart, but fewer feeders than sources
            wanted = "feeder"
        return [_one_home(wish, points, wanted, count)]
    if found:
        return []
    return [*beyond(around, kv), *why_none(wish, around, kv)]


ONE_HOME = {
    "station": "scheme.one_station",
    "section": "scheme.one_section",
    "feeder": "scheme.one_feeder",
}


def _one_home(wish: Wish, points: Sequence[SupplyPoint], wanted: str, count: int) -> Finding:
    """Which stations (sections, feeders) are around, what the best point of each can carry, and what binds it."""
    best: dict[str, SupplyPoint] = {}
    for point in points:
        key = getattr(point, wanted)
        held = best.get(key)
        if not point.is_by_hand and (held is None or point.capacity_kw > held.capacity_kw):
            best[key] = point
    rows = sorted(best.items(), key=lambda item: -item[1].capacity_kw)[:6]
    zh = "；".join(f"{name} 最多 {p.capacity_kw:.0f} kW（{p.element or '—'}）" for name, p in rows)
    en = "; ".join(
        f"{english(name)} at most {p.capacity_kw:.0f} kW ({english(p.element) or '—'})" for name, p in rows
    )
    return Finding(ONE_HOME[wanted], count=count, load_kw=wish.load_kw, best=Text(zh or "—", en or "—"))


def grid_answer(case: Case, on: date) -> Carried:
    """Answer of the grid to a case with the values it has now, saved or not: enough, not enough with the reason, or nothing."""
    try:
        study = study_of(case, on=on, is_deep=False)
    except Refused as refusal:
        return Carried("", _said(refusal.findings[0]))
    if study is None:
        return Carried("", _said(Finding("survey_capacity.no_site")))
    if study.options:
        return Carried("yes", _enough(study.options[0], study.wish.load_kw, float(case.voltage_kv)))
    reasons = study.reasons or (Finding("scheme.no_point", kv=float(case.voltage_kv)),)
    is_by_hand = bool(study.around.points) and all(point.is_by_hand for point in study.around.points)
    told = Text("；".join(each.zh for each in reasons), "; ".join(each.en for each in reasons))
    return Carried("" if is_by_hand else "no", told)


def _said(finding: Finding) -> Text:
    return Text(finding.zh, finding.en)


def _enough(option: Option, load_kw: float, kv: float) -> Text:
    """The point, what it still takes, and the voltage at the customer's end."""
    leg, line = option.legs[0], weakest_line(option.legs, option.choices.line)
    facts = {
        "point": Text(leg.name_zh, leg.name_en),
        "capacity_kw": min(each.capacity_kw for each in option.legs),
        "load_kw": load_kw,
    }
    if option.facts["only_feed_in"] == "yes":
        if leg.feed_asked_kw <= 0:
            return _said(Finding("survey_capacity.self"))
        asked = {"feed_kw": leg.feed_kw, "asked_kw": leg.feed_asked_kw}
        return _said(Finding("survey_capacity.feed", point=facts["point"], **asked))
    if line is None or line.u_pu is None:
        return _said(Finding("survey_capacity.enough", **facts))
    return _said(
        Finding(
            "survey_capacity.enough_end", **facts, end=volts_at(kv, line.u_pu), low=volts_at(kv, line.low_pu)
        )
    )
