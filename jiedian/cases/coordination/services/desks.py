"""Desks that change hands: handed over for good, or covered while somebody is away."""

from datetime import datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.steps import give
from jiedian.cases.papers.models import Paper
from jiedian.clocks.services import local_day
from jiedian.core.findings import Refused
from jiedian.ground.journal.services import SYSTEM, Actor
from jiedian.people.models import User
from jiedian.people.queries import away_on, person, stand_in
from jiedian.process import queries as process_queries

from ..models import Errand, Question, Urging


def hand_over(*, from_user: int, to_user: int, to_name: str, actor: Actor, at: datetime) -> int:
    """Move everything that waits for one person to another, his cases included; returns how many steps moved."""
    receiver = person(to_user)
    steps = list(process_queries.open_steps_of_owner(from_user))
    for step in steps:
        give(step, f"case:{step.run.subject}", to=receiver, actor=actor, at=at)
    Case.objects.filter(account_manager_id=from_user, state=Case.State.RUNNING).update(
        account_manager_id=to_user, account_manager_name=to_name
    )
    Paper.objects.filter(owner_id=from_user).exclude(state=Paper.State.HELD).update(
        owner_id=to_user, owner_name=to_name
    )
    _pass_on(from_user, to=receiver)
    return len(steps)


def _pass_on(from_user: int, *, to: User) -> None:
    """What was asked of one person is now asked of another: errands, questions, pressing."""
    department = to.department.code if to.department else ""
    Errand.objects.filter(receiver_id=from_user).exclude(state=Errand.State.ANSWERED).update(
        receiver_id=to.pk, receiver_name=to.name_zh, receiver_department=department
    )
    Question.objects.filter(answerer_id=from_user, answered_at=None).update(
        answerer_id=to.pk, answerer_name=to.name_zh
    )
    Urging.objects.filter(receiver_id=from_user, answered_at=None).update(
        receiver_id=to.pk, receiver_name=to.name_zh
    )


@transaction.atomic
def cover(*, at: datetime) -> int:
    """No step and no question waits for somebody who is away: a deputy has it, or whoever comes next.

    Safe to run again; the case keeps its account manager. Returns how many steps moved.
    """
    on, moved = local_day(at), 0
    away = away_on(on)
    for step in process_queries.open_steps_of_owners(away):
        case = Case.objects.get(number=step.run.subject)
        try:
            owner = owner_of(case, step.code, at=at).user
        except Refused:  # nobody is there at all: it waits where it is
            continue
        give(step, case.stream, to=owner, actor=SYSTEM, at=at, acting_for=step.owner_id)
        moved += 1
    for user in User.objects.filter(pk__in=away & _asked()):
        try:
            _pass_on(user.pk, to=stand_in(user, on=on).user)
        except Refused:
            continue
    return moved


def _asked() -> set[int]:
    """Everybody who has not answered something yet."""
    errands = Errand.objects.exclude(state=Errand.State.ANSWERED).values_list("receiver_id", flat=True)
    questions = Question.objects.filter(answered_at=None).values_list("answerer_id", flat=True)
    urgings = Urging.objects.filter(answered_at=None).values_list("receiver_id", flat=True)
    return {*errands, *questions, *urgings}
