"""Desks that change hands: handed over for good, or covered while somebody is away and given back when he returns."""

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.steps import give
from jiedian.cases.papers.models import Paper
from jiedian.core.findings import Refused
from jiedian.core.workdays import PLACE, local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.people.models import Absence, Call, User
from jiedian.people.queries import away_on, person, stand_in
from jiedian.process import queries as process_queries
from jiedian.process.models import Step
from jiedian.process.rows import card

from ..models import Errand, Question, Urging


def hand_over(*, from_user: int, to_user: int, to_name: str, actor: Actor, at: datetime) -> int:
    """Move everything that waits for one person to another, his cases included; returns how many steps moved.

    What his deputy holds for him goes too: nothing is left to give back to one who has no desk any more.
    """
    receiver = person(to_user)
    steps = [*process_queries.open_steps_of_owner(from_user)]
    for absence in Absence.objects.filter(user_id=from_user, returned_at=None).select_related("user"):
        steps += [step for step, _is_new in _held_for(absence) if step not in steps]
    for step in steps:
        give(step, f"case:{step.run.subject}", to=receiver, actor=actor, at=at)
    cases = Case.objects.filter(account_manager_id=from_user, state=Case.State.RUNNING)
    for case in cases.select_for_update():
        Case.objects.filter(pk=case.pk).update(account_manager_id=to_user, account_manager_name=to_name)
        given = {"from": from_user, "account_manager": to_user}
        record("case.reassigned", stream=case.stream, actor=actor, at=at, data=given)
    Paper.objects.filter(owner_id=from_user).exclude(state=Paper.State.HELD).update(
        owner_id=to_user, owner_name=to_name
    )
    _pass_on(from_user, to=receiver, is_for_good=True)
    return len(steps)


def _waiting() -> tuple[tuple[type[Errand | Question | Urging], Q, str], ...]:
    """What may wait for one of the staff, and how its receiver is called."""
    return (
        (Errand, ~Q(state=Errand.State.ANSWERED), "receiver"),
        (Question, Q(answered_at=None), "answerer"),
        (Urging, Q(answered_at=None), "receiver"),
    )


def _pass_on(from_user: int, *, to: User, is_for_good: bool = False) -> None:
    """What was asked of one person is now asked of another; unless for good, it is remembered whom it was asked of."""
    for model, waits, word in _waiting():
        mine = Q(**{f"{word}_id": from_user})
        if is_for_good:
            mine |= Q(asked_of_id=from_user)
        _give_item(model, waits & mine, word, to=to, is_for_good=is_for_good)
    calls = Call.objects.filter(receiver_id=from_user, is_granted=None)
    calls.update(receiver_id=to.pk, receiver_name=to.name_zh)


def _give_item(
    model: type[Errand | Question | Urging], which: Q, word: str, *, to: User, is_for_good: bool
) -> None:
    values: dict[str, object] = {f"{word}_id": to.pk, f"{word}_name": to.name_zh}
    values["asked_of_id"] = None if is_for_good else Coalesce("asked_of_id", F(f"{word}_id"))
    if model is Errand:
        values["receiver_department"] = to.department.code if to.department else ""
    model.objects.filter(which).update(**values)


@transaction.atomic
def cover(*, at: datetime) -> int:
    """No step and no question waits for somebody who is away: a deputy has it, or whoever comes next; who is back has his own.

    Safe to run again; the case keeps its account manager. Returns how many steps moved.
    """
    moved = give_back(at=at)
    on = local_day(at)
    away = away_on(on)
    for step in process_queries.open_steps_of_owners(away):
        case = Case.objects.get(number=step.run.subject)
        try:
            owner = _cover_of(case, step, at=at)
        except Refused:  # nobody is there at all: it waits where it is
            continue
        give(step, case.stream, to=owner, actor=SYSTEM, at=at, acting_for=_acting_for(step))
        moved += 1
    for user in User.objects.filter(pk__in=away & _asked()):
        try:
            _pass_on(user.pk, to=stand_in(user, on=on).user)
        except Refused:
            continue
    return moved


def _cover_of(case: Case, step: Step, *, at: datetime) -> User:
    """The deputy of whoever had the step; where he named none, or it is not his kind of step, whoever answers for it."""
    holder = User.objects.filter(pk=_acting_for(step) or 0).select_related("department").first()
    absence = holder and holder.absences.filter(
        from_on__lte=local_day(at), until_on__gte=local_day(at), is_called_off=False, deputy__isnull=False
    )
    if holder and absence and absence.exists():
        return stand_in(holder, on=local_day(at)).user
    if holder and holder.department and holder.department.code != _department_of(case, step):
        return stand_in(holder, on=local_day(at)).user  # another department was asked, and stays asked
    return owner_of(case, step.code, at=at).user


def _department_of(case: Case, step: Step) -> str:
    return card(case.process_key, step.code).owner_department


def _last_fact(step: Step) -> Fact | None:
    """How a step came to the one who has it."""
    facts = Fact.objects.filter(stream=f"case:{step.run.subject}", data__step_id=step.pk)
    return facts.filter(kind__in=("step.opened", "step.handed_over")).order_by("-seq").first()


def _acting_for(step: Step) -> int | None:
    """Whose step it is: of one that a deputy has, the one he acts for."""
    fact = _last_fact(step)
    return (fact and fact.data.get("acting_for")) or step.owner_id


@transaction.atomic
def give_back(*, at: datetime) -> int:
    """Return of one who was away: he gets back what was done for him; steps opened meanwhile stay where that was chosen.

    Returns how many steps moved.
    """
    on, moved = local_day(at), 0
    over = Absence.objects.filter(Q(until_on__lt=on) | Q(is_called_off=True), returned_at=None)
    away = away_on(on)
    for absence in over.select_for_update(of=("self",), skip_locked=True).select_related("user__department"):
        user = absence.user
        if user.pk in away and user.is_active:  # the next absence follows on this one
            continue
        if user.is_active:
            moved += _return(absence, at=at)
        Absence.objects.filter(pk=absence.pk).update(returned_at=at)
    return moved


def _return(absence: Absence, *, at: datetime) -> int:
    user = absence.user
    back = [step for step, is_new in _held_for(absence) if not (is_new and absence.new_stay)]
    for step in back:
        give(step, f"case:{step.run.subject}", to=user, actor=SYSTEM, at=at)
    for model, waits, word in _waiting():
        _give_item(model, waits & Q(asked_of_id=user.pk), word, to=user, is_for_good=True)
    if back:
        record(
            "people.returned",
            stream=f"person:{user.pk}",
            actor=SYSTEM,
            at=at,
            data={"absence": absence.pk, "moved": len(back)},
        )
    return len(back)


def _held_for(absence: Absence) -> list[tuple[Step, bool]]:
    """The open steps that somebody else has because one is away, and whether each was opened meanwhile."""
    since = datetime.combine(_first_day(absence), time.min, tzinfo=PLACE)
    opened = Fact.objects.filter(kind__in=("step.opened", "step.handed_over"), occurred_at__gte=since)
    facts = opened.filter(data__acting_for=absence.user_id).order_by("id")
    new: dict[int, bool] = {}
    for fact in facts:
        new.setdefault(fact.data["step_id"], fact.kind == "step.opened")
    steps = Step.objects.filter(pk__in=new, state=Step.State.OPEN).exclude(owner_id=absence.user_id)
    rows = steps.select_related("run__definition").defer("run__tokens", "run__definition__xml")
    return [
        (step, new[step.pk])
        for step in rows
        if (last := _last_fact(step)) and last.data.get("acting_for") == absence.user_id
    ]


def _first_day(absence: Absence) -> date:
    """The first day of an absence, or the one it had before it was changed."""
    facts = Fact.objects.filter(stream=f"person:{absence.user_id}", data__absence=absence.pk)
    days = [fact.data["from_on"] for fact in facts if "from_on" in fact.data]
    return min([absence.from_on, *map(date.fromisoformat, days)])


@transaction.atomic
def rearrange(absence: Absence, *, at: datetime) -> int:
    """An absence was changed: what a deputy already has goes to the new one, or back where it has not begun. Returns how many steps moved."""
    user, on = absence.user, local_day(at)
    acting = stand_in(user, on=on)
    away_for = user.pk if acting.user.pk != user.pk else None
    moving = [step for step, _is_new in _held_for(absence) if step.owner_id != acting.user.pk]
    for step in moving:
        give(step, f"case:{step.run.subject}", to=acting.user, actor=SYSTEM, at=at, acting_for=away_for)
    for model, waits, word in _waiting():
        mine = waits & Q(asked_of_id=user.pk)
        _give_item(model, mine, word, to=acting.user, is_for_good=away_for is None)
    return len(moving)


def _asked() -> set[int]:
    """Everybody who has not answered something yet."""
    errands = Errand.objects.exclude(state=Errand.State.ANSWERED).values_list("receiver_id", flat=True)
    questions = Question.objects.filter(answered_at=None).values_list("answerer_id", flat=True)
    urgings = Urging.objects.filter(answered_at=None).values_list("receiver_id", flat=True)
    calls = Call.objects.filter(is_granted=None, receiver_id__isnull=False).values_list(
        "receiver_id", flat=True
    )
    return {*errands, *questions, *urgings, *(pk for pk in calls if pk)}
