"""Plan a case forwards from the limits and backwards from the day power is needed; find the critical path and the conflict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter

from jiedian.core.workdays import Calendar


@dataclass(frozen=True)
class PlanStep:
    """One step of the plan. Dates are working days; slack is in working days and negative when it cannot fit."""

    code: str
    duration_wd: int
    start_on: date
    finish_on: date
    latest_finish_on: date | None
    slack_wd: int | None
    is_critical: bool


@dataclass(frozen=True)
class Plan:
    """The planned steps in order, when the last one ends, and how many working days are missing."""

    steps: tuple[PlanStep, ...]
    finish_on: date
    short_wd: int

    @property
    def critical(self) -> tuple[str, ...]:
        return tuple(step.code for step in self.steps if step.is_critical)


def order(predecessors: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Steps so that each follows what it waits for. The graph must have no loop."""
    return tuple(TopologicalSorter(predecessors).static_order())


def plan(
    durations_wd: Mapping[str, int],
    predecessors: Mapping[str, set[str]],
    *,
    start_on: date,
    needed_on: date | None,
    calendar: Calendar,
) -> Plan:
    """Earliest dates from ``start_on``, latest dates from ``needed_on``, slack, and the path that sets the end.

    ``durations_wd`` are working days a step; ``predecessors`` maps a step to those directly before it.
    """
    graph = {code: predecessors.get(code, set()) & durations_wd.keys() for code in durations_wd}
    sequence = order(graph)
    begin = calendar.number(start_on)
    ends: dict[str, int] = {}
    for code in sequence:
        ends[code] = max((ends[before] for before in graph[code]), default=begin) + durations_wd[code]
    last = max(ends.values(), default=begin)
    latest = _latest(sequence, graph, durations_wd, last=last)
    room = calendar.number(needed_on) - last if needed_on else None
    steps = tuple(
        _step(code, durations_wd[code], ends[code], latest[code], room, calendar) for code in sequence
    )
    return Plan(steps, calendar.day(last), max(-room, 0) if room is not None else 0)


def _latest(
    sequence: tuple[str, ...], graph: Mapping[str, set[str]], durations: Mapping[str, int], *, last: int
) -> dict[str, int]:
    """The latest end of each step that does not move the end of the whole."""
    latest = dict.fromkeys(sequence, last)
    for code in reversed(sequence):
        for before in graph[code]:
            latest[before] = min(latest[before], latest[code] - durations[code])
    return latest


def _step(code: str, duration: int, end: int, latest: int, room: int | None, calendar: Calendar) -> PlanStep:
    return PlanStep(
        code,
        duration,
        calendar.day(end - duration),
        calendar.day(end),
        calendar.day(latest + room) if room is not None else None,
        latest - end + room if room is not None else None,
        latest == end,
    )


@dataclass(frozen=True)
class Allowance:
    """A limit over steps: together, parallel ones at once, they may take so many working days.

    A ceiling (application to power) only presses; any other limit is a step's own time and is used up.
    """

    limit_id: str
    codes: frozenset[str]
    working_days: int
    is_ceiling: bool = False


def allotted(
    durations_wd: Mapping[str, int], predecessors: Mapping[str, set[str]], allowances: Iterable[Allowance]
) -> dict[str, int]:
    """Durations by which every limit is met on its last day; steps under one limit share it as they usually take.

    >>> usual, before = {"survey": 1, "draft": 4, "reply": 1}, {"draft": {"survey"}, "reply": {"draft"}}
    >>> allotted(usual, before, [Allowance("T61", frozenset(usual), 10)])
    {'survey': 2, 'draft': 6, 'reply': 2}
    """
    made = dict(durations_wd)
    for limit in sorted(allowances, key=lambda limit: (limit.is_ceiling, -len(limit.codes))):
        codes = limit.codes & made.keys()
        if len(codes) == 1 and not limit.is_ceiling:
            made |= dict.fromkeys(codes, limit.working_days)
            continue
        ends: dict[str, int] = {}
        graph = {code: predecessors.get(code, set()) & codes for code in codes}
        for code in order(graph):
            ends[code] = max((ends[before] for before in graph[code]), default=0) + made[code]
        length = max(ends.values(), default=0)
        if not length or (limit.is_ceiling and length <= limit.working_days):
            continue
        for code, end in ends.items():
            first, last = (_half_up(day * limit.working_days, length) for day in (end - made[code], end))
            made[code] = last - first
    return made


def _half_up(share: int, whole: int) -> int:
    return (2 * share + whole) // (2 * whole)


def up_to(predecessors: Mapping[str, set[str]], code: str) -> frozenset[str]:
    """A step and everything that has to be done before it."""
    found, todo = {code}, [code]
    while todo:
        for before in predecessors.get(todo.pop(), set()) - found:
            found.add(before)
            todo.append(before)
    return frozenset(found)


def between(predecessors: Mapping[str, set[str]], *, after: str, to: str) -> frozenset[str]:
    """The steps that come after one step and up to another, the other included."""
    return up_to(predecessors, to) - up_to(predecessors, after)


@dataclass(frozen=True)
class Bar:
    """One row of the drawing: the plan by the limits, what happened, and the last day that still fits the need."""

    code: str
    label: str
    planned: tuple[date, date] | None
    actual: tuple[date, date] | None
    state: str
    is_customer: bool
    is_critical: bool
    latest_on: date | None = None


@dataclass(frozen=True)
class Span:
    """Bar of one step of a case: from the day it opened to the day it was done, or to today."""

    label: str
    start: date
    end: date
    state: str


@dataclass(frozen=True)
class CaseBar:
    """One case as one row of the day's Gantt. ``begun_on`` to ``promised_on`` is the promise, the spans are actual."""

    number: str
    title: str
    who: str
    begun_on: date
    spans: tuple[Span, ...]
    promised_on: date | None
    needed_on: date | None
    is_late: bool
