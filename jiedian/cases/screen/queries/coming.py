"""Cases that will need a department next, and about when."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from heapq import heappop, heappush

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.calc.forecast import Pace
from jiedian.cases.forecast.calc.plan import plan
from jiedian.cases.forecast.queries import HIGH_KV, Paces, gateway_facts, left_by_step, paces_of
from jiedian.clocks.queries import calendar
from jiedian.core.workdays import local_day
from jiedian.process.models import Definition, Run, Step
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
    """The next step of a department in every running case, the nearest first. Seven queries, however many cases.

    Expected is today plus the usual working days of what is left of the open steps and lies between, as the page of the
    case says it: an estimate, no promise.
    Cases in ``without`` are left out (their steps are open already). A case that cannot be planned comes first,
    without a day: somebody has to look at it, and it takes no other case off the list.
    """
    near = _nearest(department, without=without)
    cases = {case.number: case for case in Case.objects.filter(number__in=near, state=Case.State.RUNNING)}
    stood: dict[str, list[Step]] = {}
    held = Step.objects.filter(run__subject__in=cases, state=Step.State.OPEN).order_by("id")
    for step in held.select_related("run").only("code", "opened_at", "run__subject"):
        stood.setdefault(step.run.subject, []).append(step)
    paces: dict[tuple[str, str, bool], Paces] = {}
    runs = Run.objects.filter(subject__in=cases).select_related("definition")
    facts = gateway_facts(list(cases.values()))
    found = []
    for run in runs.defer("tokens", "definition__spec", "definition__xml"):
        case, standing = cases[run.subject], stood.get(run.subject, [])
        now = tuple(sorted(step.code for step in standing))
        ahead = onward(run.definition, facts[run.subject], standing=now)
        mine = _of(department, run.definition.key, ahead.codes) - set(now)
        if mine:
            kind = (case.process_key, case.case_class, case.voltage_kv >= HIGH_KV)
            if kind not in paces:
                paces[kind] = paces_of(*kind[:2], at=at, is_high=kind[2])
            code, on = _first(
                mine, ahead, left_by_step(ahead.codes, standing, paces[kind], at=at), case, at=at
            )
            found.append(ComingStep(case, code, on, now))
    return sorted(found, key=lambda c: (c.expected_on or date.min, c.case.number))


NEAREST = 120
"""Cases that are planned in full; which they are is told by how few working days may lie before the department's step."""


def _nearest(department: str, *, without: set[str]) -> list[str]:
    """The numbers of the cases whose open steps lie nearest before a step of a department, by the diagram alone."""
    held: dict[tuple[str, int], set[str]] = {}
    opened = Step.objects.filter(state=Step.State.OPEN).order_by()
    for subject, definition, code in opened.values_list("run__subject", "run__definition_id", "code"):
        if subject not in without:
            held.setdefault((subject, definition), set()).add(code)
    definitions = {row.pk: row for row in Definition.objects.defer("xml", "spec")}
    known: dict[tuple[int, frozenset[str]], int | None] = {}
    far: list[tuple[int, str]] = []
    for (subject, definition), codes in held.items():
        key = (definition, frozenset(codes))
        if key not in known:
            known[key] = _distance(department, definitions[definition], key[1])
        if (distance := known[key]) is not None:
            far.append((distance, subject))
    return [subject for _distance, subject in sorted(far)[:NEAREST]]


def _distance(department: str, definition: Definition, codes: frozenset[str]) -> int | None:
    """The fewest working days that may lie before a step of the department; None when none of its steps is ahead."""
    rows = cards(definition.key)
    out: dict[str, list[str]] = {}
    for source, target in definition.flows:
        out.setdefault(source, []).append(target)
    heap, seen = [(0, code) for code in sorted(codes)], set[str]()
    while heap:
        gone, key = heappop(heap)
        if key in seen:
            continue
        seen.add(key)
        if key not in codes and key in rows and _of(department, definition.key, [key]):
            return gone
        for target in out.get(key, ()):
            heappush(heap, (gone + (rows[key].typical_wd if key in rows else 0), target))
    return None


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
