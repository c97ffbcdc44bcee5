"""Verb of appointments: the customer says on which half-day we may come."""

from datetime import date, datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.clocks.queries import calendar
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record
from jiedian.process.models import Step
from jiedian.process.rows import cards

from ..models import Appointment

FURTHEST_WD = 10
"""How many working days ahead a customer may choose."""


def days_to_choose(*, on: date) -> list[date]:
    """The working days a customer may choose from: from the next one on; none in a year that has no calendar yet."""
    try:
        first = calendar().number(on)
        return [calendar().day(first + n) for n in range(1, FURTHEST_WD + 1)]
    except Refused:
        return []


@transaction.atomic
def choose(case: Case, step: Step, chosen: tuple[date, str], *, actor: Actor, at: datetime) -> Appointment:
    """Choose the half-day of a step at which we come; the same again changes nothing.

    Raises Refused for a step that is done or needs nobody there, and for a day that cannot be chosen.
    """
    day, half = chosen
    if step.state != Step.State.OPEN or cards(case.process_key)[step.code].contact != "present":
        raise refuse("appointment.step")
    if day not in days_to_choose(on=local_day(at)) or half not in Appointment.Half:
        raise refuse("appointment.day")
    held = Appointment.objects.select_for_update().filter(step_id=step.pk).first()
    if held and (held.day, held.half) == (day, half):
        return held
    values = {"case": case, "step_code": step.code, "day": day, "half": half, "chosen_at": at}
    appointment, _ = Appointment.objects.update_or_create(step_id=step.pk, defaults=values)
    Step.objects.filter(pk=step.pk).update(appointed_on=day)
    told = {"step": step.code, "step_id": step.pk, "day": day.isoformat(), "half": half}
    record("appointment.chosen", stream=case.stream, actor=actor, at=at, data=told)
    return appointment
