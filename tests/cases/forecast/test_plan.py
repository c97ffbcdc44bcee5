"""The plan of a case: forwards from today, backwards from the day power is needed, and the path that decides."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.cases.forecast.calc.plan import order, plan
from jiedian.cases.screen.calc.gantt import Allowance, allotted, between
from jiedian.core.workdays import Calendar

START = date(2025, 9, 1)
DAYS = Calendar.of(
    (day, day.weekday() < 5)
    for day in map(date.fromordinal, range(START.toordinal() - 30, START.toordinal() + 900))
)
"""Plain weeks, so that the numbers below can be counted on a calendar of 2025."""
DURATIONS = {"accept": 1, "scheme": 10, "fee": 3, "works": 20, "meter": 5, "energise": 1}
BEFORE = {
    "scheme": {"accept"},
    "fee": {"scheme"},
    "works": {"scheme"},
    "meter": {"scheme"},
    "energise": {"fee", "works", "meter"},
}


def test_the_longest_branch_decides_and_the_others_have_room() -> None:
    made = plan(DURATIONS, BEFORE, start_on=START, needed_on=None, calendar=DAYS)
    assert made.critical == ("accept", "scheme", "works", "energise")
    assert made.finish_on == date(2025, 10, 15), "32 working days after Monday 1 September"
    by = {step.code: step for step in made.steps}
    assert by["works"].start_on == date(2025, 9, 16) and by["works"].finish_on == date(2025, 10, 14)
    assert by["fee"].finish_on == date(2025, 9, 19) and not by["fee"].is_critical
    assert made.short_wd == 0 and by["fee"].latest_finish_on is None


def test_backwards_from_the_day_power_is_needed_the_conflict_shows_on_day_one() -> None:
    made = plan(DURATIONS, BEFORE, start_on=START, needed_on=date(2025, 10, 8), calendar=DAYS)
    assert made.short_wd == 5
    by = {step.code: step for step in made.steps}
    assert by["energise"].latest_finish_on == date(2025, 10, 8) and by["energise"].slack_wd == -5
    assert by["works"].slack_wd == -5 and by["meter"].slack_wd == 10 and by["fee"].slack_wd == 12


def test_with_room_to_spare_nothing_is_short() -> None:
    made = plan(DURATIONS, BEFORE, start_on=START, needed_on=date(2025, 10, 22), calendar=DAYS)
    assert made.short_wd == 0 and {step.slack_wd for step in made.steps if step.is_critical} == {5}


@given(st.lists(st.integers(0, 15), min_size=2, max_size=9), st.integers(0, 2**32), st.integers(-20, 60))
def test_the_critical_path_is_as_long_as_the_plan(lengths: list[int], seed: int, room: int) -> None:
    durations = {f"s{i}": n for i, n in enumerate(lengths)}
    before = {f"s{i}": {f"s{j}" for j in range(i) if (seed >> (i * 3 + j)) & 1} for i in range(len(lengths))}
    needed = DAYS.day(DAYS.number(START) + max(sum(lengths) + room, 1))
    made = plan(durations, before, start_on=START, needed_on=needed, calendar=DAYS)
    by = {step.code: step for step in made.steps}
    ends = {code: DAYS.number(step.finish_on) for code, step in by.items()}
    total = DAYS.number(made.finish_on) - DAYS.number(START)
    assert total == _longest(durations, before)
    for code, earlier in before.items():
        assert all(ends[e] + durations[code] <= ends[code] for e in earlier), (
            "nothing begins before what it waits for"
        )
    for code, step in by.items():
        later = {**durations, code: durations[code] + 1}
        assert (_longest(later, before) > total) == step.is_critical
    assert made.short_wd == max(total - (DAYS.number(needed) - DAYS.number(START)), 0)


def _longest(durations: dict[str, int], before: dict[str, set[str]]) -> int:
    """By brute force over every chain."""

    def end(code: str) -> int:
        return durations[code] + max((end(e) for e in before.get(code, ())), default=0)

    return max(end(code) for code in durations)


def test_a_loop_cannot_be_planned() -> None:
    with pytest.raises(ValueError):
        order({"a": {"b"}, "b": {"a"}})


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 40))
def test_steps_under_one_limit_end_together_on_its_last_day(lengths: list[int], limit_wd: int) -> None:
    usual = {f"s{i}": n for i, n in enumerate(lengths)}
    before = {f"s{i}": {f"s{i - 1}"} for i in range(1, len(lengths))}
    made = allotted(usual, before, [Allowance("T", frozenset(usual), limit_wd)])
    assert min(made.values()) >= 0
    assert sum(made.values()) == (limit_wd if sum(lengths) or len(lengths) == 1 else 0)


def test_a_ceiling_presses_and_never_stretches() -> None:
    whole = frozenset(DURATIONS)
    assert allotted(DURATIONS, BEFORE, [Allowance("E2E", whole, 99, is_ceiling=True)]) == DURATIONS
    pressed = allotted(DURATIONS, BEFORE, [Allowance("E2E", whole, 16, is_ceiling=True)])
    assert plan(pressed, BEFORE, start_on=START, needed_on=None, calendar=DAYS).finish_on == DAYS.add(
        START, 16
    )
    own = allotted(DURATIONS, BEFORE, [Allowance("S", frozenset({"works"}), 5)])
    assert own == DURATIONS | {"works": 5}


def test_what_lies_between_two_steps() -> None:
    assert between(BEFORE, after="accept", to="energise") == DURATIONS.keys() - {"accept"}
    assert between(BEFORE, after="scheme", to="fee") == {"fee"}
