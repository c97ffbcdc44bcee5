"""Words of rule rows in both languages: names of codes, the document and clause a row names, its standing."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy

from jiedian.core.evidence import Grade
from jiedian.core.sourced import SourceRow

from .services import content, sources, tables


@dataclass(frozen=True)
class LabelRow:
    """A name in both languages."""

    id: str
    name_zh: str
    name_en: str
    source: str


ROLES = "people/roles.csv"
NO_CODES = ("people/demo_people.csv", "process/milestones.csv")


@cache
def code_names() -> Mapping[str, tuple[str, str]]:
    """Code in letters → its names (Chinese, English) in the first rule table that has it: people's roles before all others,
    and neither the made-up people of the demo nor events, which have words of their own."""
    found: dict[str, tuple[str, str]] = {}
    rest = [table for table in tables("**/*.csv") if table not in (ROLES, *NO_CODES)]
    for table in (ROLES, *rest):
        rows = csv.DictReader(content(table).decode().splitlines())
        if {"name_zh", "name_en"} <= set(rows.fieldnames or ()):
            for row in rows:
                code = row.get("code") or row.get("id") or ""
                if len(code) > 3 and code.replace("_", "").isalpha():
                    found.setdefault(code, (row["name_zh"], row["name_en"]))
    return found


def code_name(code: str) -> str:
    """The name of a code in the reader's language; a code no table names shows itself."""
    names = code_names().get(code)
    return code if names is None else names[not is_zh()]


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


def place_of(rule: Any) -> str:
    """Documents and clauses of a row, or of all rows behind a result, in the reader's language, each once."""
    places = (_place(ground) for ground in getattr(rule, "grounds", (rule,)))
    return gettext("；").join(dict.fromkeys(place for place in places if place))


def _place(rule: Any) -> str:
    source = sources().get(str(getattr(rule, "source_id", "")))
    if source is None:
        return ""
    return " ".join(part for part in (title_of(source), clause_words(str(rule.clause))) if part)


def title_of(source: SourceRow) -> str:
    """The title of a document in its marks, with its number; of what is no document, the bare words."""
    name = source.title_zh if is_zh() else source.title_en
    if source.grade in (Grade.OURS, Grade.RECALLED) or not source.issuer:
        return name
    number = f"（{source.number}）" if source.number and is_zh() else ""  # numbers have no English
    return gettext("《%(name)s》") % {"name": name} + number


def document_of(code: str) -> str:
    """The full name of a document; one that the table does not have keeps its short name."""
    source = sources().get(code)
    return code if source is None else title_of(source)


def is_zh() -> bool:
    """True if the reader reads Chinese, which is also what nobody chose."""
    return (get_language() or "zh").startswith("zh")


NUMERAL = "([一二三四五六七八九十百零]+)"
ARTICLE = re.compile(f"第{NUMERAL}条(?:第{NUMERAL}款)?(?:（{NUMERAL}）(?:至（{NUMERAL}）)?)?")
DIGITS = {character: n for n, character in enumerate("零一二三四五六七八九")}


def clause_words(clause: str) -> str:
    """A clause in the reader's language: 第二十二条第二款 is article 22 paragraph 2; a heading is translated."""
    if is_zh() or not clause:
        return clause
    found = [ARTICLE.fullmatch(part) for part in clause.split("、")]
    return ", ".join(map(_article, filter(None, found))) if all(found) else gettext(clause)


def _article(found: re.Match[str]) -> str:
    article, paragraph, point, last = (number_of(words) if words else 0 for words in found.groups())
    told = f"article {article}" + (f" paragraph {paragraph}" if paragraph else "")
    return told + (f" ({point})" if point else "") + (f" to ({last})" if last else "")


def number_of(words: str) -> int:
    """The number that Chinese numerals below two hundred stand for.

    >>> [number_of(words) for words in ("九", "十一", "二十", "四十七", "一百零三", "一百一十")]
    [9, 11, 20, 47, 103, 110]
    """
    hundreds, _, rest = words.rpartition("百")
    tens, ten, ones = rest.lstrip("零").rpartition("十")
    return 100 * DIGITS.get(hundreds, 0) + (10 * DIGITS.get(tens, 1) if ten else 0) + DIGITS.get(ones, 0)
