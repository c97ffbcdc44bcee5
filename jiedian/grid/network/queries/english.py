"""Names of devices in the reader's language: in English by rule, from the base map in force and the words of the trade."""

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from jiedian.core.sourced import Sourced
from jiedian.core.words import is_chinese
from jiedian.ground.rulebook.services import load

from ..calc.english import CHINESE, Speller
from .basemap import features_of, ground_now

ENDINGS = ("路", "街", "巷", "大道", "村", "片区", "小区", "公园")
"""Ends of names whose beginning is a name too: 学府路 and 学府."""


@dataclass(frozen=True)
class SyllableRow(Sourced):
    """A syllable, and the Chinese letters that are read so in names."""

    id: str
    letters: str


@dataclass(frozen=True)
class DeviceWordRow(Sourced):
    """A word of the trade in the name of a device."""

    id: str
    name_zh: str
    name_en: str


def english(name: str) -> str:
    """A device's name in English by rule; as it stands where it is no Chinese name or a letter of it is not known."""
    if not CHINESE.search(name):
        return name
    return _spelt(_map_id(), name) or name


_kept: list[tuple[float, int]] = []
KEPT_S = 60
"""How long a process goes by the base map it has asked for: a page has many names."""


def _map_id() -> int:
    """The base map in force, asked for once a minute."""
    if not _kept or monotonic() - _kept[0][0] > KEPT_S:
        _kept[:] = [(monotonic(), ground_now().pk)]
    return _kept[0][1]


def forget_names() -> None:
    """Ask for the base map again at the next name."""
    _kept.clear()
    _spelt.cache_clear()


def device_name(name: str) -> str:
    """A device's name in the reader's language, as plain text."""
    return name if is_chinese(get_language() or "zh") else english(name)


def device_mark(name: str) -> SafeString | str:
    """The same on a page: a name that stays Chinese among English says so, an English one keeps the Chinese beside it."""
    said = device_name(name)
    if said == name:
        is_foreign = CHINESE.search(name) and not is_chinese(get_language() or "zh")
        return format_html('<span lang="zh">{}</span>', name) if is_foreign else name
    return format_html('<span title="{}">{}</span>', name, said)


@lru_cache(maxsize=4096)
def _spelt(map_id: int, name: str) -> str:
    return _speller(map_id).english(name)


@lru_cache(maxsize=2)
def _speller(map_id: int) -> Speller:
    known = {}
    for row in features_of(map_id) if map_id else ():
        if row.name and row.name_en and row.kind != "address":
            known.setdefault(row.name, row.name_en)
            for end in ENDINGS:
                words = row.name_en.split(" ")
                if row.name.endswith(end) and len(row.name) > len(end) + 1 and len(words) == 2:
                    known.setdefault(row.name.removesuffix(end), words[0])
    words = {row.name_zh: row.name_en for row in load("grid/device_words.csv", DeviceWordRow)}
    syllables = {c: row.id for row in load("grid/syllables.csv", SyllableRow) for c in row.letters}
    return Speller(known, words, syllables)
