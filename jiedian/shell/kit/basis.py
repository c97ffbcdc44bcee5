"""Basis of a claim, in words: clause, document, date and standing of a rule row."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy

from jiedian.core.evidence import Grade, binds, grade_of_status
from jiedian.core.sourced import SourceRow
from jiedian.ground.rulebook.services import sources

STANDINGS = {
    Grade.VERBATIM: gettext_lazy("已与原文核对"),
    Grade.ISSUER: gettext_lazy("发布机关公布"),
    Grade.MIRROR: gettext_lazy("转载，未与原件核对：仅供参考"),
    Grade.SECOND_HAND: gettext_lazy("转引，未见原文：仅供参考"),
    Grade.RECALLED: gettext_lazy("凭记忆，未与原文核对：仅供参考"),
    Grade.OURS: gettext_lazy("本公司自定，不是法规"),
}
"""A grade → the words for it."""
SHORT = {
    Grade.MIRROR: gettext_lazy("转载"),
    Grade.SECOND_HAND: gettext_lazy("转引"),
    Grade.RECALLED: gettext_lazy("凭记忆"),
    Grade.OURS: gettext_lazy("自定"),
}
"""A grade that only advises → the word beside what it judges."""


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
    """The grade of whatever carries one: a row with a source, or one that still has marks; None where it has neither."""
    grade = getattr(rule, "grade", None)
    if isinstance(grade, Grade):
        return grade
    status = str(getattr(rule, "status", "") or "")
    return grade_of_status(status) if status else None


def place_of(rule: Any) -> str:
    """Document and clause of a row in the reader's language; the text it keeps where it names no document."""
    source = sources().get(str(getattr(rule, "source_id", "")))
    if source is None:
        return str(getattr(rule, "source", "") or "").replace("domain reference", gettext("业务资料"))
    return " ".join(part for part in (title_of(source), clause_words(str(rule.clause))) if part)


def title_of(source: SourceRow) -> str:
    """The title of a document in its marks, with its number; of what is no document, the bare words."""
    name = source.title_zh if _is_zh() else source.title_en
    if source.grade in (Grade.OURS, Grade.RECALLED) or not source.issuer:
        return name
    number = f"（{source.number}）" if source.number and _is_zh() else ""  # numbers have no English
    return gettext("《%(name)s》") % {"name": name} + number


def document_of(code: str) -> str:
    """The full name of a document; one that the table does not have keeps its short name."""
    source = sources().get(code)
    return code if source is None else title_of(source)


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
    return f"{day.year}年{day.month}月{day.day}日" if _is_zh() else f"{day.day} {day:%B %Y}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


ARTICLE = re.compile(r"第([一二三四五六七八九十百零]+)条(?:（([一二三四五六七八九十]+)）)?(.*)")
DIGITS = {character: n for n, character in enumerate("零一二三四五六七八九")}


def clause_words(clause: str) -> str:
    """A clause in the reader's language: 第二十二条 is article 22; a heading is translated."""
    found = ARTICLE.fullmatch(clause)
    if _is_zh() or not clause:
        return clause
    if not found:
        return gettext(clause)
    point = f" ({number_of(found[2])})" if found[2] else ""
    return f"article {number_of(found[1])}{point}"


def number_of(words: str) -> int:
    """The number that Chinese numerals below two hundred stand for.

    >>> [number_of(words) for words in ("九", "十一", "二十", "四十七", "一百零三", "一百一十")]
    [9, 11, 20, 47, 103, 110]
    """
    hundreds, _, rest = words.rpartition("百")
    tens, ten, ones = rest.lstrip("零").rpartition("十")
    return 100 * DIGITS.get(hundreds, 0) + (10 * DIGITS.get(tens, 1) if ten else 0) + DIGITS.get(ones, 0)
