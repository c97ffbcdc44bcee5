"""Answers that wait or came back, whom to ask, and 内转外不转: which words to a customer send him on to another office."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Coalesce

from jiedian.cases.case.models.case import Case
from jiedian.core.decisions import PatternRow
from jiedian.ground.rulebook.services import load
from jiedian.people.models import Call, User
from jiedian.people.queries import counterparts, stands_in_for
from jiedian.process.queries import open_steps
from jiedian.process.rows import StepRow, cards, level_of

from .calc.sent_on import sent_on
from .models import Errand, Question, Urging

LINE = "line"
"""The line to the customer, as the clocks call it."""


@cache
def _sent_on_rules() -> tuple[dict[str, str], str, str]:
    """Ways to an office by id, the names of offices, and the doors a customer may be sent to."""
    ways = load("decisions/sent_on.csv", PatternRow)
    offices = load("decisions/sent_on_offices.csv", PatternRow)
    doors = load("decisions/sent_on_doors.csv", PatternRow)
    return (
        {row.id: row.pattern for row in ways},
        "|".join(row.pattern for row in offices),
        "|".join(row.pattern for row in doors),
    )


def sends_on(text: str) -> list[PatternRow]:
    """The rows of the 内转外不转 table that a text to the customer trips."""
    rows = {row.id: row for row in load("decisions/sent_on.csv", PatternRow)}
    return [rows[key] for key in sent_on(text, *_sent_on_rules())]


@dataclass(frozen=True)
class Answers:
    """Answers that came back to somebody and that he has not dealt with: refusals first, then what he has to close, then the rest."""

    refused: list[Errand]
    refused_calls: list[Call]
    to_verify: list[Urging]
    errands: list[Errand]
    questions: list[Question]
    urgings: list[Urging]
    calls: list[Call]

    @property
    def n_to_do(self) -> int:
        """Number of answers after which the sender has to do something."""
        return len(self.refused) + len(self.refused_calls) + len(self.to_verify)

    @property
    def n(self) -> int:
        """Number of all answers."""
        return self.n_to_do + len(self.errands) + len(self.questions) + len(self.urgings) + len(self.calls)


AT_ONCE = 30
"""Answers of a kind that a desk shows; the older ones follow as these are dealt with."""


def answers_for(user: User, *, on: date) -> Answers:
    """Answers to what a person, or one he stands in for, asked; what the system asked goes to the account manager."""
    ids = {user.pk, *stands_in_for(user, on=on)}
    mine = Q(sender_id__in=ids) | Q(sender_id=None, case__account_manager_id__in=ids)
    errands = Errand.objects.filter(mine, state=Errand.State.ANSWERED, seen_at=None).select_related("case")
    said_no = Q(answer=Errand.Answer.REFUSED)
    answered = Urging.objects.filter(sender_id__in=ids, answered_at__isnull=False).select_related("case")
    ordered = Q(kind=Urging.Kind.SUPERVISED)
    asked = Question.objects.filter(asker_id__in=ids, answered_at__isnull=False, seen_at=None)
    calls = Call.objects.filter(manager_id__in=ids, answered_at__isnull=False, seen_at=None)
    return Answers(
        list(errands.filter(said_no)[:AT_ONCE]),
        list(calls.filter(is_granted=False)[:AT_ONCE]),
        list(answered.filter(ordered, verified_at=None)[:AT_ONCE]),
        list(errands.exclude(said_no)[:AT_ONCE]),
        list(asked.select_related("case")[:AT_ONCE]),
        list(answered.exclude(ordered).filter(seen_at=None)[:AT_ONCE]),
        list(calls.exclude(is_granted=False)[:AT_ONCE]),
    )


def calls_on(user: User) -> list[Call]:
    """Calls on resources that wait for a person: those put to him, and those put to nobody of his department."""
    code = user.department.code if user.department else ""
    nobodys = Q(receiver_id=None, department=code) if code else Q(pk=None)
    waiting = Call.objects.filter(is_granted=None).filter(Q(receiver_id=user.pk) | nobodys)
    return list(waiting.select_related("manager"))


def late_first(on: date) -> QuerySet[Urging]:
    """Urgings with ``is_late``, true once the day of a supervised order is past; those come first."""
    is_late = ExpressionWrapper(Q(due_on__lt=on), output_field=BooleanField())
    return Urging.objects.annotate(is_late=Coalesce(is_late, False)).order_by("-is_late", "due_on", "-id")


def likely_receiver(case: Case, *, on: date, without: int | None) -> int | None:
    """Whoever has the case now: the owner of its oldest open step of ours; else the specialist of the department that comes next."""
    rows = {} if case.is_imported else cards(case.process_key)
    for step in open_steps(case.number).order_by("opened_at", "id"):
        card = rows.get(step.code)
        if step.owner_id and step.owner_id != without and card and card.performer != "customer":
            return step.owner_id
    if case.account_manager_id and case.account_manager_id != without:
        return case.account_manager_id
    owners = counterparts(case.area, level_of(case.case_class), case.case_class, on=on)
    open_now = set(open_steps(case.number).values_list("code", flat=True))
    ours = User.objects.filter(pk=without or 0).values_list("department__code", flat=True).first()
    able = {code: owner.user.pk for code, owner in owners.items() if code != ours}
    return next((able[code] for code in _coming(list(rows.values()), open_now) if code in able), None)


def _coming(rows: list[StepRow], open_now: set[str]) -> list[str]:
    """The departments whose turn comes after the open steps, as the cards of the process stand; then the others."""
    passed = [row.owner_department for row in rows]
    for place, row in enumerate(rows):
        if row.id in open_now:
            return [*passed[place + 1 :], *passed[:place]]
    return passed
