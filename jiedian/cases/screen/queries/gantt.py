"""The Gantt of a case: planned from typical times and limits, with what happened laid over it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import get_language

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.calc.plan import PlanStep, plan, up_to
from jiedian.cases.forecast.queries import CaseForecast, facts_ahead, forecast_of
from jiedian.clocks.calc.promises import Limit, binding, profile_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import calendar, limits, view
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.ground.journal.queries import facts_of
from jiedian.process.models import Step
from jiedian.process.queries import run_of, steps_of, way
from jiedian.process.rows import StepRow, cards, milestone_step
from jiedian.process.rows import steps as step_rows
from jiedian.shell.kit.names import name_of

from ..calc.gantt import Allowance, Bar, CaseBar, Span, allotted, between
from .cases import Line


@dataclass(frozen=True)
class CaseGantt:
    """The forecast of power (None once it is on), the bars to draw, the promise, and how many working days are missing.

    ``limits`` are the limits the baseline uses up; ``late_wd`` is how much too late power comes if each is used up.
    """

    forecast: CaseForecast | None
    bars: list[Bar]
    promised_on: date | None
    short_wd: int
    limits: tuple[Limit, ...] = ()
    late_wd: int = 0


def gantt_of(case: Case, *, at: datetime, is_zh: bool) -> CaseGantt | None:
    """Plan and actual of a case; None when the calendar does not reach that far."""
    if case.is_imported:
        return _imported(case, at=at)
    rows = cards(case.process_key)
    run = run_of(case.number)
    actual: dict[str, list[Step]] = {}
    for step in steps_of(case.number):
        actual.setdefault(step.code, []).append(step)
    facts = facts_ahead(case, run.definition, actual, on=local_day(at))
    taken = way(run.definition, facts, seen=actual)
    standing = [held[-1] for held in actual.values() if held[-1].state == Step.State.OPEN]
    codes, before = taken.codes, taken.before()
    usual_wd = {code: rows[code].typical_wd for code in codes}
    held = allowances(case, before)
    allowed_wd = allotted(usual_wd, before, held)
    power = milestone_step(case.process_key, "energised")  # what comes after holds nobody up
    powered = up_to(before, power) if power in before else frozenset(codes)
    start_on = local_day(case.applied_at)
    try:
        baseline = plan(allowed_wd, before, start_on=start_on, needed_on=None, calendar=calendar())
        full = plan(
            {code: wd for code, wd in allowed_wd.items() if code in powered},
            before,
            start_on=start_on,
            needed_on=case.needed_on,
            calendar=calendar(),
        )
    except Refused:
        return None
    ahead = forecast_of(case, run, facts, standing, at=at)
    coming = {step.code: step for step in ahead.days.plan.steps} if ahead else {}
    bars = [
        _bar(step, coming.get(step.code), rows[step.code], actual.get(step.code, []), at=at, is_zh=is_zh)
        for step in baseline.steps
    ]
    used = tuple(limits()[limit.limit_id] for limit in held)
    short_wd = ahead.days.plan.short_wd if ahead else 0
    late_wd = max(full.short_wd, short_wd) if ahead else 0
    return CaseGantt(ahead, bars, _promised(case, at=at), short_wd, used, late_wd)


def allowances(case: Case, before: dict[str, set[str]]) -> list[Allowance]:
    """The strictest limit in working days over each stretch of the plan, by the limits of the day of application."""
    profile = profile_of(case.case_class, voltage_kv=case.voltage_kv)
    strictest: dict[frozenset[str], Allowance] = {}
    for event in sorted({limit.starts_when for limit in limits().values()}):
        for limit in binding(limits().values(), profile, event=event, on=local_day(case.applied_at)):
            stretch = _stretch(limit, before)
            if not stretch or limit.unit != "wd" or limit.kind not in ("STEP", "E2E"):
                continue
            made = Allowance(limit.id, stretch, limit.value, is_ceiling=limit.kind == "E2E")
            strictest[stretch] = min(
                made, strictest.get(stretch, made), key=lambda a: (a.working_days, a.limit_id)
            )
    return sorted(strictest.values(), key=lambda allowance: allowance.limit_id)


def _stretch(limit: Limit, before: dict[str, set[str]]) -> frozenset[str]:
    """The planned steps that a limit is about; nothing when it starts or stops outside the plan."""
    begins, _, start = limit.starts_when.partition(":")
    ends, _, stop = limit.stops_when.partition(":")
    if ends != "done" or start not in before or stop not in before:
        return frozenset()
    return frozenset({stop}) if begins in ("opened", "ready") else between(before, after=start, to=stop)


def _imported(case: Case, *, at: datetime) -> CaseGantt:
    """What the other system recorded: a step runs from its first record, or from the one before it, to its last."""
    begun: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    before = case.applied_at
    for fact in facts_of(case.stream).filter(kind="history.step").order_by("occurred_at", "seq"):
        step = fact.data["step"]
        is_start = fact.data["transition"].lower() in STARTS
        begun.setdefault(step, fact.occurred_at if is_start else before)
        ended[step] = before = fact.occurred_at
    if not begun:
        begun, ended = {"": case.applied_at}, {"": case.closed_at or at}
    bars = [
        Bar(
            step or case.title,
            step or case.title,
            None,
            (local_day(begun[step]), local_day(ended[step])),
            "done",
            False,
            False,
        )
        for step in begun
    ]
    if case.is_open:
        waiting = local_day(before), local_day(at)
        who = case.outside_holder or case.outside_department
        bars.append(Bar("", who or "—", None, waiting, "open", False, True))
    promises = Clock.objects.filter(subject=case.number, kind=Clock.EXTERNAL).values_list("due_on", flat=True)
    return CaseGantt(None, bars, min((day for day in promises if day), default=None), 0)


STARTS = {"start", "assign", "schedule", "开始"}
"""How event logs say that a step began rather than ended."""


def _bar(
    step: PlanStep, coming: PlanStep | None, row: StepRow, happened: list[Step], *, at: datetime, is_zh: bool
) -> Bar:
    """The baseline of a step, what happened, and what is to be expected from today on, with how late it may be.

    Late is what the company holds longer than planned: how long the customer takes is his own affair.
    """
    span, state = None, "planned"
    if happened:
        is_open = happened[-1].state == Step.State.OPEN
        end = at if is_open else happened[-1].done_at or at
        span = (local_day(happened[0].opened_at), local_day(end))
        late = is_open and span[1] > step.finish_on and row.performer != "customer"
        state = "late" if late else "open" if is_open else "done"
    return Bar(
        step.code,
        row.name_zh if is_zh else row.name_en,
        (step.start_on, step.finish_on),
        span,
        state,
        row.performer == "customer",
        coming is not None and coming.is_critical,
        coming.latest_finish_on if coming else None,
        (coming.start_on, coming.finish_on) if coming else None,
    )


def _promised(case: Case, *, at: datetime) -> date | None:
    """The day power is promised: from application to power where that is promised, else by the company's own time."""
    power = f"done:{milestone_step(case.process_key, 'energised')}"
    ends = Clock.objects.filter(subject=case.number, stops_when=power, kind__in=("E2E", "UTIL"))
    views = [view(clock, at=at) for clock in ends.exclude(state=Clock.State.CANCELLED)]
    return min(((v.clock.kind, v.due_on) for v in views), default=(None, None))[1]


def case_bars(rows: Sequence[Line], *, at: datetime) -> list[CaseBar]:
    """One row a case for the day's Gantt, in the order given. One query, however many cases."""
    spans: dict[str, list[Span]] = {}
    held = Step.objects.filter(run__subject__in=[row.case.number for row in rows])
    for step in held.exclude(state=Step.State.CANCELLED).select_related("run").defer("run__tokens"):
        spans.setdefault(step.run.subject, []).append(_span(step, at=at))
    return [_case_bar(row, spans.get(row.case.number, []), at=at) for row in rows]


def _span(step: Step, *, at: datetime) -> Span:
    row = step_rows()[step.code]
    is_open = step.state == Step.State.OPEN
    state = ("customer" if row.performer == "customer" else "open") if is_open else "done"
    name = row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
    return Span(name, local_day(step.opened_at), local_day(step.done_at or at), state)


def _case_bar(row: Line, spans: list[Span], *, at: datetime) -> CaseBar:
    case = row.case
    if not spans:
        state = "open" if case.is_open else "done"
        whole = Span(
            case.outside_department, local_day(case.applied_at), local_day(case.closed_at or at), state
        )
        spans = [whole]
    if row.is_late:
        spans = [replace(span, state="late") if span.state == "open" else span for span in spans]
    who = "、".join(name_of(step.owner_name) for step in row.steps) or case.outside_holder
    return CaseBar(
        case.number,
        case.title,
        who,
        local_day(case.applied_at),
        tuple(sorted(spans, key=lambda span: span.state != "done")),
        row.pressing.due_on if row.pressing else None,
        case.needed_on,
        row.is_late,
    )
