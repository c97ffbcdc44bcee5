"""Find cases: the thing and the right in one breath; lists for desks, days and departments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Errand, Message, Question, Urging
from jiedian.cases.coordination.queries import LINE, Answers, answers_for, calls_on, late_first
from jiedian.cases.forecast.queries import gateway_facts
from jiedian.clocks.models import CalendarDay, Clock
from jiedian.clocks.queries import ClockView, view
from jiedian.core.findings import refuse
from jiedian.core.sheets import moment_of
from jiedian.core.workdays import local_day
from jiedian.people.models import Call, User
from jiedian.people.queries import deputies_of, may, require, stands_in_for
from jiedian.process.models import Run, Step
from jiedian.process.queries import way
from jiedian.process.rows import card
from jiedian.process.rows import steps as step_rows


@dataclass(frozen=True)
class Ownership:
    """People and departments that have a part in a case."""

    ids: frozenset[int]
    codes: frozenset[str]

    def owner_ids(self) -> set[int]:
        return set(self.ids)

    def departments(self) -> set[str]:
        return set(self.codes)


def ownership(case: Case, step: Step | None = None, *, on: date | None = None) -> Ownership:
    """The account manager and the owners of open steps; of one step, its owner alone.

    With a day, who stands in for the account manager on it counts too.
    """
    if step is not None:
        return Ownership(frozenset({step.owner_id or 0}), frozenset())
    owners = Step.objects.filter(run__subject=case.number, state=Step.State.OPEN)
    holders = {case.account_manager_id, *owners.values_list("owner_id", flat=True)}
    ids = {holder for holder in holders if holder}
    if on and case.account_manager_id:
        ids |= deputies_of({case.account_manager_id}, on=on)
    departments = User.objects.filter(pk__in=ids).values_list("department__code", flat=True)
    return Ownership(frozenset(ids), frozenset(departments))


def case_for(
    user: User | AnonymousUser, number: str, *, to: str = "case.view", on: date | None = None
) -> Case:
    """The case, if this person may do that with it; else the refusal, which is the same for a case that is not."""
    require(user, to)
    case = Case.objects.select_related("customer", "predecessor").filter(number=number).first()
    if case is None:
        raise refuse("missing.case")
    require(user, to, ownership(case, on=on))
    return case


def step_for(user: User | AnonymousUser, number: str, step_id: int) -> tuple[Case, Step]:
    """An open step of a case, if this person owns it."""
    case = case_for(user, number)
    step = Step.objects.filter(pk=step_id, run__subject=number).first()
    if step is None:
        raise refuse("missing.step")
    if not takes_over(user, case, step):
        require(user, "case.work", ownership(case, step))
    return case, step


def takes_over(user: User | AnonymousUser, case: Case, step: Step) -> bool:
    """True if a person may take this step over from its owner: acceptance is done at whichever counter the customer stands."""
    if step.owner_id == user.pk or step.state != Step.State.OPEN:
        return False
    is_acceptance = card(case.process_key, step.code).milestone == "accepted"
    return is_acceptance and may(user, "case.accept").may


@dataclass(frozen=True)
class CaseFilter:
    """Filter of a list of cases; an empty field narrows nothing.

    ``late`` asks for those with a promise past due; ``breach`` is an instant since which a breach was found; ``step``
    for those that wait at a step, and with ``process`` (key and version: ``high_voltage.2``) on that version of it.
    """

    state: str = ""
    case_class: str = ""
    area: str = ""
    manager: str = ""
    batch: str = ""
    late: str = ""
    breach: str = ""
    step: str = ""
    process: str = ""


def search(text: str = "", asked: CaseFilter = CaseFilter()) -> QuerySet[Case]:  # noqa: B008 - frozen
    """Cases by number, title or name, and by filters."""
    rows = Case.objects.select_related("customer")
    if text.strip():
        rows = rows.filter(
            Q(number__icontains=text.strip())
            | Q(title__icontains=text.strip())
            | Q(customer__name__icontains=text.strip())
        )
    exact = {
        "state": asked.state,
        "case_class": asked.case_class,
        "area": asked.area,
        "account_manager_name": asked.manager,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if asked.batch:
        rows = rows.filter(
            batch_id=int(asked.batch) if asked.batch.isdecimal() and len(asked.batch) < 10 else 0
        )
    if asked.breach:
        since = moment_of(asked.breach)
        is_instant = isinstance(since, datetime) and since.tzinfo
        found = Breach.objects.filter(found_at__gte=since, cleared_at=None) if is_instant else None
        rows = rows.filter(pk__in=found.values("case")) if found is not None else rows.none()
    if asked.late:
        overdue = Clock.objects.filter(is_overdue=True, ref="").exclude(state=Clock.State.CANCELLED)
        rows = rows.filter(number__in=overdue.values("subject"))
    if asked.step or asked.process:
        rows = rows.filter(number__in=_standing(asked.step, asked.process).values("run__subject"))
    return rows


def _standing(step: str, process: str) -> QuerySet[Step]:
    """The open steps of a code, of a version of a process, or both."""
    found = Step.objects.filter(state=Step.State.OPEN)
    if step:
        found = found.filter(code=step)
    key, _dot, version = process.rpartition(".")
    if not process:
        return found
    if not version.isdecimal() or len(version) > 9:
        return found.none()
    return found.filter(run__definition__key=key, run__definition__version=int(version))


def by_due() -> Subquery:
    """For ordering cases: the day the most pressing promise falls due."""
    calendar = CalendarDay.objects.filter(number=OuterRef("due_number"), is_working=True)
    live = Clock.objects.filter(subject=OuterRef("number"), state__in=("running", "paused"), ref="")
    day = Coalesce(F("due_on"), Subquery(calendar.values("day")[:1]))
    return Subquery(live.annotate(falls=day).order_by("falls").values("falls")[:1])


SOON_WD = 5
"""Within how many working days a promise is soon."""


@dataclass(frozen=True)
class Line:
    """One case on a list: what is open, who has it, the most pressing promise, how far it is."""

    case: Case
    steps: tuple[Step, ...]
    pressing: ClockView | None
    done_share: float
    is_waiting: bool

    @property
    def is_late(self) -> bool:
        """Past its day and still running, also before the sweep has judged it."""
        seen = self.pressing
        is_past = bool(seen and seen.state == Clock.State.RUNNING and seen.left_wd < 0)
        return is_past or bool(seen and seen.state == Clock.State.BROKEN)

    def words(self) -> str:
        """Text of a case that a search looks through, in small letters."""
        case = self.case
        held = " ".join(step.owner_name for step in self.steps)
        return f"{case.number} {case.title} {case.customer.name} {case.account_manager_name} {held}".lower()

    @property
    def left_wd(self) -> int:
        return self.pressing.left_wd if self.pressing else 999

    @property
    def presses(self) -> str:
        """Part of the day's list that a case belongs to: due, late, soon, waiting, or the rest."""
        if self.is_waiting and not self.is_late:
            return "waiting"
        if self.is_late:
            return "late"
        return "due" if self.left_wd == 0 else "soon" if 0 < self.left_wd <= SOON_WD else "rest"


def lines(cases: Iterable[Case], *, at: datetime) -> list[Line]:
    """Cases as list rows, the most pressing first. Four queries, however many cases."""
    rows = list(cases)
    numbers = [case.number for case in rows]
    open_now: dict[str, list[Step]] = {}
    done: dict[str, set[str]] = {}
    runs: dict[str, Run] = {}
    heavy = ("run__tokens", "run__definition__xml", "run__definition__spec", "run__definition__flows")
    steps = Step.objects.filter(run__subject__in=numbers).select_related("run__definition").defer(*heavy)
    for step in steps:
        runs[step.run.subject] = step.run
        if step.state == Step.State.OPEN:
            open_now.setdefault(step.run.subject, []).append(step)
        elif step.state == Step.State.DONE:
            done.setdefault(step.run.subject, set()).add(step.code)
    facts = gateway_facts([case for case in rows if case.is_open and case.number in runs])
    shares = {
        number: _share(runs[number], read_facts, done.get(number, set()))
        for number, read_facts in facts.items()
    }
    pressing: dict[str, ClockView] = {}
    live = Clock.objects.filter(subject__in=numbers, state__in=("running", "paused"), ref="")
    for clock_view in sorted((view(clock, at=at) for clock in live), key=lambda v: v.due_on, reverse=True):
        pressing[clock_view.clock.subject] = clock_view
    listed = [
        _line(case, open_now.get(case.number, []), pressing.get(case.number), shares.get(case.number, 1.0))
        for case in rows
    ]
    return sorted(listed, key=lambda line: (not line.case.is_open, line.left_wd, line.case.number))


def _share(run: Run, facts: dict[str, str], done: set[str]) -> float:
    """How much of his way a case has behind it, by the number of steps."""
    codes = way(run.definition, facts).codes
    return len(done.intersection(codes)) / max(len(codes), 1)


def _line(case: Case, open_now: list[Step], pressing: ClockView | None, share: float) -> Line:
    rows = step_rows()
    waiting = bool(open_now) and all(rows[step.code].performer == "customer" for step in open_now)
    if case.is_imported:
        share = pressing.share if pressing and case.is_open else 1.0
    return Line(case, tuple(open_now), pressing, min(share, 1.0), waiting)


@dataclass(frozen=True)
class DeskRow:
    """An open step that one person has: its case, the promise that ends with it, and whether the customer acts."""

    step: Step
    case: Case
    clock: ClockView | None
    is_customers: bool


@dataclass(frozen=True)
class Desk:
    """Desk of one person: everything that waits for him."""

    steps: list[DeskRow]
    errands: list[Errand]
    questions: list[Question]
    urgings: list[Urging]
    messages: list[Message]
    calls: list[Call]
    answers: Answers
    due: dict[str, ClockView]
    """The clock of each errand, question and call by its reference, of a customer's line by the number of its case."""

    @property
    def n_mine(self) -> int:
        """Number of steps that wait for the person himself, not for the customer."""
        return sum(not row.is_customers for row in self.steps)


def desk_of(user: User, *, at: datetime) -> Desk:
    """Everything that waits for one person, what presses first; customers' messages of those he stands in for too."""
    held = (
        Step.objects.filter(owner_id=user.pk, state=Step.State.OPEN)
        .select_related("run")
        .defer("run__tokens")
    )
    on = local_day(at)
    errands = list(
        Errand.objects.filter(receiver_id=user.pk).exclude(state="answered").select_related("case")
    )
    questions = list(Question.objects.filter(answerer_id=user.pk, answered_at=None).select_related("case"))
    told = list(_unanswered({user.pk, *stands_in_for(user, on=on)}))
    calls, answers = calls_on(user), answers_for(user, on=on)
    asked: list[Errand | Question | Call] = [*errands, *questions, *calls, *answers.refused]
    refs = [item.ref for item in asked]
    return Desk(
        _desk_rows(list(held), at=at),
        errands,
        questions,
        list(late_first(on).filter(receiver_id=user.pk, answered_at=None).select_related("case")),
        told,
        calls,
        answers,
        _due(refs, {item.case.number for item in told}, at=at),
    )


def _due(refs: list[str], lines_of: set[str], *, at: datetime) -> dict[str, ClockView]:
    """The clocks of what was asked by reference, and of the lines to customers by the number of the case."""
    asked = Q(ref__in=refs) | Q(ref=LINE, subject__in=lines_of)
    live = Clock.objects.filter(asked, state__in=("running", "paused"))
    seen = sorted((view(clock, at=at) for clock in live), key=lambda v: v.due_on, reverse=True)
    return {v.clock.subject if v.clock.ref == LINE else v.clock.ref: v for v in seen}


def _desk_rows(steps: list[Step], *, at: datetime) -> list[DeskRow]:
    """Steps with their cases and clocks: a person's own before those where the customer acts, the next due first."""
    numbers = [step.run.subject for step in steps]
    cases = {case.number: case for case in Case.objects.filter(number__in=numbers)}
    live = Clock.objects.filter(subject__in=numbers, state__in=("running", "paused"), ref="")
    clocks = {}
    for seen in sorted((view(clock, at=at) for clock in live), key=lambda v: v.due_on, reverse=True):
        clocks[seen.clock.subject, seen.clock.stops_when] = seen
    found = [
        DeskRow(
            step,
            cases[step.run.subject],
            clocks.get((step.run.subject, f"done:{step.code}")),
            step_rows()[step.code].performer == "customer",
        )
        for step in steps
        if step.run.subject in cases
    ]
    return sorted(
        found,
        key=lambda row: (row.is_customers, row.clock.due_on if row.clock else date.max, row.step.opened_at),
    )


def _unanswered(managers: set[int]) -> QuerySet[Message]:
    """What customers wrote to these account managers and nobody has written back to since."""
    later = Message.objects.filter(case=OuterRef("case"), is_from_customer=False, id__gt=OuterRef("id"))
    told = Message.objects.filter(is_from_customer=True, case__account_manager_id__in=managers)
    return told.exclude(Exists(later)).select_related("case")
