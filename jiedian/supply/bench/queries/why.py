"""比选理由: why an option has its place: what decided between it and another, in a sentence, and as a version of the scheme keeps it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from jiedian.core.evidence import weakest
from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.supply.menu.calc.supply import Interval
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.calc.options import decider, ranked_options, step
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.studies import Study


def shown_beside(study: Study, option: Option | None) -> list[Option]:
    """The options of a study with the chosen one in the place of that with the same points and line, or before them all."""
    shown = list(study.options)
    if option and option.key not in {other.key for other in shown}:
        shown.insert(0, option)
    return [option if option and other.key == option.key else other for other in shown]


def kept_why(study: Study, option: Option) -> dict[str, Any]:
    """Reason why an option was taken, as it was that day: the sentence in both languages, its place among all, and by figure.

    ``places`` are its places by what a customer weighs; ``grade`` how well the
    unit prices behind the estimate are known.
    """
    shown = shown_beside(study, option)
    order = ranked_options(shown)
    said = {}
    for language, code in (("zh", "zh-hans"), ("en", "en")):
        with override(code):
            said[language] = because(option, shown)
    row = option.reliability
    priced = {line.rule for line in option.costs}
    rules = study.rules
    grades = {price.id: price.grade for price in rules.prices} | {fee.id: fee.grade for fee in rules.fees}
    prices = [grades[name] for name in priced if name in grades]
    return said | {
        "place": next(n for n, other in enumerate(order, 1) if other.key == option.key),
        "of": len(order),
        "places": {name: place_in(name, option, order) for name in dict(MERITS)},
        "reliability": [row.name_zh, row.name_en],
        "grade": weakest(prices).value if prices else "",
    }


def because(option: Option, shown: Sequence[Option]) -> str:
    """Sentence on why an option has its place: what decided for the first over the second, and against another below the first."""
    order = ranked_options(list({other.key: other for other in [*shown, option]}.values()))
    mine = next(other for other in order if other.key == option.key)
    if len(order) < 2:
        return _("因为只有这一种走法。")
    if mine is order[0]:
        name = decider(mine, order[1], order)
        said = [_says(name, mine, order[1], is_better=True), *_merits(mine, order, but=name)]
        return _("因为%(words)s。") % {"words": _joined(said[:3])}
    against = _says(decider(order[0], mine, order), mine, order[0], is_better=False)
    merits = _merits(mine, order)
    if merits:
        told = {"merits": _joined(merits), "against": against}
        return _("%(merits)s，但%(against)s。") % told
    return _("因为%(words)s，排在后面。") % {"words": against}


def _joined(words: Sequence[str]) -> str:
    said = [word for word in words if word]
    return "，".join(said) if _is_zh() else " and ".join(word[0].lower() + word[1:] for word in said)


def _says(name: str, mine: Option, other: Option, *, is_better: bool) -> str:
    """What an option has to say of a criterion beside another: better or worse, and by how much."""
    money_more, days_more = mine.customer.mid - other.customer.mid, mine.days.mid - other.days.mid
    company_more = mine.company.mid - other.company.mid
    line, conflicts = weakest_line(mine.legs, mine.choices.line), len(mine.to_explain)
    words = {
        "conflict": (
            _("没有要说明的冲突"),
            ngettext("有 %(n)d 处冲突须说明", "有 %(n)d 处冲突须说明", conflicts) % {"n": conflicts},
        ),
        "capacity": (_("容量已经算清"), _("容量不足或须人工核定")),
        "apart": (_("各路电源离得够开"), _("各路电源离得不够开")),
        "date": (_("赶得上客户要的日子"), _("赶不上客户要的日子")),
        "cost": (
            _("客户少花 %(money)s") % {"money": amount_words(-money_more)},
            _("客户多花 %(money)s") % {"money": amount_words(money_more)},
        ),
        "reliability": (_("可靠性更好"), _("可靠性较低")),
        "room": (_("供电点余量更宽"), _("供电点余量较紧，别人先签收就要排队")),
        "margin": (_("客户处电压余量更大"), _("客户处电压余量小，%(room)s") % {"room": _room(line)}),
        "company": (
            _("公司少投资 %(money)s") % {"money": amount_words(-company_more)},
            _("公司多投资 %(money)s") % {"money": amount_words(company_more)},
        ),
        "days": (
            ngettext("早 %(n)d 个工作日送电", "早 %(n)d 个工作日送电", -round(days_more)) % {"n": -days_more},
            ngettext("晚 %(n)d 个工作日送电", "晚 %(n)d 个工作日送电", round(days_more)) % {"n": days_more},
        ),
    }
    if name not in words:
        return _("与另一处各项相当，任选其一均可")
    return words[name][0 if is_better else 1]


def _room(line: NewLine | None) -> str:
    """Voltage at the customer's end beside its limit."""
    if line is None or line.end_pu is None:
        return "—"
    told = {"u": f"{line.end_pu:.3f}", "limit": f"{line.low_pu if line.is_low else line.high_pu:g}"}
    return (_("%(u)s，下限 %(limit)s") if line.is_low else _("%(u)s，上限 %(limit)s")) % told


MERITS: tuple[tuple[str, Callable[[Option, Sequence[float]], float | str]], ...] = (
    ("cost", lambda o, costs: step(o.customer.mid, costs)),
    ("days", lambda o, _costs: o.days.mid),
    ("reliability", lambda o, _costs: o.reliability.id),
)
"""Figures a customer weighs, less is better; costs by their steps among those of all."""


def place_in(name: str, option: Option, ranked: Sequence[Option]) -> int:
    """Place of an option in one figure: 1 where none is better; those alike share it."""
    costs, of = [each.customer.mid for each in ranked], dict(MERITS)[name]
    return 1 + sum(of(other, costs) < of(option, costs) for other in ranked)  # type: ignore[operator]


def _merits(option: Option, ranked: Sequence[Option], *, but: str = "") -> list[str]:
    """In which figure an option is better than every other; a figure all share, or told already (``but``), says nothing."""
    words = {"cost": _("客户费用最低"), "days": _("工期最短"), "reliability": _("可靠性最好")}
    costs, others = [each.customer.mid for each in ranked], [o for o in ranked if o.key != option.key]
    return [
        words[name]
        for name, of in MERITS
        if name != but and all(of(option, costs) < of(other, costs) for other in others)  # type: ignore[operator]
    ]


def amount_words(cny: float) -> str:
    """A difference of money, as ``money`` writes it."""
    return money(Interval(cny, cny, cny))


def interval_words(interval: Interval) -> str:
    """An amount with its interval: in ten thousand yuan in Chinese, thousands in English; nothing is 0."""
    if not interval.high:
        return "0"
    unit, divisor = ("万元", 10_000) if _is_zh() else ("k CNY", 1_000)
    low, mid, high = (f"{value / divisor:,.1f}" for value in (interval.low, interval.mid, interval.high))
    return f"{mid} {unit}（{low}–{high}）" if _is_zh() else f"{mid} {unit} ({low}–{high})"


def money(interval: Interval) -> str:
    """The middle of an amount: in ten thousand yuan in Chinese, in thousands in English."""
    unit, divisor = ("万元", 10_000) if _is_zh() else ("k CNY", 1_000)
    return f"{interval.mid / divisor:,.1f} {unit}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
