"""Agreement against statsmodels, and against the table printed in Shrout and Fleiss (1979)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from jiedian.core.agreement import icc, kappa

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Six targets and four judges, Psychological Bulletin 86 (1979), table 2."""


def test_icc_equals_the_printed_table() -> None:
    found = icc(SHROUT_FLEISS)
    assert (found.n, found.raters) == (6, 4)
    assert found.one_way == pytest.approx(0.17, abs=0.005)
    assert found.two_way == pytest.approx(0.29, abs=0.005)
    assert found.consistency == pytest.approx(0.71, abs=0.005)


def test_icc_of_twins_is_one_and_of_nothing_is_none() -> None:
    assert icc([[1, 1], [5, 5], [3, 3]]).two_way == pytest.approx(1)
    assert icc([[2, 2], [2, 2]]).two_way is None and icc([[1, 2]]).two_way is None and icc([]).n == 0
    with pytest.raises(ValueError, match="same number"):
        icc([[1, 2], [1]])


WEIGHTS = {"none": None, "linear": "linear", "quadratic": "quadratic"}


@pytest.mark.parametrize("weights", WEIGHTS)
@given(data=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=5, max_size=60))
def test_kappa_equals_statsmodels(weights: str, data: list[tuple[int, int]]) -> None:
    ours = kappa([a for a, _ in data], [b for _, b in data], categories=[0, 1, 2], weights=weights)
    table = [[data.count((i, j)) for j in range(3)] for i in range(3)]
    if ours.value is not None:
        theirs = cohens_kappa(table, wt=WEIGHTS[weights])
        assert ours.value == pytest.approx(theirs.kappa, abs=1e-9)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_interval_equals_statsmodels(weights: str) -> None:
    table = [[40, 9, 2], [6, 25, 5], [1, 4, 18]]
    first = [i for i in range(3) for j in range(3) for _ in range(table[i][j])]
    second = [j for i in range(3) for j in range(3) for _ in range(table[i][j])]
    ours = kappa(first, second, categories=[0, 1, 2], weights=weights)
    theirs = cohens_kappa(table, wt=WEIGHTS[weights])
    assert ours.value == pytest.approx(theirs.kappa)
    assert (ours.low, ours.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=1e-6)


def test_one_category_has_no_kappa_and_strangers_are_refused() -> None:
    assert kappa([1, 1], [1, 1], categories=[0, 1]).value is None
    assert kappa([], [], categories=[0, 1]).n == 0
    with pytest.raises(ValueError, match="length"):
        kappa([1], [1, 1], categories=[0, 1])
    with pytest.raises(ValueError, match="category"):
        kappa([1], [7], categories=[0, 1])
