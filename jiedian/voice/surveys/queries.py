"""Instruments, their items, triggers and quotas as rows; invitations and answers as they are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Literal

from django.db.models import Q, QuerySet

from jiedian.core.closed import (
    CaseClass,
    Fact,
    Instrument,
    LimitStep,
    Maybe,
    Percent,
    Step,
    SurveyDimension,
)
from jiedian.core.decisions import AmountRow
from jiedian.core.findings import refuse
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load
from jiedian.ground.vault.services import blind_index

from .models import Invitation, Response

IN_A_GROUP = 6
"""How many items one screen of the answer page shows."""


@dataclass(frozen=True)
class InstrumentRow(Sourced):
    """量表: a questionnaire; ``kind`` pair asks expectation and perception, kano its own pairs."""

    id: str
    name_zh: str
    name_en: str
    kind: Literal["pair", "kano"]
    low: int
    high: int
    minutes: int


@dataclass(frozen=True)
class ItemRow(Sourced):
    """题目: one question of an instrument; ``aspect`` is Grönroos's technical, functional or image."""

    id: str
    instrument: Instrument
    item: str
    kind: Literal["pair", "days", "kano", "satisfaction", "importance"]
    dimension: Annotated[SurveyDimension, Maybe]
    aspect: Literal["", "functional", "technical", "image"]
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class DimensionRow(Sourced):
    """维度 of perceived quality."""

    id: str
    name_zh: str
    name_en: str
    note_zh: str
    note_en: str


@dataclass(frozen=True)
class TriggerRow(Sourced):
    """Trigger: a fact at a step (the id) that asks with an instrument; whose clocks tell how long the step took.

    Who has not answered is reminded once after so many days; 0 reminds nobody.
    """

    id: Step
    fact: Fact
    instrument: Instrument
    clock_steps: tuple[LimitStep, ...]
    open_days: int
    remind_after_days: int


@dataclass(frozen=True)
class QuotaRow(Sourced):
    """配额: how many of a class are asked after a step in a week, and what share of those who could be."""

    id: str
    case_class: CaseClass
    step: Step
    per_week: int
    share_percent: Percent


@cache
def instruments() -> dict[str, InstrumentRow]:
    """Every instrument by its id."""
    return {row.id: row for row in load("surveys/instruments.csv", InstrumentRow)}


def instrument(key: str) -> InstrumentRow:
    """The instrument, or a refusal."""
    if key not in instruments():
        raise refuse("missing.instrument")
    return instruments()[key]


@cache
def items(key: str = "") -> tuple[ItemRow, ...]:
    """The items of an instrument in their order; of all when none is named."""
    return tuple(row for row in load("surveys/items.csv", ItemRow) if key in ("", row.instrument))


@cache
def dimensions() -> dict[str, DimensionRow]:
    """Every dimension by its id."""
    return {row.id: row for row in load("surveys/dimensions.csv", DimensionRow)}


@cache
def triggers() -> dict[str, TriggerRow]:
    """Every trigger by its step."""
    return {row.id: row for row in load("surveys/triggers.csv", TriggerRow)}


@cache
def quotas() -> tuple[QuotaRow, ...]:
    """Every quota."""
    return load("surveys/quotas.csv", QuotaRow)


def quota(case_class: str, step: str) -> QuotaRow | None:
    """The quota that an invitation counts on; without one nobody is asked."""
    return next((row for row in quotas() if (row.case_class, row.step) == (case_class, step)), None)


@cache
def least(key: str) -> int:
    """A smallest number of answers from the table of amounts: SURVEY_MIN_CELL, SURVEY_ENOUGH."""
    rows: tuple[AmountRow, ...] = load("decisions/amounts.csv", AmountRow)
    return int(next(row.value for row in rows if row.id == key))


def screens(key: str) -> list[tuple[ItemRow, ...]]:
    """The items in screens of a phone: a handful of pairs each, the rest on the last."""
    rows = items(key)
    pairs = [row for row in rows if row.kind in ("pair", "kano")]
    rest = tuple(row for row in rows if row.kind not in ("pair", "kano"))
    count = max(1, -(-len(pairs) // IN_A_GROUP))
    size = -(-len(pairs) // count)
    return [tuple(pairs[start : start + size]) for start in range(0, len(pairs), size)] + [rest]


def items_by_dimension(key: str) -> dict[str, tuple[str, ...]]:
    """Dimension → the items by which an instrument asks it, in its order."""
    found: dict[str, tuple[str, ...]] = {}
    for row in items(key):
        if row.kind == "pair":
            found[row.dimension] = (*found.get(row.dimension, ()), row.item)
    return found


def columns(row: ItemRow, *, by: str = Response.By.CUSTOMER) -> tuple[str, ...]:
    """The names under which an item's answers are kept and exported; a manager is asked his belief alone.

    Importance is asked by dimension (``WD_…``, 100 points in all) and kept by item (``W_…``).

    >>> columns(ItemRow("", "", "ac1", "pair", "", "", "", "", source_id="OURS", clause="", grade="ours"))
    ('E_ac1', 'P_ac1')
    """
    if by == Response.By.MANAGER:
        return {"pair": (f"B_{row.item}",), "days": (f"D_{row.item}",)}.get(row.kind, ())
    return {
        "pair": (f"E_{row.item}", f"P_{row.item}"),
        "kano": (f"KF_{row.item}", f"KD_{row.item}"),
        "days": (f"D_{row.item}",),
        "importance": tuple(f"WD_{name}" for name in items_by_dimension(row.instrument)),
    }.get(row.kind, (row.item,))


def invitation_by(token: str, *, at: datetime) -> Invitation:
    """The open invitation of a link. An unknown, used or expired one is refused with the reason."""
    found = Invitation.objects.filter(digest=blind_index(f"survey:{token}")).first()
    if found is None:
        raise refuse("missing.survey")
    if found.state == Invitation.State.DECLINED:
        raise refuse("survey.declined")
    if found.state != Invitation.State.OPEN:
        raise refuse("survey.closed")
    if found.expires_at <= at:
        raise refuse("survey.expired")
    return found


def waiting_for_reminder(*, at: datetime) -> list[Invitation]:
    """Invitations by link that nobody answered, declined or reminded for the days of their trigger, still open."""
    asked = Q()
    for row in triggers().values():
        if row.remind_after_days:
            since = at - timedelta(days=row.remind_after_days)
            asked |= Q(step_code=row.id, instrument=row.instrument, sent_at__lte=since)
    held = Invitation.objects.filter(
        asked,
        state=Invitation.State.OPEN,
        channel="link",
        is_reusable=False,
        case__isnull=False,
        nonce__isnull=False,
        reminded_at=None,
        expires_at__gt=at,
    )
    return list(held.select_related("case__customer").order_by("pk")) if asked else []


@dataclass(frozen=True)
class AnswerFilter:
    """Filter of answers; empty means all."""

    instrument: str = ""
    step: str = ""
    case_class: str = ""
    area: str = ""
    department: str = ""
    channel: str = ""
    since: date | None = None
    until: date | None = None

    def column_values(self) -> dict[str, object]:
        """The chosen values under the names of the response's columns."""
        named = {
            "instrument": self.instrument,
            "step_code": self.step,
            "case_class": self.case_class,
            "area": self.area,
            "department": self.department,
            "case_channel": self.channel,
            "answered_on__gte": self.since,
            "answered_on__lte": self.until,
        }
        return {name: value for name, value in named.items() if value}


def responses(chosen: AnswerFilter, *, by: str = Response.By.CUSTOMER) -> QuerySet[Response]:
    """The answers chosen, oldest first. Managers are chosen by instrument, step and department alone."""
    named = chosen.column_values()
    if by == Response.By.MANAGER:
        named = {key: named[key] for key in ("instrument", "step_code", "department") if key in named}
    return Response.objects.filter(by=by, **named).order_by("answered_on", "id")


def by_item(key: str, answers: Mapping[str, float]) -> dict[str, float]:
    """Answers as they are kept: the points of a dimension stand spread evenly over its items.

    A dimension that got none when the others got all is worth 0.
    """
    kept = {column: value for column, value in answers.items() if not column.startswith("WD_")}
    if len(kept) == len(answers):
        return kept
    for dimension, names in items_by_dimension(key).items():
        points = answers.get(f"WD_{dimension}", 0.0)
        kept |= {f"W_{item}": round(points / len(names), 4) for item in names}
    return kept
