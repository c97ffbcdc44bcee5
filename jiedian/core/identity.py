"""Check digits of the numbers people and organisations carry in China."""

import re
import unicodedata

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


def tidy_phone(text: str) -> str:
    """A telephone number as it is kept, of what people type or paste: no country code, blanks or full-width figures.

    >>> tidy_phone("+86 138-0013-8000"), tidy_phone("１３８００１３８０００"), tidy_phone("(0533) 555 0001")
    ('13800138000', '13800138000', '05335550001')
    """
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(0086|86)(?=1[3-9]\d{9}$|0\d{9,11}$)", "", digits)


def tidy_address(text: str) -> str:
    """An address as it is compared with another: without blanks, signs and full-width letters.

    >>> tidy_address("柳泉路 １ 号（东楼）") == tidy_address("柳泉路1号东楼"), tidy_address("1-2-301")
    (True, '1-2-301')
    """
    return re.sub(r"[^\w-]", "", unicodedata.normalize("NFKC", text)).upper()


def tidy_power(text: str) -> str:
    """A power or capacity as people type it, with its unit, a comma for the point or full-width, as a bare number.

    >>> [tidy_power(text) for text in ("5,5", "5kWp", "８．５ 千瓦", "1,000 kVA", "0,500", "五千瓦")]
    ['5.5', '5', '8.5', '1000', '0.500', '五千瓦']
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = re.sub(r"(?i)(?<=[\d.])\s*(kwp?|kva|千瓦|千伏安)$", "", plain)
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", bare):
        return bare.replace(",", "")
    return re.sub(r"^(0(?=,\d+$)|\d+(?=,\d{1,2}$)),", r"\1.", bare)


def tidy_number(text: str) -> str:
    """A number of an identity paper as it is kept: capital, without blanks, half-width.

    >>> tidy_number("１１０１０５ 19491231 002x")
    '11010519491231002X'
    """
    return re.sub(r"[\s\u00b7-]", "", unicodedata.normalize("NFKC", text)).upper()


def is_foreign_number(text: str) -> bool:
    """True if a number may be that of a passport or a permit of residence: letters and figures, and no citizen's number.

    >>> is_foreign_number("E12345678"), is_foreign_number("H60012345"), is_foreign_number("110105194912310021")
    (True, True, False)
    """
    return bool(re.fullmatch(r"(?=.*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6,17}", text)) and not re.match(
        r"\d{14}", text
    )


def is_persons(number: str) -> bool | None:
    """Owner of a number on an identity paper: True for a person's, False for an organisation's, None where it is neither.

    A number of 16 or 17 places is a longer one cut off, and no passport's. One citizen's number in 31 has the check letter of
    a credit code as well, by chance: it is a person's.

    >>> is_credit_code("370303198001101088"), is_persons("370303198001101088")
    (True, True)
    >>> [is_persons(n) for n in ("11010519491231002X", "E12345678", credit_code("91370303MA3C00000"), "91370303MA3C00000", "")]
    [True, True, False, None, None]
    """
    if is_citizen_number(number):
        return True
    if is_credit_code(number):
        return False
    return True if is_foreign_number(number) and len(number) <= 15 else None


def number_in(text: str) -> str:
    """Number of an application in what somebody typed; empty when there is none.

    >>> number_in(" ｃ－2026－000118 。"), number_in("2026 118"), number_in("c2026000118"), number_in("118")
    ('C-2026-000118', 'C-2026-000118', 'C-2026-000118', '')
    """
    said = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text)).strip().upper()
    found = re.fullmatch(r"C? ?(\d{4}) ?(\d{6})|C? ?(\d{4}) (\d{1,6})", said)
    if found is None:
        return ""
    year, count = found[1] or found[3], found[2] or found[4]
    return f"C-{year}-{count.zfill(6)}"
