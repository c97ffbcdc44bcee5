"""有效期: keep capacity for a signed scheme, let it go, extend, and redo what lapsed."""

from datetime import date, datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.steps import terminate
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.services.coordination import ErrandDraft, send_errand
from jiedian.cases.intake.services.survey import restart
from jiedian.clocks.services import local_day
from jiedian.core.closed import SOLAR
from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.grid.capacity.services import reservations as grid
from jiedian.grid.network.models import Device
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import amount

from ..models import Scheme
from ..queries.schemes import may_redo, valid_until


def reserve(scheme: Scheme, *, actor: Actor, at: datetime) -> None:
    """Keep the capacity of a signed scheme at each of its points, without a day of its own: the scheme's validity ends it.

    A scheme entered by hand has no point to keep.
    """
    case, site = scheme.case, Site.objects.filter(case=scheme.case).first()
    if site is None:
        return
    for source in scheme.sources:
        node = Device.objects.filter(
            grid__code=site.grid_code, kind=Device.Kind.NODE, at_bus=source["bus"], is_retired=False
        ).first()
        if node is None:
            raise refuse("scheme.node_gone", point=Text(source["name_zh"], source["name_en"]))
        for wish in _wishes(scheme, float(source.get("feed_asked_kw") or 0)):
            grid.reserve(case.number, node, wish, actor=actor, at=at)


def _wishes(scheme: Scheme, feed_in_kw: float) -> list[grid.Wish]:
    """What a scheme keeps at a point: what is drawn, but for who only installs PV, and what is fed in."""
    kind, pf = scheme.case.case_class, amount("PF")
    drawn = float(scheme.capacity_kva) * pf * amount("LOAD-SHARE")
    found = [] if kind in SOLAR else [grid.Wish(drawn, kind, pf)]
    return found + ([grid.Wish(feed_in_kw, kind, 1.0, is_generation=True)] if feed_in_kw > 0 else [])


def ask_for_room(case: Case, kw: float, step_code: str, *, at: datetime) -> None:
    """Errand to who answers for the scheme: it is signed, and others hold the capacity it counts on (kW)."""
    text = (
        f"方案已签收，但容量已先留给别人：{kw:,.0f} kW 在排队。请联系客户：等候、另拟供电点，或安排电网改造。"
        f" / The scheme is signed, but others hold the capacity: {kw:,.0f} kW wait. "
        "Talk to the customer: wait, another point, or works on the grid."
    )
    owner = owner_of(case, step_code, at=at).user
    send_errand(case, ErrandDraft(Errand.Kind.TASK, text, owner), actor=SYSTEM, at=at)


def release(case: Case, *, reason: str, actor: Actor, at: datetime) -> None:
    """Let the capacity of a case go; those who queue are served. Safe to repeat."""
    grid.release(case.number, reason=reason, actor=actor, at=at)


def connect(case: Case, *, actor: Actor, at: datetime) -> None:
    """The customer has power: his capacity is load now."""
    grid.connect(case.number, actor=actor, at=at)


@transaction.atomic
def extend(scheme: Scheme, *, until_on: date, actor: Actor, at: datetime) -> None:
    """Prolong a scheme once more, at most by its first term, asked for early enough. Source: domain reference 5.11."""
    living = (Scheme.State.REPLIED, Scheme.State.ACCEPTED)
    if scheme.state not in living or scheme.valid_until_on is None or scheme.replied_at is None:
        raise refuse("scheme.not_living")
    before, replied_on = int(amount("EXTENSION-DAYS")), local_day(scheme.replied_at)
    first_until_on = valid_until(scheme.case, replied_on)
    if scheme.valid_until_on > first_until_on:
        raise refuse("scheme.extended")
    if (scheme.valid_until_on - local_day(at)).days < before:
        raise refuse("scheme.too_late", before=before)
    if not scheme.valid_until_on < until_on <= first_until_on + (first_until_on - replied_on):
        raise refuse("scheme.too_long")
    same = Scheme.objects.filter(pk=scheme.pk, state=scheme.state, valid_until_on=scheme.valid_until_on)
    if not same.update(valid_until_on=until_on):
        raise refuse("scheme.not_living")
    record(
        "scheme.extended",
        stream=scheme.case.stream,
        actor=actor,
        at=at,
        data={"version": scheme.version, "until": until_on.isoformat()},
    )


@transaction.atomic
def redo(case: Case, *, reason: str, actor: Actor, at: datetime) -> Case:
    """End a case whose signed scheme lapsed and apply again for the customer; the new case names the old one.

    Raises Refused when there is no such scheme or no reason is given; then nothing has changed.
    """
    if not may_redo(case):
        raise refuse("scheme.not_lapsed")
    terminate(case, reason=reason, actor=actor, at=at)
    fresh = restart(case, actor=actor, at=at)
    record("scheme.redone", stream=case.stream, actor=actor, at=at, data={"next": fresh.number})
    return fresh
