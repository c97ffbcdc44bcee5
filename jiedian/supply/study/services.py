"""Site of the customer: found by a neighbour's account, a pole, a transformer area or a pin on the map."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused, refuse
from jiedian.grid.network.queries.places import locate as find
from jiedian.ground.journal.services import Actor, record

from .models import Site
from .queries.near import EARTH_M, is_point
from .queries.uses import use_of

LOAD = (
    "use",
    "is_within_red_line",
    "security_kw",
    "generator_kw",
    "rectifier_kva",
    "step_kva",
    "steps_per_hour",
    "single_phase_kva",
    "feed_in_kw",
)
"""What is said of the load together with the place."""


@transaction.atomic
def locate(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Site:
    """Put a case on the map. ``values`` names one of account, pole, area or pin (longitude, latitude), and the load.

    With a pin, ``spot`` are the words of the place that was chosen for it. A ``use`` among them is what somebody said; ``is_use_told`` False says that it is only guessed.
    Raises Refused when nothing of that name is known; then the place stays as it was.
    """
    pin = values.get("pin")
    place = find(
        account=values.get("account", ""),
        pole=values.get("pole", ""),
        area=values.get("area", ""),
        pin=pin,
        code=values.get("grid", ""),
    )
    said = {name: values[name] for name in LOAD if values.get(name) is not None}
    if said.get("use"):
        said["is_use_told"] = values.get("is_use_told", True)
    site, _ = Site.objects.update_or_create(
        case=case,
        defaults={
            "grid_code": place.grid.code,
            "how": place.how,
            "reference": str(values.get("spot" if place.how == "pin" else place.how) or "")[:60],
            "lon": place.lon,
            "lat": place.lat,
            "located_by": actor.name,
            "located_at": at,
            **said,
        },
    )
    record(
        "site.located",
        stream=case.stream,
        actor=actor,
        at=at,
        data={"how": place.how, "grid": place.grid.code},
    )
    return site


@transaction.atomic
def search(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Site:
    """Look farther for supply points of a case (``radius_m``), add one by its bus (``add``), or let one go again (``drop``).

    Raises Refused where the case has no place yet, or the grid no such point of a voltage of its level.
    """
    site = Site.objects.select_for_update().filter(case=case).first()
    if site is None:
        raise refuse("scheme.no_site")
    added = [bus for bus in site.added if bus != values.get("drop")]
    if bus := str(values.get("add") or ""):
        if not is_point(site.grid_code, bus, float(case.voltage_kv)):
            raise refuse("scheme.point_unknown")
        added += [] if bus in added else [bus]
    site.added = added
    asked = values.get("radius_m")
    site.search_m = site.search_m if asked is None else min(float(asked), EARTH_M)
    site.save(update_fields=["search_m", "added"])
    told = {"radius_m": site.search_m, "added": len(added)}
    record("site.searched", stream=case.stream, actor=actor, at=at, data=told)
    return site


def locate_applicant(
    case: Case, beside: str, pin: tuple[float, float] | None, *, spot: str = "", actor: Actor, at: datetime
) -> Site:
    """Put a case beside what its customer named — an account, a pole or an area, the first that is known — else at his pin,
    with the words of the place he chose for it (``spot``).

    What he uses power for is only guessed, until a person says it.
    """
    guess = {"use": use_of(case) or Site.Use.BUSINESS, "is_use_told": False}
    ways: list[dict[str, Any]] = [{name: beside} for name in ("account", "pole", "area") if beside]
    ways += [{"pin": pin, "spot": spot}] if pin else []
    for way in ways[:-1]:
        try:
            return locate(case, way | guess, actor=actor, at=at)
        except Refused:
            continue
    return locate(case, ways[-1] | guess, actor=actor, at=at)
