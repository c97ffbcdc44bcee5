"""Plan of steps: forwards from a day, backwards from the day power is needed, and the path that decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from math import floor

from jiedian.core.workdays import Calendar

DUST = 1e-9
"""What adding up parts of days may be off."""


@dataclass(frozen=True)
class PlanStep:
    """One step of the plan. Slack is in working days and negative when it cannot fit."""

    code: str
    duration_wd: float
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
    durations_wd: Mapping[str, float],
    predecessors: Mapping[str, set[str]],
    *,
    start_on: date,
    needed_on: date | None,
    calendar: Calendar,
) -> Plan:
    """Earliest dates from ``start_on``, latest dates from ``needed_on``, slack, and the path that sets the end.

    ``durations_wd`` are working days a step, parts of a day are added up and rounded at the end of each; ``predecessors``
    maps a step to those directly before it. No date lies before ``start_on``.
    """
    graph = {code: predecessors.get(code, set()) & durations_wd.keys() for code in durations_wd}
    sequence = order(graph)
    begin = calendar.number(start_on)
    ends: dict[str, float] = {}
    for code in sequence:
        ends[code] = max((ends[before] for before in graph[code]), default=0) + durations_wd[code]
    last = max(ends.values(), default=0)
    latest = _latest(sequence, graph, durations_wd, last=last)
    room = calendar.number(needed_on) - begin - whole(last) if needed_on else None

    def day(wd: float) -> date:
        found = calendar.day(begin + whole(wd))
        return max(found, start_on) if whole(wd) >= 0 else found

    steps = tuple(_step(code, durations_wd[code], ends[code], latest[code], room, day) for code in sequence)
    return Plan(steps, day(last), max(-room, 0) if room is not None else 0)


def whole(wd: float) -> int:
    """Parts of a working day as days, half a day up; the dust of adding parts is no part of a day.

    >>> whole(2.5), whole(0.4), whole(0.1 + 0.2 + 0.2), whole(-0.2)
    (3, 0, 1, 0)
    """
    return floor(wd + 0.5 + DUST)


def _latest(
    sequence: tuple[str, ...], graph: Mapping[str, set[str]], durations: Mapping[str, float], *, last: float
) -> dict[str, float]:
    """The latest end of each step that does not move the end of the whole."""
    latest = dict.fromkeys(sequence, last)
    for code in reversed(sequence):
        for before in graph[code]:
            latest[before] = min(latest[before], latest[code] - durations[code])
    return latest


def _step(
    code: str, duration: float, end: float, latest: float, room: int | None, day: Callable[[float], date]
) -> PlanStep:
    return PlanStep(
        code,
        duration,
        day(end - duration),
        day(end),
        day(latest + room) if room is not None else None,
        whole(latest - end) + room if room is not None else None,
        latest - end < DUST,
    )


def up_to(predecessors: Mapping[str, set[str]], code: str) -> frozenset[str]:
    """A step and everything that has to be done before it."""
    found, todo = {code}, [code]
    while todo:
        for before in predecessors.get(todo.pop(), set()) - found:
            found.add(before)
            todo.append(before)
    return frozenset(found)
