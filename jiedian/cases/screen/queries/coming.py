"""Cases that will need a department next, and about when."""

import logging
from dataclasses import dataclass
from datetime import date, datetime

from jiedian.cases.case.models.case import Case
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day
from jiedian.process.models import Run, Step
from jiedian.process.queries import Way, way
from jiedian.process.rows import cards

from ..calc.gantt import plan
from .ways import gateway_facts

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ComingStep:
    """A step that has not opened yet: where the case stands now, and when the step is to be expected.

    ``expected_on`` is None where what is left of the case could not be planned.
    """

    case: Case
    step_code: str
    expected_on: date | None
    now: tuple[str, ...]


def coming_to(department: str, *, at: datetime, without: set[str]) -> list[ComingStep]:
    """The next step of a department in every running case, the nearest first. Four queries, however many cases.

    Expected is today plus the typical working days of what is open and lies between: an estimate, no promise.
    Cases in ``without`` are left out (their steps are open already). A case that cannot be planned comes first,
    without a day: somebody has to look at it, and it takes no other case off the list.
    """
    cases = {c.number: c for c in Case.objects.filter(state=Case.State.RUNNING).exclude(number__in=without)}
    stood: dict[str, dict[str, str]] = {}
    for subject, code, state in (
        Step.objects.filter(run__subject__in=cases)
        .order_by("id")
        .values_list("run__subject", "code", "state")
    ):
        stood.setdefault(subject, {})[code] = state
    runs = Run.objects.filter(subject__in=cases).select_related("definition")
    facts = gateway_facts(list(cases.values()))
    found = []
    for run in runs.defer("tokens", "definition__spec", "definition__xml"):
        steps = stood.get(run.subject, {})
        taken = way(run.definition, facts[run.subject], seen=steps)
        left = [code for code in taken.codes if steps.get(code) in (None, Step.State.OPEN)]
        mine = _of(department, run.definition.key, left) - steps.keys()
        if mine:
            step, on = _first(mine, left, run, taken, at=at)
            now = tuple(sorted(code for code, state in steps.items() if state == Step.State.OPEN))
            found.append(ComingStep(cases[run.subject], step, on, now))
    return sorted(found, key=lambda c: (c.expected_on or date.min, c.case.number))


def _of(department: str, key: str, codes: list[str]) -> set[str]:
    """Those of some steps of a process that the department does itself."""
    rows = cards(key)
    return {
        code
        for code in codes
        if rows[code].owner_department == department and rows[code].performer == "utility"
    }


def _first(mine: set[str], left: list[str], run: Run, taken: Way, *, at: datetime) -> tuple[str, date | None]:
    """Plan what is left from today on: the earliest of some steps and its day, or no day when no plan comes out."""
    rows = cards(run.definition.key)
    try:
        rest = plan(
            {code: rows[code].typical_wd for code in left},
            taken.before(left),
            start_on=local_day(at),
            needed_on=None,
            calendar=calendar(),
        )
    except Exception:  # whatever is wrong with one case, the others are shown
        LOG.exception("what is left of case %s cannot be planned", run.subject)
        return min(mine), None
    first = min((step for step in rest.steps if step.code in mine), key=lambda step: step.start_on)
    return first.code, first.start_on
