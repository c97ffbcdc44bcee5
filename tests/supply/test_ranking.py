"""Why one option stands before another: what is alike decides nothing, and what is said of it is so."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import override

from jiedian.supply.scheme.queries.bench import because
from jiedian.supply.study.calc.options import ranked_options
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.calc.supply import Wish
from tests.supply.test_scheme import made, point


def costing(feeder: str, cny: int, grade: str) -> Option:
    """An option whose customer pays so much, of a grade of reliability."""
    option = made(Wish(630, 600), point(f"S1-B1-{feeder}"))
    line = next(line for line in option.costs if line.payer == "customer")
    sum_cny = Decimal(cny)
    kept = replace(line, low_cny=sum_cny, mid_cny=sum_cny, high_cny=sum_cny)
    return replace(option, costs=(kept,), reliability=replace(option.reliability, id=f"REL-{grade}"))


def test_two_yuan_decide_nothing_and_five_grades_are_not_one() -> None:
    """100,499 and 100,501 lay on two sides of a rounding: the page said that the customer saves 0.0."""
    cheap, sure = costing("F1", 100_499, "F"), costing("F2", 100_501, "A")
    assert [o.key for o in ranked_options([cheap, sure])] == [sure.key, cheap.key]
    with override("zh-hans"):
        assert because(sure, [cheap, sure]) == "因为可靠性更好。"
        assert because(cheap, [cheap, sure]) == "因为可靠性较低，排在后面。"


def test_what_costs_decide_is_a_sum_one_can_read() -> None:
    """Of three, the dear one is 1,000 and more above the next: the sentence says so; the other two are alike."""
    three = [costing("F1", 100_900, "A"), costing("F2", 101_899, "A"), costing("F3", 102_900, "A")]
    assert [o.customer.mid for o in ranked_options(three)] == [100_900, 101_899, 102_900]
    with override("zh-hans"):
        assert because(three[2], three) == "因为客户多花 0.2 万元，排在后面。"
        assert "客户费用最低" not in because(three[0], three)
