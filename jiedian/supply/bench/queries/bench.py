"""The workbench of a scheme: the ways that decide as cards, what speaks for each, and what contradicts the one chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.words import volts
from jiedian.grid.circuit.calc.newline import NewLine, sizes
from jiedian.grid.network.queries.basemap import device_name
from jiedian.supply.menu.calc.menu import BlockRow, Module
from jiedian.supply.menu.calc.supply import SupplyPoint
from jiedian.supply.study.calc.ends import volts_at, weakest_line
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.offers import steps_above
from jiedian.supply.study.queries.studies import Study, power_on

from .candidates import Candidate, Group, candidates_of, grouped
from .why import because, shown_beside

SMALL_ROOM_PU = 0.02
"""Below this room the voltage at the customer's end is what an option reaches first."""


@dataclass(frozen=True)
class Block:
    """A part of the menu with its lines; a required part without lines is missing."""

    row: BlockRow
    lines: tuple[Module, ...]

    @property
    def is_missing(self) -> bool:
        return self.row.is_required and not self.lines


@dataclass(frozen=True)
class Way:
    """One way to supply the customer as a card: the numbers of its points on the map, why, four figures, what binds first.

    ``line`` is its weakest new line, ``end`` the voltage at the customer's end beside its limit; ``relief`` what lifts what binds
    first; ``power_on`` the day if it is signed today; ``refused`` who said no to these points, and why.
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
    end: str
    limit: str
    first: str
    relief: str
    refused: str = ""

    @property
    def grade(self) -> str:
        """The letter of its reliability."""
        return self.option.reliability.id.removeprefix("REL-")


@dataclass(frozen=True)
class Bench:
    """Study as the page of a scheme shows it: cards, points (those that supply, the others by reason), the chosen option in its parts."""

    ways: tuple[Way, ...]
    points: tuple[Candidate, ...]
    blocks: tuple[Block, ...]
    able: int
    chosen: Way | None

    @property
    def supplying(self) -> tuple[Candidate, ...]:
        """The points that supply the customer."""
        return tuple(row for row in self.points if row.state == "able")

    @property
    def groups(self) -> tuple[Group, ...]:
        """The others by reason."""
        return grouped(self.points)


Refusals = Mapping[frozenset[str], str]
"""The points of a version that somebody said no to, by their buses, and who and why in words."""


def first_choice(study: Study, refusals: Refusals) -> Option | None:
    """First choice: the first that nobody has said no to, else the first."""
    open_ones = (other for other in study.options if buses_of(other) not in refusals)
    return next(open_ones, study.options[0] if study.options else None)


def buses_of(option: Option) -> frozenset[str]:
    """Buses of an option's points."""
    return frozenset(leg.bus for leg in option.legs)


def bench_of(study: Study, option: Option | None, refusals: Refusals | None = None) -> Bench:
    """The cards of a study; an option composed by hand stands among them, in place of the one with the same points and line.

    What somebody has said no to stands behind the others and says so.
    """
    said = refusals or {}
    numbers = {point.bus: n for n, point in enumerate(study.around.points, start=1)}
    shown = shown_beside(study, option)
    among = _Among(study, shown, numbers, said)
    order = sorted(shown, key=lambda other: buses_of(other) in said)
    ways = tuple(_way(among, other, is_chosen=other is option) for other in order)
    points = candidates_of(study, buses_of(option) if option else frozenset())
    return Bench(
        ways=ways,
        points=points,
        blocks=_blocks(option, study) if option else (),
        able=sum(row.state == "able" for row in points),
        chosen=next((way for way in ways if way.is_chosen), None),
    )


def _blocks(option: Option, study: Study) -> tuple[Block, ...]:
    """The parts in the order of the menu."""
    return tuple(
        Block(row, tuple(module for module in option.modules if module.block == row.id))
        for row in study.rules.blocks
    )


@dataclass(frozen=True)
class _Among:
    """What a card is weighed among: the study, the options shown, the numbers of the points, the refusals, the first choice."""

    study: Study
    shown: Sequence[Option]
    numbers: Mapping[str, int]
    refusals: Refusals


def _way(among: _Among, option: Option, *, is_chosen: bool) -> Way:
    study, refused = among.study, among.refusals.get(buses_of(option), "")
    weakest = min(option.legs, key=lambda leg: -1.0 if leg.is_by_hand else leg.capacity_kw)
    line, kv = weakest_line(option.legs, option.choices.line), float(study.site.case.voltage_kv)
    word, look = (_("曾被退回"), "late") if refused else _verdict(among, option)
    end, limit = end_words(line, kv)
    is_end_first = line is not None and line.end_pu is not None and line.margin_pu < SMALL_ROOM_PU
    return Way(
        numbers=tuple(among.numbers[leg.bus] for leg in option.legs),
        option=option,
        query=urlencode([*(("bus", leg.bus) for leg in option.legs), ("line", option.choices.line)]),
        is_chosen=is_chosen,
        word=word,
        look=look,
        because=because(option, among.shown),
        weakest=weakest,
        line=line,
        power_on=power_on(study, option),
        end=end,
        limit=limit,
        first=_("客户处电压 %(end)s，%(limit)s") % {"end": end, "limit": limit}
        if is_end_first
        else _binds(weakest),
        relief=_end_relief(line, study) if line is not None and is_end_first else _lift(weakest),
        refused=refused,
    )


def end_words(line: NewLine | None, kv: float) -> tuple[str, str]:
    """Voltage at the customer's end, and the limit that is nearer."""
    if line is None or line.end_pu is None:
        return "—", _("未核算")
    limit = volts_at(kv, line.low_pu if line.is_low else line.high_pu)
    words = _("下限 %(limit)s") if line.is_low else _("上限 %(limit)s")
    return volts_at(kv, line.end_pu), words % {"limit": limit}


def _binds(point: SupplyPoint) -> str:
    if point.is_by_hand:
        return _("人工核定")
    told = {"element": device_name(point.element) or "—", "kw": f"{point.capacity_kw:,.0f}"}
    return _("%(element)s，可开放 %(kw)s kW") % told


def _end_relief(line: NewLine, study: Study) -> str:
    """What lifts the voltage at the customer's end: the new line is his own, so it is mended first."""
    if not line.is_low:
        if study.wish.feed_in_kw > 0:
            return _("减小上网功率，或装设调压、无功控制")
        return _("调整变压器分接头，或选另一供电点")
    used = next(row for row in study.rules.conductors if row.id == line.conductor)
    kv = float(study.site.case.voltage_kv)
    more = [row for row in sizes(study.rules.conductors, line.kind, kv) if row.rated_a > used.rated_a]
    said = []
    if more:
        said.append(
            _("新建线路换更大截面（%(name)s）") % {"name": more[0].name_zh if _is_zh() else more[0].name_en}
        )
    said.append(_("改由更近的供电点接入"))
    if above := steps_above(study.rules, kv, study.rules.on):
        said.append(_("改由上一级电压 %(kv)s 供电") % {"kv": volts(above[0])})
    return ("，或" if _is_zh() else ", or ").join(said)


def _lift(point: SupplyPoint) -> str:
    return point.lift_zh if _is_zh() else point.lift_en


def _verdict(among: _Among, option: Option) -> tuple[str, str]:
    """Recommended is the first that nobody refused, where nothing is forbidden in it; what contradicts a rule says so."""
    if option.to_explain:
        return _("有冲突"), "late"
    best = first_choice(among.study, among.refusals)
    if best is not None and not best.to_explain and best.key == option.key:
        return _("推荐"), "run"
    if option.conflicts:
        return _("有提示"), "warn"
    return "", ""


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


def way_name(option: Option) -> str:
    """The points an option takes its power from, in the reader's language."""
    return " + ".join(leg.name_zh if _is_zh() else leg.name_en for leg in option.legs)
