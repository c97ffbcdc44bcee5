"""The workbench of a scheme: the ways that decide as cards, what speaks for each, and what contradicts the one chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.supply.menu.calc.menu import BlockRow, Module
from jiedian.supply.menu.calc.supply import Interval, SupplyPoint
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.calc.options import decider, ranked_options, step
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.maps import state_of
from jiedian.supply.study.queries.studies import Study, power_on


@dataclass(frozen=True)
class Block:
    """A part of the menu with its lines; a required part without lines is missing."""

    row: BlockRow
    lines: tuple[Module, ...]

    @property
    def is_missing(self) -> bool:
        return self.row.is_required and not self.lines


@dataclass(frozen=True)
class PointRow:
    """A point around the customer, numbered as on the map: whether it carries the load, whether it is chosen."""

    n: int
    p: SupplyPoint
    state: str
    word: str
    look: str


@dataclass(frozen=True)
class Way:
    """One way to supply the customer as a card: the numbers of its points on the map, why, four figures, what binds first.

    ``line`` is its weakest new line, with the voltage at the customer's end; ``power_on`` the day if it is signed today.
    """

    numbers: tuple[int, ...]
    option: Option
    query: str
    is_chosen: bool
    word: str
    look: str
    because: str
    weakest: SupplyPoint
    line: NewLine | None
    power_on: date | None

    @property
    def grade(self) -> str:
        """The letter of its reliability."""
        return self.option.reliability.id.removeprefix("REL-")


@dataclass(frozen=True)
class Bench:
    """Study as the page of a scheme shows it: cards, points, the chosen option in its parts."""

    ways: tuple[Way, ...]
    points: tuple[PointRow, ...]
    blocks: tuple[Block, ...]
    able: int
    chosen: Way | None


def bench_of(study: Study, option: Option | None) -> Bench:
    """The cards of a study; an option composed by hand stands among them, in place of the one with the same points and line."""
    numbers = {point.bus: n for n, point in enumerate(study.around.points, start=1)}
    shown = list(study.options)
    if option and option.key not in {other.key for other in shown}:
        shown.insert(0, option)
    shown = [option if option and other.key == option.key else other for other in shown]
    ways = tuple(_way(study, other, shown, numbers, is_chosen=other is option) for other in shown)
    chosen = frozenset(leg.bus for leg in option.legs) if option else frozenset[str]()
    points = tuple(_row(n, point, study, chosen) for n, point in enumerate(study.around.points, start=1))
    return Bench(
        ways=ways,
        points=points,
        blocks=_blocks(option, study) if option else (),
        able=sum(row.state == "able" for row in points),
        chosen=next((way for way in ways if way.is_chosen), None),
    )


def _row(n: int, point: SupplyPoint, study: Study, chosen: frozenset[str]) -> PointRow:
    words = {"able": _("可承担"), "short": _("不足"), "hand": _("人工核定")}
    state = state_of(point, study.wish.load_kw)
    look = "on" if point.bus in chosen else ""
    return PointRow(n, point, state, words[state], look)


def _blocks(option: Option, study: Study) -> tuple[Block, ...]:
    """The parts in the order of the menu."""
    return tuple(
        Block(row, tuple(module for module in option.modules if module.block == row.id))
        for row in study.rules.blocks
    )


def _way(
    study: Study, option: Option, shown: Sequence[Option], numbers: dict[str, int], *, is_chosen: bool
) -> Way:
    weakest = min(option.legs, key=lambda leg: -1.0 if leg.is_by_hand else leg.capacity_kw)
    word, look = _verdict(study, option)
    return Way(
        numbers=tuple(numbers[leg.bus] for leg in option.legs),
        option=option,
        query=urlencode([*(("bus", leg.bus) for leg in option.legs), ("line", option.choices.line)]),
        is_chosen=is_chosen,
        word=word,
        look=look,
        because=because(option, shown),
        weakest=weakest,
        line=weakest_line(option.legs, option.choices.line),
        power_on=power_on(study, option),
    )


def _verdict(study: Study, option: Option) -> tuple[str, str]:
    """Recommended is the first, where nothing is forbidden in it; what contradicts a rule says so."""
    if option.to_explain:
        return _("有冲突"), "late"
    first = next((other for other in study.options if not other.to_explain), None)
    if first is not None and first.key == option.key:
        return _("推荐"), "run"
    if option.conflicts:
        return _("有提示"), "warn"
    return "", ""


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
    line = weakest_line(mine.legs, mine.choices.line)
    words = {
        "conflict": (_("没有要说明的冲突"), _("有 %(n)d 处冲突须说明") % {"n": len(mine.to_explain)}),
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
            _("早 %(n)d 个工作日送电") % {"n": -days_more},
            _("晚 %(n)d 个工作日送电") % {"n": days_more},
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


def _merits(option: Option, ranked: Sequence[Option], *, but: str = "") -> list[str]:
    """In which figure an option is better than every other; a figure all share, or told already (``but``), says nothing."""
    costs = [each.customer.mid for each in ranked]
    others = [each for each in ranked if each.key != option.key]
    measures: list[tuple[str, str, Callable[[Option], float | str]]] = [
        ("cost", _("客户费用最低"), lambda o: step(o.customer.mid, costs)),
        ("days", _("工期最短"), lambda o: o.days.mid),
        ("reliability", _("可靠性最好"), lambda o: o.reliability.id),
    ]
    return [
        words
        for name, words, of in measures
        if name != but and all(of(option) < of(other) for other in others)  # type: ignore[operator]
    ]


def amount_words(cny: float) -> str:
    """A difference of money, as ``money`` writes it."""
    return money(Interval(cny, cny, cny))


def way_name(option: Option) -> str:
    """The points an option takes its power from, in the reader's language."""
    return " + ".join(leg.name_zh if _is_zh() else leg.name_en for leg in option.legs)


def money(interval: Interval) -> str:
    """The middle of an amount: in ten thousand yuan in Chinese, in thousands in English."""
    unit, divisor = ("万元", 10_000) if _is_zh() else ("k CNY", 1_000)
    return f"{interval.mid / divisor:,.1f} {unit}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
