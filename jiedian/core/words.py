"""Words in two languages, and how a value is said in one of them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Text:
    """The same words in Chinese and in English; whoever shows them says in which language."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The words in the reader's language (``zh…``, or anything else for English)."""
        return self.zh if is_chinese(language) else self.en


def is_chinese(language: str) -> bool:
    """True if a language code is Chinese; every other reader gets English."""
    return language.startswith("zh")


def in_sentence(value: object, language: str) -> object:
    """A value as it goes into a sentence: words in the reader's language, a list joined as one writes it there."""
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, tuple | list):
        return ("、" if is_chinese(language) else ", ").join(
            str(in_sentence(item, language)) for item in value
        )
    return value


def volts(kv: float | Decimal) -> str:
    """A voltage as people say it: in V below 1 kV.

    >>> volts(0.38), volts(10.0), volts(35)
    ('380 V', '10 kV', '35 kV')
    """
    return f"{float(kv) * 1000:.0f} V" if float(kv) < 1 else f"{float(kv):g} kV"
