"""Checklist of the papers an application needs: always, if something holds, or one of a group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from jiedian.core.closed import Maybe, PaperCondition, Process, Step
from jiedian.core.conditions import holds
from jiedian.core.sourced import Sourced
from jiedian.core.words import Text


@dataclass(frozen=True)
class PaperRow(Sourced):
    """One line of a checklist. ``required`` is ALWAYS, IF name == 'literal', or ONE_OF group, also ONE_OF group IF ….

    ``when`` says the condition in words.
    """

    id: str
    processes: tuple[Process, ...]
    code: str
    name_zh: str
    name_en: str
    required: PaperCondition
    when_zh: str
    when_en: str
    part_of: Literal["", "completion_report"]
    """The one document that this is a part of (art. 47: 报告应当包括…); handed in together it is one paper."""
    stage: Literal["accept", "design", "build", "mid", "complete"]
    is_deferrable: bool
    defer_until_step: Annotated[Step, Maybe]
    is_knowable_at_acceptance: bool
    effective_from: date | None
    effective_to: date | None

    @property
    def comes_late(self) -> bool:
        """True for a paper that only finished works can give: it comes with the report of completion, not before."""
        return self.stage == "complete"

    @property
    def group(self) -> str:
        """The group of which one paper is enough, or nothing."""
        return self.required.split()[1] if self.required.startswith("ONE_OF ") else ""

    @property
    def condition(self) -> str:
        """Condition under which the paper is asked; empty asks it always."""
        return self.required.partition("IF ")[2]

    def holds_on(self, day: date) -> bool:
        """True on the days on which the row is in force: from its first day until the day before its last."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day < self.effective_to)


@dataclass(frozen=True)
class Assessment:
    """Papers of an application: those asked, held and owed, and those that stop acceptance."""

    asked: tuple[PaperRow, ...]
    held: tuple[PaperRow, ...]
    owed: tuple[PaperRow, ...]
    blocking: tuple[PaperRow, ...]

    def name(self, row: PaperRow) -> Text:
        """Name of a paper with those of its group that would do as well."""
        group = [one for one in self.asked if one.group == row.group] if row.group else [row]
        zh, en = dict.fromkeys(one.name_zh for one in group), dict.fromkeys(one.name_en for one in group)
        return Text("或".join(zh), " or ".join(en))


def assess(rows: Iterable[PaperRow], *, facts: Mapping[str, str], held: set[str]) -> Assessment:
    """Weigh the papers held (codes) against the checklist.

    Of a group one paper is enough; if none is held, the first of the group stands for it.
    """
    asked = tuple(row for row in rows if _is_asked(row, facts))
    have = tuple(row for row in asked if row.code in held)
    satisfied = {row.group for row in have if row.group}
    missing = [row for row in asked if row.code not in held and row.group not in satisfied | {""}]
    firsts = {row.group: row for row in reversed(missing)}
    lacking = [row for row in asked if row.code not in held and not row.group]
    lacking += [row for row in asked if firsts.get(row.group) is row]
    return Assessment(
        asked,
        have,
        tuple(row for row in lacking if row.is_deferrable),
        tuple(row for row in lacking if not row.is_deferrable),
    )


def _is_asked(row: PaperRow, facts: Mapping[str, str]) -> bool:
    return holds(row.condition, facts) if row.condition else True
