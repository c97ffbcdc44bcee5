"""Sites of the demo: where customers are, which option planners take, what is measured later; seeded random."""

from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.grid.network.models import Device, Grid
from jiedian.ground.journal.services import Actor
from jiedian.people.queries import actor, person
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.services.automatic import answer_alone
from jiedian.supply.scheme.services.outcomes import measure, predicted_value
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate

SPREAD_DEG = 0.0015
"""How far from a node a customer may be, in degrees."""
TICKED = "本方案已考虑（模拟）"
CUSTOMER = Actor(None, "客户（模拟）", "customer")


@lru_cache(maxsize=8)
def _nodes(grid_id: int, is_high: bool) -> list[tuple[float, float]]:
    """Places of the living nodes of a level."""
    kv = (1.0, 30.0) if is_high else (0.0, 1.0)
    rows = Device.objects.filter(
        grid_id=grid_id,
        kind=Device.Kind.NODE,
        is_retired=False,
        parent__isnull=False,
        lon__isnull=False,
        kv__range=kv,
    ).order_by("id")
    return [(float(lon or 0), float(lat or 0)) for lon, lat in rows.values_list("lon", "lat")]


def put_on_map(case: Case, rng: Random, *, at: datetime) -> None:
    """Put a new customer somewhere near the grid; important ones where the second grid has two substations."""
    grids = list(Grid.objects.order_by("-is_city", "id"))
    if not grids or case.case_class in ("RES",):
        return
    important = case.importance in ("first", "special") and len(grids) > 1
    grid = grids[1] if important else grids[0]
    places = _nodes(grid.pk, case.voltage_kv >= 1)
    if not places:
        return
    lon, lat = rng.choice(places)
    kva = float(case.capacity_kva)
    load: dict[str, Any] = {"use": "industry" if case.voltage_kv >= 1 else "business"}
    if case.importance != "ordinary":
        load |= {"security_kw": round(kva / 10), "generator_kw": round(kva / 10 * 1.3)}
    if case.is_special_load:
        load |= {"rectifier_kva": round(kva / 20), "step_kva": round(kva / 10), "steps_per_hour": 6.0}
    pin = (lon + rng.uniform(-1, 1) * SPREAD_DEG, lat + rng.uniform(-1, 1) * SPREAD_DEG)
    try:
        locate(case, {"pin": pin, "grid": grid.code, **load}, actor=CUSTOMER, at=at)
    except Refused:
        return


def choice(case: Case, rng: Random, *, at: datetime) -> dict[str, Any] | None:
    """Choice of a planner of the city: mostly the first option, with a reason where a rule speaks against it."""
    try:
        study = study_of(case, on=local_day(at), is_deep=False)
    except Refused:
        return None
    if study is None or not study.options:
        return None
    option = study.options[0 if rng.random() < 0.8 else rng.randrange(len(study.options))]
    points = case.points.values_list("id", flat=True)
    return {
        "buses": [leg.bus for leg in option.legs],
        "choices": option.choices,
        "exception_reason": "会议纪要同意例外（模拟）" if option.to_explain else "",
        "ticked": {str(point): TICKED for point in points if rng.random() < 0.6},
    }


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
