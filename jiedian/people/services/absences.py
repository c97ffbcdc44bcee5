"""The verbs of an absence: register, change, end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record

from ..models import Absence, User
from ..queries.deputies import may_stand_in

LONGEST = timedelta(days=366)
"""Longer is a slip of the year, or a hand-over."""


@dataclass(frozen=True)
class AbsencePlan:
    """Plan of an absence: both days included, who stands in, and whether he keeps what is opened meanwhile."""

    from_on: date
    until_on: date
    deputy: User | None = None
    new_stay: bool = False


def be_absent(
    user: User, *, deputy: User | None, from_on: date, until_on: date, actor: Actor, at: datetime
) -> Absence:
    """Somebody will be away; his deputy stands in, and gives everything back on the day of return."""
    return register_absence(user, AbsencePlan(from_on, until_on, deputy), actor=actor, at=at)


@transaction.atomic
def register_absence(user: User, plan: AbsencePlan, *, actor: Actor, at: datetime) -> Absence:
    """Register an absence. Refused with a deputy who may not do the work or is away himself, or over another absence."""
    User.objects.select_for_update().get(pk=user.pk)
    _check(user, plan, but=None, at=at)
    absence = Absence.objects.create(
        user=user,
        deputy=plan.deputy,
        from_on=plan.from_on,
        until_on=plan.until_on,
        new_stay=plan.new_stay,
    )
    _record("people.absence", absence, actor=actor, at=at)
    return absence


@transaction.atomic
def change_absence(absence: Absence, plan: AbsencePlan, *, actor: Actor, at: datetime) -> None:
    """Another deputy or other days for an absence that is not over; what was moved follows."""
    held = _held(absence)
    _check(held.user, plan, but=held, at=at)
    held.deputy, held.from_on, held.until_on = plan.deputy, plan.from_on, plan.until_on
    held.new_stay = plan.new_stay
    held.save(update_fields=["deputy", "from_on", "until_on", "new_stay"])
    _record("people.absence_changed", held, actor=actor, at=at)


@transaction.atomic
def end_absence(absence: Absence, *, actor: Actor, at: datetime) -> None:
    """Somebody is back today, or does not go at all; his work comes back to him."""
    held, today = _held(absence), local_day(at)
    if held.until_on < today:
        raise refuse("absence.over", until_on=held.until_on)
    if held.from_on >= today:
        held.is_called_off = True
    else:
        held.until_on = today - timedelta(days=1)
    held.save(update_fields=["is_called_off", "until_on"])
    _record("people.absence_ended", held, actor=actor, at=at)


def _held(absence: Absence) -> Absence:
    """The absence as it stands now, for us alone; of two who end it one is refused."""
    held = Absence.objects.select_for_update().get(pk=absence.pk)
    if held.is_called_off or held.returned_at:
        raise refuse("absence.over", until_on=held.until_on)
    return held


def _check(user: User, plan: AbsencePlan, *, but: Absence | None, at: datetime) -> None:
    if plan.until_on < plan.from_on:
        raise refuse("absence.dates")
    if plan.until_on < local_day(at):
        raise refuse("absence.past", today=local_day(at))
    if plan.until_on - plan.from_on > LONGEST:
        raise refuse("absence.long", days=LONGEST.days)
    others = Absence.objects.filter(
        from_on__lte=plan.until_on, until_on__gte=plan.from_on, is_called_off=False
    ).exclude(pk=but.pk if but else 0)
    if held := others.filter(user=user).select_related("deputy").first():
        name = Text(held.deputy.name_zh, held.deputy.name_en) if held.deputy else Text("未指定", "nobody")
        raise refuse("absence.overlap", from_on=held.from_on, until_on=held.until_on, deputy=name)
    deputy = plan.deputy
    if deputy is None:
        return
    name = Text(deputy.name_zh, deputy.name_en)
    if deputy.pk == user.pk:
        raise refuse("absence.self")
    if not may_stand_in(user, deputy, on=plan.from_on):
        raise refuse("absence.deputy", deputy=name, user=Text(user.name_zh, user.name_en))
    if theirs := others.filter(user=deputy).first():
        raise refuse("absence.deputy_away", deputy=name, from_on=theirs.from_on, until_on=theirs.until_on)


def _record(kind: str, absence: Absence, *, actor: Actor, at: datetime) -> None:
    data: dict[str, Any] = {
        "absence": absence.pk,
        "from_on": absence.from_on.isoformat(),
        "until_on": absence.until_on.isoformat(),
        "deputy": absence.deputy_id,
        "new_stay": absence.new_stay,
    }
    record(kind, stream=f"person:{absence.user_id}", actor=actor, at=at, data=data)
