"""Why one option stands before another, and why there is none: what is said of it is so."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import override

from jiedian.grid.circuit.calc.newline import Kind, NewLine
from jiedian.supply.bench.queries.why import because
from jiedian.supply.menu.calc.supply import Wish
from jiedian.supply.study.calc.options import ranked_options
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.offers import short
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


def wire(kind: Kind, loss_kw: float, **more: object) -> NewLine:
    """A new line that loses so much and holds, unless told otherwise."""
    values: dict[str, object] = {
        "kind": kind,
        "conductor": "X",
        "name_zh": "铝缆",
        "name_en": "aluminium cable",
        "length_m": 300,
        "worst_m": 345,
        "current_a": 160,
        "rated_a": 200,
        "u_pu": 0.97,
        "drop_percent": 2.0,
        "loss_kw": loss_kw,
        "low_pu": 0.93,
        "high_pu": 1.07,
        "reach_m": 500,
        "binds": "",
    }
    return NewLine(**values | more)  # type: ignore[arg-type]


def test_a_point_that_lacks_only_the_loss_of_the_line_says_so() -> None:
    """101 kW for a load of 100 kW were refused with "100 kW are needed, the best has 101 kW"."""
    lines = (wire("overhead", 2.2), wire("cable", 0.5, u_pu=0.91, binds="low"))
    near, less = point("S1-B1-F1", capacity=101, lines=lines), point("S1-B1-F2", capacity=100.4, lines=lines)
    assert not near.is_able(100)
    against = next(c for c in made(Wish(105, 100), near).conflicts if c.id == "C-CAP")
    assert "可开放容量 101 kW，不足 103 kW（负荷 100 kW，连同新建线路的损耗）" in against.zh
    assert "101 kW, not 103 kW" in against.en
    (told,) = short(Wish(105, 100), [less, near])
    assert told.code == "scheme.short"
    assert "负荷 100 kW，连同新建线路的损耗需要 103 kW" in told.zh and "可开放 101 kW" in told.zh
    assert "are 103 kW" in told.en and "S1-B1-F1 with 101 kW" in told.en


def test_only_feed_in_that_does_not_fit_is_refused_for_feed_in() -> None:
    lines = (wire("overhead", 2),)
    fits = point("S1-B1-F1", capacity=101, lines=lines, feed_kw=80.0, feed_asked_kw=50.0)
    assert [r.code for r in short(Wish(105, 100, feed_in_kw=50), [fits])] == ["scheme.short"]
    tight = point("S1-B1-F2", capacity=200, lines=lines, feed_kw=30.0, feed_asked_kw=50.0)
    (told,) = short(Wish(105, 100, feed_in_kw=50), [fits, tight])
    assert told.code == "scheme.feed_short" and "能承担负荷的供电点" in told.zh and "S1-B1-F2" in told.zh


def test_the_english_conflicts_name_the_conductor_in_english() -> None:
    for more, row in ((dict(u_pu=0.9, binds="low"), "C-END-LOW"), (dict(binds="current"), "C-END-AMPS")):
        lines = (wire("overhead", 2, **more),)
        option = made(Wish(105, 100), point("S1-B1-F1", kv=0.4, lines=lines))
        told = next(conflict for conflict in option.conflicts if conflict.id == row)
        assert "铝缆" in told.zh and "aluminium cable" in told.en and "铝缆" not in told.en
