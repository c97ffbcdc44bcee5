"""Texts as sets of character grams: to search Chinese without a dictionary, and to find texts that say the same.

Word segmentation is not used: pairs of characters find every word of two or more without one.
"""

import math
import unicodedata
import zlib
from collections import Counter
from functools import cache
from typing import Any

BANDS, ROWS = 16, 3
"""A text is a candidate when one of 16 bands of 3 minimal hashes agrees: 88 % at half the grams shared, 0.2 % at a twentieth."""
SHORTEST = 8
"""Below so many grams, being contained in a longer text says little."""


def plain(text: str) -> str:
    """Letters and digits alone, width and case folded.

    >>> plain("停电３次，10 kV！")
    '停电3次10kv'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def tokens(text: str) -> list[int]:
    """The pairs of neighbouring characters as sorted 32-bit numbers, for an index over arrays.

    >>> set(tokens("停电")) <= set(tokens("昨晚停电三次")), tokens("，")
    (True, [])
    """
    import numpy as np

    held = _codes(text)
    found = _hashes(held, 2) if len(held) > 1 else _hashes(held, 1)
    return [int(n) for n in np.unique(found.astype(np.int64) - 2**31)]


def _codes(text: str) -> Any:
    """The characters as an array of code points."""
    import numpy as np

    return np.frombuffer(plain(text).encode("utf-32-le"), np.uint32)


def _hashes(codes: Any, size: int) -> Any:
    """Each run of ``size`` characters as a 32-bit number (multiply and mix, after MurmurHash3's finaliser)."""
    import numpy as np

    count = max(len(codes) - size + 1, 0)
    mixed = np.zeros(count, np.uint32)
    for n in range(size):
        mixed = (mixed ^ codes[n : n + count]) * np.uint32(0x9E3779B1)
        mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x85EBCA6B)
    return mixed ^ (mixed >> np.uint32(13))


def grams(text: str) -> Counter[str]:
    """Counts of the runs of two and of three characters in a text."""
    held = plain(text)
    return Counter(held[i : i + n] for n in (2, 3) for i in range(len(held) - n + 1))


def cosine(one: Counter[str], other: Counter[str]) -> float:
    """Cosine of two gram counts, 0 to 1.

    >>> round(cosine(grams("什么时候通电"), grams("什么时候能通电")), 2), cosine(grams(""), grams("电"))
    (0.6, 0.0)
    """
    dot = sum(n * other[gram] for gram, n in one.items() if gram in other)
    return dot / math.sqrt(_square(one) * _square(other)) if dot else 0.0


def _square(counts: Counter[str]) -> int:
    return sum(n * n for n in counts.values())


def alike(one: Counter[str], other: Counter[str]) -> float:
    """Likeness of two texts: the cosine, or four fifths of the share of the shorter that the longer holds.

    A short message and a long letter about the same matter have a low cosine; the share sees them.

    >>> long = "尊敬的供电公司：我厂去年扩建，想问新装的变压器什么时候能够送电，盼复。此致敬礼"
    >>> round(alike(grams("新装的变压器什么时候能够送电"), grams(long)), 2)
    0.8
    """
    short, wide = sorted((one, other), key=len)
    share = sum(gram in wide for gram in short) / len(short) if len(short) >= SHORTEST else 0.0
    return max(cosine(one, other), 0.8 * share)


def bands(text: str) -> list[int]:
    """Sixteen 32-bit signs of a text; texts that share many grams agree in at least one (min-hash, Broder 1997).

    >>> bands(""), len(bands("什么时候通电"))
    ([], 16)
    """
    import numpy as np

    codes = _codes(text)
    if len(codes) < 2:
        return []
    hashes = np.concatenate([_hashes(codes, 2), _hashes(codes, 3)])
    factor, offset = _family()
    rows = (hashes[:, None] * factor + offset).min(axis=0).reshape(BANDS, ROWS)
    return [zlib.crc32(row.tobytes(), i) - 2**31 for i, row in enumerate(rows)]


@cache
def _family() -> tuple[Any, Any]:
    """Fixed odd factors and offsets, 32 bits: the same text has the same signs on every machine."""
    import numpy as np

    dice = np.random.Generator(np.random.PCG64(20191227))
    size = BANDS * ROWS
    factor = dice.integers(0, 2**31, size, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factor, dice.integers(0, 2**32, size, dtype=np.uint32)
