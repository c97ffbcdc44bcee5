"""Basis of a claim, in words: clause, document, date and standing of a rule row."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from jiedian.core.evidence import Grade, binds
from jiedian.ground.rulebook.queries import STANDINGS, is_zh, place_of
from jiedian.ground.rulebook.services import sources


@dataclass(frozen=True)
class Basis:
    """Basis behind the mark: sentences for the reader, and whether the row only advises."""

    title: str
    document: str
    dates: str
    standing: str
    is_doubtful: bool


def basis_of(rule: Any, title: str) -> Basis:
    """The words for a rule row; whatever fields it lacks are passed over."""
    grade, source = grade_of(rule), sources().get(str(getattr(rule, "source_id", "")))
    begin, end = getattr(rule, "effective_from", None), getattr(rule, "effective_to", None)
    if begin is None and source is not None:
        begin = source.in_force_from
    return Basis(
        title=title,
        document=place_of(rule),
        dates=_dates(begin, end),
        standing=str(STANDINGS[grade]) if grade else "",
        is_doubtful=grade is not None and not binds(grade) and grade != Grade.OURS,
    )


def grade_of(rule: Any) -> Grade | None:
    """The grade of whatever carries one: a row, or a result, which has that of its weakest row; None where it has none."""
    grade = getattr(rule, "grade", None)
    return grade if isinstance(grade, Grade) else None


def _dates(begin: date | str | None, end: date | str | None) -> str:
    if begin and end:
        return gettext("%(begin)s 起施行，至 %(end)s 止") % {"begin": _day(begin), "end": _day(end)}
    return gettext("%(begin)s 起施行") % {"begin": _day(begin)} if begin else ""


def _day(day: date | str) -> str:
    """A day in words; of some documents only the month is known, and stands as the table has it."""
    if isinstance(day, str):
        if len(day) < len("2019-04-01"):
            return day
        day = date.fromisoformat(day)
    return f"{day.year}年{day.month}月{day.day}日" if is_zh() else f"{day.day} {day:%B %Y}"
