"""Sites of the demo: where customers are, which option planners take, what is measured later; seeded random."""

import sys
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from demo.town.places import Site, sites
from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.grid.network.models import Device, Grid
from jiedian.grid.network.queries.places import Place, candidates_near
from jiedian.ground.journal.services import Actor
from jiedian.people.queries import actor, person
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.services.automatic import answer_alone
from jiedian.supply.scheme.services.outcomes import measure, predicted_value
from jiedian.supply.study.models import Site as LocatedSite
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.queries.uses import use_of
from jiedian.supply.study.services import locate

TICKED = "本方案已考虑（模拟）"
CUSTOMER = Actor(None, "客户（模拟）", "customer")


EVERYWHERE_M = 100_000.0
FAR_EVERY = 23
"""Of so many small businesses one lies beyond every low-voltage line."""


def site_of(number: int, kind: str, *, is_important: bool, kv: float) -> Site:
    """Site of the n-th customer of a class: homes in estates and villages, shops on streets, works in their district."""
    if kind == "LV0" and number % FAR_EVERY == FAR_EVERY - 1:
        wanted = "far"
    elif kind in ("LV0", "LVN"):
        wanted = "village" if number % 5 == 0 else "shop"
    else:
        wanted = (
            "home" if kind == "RES" else "high_35" if kv > 30 else "important" if is_important else "high"
        )
    of_kind = [site for site in sites() if site.kind == wanted]
    return of_kind[number * 37 % len(of_kind)]


@cache
def _at() -> dict[str, Site]:
    return {site.address: site for site in sites()}


def load_of(case: Case) -> dict[str, Any]:
    """Load as a customer states it: his use by his name, or a business that nobody has confirmed."""
    kva, use = float(case.capacity_kva), use_of(case)
    load: dict[str, Any] = {"use": use or "business", "is_use_told": bool(use)}
    if case.importance != "ordinary":
        load |= {"security_kw": round(kva / 10), "generator_kw": round(kva / 10 * 1.3)}
    if case.is_special_load:
        load |= {"rectifier_kva": round(kva / 20), "step_kva": round(kva / 10), "steps_per_hour": 6.0}
    return load


def put_on_map(case: Case, rng: Random, *, at: datetime) -> None:
    """Put a new customer where his address is."""
    site = _at().get(case.address)
    if site is None or not Grid.objects.filter(is_city=True).exists():
        return
    try:
        locate(case, {"pin": (site.lon, site.lat), **load_of(case)}, actor=CUSTOMER, at=at)
    except Refused as refusal:
        print(f"  {case.number}: {refusal}", file=sys.stderr)


def choice(case: Case, rng: Random, *, at: datetime) -> dict[str, Any] | None:
    """Choice of a planner of the city: mostly the first option, with a reason where a rule speaks against it."""
    try:
        study = study_of(case, on=local_day(at), is_deep=False)
    except Refused:
        return None
    if study is None or not study.options:
        return None
    LocatedSite.objects.filter(case=case).update(is_use_told=True)  # the planner has asked
    option = study.options[0 if rng.random() < 0.8 else rng.randrange(len(study.options))]
    points = case.points.values_list("id", flat=True)
    return {
        "buses": [leg.bus for leg in option.legs],
        "choices": option.choices,
        "exception_reason": "会议纪要同意例外（模拟）" if option.to_explain else "",
        "ticked": {str(point): TICKED for point in points if rng.random() < 0.6},
    }


def named_points(case: Case) -> tuple[str, str]:
    """The nearest point of the city's grid at a case's voltage, and the nearest on another feeder."""
    grid, site = Grid.objects.filter(is_city=True).first(), _at().get(case.address)
    if grid is None or site is None:
        return "附近公用线路", "附近另一条公用线路"
    place = Place(grid, site.lon, site.lat, "pin")
    near = [each.node for each in candidates_near(place, kv=float(case.voltage_kv), radius_m=EVERYWHERE_M)]
    names = {node.parent_id: _called(node) for node in reversed(near)}
    first = near[0].parent_id if near else None
    other = next((node.parent_id for node in near if node.parent_id != first), None)
    return names.get(first, "附近公用线路"), names.get(other, "附近另一条公用线路")


def _called(node: Device) -> str:
    spot, feeder = node.pole or node.name, node.parent.name if node.parent else ""
    return spot if spot.startswith(feeder) else f"{feeder} {spot}"


def answered_alone(case: Case, *, at: datetime) -> bool:
    """True if the system answers the customer by itself."""
    try:
        return answer_alone(case, at=at)
    except Refused:
        return False


def look_back(case: Case, rng: Random, *, at: datetime) -> None:
    """Somebody measures what the scheme predicted, some time after the power is on."""
    scheme = case.schemes.filter(state=Scheme.State.ACCEPTED).first()
    if scheme is None or rng.random() < 0.3:
        return
    spread = {"u_pu": 0.01, "line_percent": 0.2, "days": 0.35}
    known = {item: predicted_value(scheme, item) for item in spread}
    values = {i: round(v * rng.gauss(1, spread[i]), 4) for i, v in known.items() if v}
    if values and case.account_manager_id:
        who = actor(person(case.account_manager_id))
        measure(scheme, values, measured_on=local_day(at), actor=who, at=at)
