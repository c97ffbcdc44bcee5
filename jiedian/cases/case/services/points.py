"""Wishes that the form itself carries: said as points at the start, met by the figures of later steps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, assert_never

from jiedian.clocks.services import local_day
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import milestone_step

from ..models.case import Case, Point
from .work import Work


@dataclass(frozen=True)
class WishRow(Sourced):
    """A field of the application that is a wish, and its weight."""

    id: Literal["needed_on", "capacity", "importance"]
    name_zh: str
    name_en: str
    weight: int


def say_wishes(case: Case, *, at: datetime) -> None:
    """The fields of the form that are wishes become points beside the customer's words."""
    values = {
        Point.Kind.NEEDED_ON: case.needed_on.isoformat() if case.needed_on else "",
        Point.Kind.CAPACITY: f"{Decimal(str(case.capacity_kva)).normalize():f}",
        Point.Kind.IMPORTANCE: case.importance if case.importance != Case.Importance.ORDINARY else "",
    }
    for row in load("attenuation/wishes.csv", WishRow):
        if text := values[Point.Kind(row.id)]:
            Point.objects.create(case=case, kind=row.id, text=text, weight=row.weight, said_at=at)


def kept_wishes(work: Work, points: Iterable[Point]) -> dict[str, str]:
    """Wishes of the form that the figures of this step meet: the same capacity or importance, power in time.

    ``points`` are those of the case. A figure that differs is no answer: then a person has to say something to the point.
    """
    return {str(point.pk): met for point in points if (met := _met(point, work))}


def _met(point: Point, work: Work) -> str:
    kind = Point.Kind(point.kind)
    match kind:
        case Point.Kind.CAPACITY:
            given = _number(work.values.get("capacity_kva"))
            is_met = given is not None and given == _number(point.text)
            return f"{given.normalize():f} {work.case.unit}" if given is not None and is_met else ""
        case Point.Kind.IMPORTANCE:
            return point.text if work.values.get("importance") == point.text else ""
        case Point.Kind.NEEDED_ON:
            day = local_day(work.at).isoformat()
            is_power = milestone_step(work.case.process_key, "energised") == work.step.code
            return day if is_power and day <= point.text else ""
        case Point.Kind.SAID:
            return ""
    assert_never(kind)


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
