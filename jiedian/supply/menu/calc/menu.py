"""菜单: a supply scheme put together from rows. Bands turn figures into facts, conditions on facts choose the modules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from jiedian.core.closed import Ids, SchemeCondition, ValueOf
from jiedian.core.conditions import holds, names_and_values
from jiedian.core.evidence import Grade, asks_a_reason, binds, weakest
from jiedian.core.sourced import Ground, Sourced


@dataclass(frozen=True)
class BandRow(Sourced):
    """A figure within ``from_value`` ≤ figure < ``below_value`` gives a fact its value; the first row of a fact that fits wins."""

    id: str
    fact: Annotated[str, Ids("schemes/facts.csv")]
    figure: Literal["kv", "units", "kva", "current_a", "biggest_kva"]
    from_value: Decimal
    below_value: Decimal
    condition: SchemeCondition
    value: Annotated[str, ValueOf("schemes/facts.csv", "fact")]
    effective_from: date | None


@dataclass(frozen=True)
class ModuleRow(Sourced):
    """One line of the menu: stands in its block when its condition holds; of a slot the first row that holds is taken."""

    id: str
    block: Annotated[str, Ids("schemes/blocks.csv")]
    slot: str
    condition: SchemeCondition
    zh: str
    en: str
    effective_from: date | None


@dataclass(frozen=True)
class BlockRow(Sourced):
    """A block of the scheme, the part of the reply form it stands in, and whether a reply without it is too shallow."""

    id: str
    part: Literal["access", "feed_in", "receiving", "metering", "fee", "completion", "duties", "notice"]
    name_zh: str
    name_en: str
    is_required: bool


@dataclass(frozen=True)
class FieldRow(Sourced):
    """A field of the reply form: the slot of a block that fills it, and the condition under which the form has it."""

    id: str
    block: Annotated[str, Ids("schemes/blocks.csv")]
    slot: str
    condition: SchemeCondition
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class ConflictRow(Sourced):
    """Conflict of a scheme: the facts under which it contradicts a rule, and what would lift it."""

    id: str
    condition: SchemeCondition
    zh: str
    en: str
    lift_zh: str
    lift_en: str
    is_certain: bool
    """Nobody in the field doubts it: where we only recall it, it still asks for a written reason."""
    effective_from: date | None


Grounds = Mapping[str, Sequence[Ground]]
"""The rows behind each fact; a fact that is not named was asked of the customer or seen on the map."""


@dataclass(frozen=True)
class Module:
    """One line of a scheme as composed: the words in both languages, the rows behind them, and whether they only advise."""

    block: str
    zh: str
    en: str
    grounds: tuple[Ground, ...]
    slot: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rows it rests on."""
        return tuple(ground.id for ground in self.grounds)

    @property
    def grade(self) -> Grade:
        """The grade of the weakest row it rests on."""
        return weakest(ground.grade for ground in self.grounds)

    @property
    def is_advice(self) -> bool:
        return not binds(self.grade)


@dataclass(frozen=True)
class Conflict:
    """One contradiction, with the rule it breaks and what would lift it. ``grounds`` are the rows it was computed with:

    what rests on an issuer's text alone forbids; what is found or recalled asks for a written reason where the field is certain
    of it; all else, and whatever rests on a number of our own, advises.
    """

    id: str
    zh: str
    en: str
    lift_zh: str
    lift_en: str
    grounds: tuple[Ground, ...]
    is_certain: bool = False

    @property
    def grade(self) -> Grade:
        """The grade of the weakest row it was computed with."""
        return weakest(ground.grade for ground in self.grounds)

    @property
    def forbids(self) -> bool:
        return binds(self.grade)

    @property
    def is_advice(self) -> bool:
        return not self.forbids and not (self.is_certain and asks_a_reason(self.grade))


def in_force(effective_from: date | None, on: date, effective_to: date | None = None) -> bool:
    return (effective_from is None or effective_from <= on) and (effective_to is None or on < effective_to)


def facts_from_bands(
    rows: Iterable[BandRow], figures: Mapping[str, float], facts: Mapping[str, str], *, on: date
) -> tuple[dict[str, str], dict[str, tuple[Ground, ...]]]:
    """The facts that the bands give to the figures, and the rows behind each. What is given already stays.

    A band may look at facts of earlier rows, so the order of the table matters, and their rows stand behind its fact too.
    """
    known: dict[str, str] = dict(facts)
    why: dict[str, tuple[Ground, ...]] = {}
    for row in rows:
        if row.fact in known or row.figure not in figures or not in_force(row.effective_from, on):
            continue
        figure = figures[row.figure]
        fits = float(row.from_value) <= figure < float(row.below_value)
        if fits and (not row.condition or holds(row.condition, known)):
            known[row.fact] = row.value
            why[row.fact] = (Ground.of(row), *_behind(row.condition, why))
    return known, why


def _behind(condition: str, why: Grounds) -> tuple[Ground, ...]:
    """The rows behind the facts a condition names, each once."""
    names = dict.fromkeys(name for name, _ in names_and_values(condition)) if condition else {}
    return tuple(dict.fromkeys(ground for name in names for ground in why.get(name, ())))


def modules(
    rows: Iterable[ModuleRow],
    facts: Mapping[str, str],
    figures: Mapping[str, str],
    why: Grounds,
    *,
    on: date,
) -> tuple[Module, ...]:
    """The lines of a scheme. A line rests on its own row and on the rows behind the facts its condition names."""
    taken: set[tuple[str, str]] = set()
    found, english = [], in_english(figures)
    for row in rows:
        key = (row.block, row.slot)
        if key in taken or not in_force(row.effective_from, on):
            continue
        if row.condition and not holds(row.condition, facts):
            continue
        taken.add(key)
        grounds = (Ground.of(row), *_behind(row.condition, why))
        found.append(
            Module(row.block, row.zh.format_map(figures), row.en.format_map(english), grounds, row.slot)
        )
    return tuple(found)


def conflicts(
    rows: Iterable[ConflictRow],
    facts: Mapping[str, str],
    figures: Mapping[str, str],
    why: Grounds,
    *,
    on: date,
) -> tuple[Conflict, ...]:
    """Every rule that the facts contradict, the strongest first: each is as strong as the weakest row it was computed with."""
    found = [
        _conflict(row, figures, _behind(row.condition, why))
        for row in rows
        if in_force(row.effective_from, on) and holds(row.condition, facts)
    ]
    return tuple(sorted(found, key=lambda conflict: (conflict.is_advice, not conflict.forbids)))


def in_english(figures: Mapping[str, str]) -> dict[str, str]:
    """Figures as an English sentence takes them: by their English where they have one, what is listed divided by commas.

    >>> in_english({"binding": "城东线", "binding_en": "Chengdong line", "kw": "60、80"})["kw"]
    '60, 80'
    """
    listed = {name: words.replace("、", ", ") for name, words in figures.items()}
    return listed | {name.removesuffix("_en"): listed[name] for name in figures if name.endswith("_en")}


def _conflict(row: ConflictRow, figures: Mapping[str, str], behind: Sequence[Ground]) -> Conflict:
    english = in_english(figures)
    return Conflict(
        row.id,
        row.zh.format_map(figures),
        row.en.format_map(english),
        row.lift_zh.format_map(figures),
        row.lift_en.format_map(english),
        (Ground.of(row), *behind),
        row.is_certain,
    )


def depth(
    fields: Iterable[FieldRow], filled: Iterable[tuple[str, str]], facts: Mapping[str, str]
) -> tuple[float, tuple[str, ...]]:
    """The share of the form's fields that a scheme fills, and the ids of those it leaves empty.

    ``filled`` are pairs of block and slot. A field whose condition does not hold is not asked for.

    >>> ours = {"source_id": "OURS", "clause": "", "grade": Grade.OURS}
    >>> rows = [FieldRow(s, "metering", s, "", s, s, **ours) for s in ("mode", "ct")]
    >>> rows += [FieldRow("vt", "metering", "vt", "level == 'mv'", "vt", "vt", **ours)]
    >>> depth(rows, [("metering", "mode")], {"level": "lv"})
    (0.5, ('ct',))
    """
    asked = [row for row in fields if not row.condition or holds(row.condition, facts)]
    have = set(filled)
    missing = tuple(row.id for row in asked if (row.block, row.slot) not in have)
    return (1 - len(missing) / len(asked) if asked else 1.0), missing
