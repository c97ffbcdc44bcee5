"""Forecast of running cases: how long steps take, learned from cases that ended or estimated, and when power comes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.queries import first_facts
from jiedian.cases.intake.steps import expected_works
from jiedian.clocks.calc.promises import profile_of
from jiedian.clocks.queries import calendar
from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.process.models import Definition, Run, Step
from jiedian.process.queries import Way, newest, onward, way
from jiedian.process.rows import cards, durations, milestone_step
from jiedian.process.steps import doing

from .calc.forecast import FEWEST, Forecast, Pace, forecast, left_of, not_before, pace_of

RECENT = 100
"""How many of the cases that ended last one learns from."""


@dataclass(frozen=True)
class Paces:
    """Pace of every step of a process for a class: learned from ``n_cases`` ended cases, or our estimates when it is 0."""

    by_step: Mapping[str, Pace]
    n_cases: int


@dataclass(frozen=True)
class CaseForecast:
    """Forecast of a case, and from how many ended cases that was learned (0: from our estimates)."""

    days: Forecast
    n_cases: int

    @property
    def on(self) -> date:
        return self.days.on

    @property
    def low_on(self) -> date:
        return self.days.low_on

    @property
    def high_on(self) -> date:
        return self.days.high_on

    @property
    def is_one_day(self) -> bool:
        """There is no range to speak of."""
        return self.days.low_on == self.days.high_on


HIGH_KV = Decimal(35)
"""From here on a case is of another size than at 10 kV: neither learns from the other."""


def paces_of(process_key: str, case_class: str, *, at: datetime, is_high: bool = False) -> Paces:
    """Paces of the steps for a class: as in the cases that were connected last, if there are enough of them.

    A step too few of them passed keeps our estimate. ``is_high``: from 35 kV on.
    """
    classes = profile_of(case_class, voltage_kv=HIGH_KV if is_high else Decimal(0)).classes
    estimates = {code: _estimate(process_key, code, classes) for code in cards(process_key)}
    done = Case.objects.filter(case_class=case_class, energised_at__lte=at, batch=None)
    done = done.filter(voltage_kv__gte=HIGH_KV) if is_high else done.filter(voltage_kv__lt=HIGH_KV)
    numbers = list(done.order_by("-energised_at").values_list("number", flat=True)[:RECENT])
    if len(numbers) < FEWEST:
        return Paces(estimates, 0)
    taken: dict[str, list[int]] = {}
    days = calendar()
    rows = Step.objects.filter(run__subject__in=numbers, state=Step.State.DONE).order_by()
    for code, opened_at, done_at in rows.values_list("code", "opened_at", "done_at"):
        if done_at:
            taken.setdefault(code, []).append(days.between(local_day(opened_at), local_day(done_at)))
    learned = {code: pace_of(held) for code, held in taken.items() if len(held) >= FEWEST}
    return Paces(estimates | learned, len(numbers))


def _estimate(process_key: str, code: str, classes: Iterable[str]) -> Pace:
    """Our own estimate of a step for some classes, the most specific first; for a new step half and double its usual days."""
    for wide in classes:
        if row := durations().get((wide, code)):
            return Pace(float(row.low_wd), float(row.typical_wd), float(row.high_wd))
    usual = cards(process_key)[code].typical_wd
    return Pace(usual / 2, usual, usual * 2)


def forecast_of(
    case: Case, run: Run, facts: Mapping[str, str], standing: Iterable[Step], *, at: datetime
) -> CaseForecast | None:
    """Forecast of a running case by its open steps and what follows them; None when that cannot be planned."""
    power, held = milestone_step(case.process_key, "energised"), list(standing)
    if not case.is_open or case.energised_at or not held:
        return None
    ahead = onward(run.definition, facts, standing=[step.code for step in held])
    return _planned(case, ahead, held, at=at) if power in ahead.codes else None


def forecast_before(case: Case, *, at: datetime) -> CaseForecast | None:
    """Forecast of an application that is not sent yet (nothing of it is kept): the one it has once it is."""
    definition = newest(case.process_key)
    return _planned(case, way(definition, first_facts(case)), (), at=at)


def _planned(case: Case, ahead: Way, held: Iterable[Step], *, at: datetime) -> CaseForecast | None:
    """Forecast along a way, from its open steps on; None when that cannot be planned."""
    paces = paces_of(case.process_key, case.case_class, at=at, is_high=case.voltage_kv >= HIGH_KV)
    try:
        days = forecast(
            left_by_step(ahead.codes, held, paces, at=at),
            ahead.before(),
            power=milestone_step(case.process_key, "energised"),
            today=local_day(at),
            needed_on=case.needed_on,
            calendar=calendar(),
        )
    except Refused:
        return None
    return CaseForecast(days, paces.n_cases)


def left_by_step(
    codes: Iterable[str], standing: Iterable[Step], paces: Paces, *, at: datetime
) -> dict[str, Pace]:
    """Rest of each step that is still to do: of an open one without what it has used, and until the day that was agreed on."""
    open_now, today = {step.code: step for step in standing}, local_day(at)
    left = {}
    for code in codes:
        left[code] = paces.by_step[code]
        if step := open_now.get(code):
            left[code] = left_of(left[code], max(calendar().between(local_day(step.opened_at), today), 0))
            if step.appointed_on and step.appointed_on > today:
                left[code] = not_before(left[code], calendar().between(today, step.appointed_on))
    return left


def gateway_facts(cases: Collection[Case]) -> dict[str, dict[str, str]]:
    """Case number → what its gateways read: what the application says, then what every finished step found.

    One query, however many cases.
    """
    known = {case.number: first_facts(case) for case in cases}
    numbers = {case.stream: case.number for case in cases}
    held = Fact.objects.filter(stream__in=numbers, data__has_key="outcome").exclude(data__outcome={})
    for stream, outcome in held.order_by("id").values_list("stream", "data__outcome"):
        known[numbers[stream]] |= outcome
    return known


def teller_of(process_key: str, codes: Collection[str], variable: str) -> str:
    """Step, of those on a way, that answers a gateway's variable: acceptance only where no later step does; empty where none does."""
    first = milestone_step(process_key, "accepted")
    found = sorted(
        (code for code in codes if variable in doing(code).outcomes), key=lambda code: code == first
    )
    return next(iter(found), "")


def facts_ahead(
    case: Case, definition: Definition, actual: Mapping[str, Sequence[Step]], *, on: date
) -> dict[str, str]:
    """Answers to the gateways of a case, that on works on the grid as it is to be expected while nobody has given it.

    ``actual`` are its steps by their code.
    """
    facts = gateway_facts([case])[case.number]
    teller = teller_of(case.process_key, way(definition, facts).codes, "grid_works")
    is_told = any(step.state == Step.State.DONE for step in actual.get(teller, ())[-1:])
    return facts | expected_works(case, on=on) if teller and case.is_open and not is_told else facts
