"""Typed rows of labels: the names of codes in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelRow:
    """A name in both languages."""

    id: str
    name_zh: str
    name_en: str
    source: str
