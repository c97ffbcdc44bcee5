"""Masking: what of a personal value may be shown."""

import re

PERSONAL = re.compile(r"(?<![0-9A-Za-z])(1[3-9]\d{9}|\d{17}[\dXx])(?![0-9A-Za-z])")
"""Chinese mobile numbers and citizen numbers, which a fact may not carry."""


def mask_phone(text: str) -> str:
    """
    >>> mask_phone("13812345678"), mask_phone("")
    ('138****5678', '')
    """
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "*" * len(text)


def mask_number(text: str) -> str:
    """
    >>> mask_number("11010519491231002X")
    '1101**********002X'
    """
    return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}" if len(text) > 8 else "*" * len(text)
