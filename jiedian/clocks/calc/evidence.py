"""Evidence of a pause: a document that can be found again. Pure text."""

import re

SHORTEST = 4


def is_reference(text: str) -> bool:
    """True if a text names a document: a word of what it is, and a number by which it is found.

    >>> [is_reference(text) for text in ("政府通告 7 号", "SMS-7", "批复 3 号", "x", "e1", "客户来函", "12345")]
    [True, True, True, False, False, False, False]
    """
    said = "".join(text.split())
    words = re.sub(r"[\W\d_]+", "", said)
    has_number = re.search(r"\d|[一二三四五六七八九十]号|〔.+〕", said) is not None
    return len(said) >= SHORTEST and len(words) >= 2 and len(set(words)) >= 2 and has_number
