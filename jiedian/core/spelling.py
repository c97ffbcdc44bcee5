"""名称的英文: a device's Chinese name in English by rule: known names, words of the trade, syllables for what is left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

CHINESE = re.compile("[\u4e00-\u9fff]")
LONGEST = 12
STREET = re.compile("[东南西北中]?(?:路(?!灯)|街|巷|大道)")
"""What makes the word before it part of the name of a street, which is spelt: 大学路 is Daxue Road."""
NUMERALS = "一二三四五六七八九十"
NUMBERED = re.compile(f"(?<=[\u4e00-\u9fff]{{2}})([{NUMERALS}])线")
"""Lines of one name told apart by a numeral: 北柳一线."""


@dataclass(frozen=True)
class Speller:
    """Speller of names: ``known`` names in both languages, ``words`` of the trade, ``syllables`` letter by letter."""

    known: Mapping[str, str]
    words: Mapping[str, str]
    syllables: Mapping[str, str]

    @cached_property
    def longest(self) -> int:
        """Letters of the longest name or word that is known, at most ``LONGEST``."""
        return min(max((len(name) for name in (*self.known, *self.words)), default=1), LONGEST)

    def english(self, name: str) -> str:
        """Name in English; empty where a letter of it is not known, so that nobody is shown half a name.

        >>> speller = Speller({"学府路": "Xuefu Road"}, {"线": "Line", "环网柜": "ring main unit"}, {"学": "xue", "府": "fu"})
        >>> speller.english("学府二线")
        'Xuefu Line 2'
        >>> speller.english("学府线#24塔")
        'Xuefu Line #24 tower'
        >>> speller.english("10kV 学府线 3号环网柜"), speller.english("学府路#1环网柜"), speller.english("禹线")
        ('10kV Xuefu Line No. 3 ring main unit', 'Xuefu Road #1 ring main unit', '')
        """
        text = re.sub(r"(?<=[0-9])塔", " tower ", re.sub(r"([0-9]+|[A-Za-z])号", r" No. \1 ", name))
        text = NUMBERED.sub(lambda found: f" Line {NUMERALS.index(found[1]) + 1} ", text)
        parts, spelt, at = list[str](), "", 0
        while at < len(text):
            found, length = self._at(text, at)
            if not length:
                if CHINESE.match(text[at]) is None:
                    parts, spelt = self._closed(parts, spelt)
                    parts.append(text[at])
                elif syllable := self.syllables.get(text[at]):
                    spelt += syllable
                else:
                    return ""
                at += 1
                continue
            parts, spelt = self._closed(parts, spelt)
            parts.append(f" {found} ")
            at += length
        parts, _none = self._closed(parts, spelt)
        said = re.sub(r"\s+", " ", "".join(parts)).strip()
        return re.sub(r"\s+([)）（,，.])", r"\1", re.sub(r"([(（])\s+", r"\1", said))

    def _at(self, text: str, at: int) -> tuple[str, int]:
        """The longest known name or word that begins at a letter; a short word at the beginning, or before a street, is a name."""
        for length in range(min(self.longest, len(text) - at), 0, -1):
            piece = text[at : at + length]
            if piece in self.known:
                return self.known[piece], length
            if piece in self.words and (at or length > 1) and not STREET.match(text, at + length):
                return self.words[piece], length
        return "", 0

    @staticmethod
    def _closed(parts: list[str], spelt: str) -> tuple[list[str], str]:
        """The syllables so far as one word."""
        return ([*parts, f" {spelt.capitalize()} "], "") if spelt else (parts, "")
