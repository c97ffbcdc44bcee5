"""Which cases will need a department next, and about when."""

from dataclasses import dataclass
from datetime import date, datetime

from jiedian.clocks.queries import calendar, local_day
from jiedian.core.findings import Refused
from jiedian.core.gantt import plan
from jiedian.process.models import Definition, Run, Step
from jiedian.process.queries import predecessors
from jiedian.rulebook.queries import steps as step_rows

from ..models import Case
from .gantt import forward, planned_codes


@dataclass(frozen=True)
class Coming:
    """A step that has not opened yet: where the case stands now, and when the step is to be expected."""

    case: Case
    step_code: str
    expected_on: date
    now: tuple[str, ...]


def coming_to(department: str, *, at: datetime, without: set[str]) -> list[Coming]:
    """The next step of a department in every running case, the nearest first. Three queries, however many cases.

    Expected is today plus the typical working days of what is open and lies between: an estimate, no promise.
    Cases in ``without`` are left out (their steps are open already).
    """
    cases = {c.number: c for c in Case.objects.filter(state=Case.State.RUNNING).exclude(number__in=without)}
    stood: dict[str, dict[str, str]] = {}
    for subject, code, state in (
        Step.objects.filter(run__subject__in=cases)
        .order_by("id")
        .values_list("run__subject", "code", "state")
    ):
        stood.setdefault(subject, {})[code] = state
    runs = (
        Run.objects.filter(subject__in=cases).select_related("definition").defer("tokens", "definition__spec")
    )
    found = [
        _coming(cases[run.subject], run.definition, stood.get(run.subject, {}), department, at)
        for run in runs
    ]
    return sorted((c for c in found if c), key=lambda c: (c.expected_on, c.case.number))


def _coming(
    case: Case, definition: Definition, stood: dict[str, str], department: str, at: datetime
) -> Coming | None:
    """Plan what is left from today on, and take the department's earliest step that has not opened."""
    rows = step_rows()
    left = [c for c in planned_codes(definition.flows, set(stood)) if stood.get(c) in (None, Step.State.OPEN)]
    try:
        rest = plan(
            {code: rows[code].typical_wd for code in left},
            forward(predecessors(definition, set(left)), left),
            start_on=local_day(at),
            needed_on=None,
            calendar=calendar(),
        )
    except Refused:
        return None
    mine = [
        step
        for step in rest.steps
        if step.code not in stood
        and rows[step.code].owner_department == department
        and rows[step.code].performer == "utility"
    ]
    if not mine:
        return None
    first = min(mine, key=lambda step: step.start_on)
    now = tuple(sorted(code for code, state in stood.items() if state == Step.State.OPEN))
    return Coming(case, first.code, first.start_on, now)
