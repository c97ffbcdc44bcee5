"""Basis of a claim, in words: clause, document, date and standing of a rule row."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy

from jiedian.core.evidence import decides
from jiedian.ground.rulebook.services import load

STANDINGS = {
    "A": gettext_lazy("出自源文章"),
    "F": gettext_lazy("已查到公开文件"),
    "R-H": gettext_lazy("凭记忆，把握较大，待核"),
    "R-M": gettext_lazy("凭记忆，把握一般，待核"),
    "R-L": gettext_lazy("凭记忆，把握不大，待核"),
    "D": gettext_lazy("本公司自定"),
    "?": gettext_lazy("存疑，待核"),
}
"""The first letters of a status mark → the words for it."""


@dataclass(frozen=True)
class DocumentRow:
    """A document that limits and rules rest on, by the short name the tables use."""

    id: str
    name_zh: str
    name_en: str
    source: str


@dataclass(frozen=True)
class Basis:
    """Basis behind the mark: sentences for the reader, and whether the row is only recalled."""

    title: str
    document: str
    dates: str
    standing: str
    is_doubtful: bool


def basis_of(rule: Any, title: str) -> Basis:
    """The words for a rule row; whatever fields it lacks are passed over."""
    status = str(getattr(rule, "status", "") or "")
    code = str(getattr(rule, "doc", "") or "")
    return Basis(
        title=title,
        document=document_of(code) if code else _source(str(getattr(rule, "source", "") or "")),
        dates=_dates(getattr(rule, "effective_from", None), getattr(rule, "effective_to", None)),
        standing=status_words(status),
        is_doubtful=bool(status) and not decides(status),
    )


def status_words(status: str) -> str:
    """A status in words, each word once: ``F18(draft); R-H`` is a draft, and partly recalled."""
    words: list[str] = []
    for mark in (mark.strip() for mark in status.split(";")):
        if "draft" in mark:
            words.append(gettext("草案"))
        else:
            words += [str(said) for letters, said in STANDINGS.items() if mark.startswith(letters)][:1]
    return gettext("；").join(dict.fromkeys(words))


def document_of(code: str) -> str:
    """The full name of a document and its year; a document nobody has named keeps its short name."""
    row = documents().get(code)
    if row is None:
        return code
    return gettext("《%(name)s》") % {"name": row.name_zh if _is_zh() else row.name_en}


def _source(source: str) -> str:
    return source.replace("domain reference", gettext("业务资料"))


def _dates(begin: date | str | None, end: date | str | None) -> str:
    if begin and end:
        return gettext("%(begin)s 起施行，至 %(end)s 止") % {"begin": _day(begin), "end": _day(end)}
    return gettext("%(begin)s 起施行") % {"begin": _day(begin)} if begin else ""


@cache
def documents() -> dict[str, DocumentRow]:
    """The documents by their short names."""
    return {row.id: row for row in load("clocks/documents.csv", DocumentRow)}


def _day(day: date | str) -> str:
    """A day in words; of some documents only the month is known, and stands as the table has it."""
    if isinstance(day, str):
        if len(day) < len("2019-04-01"):
            return day
        day = date.fromisoformat(day)
    return f"{day.year}年{day.month}月{day.day}日" if _is_zh() else f"{day.day} {day:%B %Y}"


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")
