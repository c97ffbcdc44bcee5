"""Words in two languages, and how a value is said in one of them."""

from dataclasses import dataclass


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
