"""Phone numbers, case and concern numbers, and addresses that people write into their texts."""

import re
import unicodedata

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[- ]?(\d{7,8})(?!\d)")
_CASE = re.compile(r"(?<![A-Z0-9])C\s?[-－—–]?\s?(20\d\d)\s?[-－—–]\s?(\d{6})(?!\d)", re.IGNORECASE)
_CONCERN = re.compile(r"(?<![A-Z0-9])S-(20\d\d)-(\d{6,})(?!\d)")


def phones(text: str) -> list[str]:
    """Mobile and land-line numbers in a text, digits only, each once.

    >>> phones("联系 138-1234-5678 或 +86 13912345678，座机 0533-2188888")
    ['13812345678', '13912345678', '05332188888']
    """
    held = unicodedata.normalize("NFKC", text)
    found = ["".join(m.groups()) for pattern in (_MOBILE, _LANDLINE) for m in pattern.finditer(held)]
    return list(dict.fromkeys(found))


def case_numbers(text: str) -> list[str]:
    """Case numbers in a text, also as a scanner reads them.

    >>> case_numbers("申请编号 C-2026-000123，另 c—2026—000124")
    ['C-2026-000123', 'C-2026-000124']
    """
    return list(dict.fromkeys(f"C-{year}-{number}" for year, number in _CASE.findall(text)))


def concern_numbers(text: str) -> list[str]:
    """Concern numbers in a text.

    >>> concern_numbers("Re: [S-2026-000012] 您的诉求")
    ['S-2026-000012']
    """
    return list(dict.fromkeys(f"S-{year}-{number}" for year, number in _CONCERN.findall(text)))


def without_phones(text: str) -> str:
    """The text with the middle of every number covered, for lists and exports.

    >>> without_phones("请打 13812345678")
    '请打 138****5678'
    """
    text = _MOBILE.sub(lambda m: f"{m[1]}****{m[3]}", text)
    return _LANDLINE.sub(lambda m: f"{m[1]}****{m[2][-4:]}", text)
