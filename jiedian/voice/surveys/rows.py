"""Typed rows of the words that stand for marks on an answer scale."""

from dataclasses import dataclass
from functools import cache

from jiedian.core.closed import ScaleName
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load

from .calc.marks import WordScale


@dataclass(frozen=True)
class WordRow(Sourced):
    """The words for one mark of a scale, in both languages, divided by ``|``."""

    id: str
    scale: ScaleName
    value: int
    words_zh: str
    words_en: str


@cache
def word_scales() -> tuple[WordScale, ...]:
    """The scales whose words are read as marks, in the order in which they are tried."""
    marks: dict[str, dict[str, float]] = {}
    points: dict[str, int] = {}
    for row in load("surveys/words.csv", WordRow):
        told = [word for word in f"{row.words_zh}|{row.words_en}".split("|") if word]
        marks.setdefault(row.scale, {}).update(dict.fromkeys(told, float(row.value)))
        points[row.scale] = max(points.get(row.scale, 0), row.value)
    return tuple(WordScale(name, points[name], marks[name]) for name in marks)
