"""Check digits of the numbers people and organisations carry in China."""

_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_DIGITS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_citizen_number(text: str) -> bool:
    """True if an 18-place citizen number (GB 11643) carries its own check digit.

    >>> is_citizen_number("11010519491231002X"), is_citizen_number("110105194912310021")
    (True, False)
    """
    if len(text) != 18 or not text[:17].isascii() or not text[:17].isdigit():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_CITIZEN_WEIGHTS, text[:17], strict=True))
    return _CITIZEN_DIGITS[total % 11] == text[17].upper()


def citizen_number(first_17: str) -> str:
    """The 17 places given, with their check digit added."""
    total = sum(weight * int(digit) for weight, digit in zip(_CITIZEN_WEIGHTS, first_17, strict=True))
    return first_17 + _CITIZEN_DIGITS[total % 11]


def _credit_check(first_17: str) -> str:
    total = sum(_CREDIT_ALPHABET.index(c) * (3**i % 31) for i, c in enumerate(first_17))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def is_credit_code(text: str) -> bool:
    """True if an 18-place unified social credit code (GB 32100) carries its own check character.

    >>> is_credit_code(credit_code("91370303MA3C00000")), is_credit_code("91370303MA3C00000O")
    (True, False)
    """
    known = len(text) == 18 and all(c in _CREDIT_ALPHABET for c in text)
    return known and _credit_check(text[:17]) == text[17]


def credit_code(first_17: str) -> str:
    """The 17 places given, with their check character added."""
    return first_17 + _credit_check(first_17)
