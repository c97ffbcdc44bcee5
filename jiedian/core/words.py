"""Words in two languages, and how a value is said in one of them."""

import math
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


def figure(value: float, digits: int = 4) -> str:
    """A number as people write it: so many digits that count, whole thousands apart, never an exponent.

    >>> figure(27580.4), figure(0.92671), figure(80.0), figure(0.0000123, 2)
    ('27,580', '0.9267', '80', '0.000012')
    """
    if not value or not math.isfinite(value):
        return f"{value:g}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def apart(one: float, other: float) -> tuple[str, str]:
    """Two unlike numbers with as many digits as it takes to see that they differ.

    >>> apart(80.0003, 80), apart(25000, 27580), apart(0.2, 0.2)
    (('80.0003', '80'), ('25,000', '27,580'), ('0.2', '0.2'))
    """
    tried = [(figure(one, digits), figure(other, digits)) for digits in range(4, 13)]
    return next((pair for pair in tried if pair[0] != pair[1]), tried[0])
