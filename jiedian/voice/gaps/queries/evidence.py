"""Evidence the company wrote down, promised and did: limits, clocks and breaches of the cases chosen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from math import nan

import numpy as np

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.clocks.calc.promises import CLASSES, Limit
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import calendar, due_day, limits
from jiedian.core.workdays import local_day
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.rows import StepRow
from jiedian.process.rows import steps as step_rows
from jiedian.voice.surveys.calc.gaps import Paired, Reals, paired
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.queries import AnswerFilter, ItemRow, items, triggers

STANDARDS = ("law", "policy", "kpi")
PROMISES = ("company",)
"""Whose limits are the written standard, and whose the promise made to customers."""


@dataclass(frozen=True)
class EndedClock:
    """A promise that came to its end: its limit, the working days used net of pauses, and whose case it was."""

    limit: Limit
    used_wd: float
    number: str

    @property
    def left_wd(self) -> float:
        return self.limit.value - self.used_wd

    @property
    def look(self) -> str:
        """Look of its row in a list."""
        return "late" if self.left_wd < 0 else ""


class Evidence:
    """Evidence of clocks and breaches on the cases chosen, read once for a page."""

    def __init__(self, chosen: AnswerFilter) -> None:
        self.chosen = chosen
        self._clocks: list[EndedClock] | None = None

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The cases chosen, by number: those accepted in the period."""
        c = self.chosen
        named = {"case_class": c.case_class, "area": c.area, "channel": c.channel}
        found = Case.objects.exclude(accepted_at=None).filter(**{k: v for k, v in named.items() if v})
        if c.since:
            found = found.filter(accepted_at__date__gte=c.since)
        if c.until:
            found = found.filter(accepted_at__date__lte=c.until)
        return {case.number: case for case in found}

    def clocks(self) -> list[EndedClock]:
        """Every clock of the cases, step and department chosen that was kept or broken, in working days.

        Used days are the limit less the days left when it stopped, so a pause does not count.
        """
        if self._clocks is None:
            days, owned = calendar(), self._owned()
            held = Clock.objects.filter(subject__in=self.cases, ref="", stopped_at__isnull=False)
            self._clocks = []
            for clock in held.filter(state__in=[Clock.State.KEPT, Clock.State.BROKEN]):
                limit = limits()[clock.limit_id]
                if limit.unit != "wd" or clock.stopped_at is None or not self._is_chosen(limit):
                    continue
                if owned is not None and not owned & {(clock.subject, c) for c in customer_steps(limit.step)}:
                    continue
                left = days.number(due_day(clock)) - days.number(local_day(clock.stopped_at))
                self._clocks.append(EndedClock(limit, float(limit.value - left), clock.subject))
        return self._clocks

    def _is_chosen(self, limit: Limit) -> bool:
        return not self.chosen.step or self.chosen.step in customer_steps(limit.step)

    def _owned(self) -> set[tuple[str, str]] | None:
        """Case and step of every step done by the department chosen; None when none is chosen."""
        if not self.chosen.department:
            return None
        people = User.objects.filter(department__code=self.chosen.department).values("id")
        steps = Step.objects.filter(run__subject__in=self.cases, owner_id__in=people)
        return set(steps.values_list("run__subject", "code"))

    def strictest(self, scopes: set[str]) -> list[EndedClock]:
        """One promise a case and step: of several limits of these scopes the strictest."""
        found: dict[tuple[str, str], EndedClock] = {}
        for ticked in self.clocks():
            key = (ticked.number, ticked.limit.step)
            if ticked.limit.scope in scopes and (
                key not in found or ticked.limit.value < found[key].limit.value
            ):
                found[key] = ticked
        return list(found.values())

    def used_and_limits(self, scopes: set[str]) -> tuple[Reals, Reals]:
        """Days used and days allowed, a pair a promise."""
        found = self.strictest(scopes)
        used = np.array([ticked.used_wd for ticked in found], dtype=float)
        return used, np.array([ticked.limit.value for ticked in found], dtype=float)

    def breaches(self, kind: str) -> list[Breach]:
        """The breaches of a kind in the cases chosen, by people of the department chosen."""
        found = Breach.objects.filter(kind=kind, cleared_at=None, case__number__in=self.cases).select_related(
            "case"
        )
        if self.chosen.department:
            people = User.objects.filter(department__code=self.chosen.department).values("id")
            found = found.filter(actor_id__in=people)
        return list(found)

    def breached(self, kind: str) -> Reals:
        """One for each chosen case with such a breach, zero for each without."""
        hit = {breach.case.number for breach in self.breaches(kind)}
        return np.array([float(number in hit) for number in self.cases])

    def standards_and_wishes(self, rows: Iterable[Response]) -> tuple[Reals, Reals]:
        """The written limit of each respondent's class and step on his day, and the days he thinks right."""
        pairs = []
        for row in rows:
            for item in days_items():
                wish = row.answers.get(f"D_{item.item}")
                limit = (
                    written_limit(row.step_code, row.case_class, row.answered_on)
                    if wish is not None
                    else None
                )
                if limit is not None:
                    pairs.append((float(limit.value), float(wish)))
        table = np.array(pairs, dtype=float).reshape(-1, 2)
        return table[:, 0], table[:, 1]


def days_items() -> list[ItemRow]:
    """The questions that ask how many working days would be right."""
    return [row for row in items() if row.kind == "days"]


@cache
def written_limit(
    step: str, case_class: str, on: date, *, scopes: tuple[str, ...] = STANDARDS
) -> Limit | None:
    """The strictest adopted working-day limit of a scope for a step as customers know it, on a day."""
    row = triggers().get(step)
    names = {step, *(row.clock_steps if row else ())}
    classes = CLASSES.get(case_class, ())
    found = [
        limit
        for limit in limits().values()
        if limit.is_adopted
        and limit.unit == "wd"
        and limit.scope in scopes
        and limit.step in names
        and limit.customer_class in classes
        and (limit.effective_from is None or limit.effective_from <= on)
        and (limit.effective_to is None or on < limit.effective_to)
    ]
    return min(found, key=lambda limit: limit.value, default=None)


@dataclass(frozen=True)
class StepComparison:
    """One step: promise and standard in working days (lowest–highest over the classes chosen), fact, wish, survey.

    ``fact`` are the working days used net of pauses; ``wish`` the days customers think right; ``pair`` expectation and
    perception in marks.
    """

    row: StepRow
    promise: tuple[Limit, ...]
    standard: tuple[Limit, ...]
    fact: Reals
    on_time: float
    wish: Reals
    pair: Paired
    satisfied: Reals
    cases: int

    @property
    def fact_mean(self) -> float:
        return float(self.fact.mean()) if len(self.fact) else nan

    @property
    def wish_mean(self) -> float:
        return float(self.wish.mean()) if len(self.wish) else nan

    @property
    def satisfied_mean(self) -> float:
        return float(np.nanmean(self.satisfied)) if (~np.isnan(self.satisfied)).any() else nan


def beside(chosen: AnswerFilter, rows: list[Response], *, on: date) -> list[StepComparison]:
    """Every step that has a limit, a clock or an answer, in the order of the process."""
    facts = Evidence(chosen)
    stopped: dict[str, dict[str, EndedClock]] = {}
    for ticked in [*facts.strictest(set(PROMISES)), *facts.strictest(set(STANDARDS))]:
        for code in customer_steps(ticked.limit.step):
            stopped.setdefault(code, {})[ticked.number] = ticked
    classes = [chosen.case_class] if chosen.case_class else list(CLASSES)
    found = []
    for code, row in step_rows().items():
        if chosen.step and code != chosen.step:
            continue
        told = [r for r in rows if r.step_code == code]
        standard = _written(code, classes, on, STANDARDS)
        held_ = list(stopped.get(code, {}).values())
        if told or standard or held_:
            found.append(_beside(row, _written(code, classes, on, PROMISES), standard, held_, told))
    return found


def _beside(
    row: StepRow,
    promise: tuple[Limit, ...],
    standard: tuple[Limit, ...],
    held: list[EndedClock],
    told: list[Response],
) -> StepComparison:
    wishes = [
        r.answers[f"D_{item.item}"] for r in told for item in days_items() if f"D_{item.item}" in r.answers
    ]
    e, p = (np.array([_mean(r, half) for r in told], dtype=float) for half in "EP")
    satisfied = np.array([r.answers.get("satisfaction", nan) for r in told], dtype=float)
    used = np.array([ticked.used_wd for ticked in held], dtype=float)
    kept = sum(ticked.left_wd >= 0 for ticked in held) / len(held) if held else nan
    return StepComparison(
        row, promise, standard, used, kept, np.array(wishes, dtype=float), paired(e, p), satisfied, len(held)
    )


def _mean(row: Response, half: str) -> float:
    """A respondent's mean over the items he answered in both halves."""
    names = [key[2:] for key in row.answers if key.startswith("E_") and f"P_{key[2:]}" in row.answers]
    return float(np.mean([row.answers[f"{half}_{name}"] for name in names])) if names else nan


def customer_steps(limit_step: str) -> list[str]:
    """The steps, as customers know them, whose time a limit measures."""
    named = [row.id for row in triggers().values() if limit_step in row.clock_steps]
    return named or [limit_step]


def _written(code: str, classes: list[str], on: date, scopes: tuple[str, ...]) -> tuple[Limit, ...]:
    found = [written_limit(code, name, on, scopes=scopes) for name in classes]
    return tuple(sorted({limit for limit in found if limit}, key=lambda limit: (limit.value, limit.id)))
