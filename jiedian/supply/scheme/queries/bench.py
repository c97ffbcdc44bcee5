"""The workbench of a scheme: the ways that decide as cards, what speaks for each, and what contradicts the one chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.naming import is_busbar
from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.grid.network.queries.basemap import device_name
from jiedian.supply.menu.calc.menu import BlockRow, Module
from jiedian.supply.menu.calc.supply import SupplyPoint
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.maps import state_of
from jiedian.supply.study.queries.studies import Study, power_on
from jiedian.supply.study.queries.why import because, shown_beside


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
    """A point around the customer, numbered as on the map: whether it carries the load, whether it is chosen.

    ``home`` is the busbar section where the point's own name does not say it; ``line`` and ``trafo`` name what is loaded the
    most with the load added, with its rating.
    """

    n: int
    p: SupplyPoint
    state: str
    word: str
    look: str
    home: str
    line: str
    trafo: str


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
    shown = shown_beside(study, option)
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
    behind = (loaded_words(point.line_at), loaded_words(point.trafo_at))
    return PointRow(n, point, state, words[state], look, _home(point), *behind)


def _home(point: SupplyPoint) -> str:
    return "" if is_busbar(point) or point.section in point.name_zh else device_name(point.section)


def loaded_words(element: Sequence[str] | None) -> str:
    """What is loaded the most, by its name in the reader's language, and the rating the percentage is of; nothing of none."""
    name, rating = element or ("", "")
    return _("%(name)s，额定 %(rating)s") % {"name": device_name(name), "rating": rating} if name else ""


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


def way_name(option: Option) -> str:
    """The points an option takes its power from, in the reader's language."""
    is_zh = (get_language() or "zh").startswith("zh")
    return " + ".join(leg.name_zh if is_zh else leg.name_en for leg in option.legs)
