"""The sum on the card of a published figure, and the limit that binds; arithmetic only."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiedian.grid.capacity.calc.limits import FORMULA, PHYSICS, Limit, least, sentences_of
from jiedian.grid.publication.calc.binding import sum_of

amount = st.floats(0, 50_000, allow_nan=False)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(allowed=amount, peak=amount, reserved=amount, share=st.floats(0, 1))
def test_a_sum_in_whole_kilowatts_adds_up_as_it_is_written(
    allowed: float, peak: float, reserved: float, share: float
) -> None:
    open_kw = max(allowed - peak - reserved, 0.0) * share
    made = sum_of(allowed, peak, reserved, open_kw)
    assert made.peak + made.reserved + made.open + made.held == made.allowed + made.over
    assert min(made.peak, made.reserved, made.open, made.held, made.over) >= 0
    assert made.open == round(open_kw) and made.allowed == round(allowed)
    assert abs(made.peak - peak) <= 1.5 and abs(made.reserved - reserved) <= 1.5


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(formula=st.none() | amount, physical=st.none() | amount)
def test_the_smaller_result_binds_and_none_where_one_is_for_a_person(
    formula: float | None, physical: float | None
) -> None:
    area, line = Limit("area", FORMULA, "A"), Limit("line", PHYSICS, "F")
    found = least(formula, physical, area, line)
    if formula is None or physical is None:
        assert found is None
    else:
        assert found == (area if formula <= physical else line)


def test_what_the_kernel_may_name_later_is_said_as_it_is() -> None:
    zh, en = sentences_of(Limit("frequency", PHYSICS, "F01"), {})
    assert "F01" in zh and "frequency" in zh and "F01" in en and "frequency" in en
    assert "85 %" in sentences_of(Limit("area", FORMULA, "A"), {"LOADING_AREA": 0.85})[0]
