"""Attenuation on constructed cases whose losses are known, and intervals against statsmodels."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from jiedian.voice.attenuation.calc.attenuation import (
    LAYERS,
    Touch,
    lost_at,
    lost_passages,
    measure,
    passages,
    quantile,
    wilson,
)
from jiedian.voice.attenuation.calc.handoffs import moment, read_touches, split

SAID = datetime.fromisoformat("2025-09-01T09:00:00+08:00")


def constructed() -> list[Touch]:
    """Ten points in each of three cases; 9, 6 and 3 of them survive service, support and core. Weights 1 and 5."""
    touches = []
    for case in "ABC":
        for number in range(10):
            weight = 5.0 if number < 3 else 1.0
            touches.append(Touch(case, f"p{number}", "said", SAID, weight=weight))
            for layer, kept, hours in (("service", 9, 2), ("support", 6, 24), ("core", 3, 72)):
                touches.append(Touch(case, f"p{number}", "shown", SAID, layer, weight))
                if number < kept:
                    at = SAID + timedelta(hours=hours + number)
                    touches.append(Touch(case, f"p{number}", "acknowledged", at, layer, weight))
    return touches


def test_known_losses_are_found_in_their_layer() -> None:
    held = passages(constructed())
    service, support, core = measure(held)
    assert [r.n_points for r in (service, support, core)] == [30, 30, 30]
    assert [r.retained for r in (service, support, core)] == [27, 18, 9]
    assert [r.lost for r in (service, support, core)] == [3, 12, 21]
    assert (service.retention, support.retention, core.retention) == (0.9, 0.6, 0.3)
    assert support.weighted_retention == pytest.approx((3 * 5 + 3) / (3 * 5 + 7))
    assert (service.median_delay_h, core.median_delay_h) == (6.0, 73.0)
    assert core.p90_delay_h == pytest.approx(float(np.quantile([72, 73, 74] * 3, 0.9)))
    assert {name: list(lost_at(held).values()).count(name) for name in LAYERS} == {
        "service": 3,
        "support": 9,
        "core": 9,
    }
    assert lost_passages(held)[0].weight == 1.0, "no heavy point was lost"


def test_shown_is_not_receipt_and_an_answer_is() -> None:
    touches = [
        Touch("A", "p", "said", SAID),
        Touch("A", "p", "shown", SAID, "service"),
        Touch("A", "p", "answered", SAID + timedelta(hours=5), "core"),
    ]
    service, _support, core = measure(passages(touches))
    assert (service.shown, service.retained, core.retained, core.median_delay_h) == (1, 0, 1, 5.0)


def test_a_case_still_on_its_way_has_lost_nothing_where_it_has_not_been() -> None:
    touches = [Touch("A", "p", "said", SAID), Touch("A", "p", "acknowledged", SAID, "service")]
    everywhere = measure(passages(touches))
    assert [r.lost for r in everywhere] == [0, 1, 1]
    reached = measure(passages(touches, is_reached_only=True))
    assert [(r.n_points, r.retention) for r in reached] == [(1, 1.0), (0, None), (0, None)]


def test_cases_are_resampled_whole() -> None:
    """Two cases, one all kept and one all lost: the interval spans everything, though there are 100 points."""
    touches = [Touch(case, str(n), "said", SAID) for case in "AB" for n in range(50)]
    touches += [Touch("A", str(n), "acknowledged", SAID, "service") for n in range(50)]
    one = measure(passages(touches))[0]
    assert (one.weighted_low, one.weighted_high) == (0.0, 1.0)
    assert one.ci_low is not None and one.ci_low > 0.39
    single = measure(passages([t for t in touches if t.case == "A"]))[0]
    assert single.weighted_low is None


@given(st.integers(1, 3000), st.floats(0, 1))
def test_wilson_equals_statsmodels(n: int, share: float) -> None:
    k = round(n * share)
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_quantiles_equal_numpy(values: list[float], share: float) -> None:
    assert quantile(sorted(values), share) == pytest.approx(float(np.quantile(values, share)), abs=1e-6)


touch_lists = st.lists(
    st.builds(
        Touch,
        case=st.sampled_from("AB"),
        point=st.sampled_from("xyz"),
        event=st.sampled_from(["said", "shown", "acknowledged", "answered"]),
        at=st.none(),
        layer=st.sampled_from(LAYERS),
        weight=st.floats(0.5, 5),
    ),
    max_size=30,
)


@given(touch_lists)
def test_more_receipts_never_lower_retention_and_counts_add_up(touches: list[Touch]) -> None:
    for result in measure(passages(touches)):
        assert result.retained + result.lost == result.n_points and result.answered <= result.retained
        assert result.retained <= result.shown <= result.n_points
    more = [*touches, *(Touch(t.case, t.point, "acknowledged", None, "core", t.weight) for t in touches)]
    for before, after in zip(measure(passages(touches)), measure(passages(more)), strict=True):
        assert after.retained >= before.retained and after.n_points == before.n_points
    assert measure(passages(more))[2].lost == 0


def rows_of(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    header, *lines = [line.split(",") for line in text.strip().splitlines()]
    return header, [(n, dict(zip(header, line, strict=True))) for n, line in enumerate(lines, 2)]


def test_three_shapes_of_file_say_the_same() -> None:
    events = rows_of(
        "case,point,weight,layer,event,at\n"
        "A,p,5,,said,2025-09-01 09:00\nA,q,1,,said,2025-09-01 09:00\n"
        "A,p,5,service,shown,2025-09-01 09:00\nA,q,1,service,shown,2025-09-01 09:00\n"
        "A,p,5,service,acknowledged,2025-09-01 12:00\nA,p,5,core,answered,2025-09-03 09:00"
    )
    handoffs = rows_of(
        "case,from,to,layer,sent_at,points_said,points_shown,points_acknowledged,points_answered,"
        "acknowledged_at,answered_at,weights\n"
        "A,客户,营业厅,内部服务层,2025/9/1 9:00,p;q,p;q,p,,2025-09-01T12:00:00+08:00,,p=5;q=1\n"
        "A,营业厅,运检部,核心业务层,2025-09-02,,,,p,,2025-09-03 09:00:00,p=5;q=1"
    )
    points = rows_of(
        "case,point,layer,weight,said_at,shown_at,acknowledged_at,answered_at\n"
        "A,p,service,5,2025-09-01 09:00,2025-09-01 09:00,2025-09-01 12:00,\n"
        "A,q,service,1,2025-09-01 09:00,2025-09-01 09:00,nan,\n"
        "A,p,core,5,2025-09-01 09:00,,,2025-09-03 09:00"
    )
    results = []
    for header, rows in (events, handoffs, points):
        touches, found = read_touches(header, rows)
        assert not found
        results.append(
            [
                (r.n_points, r.retained, r.weighted_retention, r.median_delay_h)
                for r in measure(passages(touches))
            ]
        )
    assert results[0] == results[1] == results[2]
    assert results[0] == [(2, 1, 5 / 6, 3.0), (2, 0, 0.0, None), (2, 1, 5 / 6, 48.0)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",p,1,service,shown,", "blank"),
        ("A,p,1,cellar,shown,", "layer"),
        ("A,p,1,service,guessed,", "event"),
        ("A,p,-2,service,shown,", "weight"),
        ("A,p,1,service,shown,soon", "time"),
        ("A,p,1,service,acknowledged,2020-01-01", "before_said"),
        ("A,p,1,service,shown,2025-09-04\nA,p,1,service,acknowledged,2025-09-03", "before_shown"),
    ],
)
def test_a_bad_row_is_named(line: str, code: str) -> None:
    text = f"case,point,weight,layer,event,at\nA,p,1,,said,2025-09-01\n{line}"
    _touches, found = read_touches(*rows_of(text))
    assert [finding.code for finding in found] == [f"handoffs.{code}"]


def test_times_and_lists_are_read_as_people_write_them() -> None:
    same = {
        moment(text)
        for text in ("2025-09-01T09:00+08:00", "2025/9/1 9:00", "2025年9月1日 9:00", "2025-09-01T01:00:00Z")
    }
    assert same == {SAID}
    text = "case,point,layer,event\nA,p,Internal support layer,ACK\nA,p,core_business,答复"
    touches, found = read_touches(*rows_of(text))
    assert moment("45901.375") == moment("01.09.2025 09:00") == SAID
    assert not found and [(t.layer, t.event) for t in touches] == [
        ("support", "acknowledged"),
        ("core", "answered"),
    ]
    assert split("[1, 2];3；nan| 3") == ["1", "2", "3"]
