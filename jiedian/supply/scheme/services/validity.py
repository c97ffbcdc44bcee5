"""有效期: keep capacity for a signed scheme, let it go, extend, and let schemes lapse when their day has passed."""

from datetime import date, datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import leave_step, owner_of, terminate
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.services.coordination import send_errand
from jiedian.cases.intake.services.survey import restart
from jiedian.clocks.services import local_day
from jiedian.core.decisions import AmountRow
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.core.workdays import add_months
from jiedian.grid.capacity.services import reservations as grid
from jiedian.grid.network.models import Device
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.ground.rulebook.services import load
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import amount, amounts

from ..models import Scheme


def valid_until(case: Case, replied_on: date) -> date:
    """The day until which a reply holds."""
    wanted = "SCHEME_VALID_HV" if case.voltage_kv >= 10 else "SCHEME_VALID_LV"
    row = next(row for row in load("decisions/amounts.csv", AmountRow) if row.id == wanted)
    return add_months(replied_on, int(row.value))


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
        kw = float(scheme.capacity_kva) * amount("PF") * amount("LOAD-SHARE")
        wish = grid.Wish(kw, case.case_class, amount("PF"))
        grid.reserve(case.number, node, wish, actor=actor, at=at)


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


def lapse(*, at: datetime) -> int:
    """Let every scheme lapse whose day has passed; returns how many. Safe to run again and by several workers.

    One that cannot lapse stays as it was and keeps nobody else back; raises Refused with all of those at the end.
    """
    today, lapsed = local_day(at), 0
    due = Scheme.objects.filter(
        state__in=(Scheme.State.REPLIED, Scheme.State.ACCEPTED),
        valid_until_on__lt=today,
        case__state="running",
    )
    stuck: list[Finding] = []
    for scheme in due.select_related("case"):
        try:
            lapsed += _lapse(scheme, at=at)
        except Refused as refusal:
            stuck += [found.at(scheme.case.number) for found in refusal.findings]
    if stuck:
        raise Refused(stuck)
    return lapsed


@transaction.atomic
def _lapse(scheme: Scheme, *, at: datetime) -> bool:
    was = scheme.state
    if was == Scheme.State.ACCEPTED and _works_begun(scheme):
        return False
    moved = Scheme.objects.filter(pk=scheme.pk, state=was).update(state=Scheme.State.LAPSED, ended_at=at)
    if not moved:
        return False
    record(
        "scheme.lapsed",
        stream=scheme.case.stream,
        actor=SYSTEM,
        at=at,
        data={"version": scheme.version, "valid_until": str(scheme.valid_until_on), "was": was},
    )
    if was == Scheme.State.ACCEPTED:
        release(scheme.case, reason="lapsed", actor=SYSTEM, at=at)
        _ask_manager(scheme, at=at)
    else:
        _back_to_draft(scheme, at=at)
    return True


def _works_begun(scheme: Scheme) -> bool:
    """What ends the validity: works begun or fees paid. Which steps say so is a row."""
    codes = amounts()["VALIDITY-ENDS"].value.split()
    done = Step.objects.filter(run__subject=scheme.case.number, code__in=codes, state=Step.State.DONE)
    return done.exists()


def _back_to_draft(scheme: Scheme, *, at: datetime) -> None:
    """A scheme that nobody signed in time is drafted anew; what its signature still waited for stays owed."""
    step = open_steps(scheme.case.number).filter(code="SCHEME_SIGN").first()
    if step:
        leave_step(Work(scheme.case, step, SYSTEM, at), {"scheme_answer": "another"})


def _ask_manager(scheme: Scheme, *, at: datetime) -> None:
    """A signed scheme that lapsed ends the application (domain reference 5.11, F 13): somebody has to talk to the customer.

    The branches behind the signature are under way, so the process cannot go back by itself.
    """
    owner = owner_of(scheme.case, "SCHEME_SIGN", at=at).user
    until = f"{scheme.valid_until_on:%F}"
    text = (
        f"已签供电方案（第 {scheme.version} 版）{until} 期满失效，预留容量已释放；逾期须重新申请 [F 13]。"
        f"请联系客户，在工单上“失效重办”，或终止。 / The signed scheme (v{scheme.version}) lapsed after {until}, its capacity is free again. "
        "Talk to the customer, then redo the case or end it."
    )
    send_errand(scheme.case, kind=Errand.Kind.TASK, text=text, receiver=owner, actor=SYSTEM, at=at)


def may_redo(case: Case) -> bool:
    """Whether a case stands with a signed scheme that lapsed."""
    newest = case.schemes.first()
    is_lapsed = newest is not None and newest.state == Scheme.State.LAPSED and newest.accepted_at is not None
    return bool(case.is_open and is_lapsed)


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
