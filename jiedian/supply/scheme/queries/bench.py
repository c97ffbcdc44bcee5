"""The workbench of a scheme: the ways that decide as cards, what speaks for each, and what contradicts the one chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.network.queries.network import parameter
from jiedian.supply.study.calc.menu import BlockRow, Module
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.calc.supply import Interval, SupplyPoint
from jiedian.supply.study.queries.maps import state_of
from jiedian.supply.study.queries.studies import Study


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
    """One way to supply the customer as a card: the numbers of its points on the map, why, four figures, what binds first."""

    numbers: tuple[int, ...]
    option: Option
    query: str
    is_chosen: bool
    word: str
    look: str
    because: str
    weakest: SupplyPoint
    u_pu: float
    u_low_pu: float

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
    known = [leg for leg in option.legs if leg.u_pu == leg.u_pu]
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
        u_pu=min((leg.u_pu for leg in known), default=float("nan")),
        u_low_pu=parameter("VMIN_LV" if option.legs[0].kv < 1 else "VMIN_MV"),
    )


def _verdict(study: Study, option: Option) -> tuple[str, str]:
    """Recommended is the first without anything forbidden; what contradicts a rule says so."""
    if option.to_explain:
        return _("有冲突"), "late"
    first = next((other for other in study.options if not other.to_explain), None)
    if first is not None and first.key == option.key:
        return _("推荐"), "run"
    if option.conflicts:
        return _("有提示"), "warn"
    return "", ""


def because(option: Option, shown: Sequence[Option]) -> str:
    """Sentence on what speaks for an option beside the others, and what against it, as one sentence."""
    others = [other for other in shown if other.key != option.key]
    if not others:
        return _("只有这一种走法。")
    merits = _merits(option, others)
    dearer = option.customer.mid - min(other.customer.mid for other in others)
    slower = option.days.mid - min(other.days.mid for other in others)
    if not merits or (dearer > 0 and slower > 0):
        merits += _drawbacks(dearer, slower)
    if _is_zh():
        return "，".join(merits) + "。"
    words = ", ".join(merits)
    return f"{words[:1].upper()}{words[1:]}."


def _merits(option: Option, others: Sequence[Option]) -> list[str]:
    """In which figure an option is better than every other; a figure all share says nothing."""
    measures: list[tuple[str, Callable[[Option], float | str]]] = [
        (_("客户费用最低"), lambda o: o.customer.mid),
        (_("工期最短"), lambda o: o.days.mid),
        (_("可靠性最好"), lambda o: o.reliability.id),
    ]
    return [words for words, of in measures if all(of(option) < of(other) for other in others)]  # type: ignore[operator]


def _drawbacks(dearer: float, slower: float) -> list[str]:
    words = []
    if dearer > 0:
        words.append(_("比最省的多 %(money)s") % {"money": money(Interval(dearer, dearer, dearer))})
    if slower > 0:
        words.append(_("比最快的晚 %(n)d 个工作日") % {"n": round(slower)})
    return words or [_("费用与工期同其他走法相当")]


def way_name(option: Option) -> str:
    """The points an option takes its power from, in the reader's language."""
    return " + ".join(leg.name_zh if _is_zh() else leg.name_en for leg in option.legs)


def money(interval: Interval) -> str:
    """The middle of an amount: in ten thousand yuan in Chinese, in thousands in English."""
    unit, divisor = ("万元", 10_000) if _is_zh() else ("k CNY", 1_000)
    return f"{interval.mid / divisor:,.1f} {unit}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
