"""Cases that will need a department next, and about when."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.calc.forecast import Pace
from jiedian.cases.forecast.calc.plan import plan
from jiedian.cases.forecast.queries import Paces, gateway_facts, left_by_step, paces_of
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day
from jiedian.process.models import Run, Step
from jiedian.process.queries import Way, onward
from jiedian.process.rows import cards

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

    Expected is today plus the usual working days of what is left of the open steps and lies between, as the page of the
    case says it: an estimate, no promise.
    Cases in ``without`` are left out (their steps are open already). A case that cannot be planned comes first,
    without a day: somebody has to look at it, and it takes no other case off the list.
    """
    cases = {c.number: c for c in Case.objects.filter(state=Case.State.RUNNING).exclude(number__in=without)}
    stood: dict[str, list[Step]] = {}
    held = Step.objects.filter(run__subject__in=cases, state=Step.State.OPEN).order_by("id")
    for step in held.select_related("run").only("code", "opened_at", "run__subject"):
        stood.setdefault(step.run.subject, []).append(step)
    paces: dict[tuple[str, str], Paces] = {}
    runs = Run.objects.filter(subject__in=cases).select_related("definition")
    facts = gateway_facts(list(cases.values()))
    found = []
    for run in runs.defer("tokens", "definition__spec", "definition__xml"):
        case, standing = cases[run.subject], stood.get(run.subject, [])
        now = tuple(sorted(step.code for step in standing))
        ahead = onward(run.definition, facts[run.subject], standing=now)
        mine = _of(department, run.definition.key, ahead.codes) - set(now)
        if mine:
            kind = (case.process_key, case.case_class)
            if kind not in paces:
                paces[kind] = paces_of(*kind, at=at)
            code, on = _first(
                mine, ahead, left_by_step(ahead.codes, standing, paces[kind], at=at), case, at=at
            )
            found.append(ComingStep(case, code, on, now))
    return sorted(found, key=lambda c: (c.expected_on or date.min, c.case.number))


def _of(department: str, key: str, codes: Iterable[str]) -> set[str]:
    """Those of some steps of a process that the department does itself."""
    rows = cards(key)
    return {
        code
        for code in codes
        if rows[code].owner_department == department and rows[code].performer == "utility"
    }


def _first(
    mine: set[str], ahead: Way, left: Mapping[str, Pace], case: Case, *, at: datetime
) -> tuple[str, date | None]:
    """Plan what is left from today on: the earliest of some steps and its day, or no day when no plan comes out."""
    try:
        rest = plan(
            {code: pace.typical_wd for code, pace in left.items()},
            ahead.before(),
            start_on=local_day(at),
            needed_on=None,
            calendar=calendar(),
        )
    except Exception:  # whatever is wrong with one case, the others are shown
        LOG.exception("what is left of case %s cannot be planned", case.number)
        return min(mine), None
    first = min((step for step in rest.steps if step.code in mine), key=lambda step: step.start_on)
    return first.code, first.start_on
