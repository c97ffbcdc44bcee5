"""Calls on resources about a case, with their clock: a manager asks, the department's specialist answers."""

from datetime import datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import tick
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor
from jiedian.people import services as people
from jiedian.people.models import Call
from jiedian.people.queries import person


@transaction.atomic
def call_on(case: Case, *, resource: str, department: str, actor: Actor, at: datetime) -> Call:
    """Call on a department for a case; it waits on the desk of its specialist, and its answer has a clock."""
    before = Call.objects.filter(subject=case.number).count()
    call = people.call_on(
        person(actor.id), resource=resource, department=department, subject=case.number, actor=actor, at=at
    )
    if Call.objects.filter(subject=case.number).count() > before:
        tick(case, "call.asked", ref=call.ref, at=at)
    return call


@transaction.atomic
def answer_call(call: Call, *, is_granted: bool, reason: str, actor: Actor, at: datetime) -> None:
    """Grant or refuse a call: whoever it was put to, or anybody of the department asked who may answer calls."""
    who = person(actor.id)
    if who.pk != call.receiver_id and (who.department is None or who.department.code != call.department):
        raise refuse("call.department")
    people.answer_call(call, is_granted=is_granted, reason=reason, actor=actor, at=at)
    case = Case.objects.filter(number=call.subject).first()
    if case:
        tick(case, "call.answered", ref=call.ref, at=at)
