"""Endings of the cases of an event log: a log without a column of states says it by its last activity, or by its silence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from jiedian.core.findings import Finding
from jiedian.core.sheets import fold

ENDED = ("finished", "withdrawn", "terminated")
BEGINS = {"start", "assign", "schedule", "开始"}
"""How event logs say that an activity began rather than ended."""


class Happening(Protocol):
    """An event of a log as far as an ending is read from it."""

    @property
    def step(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def transition(self) -> str: ...


@dataclass(frozen=True)
class Ending:
    """Rule of a mapping: which last activity ends a case and how, which ends it wherever it stands, and what silence means.

    ``quiet_days`` counts to the last event of the whole log; zero means that silence ends nothing. ``columns`` says how the
    column that holds the closing time ends a case: a time of withdrawal withdraws it.
    """

    last: Mapping[str, str]
    anywhere: Mapping[str, str]
    quiet_days: int
    columns: Mapping[str, str] = field(default_factory=dict)

    def by_column(self, heading: str) -> str:
        """State of a case by the column its closing time stands in."""
        return self.columns.get(fold(heading), "finished")

    def of(self, events: tuple[Happening, ...], *, log_ends: datetime | None) -> tuple[str, datetime] | None:
        """State and instant in which a case ended by its events, in their order; None while it runs."""
        if not events:
            return None
        for event in events:
            if event.step in self.anywhere and not _begins(event):
                return self.anywhere[event.step], event.at
        last = events[-1]
        state = self.last.get(last.step, self.last.get("*", ""))
        if state and not _begins(last):
            return state, last.at
        is_quiet = log_ends is not None and log_ends - last.at >= timedelta(days=self.quiet_days)
        return ("finished", last.at) if self.quiet_days and is_quiet else None


def _begins(event: Happening) -> bool:
    return event.transition.lower() in BEGINS


NEVER = Ending({}, {}, 0)


def ending_of(raw: Any, found: list[Finding]) -> Ending:
    """The rule ``ends_when`` of a mapping file; what is wrong with it goes into ``found``."""
    if raw is None:
        return NEVER
    if not isinstance(raw, dict) or set(raw) - {"last_activity", "activity", "quiet_days", "column"}:
        found.append(Finding("mapping.ends_when", "mapping"))
        return NEVER
    told = str(raw.get("quiet_days", "0"))
    days = int(told) if re.fullmatch(r"\d{1,5}", told, re.ASCII) else -1
    if days < 0:
        found.append(Finding("mapping.ends_when", "mapping"))
    columns = {fold(name): state for name, state in _states(raw.get("column"), found).items()}
    return Ending(
        _states(raw.get("last_activity"), found), _states(raw.get("activity"), found), days, columns
    )


def _states(raw: Any, found: list[Finding]) -> dict[str, str]:
    """Activities with the state they end in: a list means finished."""
    listed = raw if isinstance(raw, dict) else {name: "finished" for name in _listed(raw)}
    made = {" ".join(str(name).split()): str(state) for name, state in listed.items()}
    if set(made.values()) - set(ENDED):
        found.append(Finding("mapping.ends_when", "mapping"))
        return {}
    return made


def _listed(raw: Any) -> list[Any]:
    return [] if raw in (None, "") else raw if isinstance(raw, list) else [raw]
