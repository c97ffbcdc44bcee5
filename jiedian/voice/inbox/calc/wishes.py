"""Several wishes in one text: where it may be cut. A proposal; a person confirms or cuts elsewhere."""

import re
from dataclasses import dataclass

from .grams import alike, grams

_END = re.compile(r"(?<=[。！？；!?;\n])\s*|(?<=[.])\s+(?=[A-Z])")
_NUMBERED = re.compile(
    r"^\s*(?:[（(]?[一二三四五六七八九1-9][）)]|[一二三四五六七八九][、，]|第[一二三四五六七八九]|[1-9][.、．](?!\d))"
)
_CONNECTED = re.compile(
    r"^\s*(?:另外|此外|还有|再就是|再有|再者|其次|顺便|同时(?:也|还|希望|请)|另[，,]|also\b|besides\b|another thing|in addition)",
    re.IGNORECASE,
)
_INLINE = re.compile(r"(?<=[，,])\s*(?=另外|此外|还有就是|再就是|顺便)")
_WISH = re.compile(
    r"希望|请|想|要求|能不能|能否|可否|是否|建议|投诉|反映|为什么|为啥|咋|怎么|什么时候|啥时|何时|麻烦|盼(?!复)|需要|应该|不该|太|总是|老是|一直"
    r"|还没|没有|不合理|贵|慢|please|want|wish|why|when|how|complain|should|could you|can you",
    re.IGNORECASE,
)
SAME = 0.3
"""Neighbouring sentences as alike as this are one wish told twice."""


@dataclass(frozen=True)
class Split:
    """The wishes found, in their order, and how sure the cut is (0 to 1; 0 when there is one wish only)."""

    excerpts: tuple[str, ...]
    score: float


def split(text: str) -> Split:
    """Cut a text at numbered points (0.9), at words such as 另外 (0.7), or between sentences that each wish (0.4).

    >>> split("希望月底前通电。另外，收费单看不懂，请解释。")
    Split(excerpts=('希望月底前通电。', '另外，收费单看不懂，请解释。'), score=0.7)
    >>> split("你们什么时候来装表？").score
    0.0
    """
    pieces = [piece for part in _END.split(text) for piece in _INLINE.split(part) if piece.strip()]
    for score, starts in ((0.9, _NUMBERED), (0.7, _CONNECTED)):
        found = _gather(pieces, [bool(starts.match(piece)) for piece in pieces])
        if len(found) > 1:
            return Split(tuple(found), score)
    found = _gather(pieces, [i > 0 and bool(_WISH.search(piece)) for i, piece in enumerate(pieces)])
    return Split(tuple(found), 0.4) if len(found) > 1 else Split((text.strip(),), 0.0)


def _gather(pieces: list[str], begins: list[bool]) -> list[str]:
    """Join pieces between the cuts; what wishes nothing or says the same again stays with its neighbour."""
    found: list[str] = []
    for piece, is_new in zip(pieces, begins, strict=True):
        wishes = bool(_WISH.search(piece))
        alone = found and (not _WISH.search(found[-1]) or alike(grams(found[-1]), grams(piece)) >= SAME)
        if not found or not (is_new and wishes) or alone:
            found[-1:] = [(found[-1] if found else "") + piece]
        else:
            found.append(piece)
    return [piece.strip() for piece in found]
