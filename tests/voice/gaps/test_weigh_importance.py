"""What matters is derived with its uncertainty: shares in satisfaction, quadrants, Kano's classes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.voice.gaps.calc.importance import kano, quadrants, shares

NAN = float("nan")


def test_shares_of_unrelated_predictors_are_their_squared_correlations() -> None:
    # A balanced design of two unrelated predictors, y = 2a + b: R² 1, shares 4/5 and 1/5.
    a = np.tile([-1.0, -1, 1, 1], 10)
    b = np.tile([-1.0, 1, -1, 1], 10)
    found = shares(np.column_stack([a, b]), 2 * a + b, seed=1)
    assert found.n == 40 and found.r_squared == pytest.approx(1)
    assert [s.value for s in found.shares] == pytest.approx([0.8, 0.2])
    assert all(s.low <= s.value + 1e-9 and s.value - 1e-9 <= s.high for s in found.shares)


def test_shares_average_over_the_orders_of_entering() -> None:
    dice = np.random.default_rng(5)
    x = dice.normal(size=(300, 3))
    x[:, 1] += 0.8 * x[:, 0]
    y = x @ [1.0, 0.5, 0.2] + dice.normal(size=300)

    def explained(*columns: int) -> float:
        if not columns:
            return 0.0
        design = np.column_stack([np.ones(300), x[:, columns]])
        left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return 1 - float(left @ left) / float(((y - y.mean()) ** 2).sum())

    first = (
        2 * explained(0)
        + (explained(0, 1) - explained(1))
        + (explained(0, 2) - explained(2))
        + 2 * (explained(0, 1, 2) - explained(1, 2))
    ) / 6
    found = shares(x, y, seed=1)
    assert found.r_squared == pytest.approx(explained(0, 1, 2))
    assert found.shares[0].value == pytest.approx(first / explained(0, 1, 2))
    assert sum(s.value for s in found.shares) == pytest.approx(1)
    assert found == shares(x, y, seed=1)
    assert found.shares[2].low < found.shares[2].value < found.shares[2].high < found.shares[0].low


def test_too_few_answers_or_no_variation_share_nothing() -> None:
    assert math.isnan(shares(np.ones((40, 2)), np.arange(40.0), seed=1).r_squared)
    assert math.isnan(
        shares(np.random.default_rng(1).normal(size=(9, 2)), np.arange(9.0), seed=1).shares[0].value
    )
    holes = np.full((50, 2), NAN)
    assert shares(holes, np.arange(50.0), seed=1).n == 0


def test_places_fall_into_four_quadrants() -> None:
    points = [("a", 3.0, 0.9), ("b", 6.0, 0.8), ("c", 3.0, 0.1), ("d", 6.0, 0.2), ("hole", NAN, 0.5)]
    places, x, y = quadrants(points)
    assert [(p.id, p.quadrant) for p in places] == [("a", "act"), ("b", "keep"), ("c", "easy"), ("d", "less")]
    assert (x, y) == pytest.approx((4.5, 0.5))
    assert quadrants([])[0] == []


@pytest.mark.parametrize(
    ("with_it", "without", "kind"),
    [(1, 5, "O"), (1, 3, "A"), (3, 5, "M"), (3, 3, "I"), (5, 1, "R"), (1, 1, "Q"), (5, 5, "Q"), (2, 5, "M")],
)
def test_kanos_table(with_it: int, without: int, kind: str) -> None:
    assert kano([with_it], [without]).kind == kind


def test_kano_counts_and_weighs() -> None:
    found = kano([1] * 6 + [3] * 3 + [3] + [NAN], [5] * 6 + [5] * 3 + [3] + [1])
    assert (found.n, found.kind, found.counts["O"], found.counts["M"], found.counts["I"]) == (
        10,
        "O",
        6,
        3,
        1,
    )
    assert (found.better, found.worse) == pytest.approx((0.6, -0.9))
    assert not found.is_clear and kano([1] * 40, [5] * 40).is_clear


@given(st.permutations([(1, 5), (1, 5), (3, 5), (3, 5), (1, 3), (1, 3)]))
def test_the_class_does_not_depend_on_who_answered_first(pairs: list[tuple[int, int]]) -> None:
    """Two O, two M, two A: what costs more when it is missing counts."""
    assert kano([a for a, _b in pairs], [b for _a, b in pairs]).kind == "M"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=30))
def test_kano_never_loses_an_answer(pairs: list[tuple[int, int]]) -> None:
    found = kano([a for a, _b in pairs], [b for _a, b in pairs])
    assert sum(found.counts.values()) == found.n == len(pairs)
    assert math.isnan(found.better) or (0 <= found.better <= 1 and -1 <= found.worse <= 0)
