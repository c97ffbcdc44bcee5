"""Hot spots: the test is SciPy's, false alarms stay rare, and a true rise is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedian.voice.hotspots.calc.hotspots import adjust, changes


def spans(new: dict[str, int], old: dict[str, int]) -> tuple[list[str], list[str]]:
    return ([k for k, n in new.items() for _ in range(n)], [k for k, n in old.items() for _ in range(n)])


def test_a_cell_equals_the_exact_test_of_two_poisson_rates() -> None:
    from scipy.stats import binomtest, poisson_means_test
    from statsmodels.stats.rates import test_poisson_2indep

    new, old = spans({"a": 9, "b": 2}, {"a": 12, "b": 30})
    found = {c.key: c for c in changes(new, old, new_days=7, old_days=56)}
    for key, x, y in (("a", 9, 12), ("b", 2, 30)):
        assert found[key].p == pytest.approx(binomtest(x, x + y, 1 / 9, alternative="greater").pvalue)
        theirs = test_poisson_2indep(x, 7, y, 56, method="exact-cond", alternative="larger")
        assert found[key].p == pytest.approx(theirs.pvalue)
        assert found[key].ratio == pytest.approx((x / 7) / (y / 56))
        side = binomtest(x, x + y, 1 / 9).proportion_ci(0.95, method="exact")
        assert found[key].low == pytest.approx(8 * side.low / (1 - side.low))
        assert found[key].high == pytest.approx(8 * side.high / (1 - side.high))
    assert (
        poisson_means_test(9, 7, 12, 56, alternative="greater").pvalue < 0.05
    )  # another test, the same verdict
    assert [found["a"].q, found["b"].q] == pytest.approx(adjust([found["a"].p, found["b"].p]))


def test_adjusting_equals_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(2).random(50) ** 2
    assert adjust(p.tolist()) == pytest.approx(multipletests(p, method="fdr_bh")[1].tolist())
    assert adjust([]) == []


def test_where_nothing_changed_false_alarms_stay_rare() -> None:
    rng = np.random.default_rng(7)
    alarmed = 0
    for _ in range(200):
        new = dict(enumerate(rng.poisson(2.0, 60).tolist()))
        old = dict(enumerate(rng.poisson(16.0, 60).tolist()))
        cells = [k for k, n in new.items() for _ in range(n)], [k for k, n in old.items() for _ in range(n)]
        alarmed += any(c.q <= 0.10 for c in changes(*cells, new_days=7, old_days=56))
    assert alarmed / 200 <= 0.10


def test_among_true_rises_the_share_of_false_alarms_stays_below_the_promise() -> None:
    rng = np.random.default_rng(8)
    false = called = 0
    for _ in range(100):
        new = {k: int(rng.poisson(10.0 if k < 10 else 2.0)) for k in range(60)}
        old = {k: int(rng.poisson(16.0)) for k in range(60)}
        cells = [k for k, n in new.items() for _ in range(n)], [k for k, n in old.items() for _ in range(n)]
        hot = [c.key for c in changes(*cells, new_days=7, old_days=56) if c.q <= 0.10]
        called, false = called + len(hot), false + sum(k >= 10 for k in hot)
    assert called > 700 and false / called <= 0.10


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 60), st.integers(1, 60))
def test_one_more_is_never_less_surprising(x: int, y: int, new_days: int, old_days: int) -> None:
    def p(n: int) -> float:
        found = changes(["a"] * n, ["a"] * y, new_days=new_days, old_days=old_days, least=0)
        return found[0].p if found else 1.0

    assert p(x + 1) <= p(x) + 1e-12 and 0 <= p(x) <= 1


def test_a_cell_enters_by_its_total_alone() -> None:
    found = changes(["a", "a", "b"], ["b", "b", "c", "c"], new_days=7, old_days=28, least=3)
    assert [c.key for c in found] == ["b"]
    with pytest.raises(ValueError, match="days"):
        changes([], [], new_days=0, old_days=28)
