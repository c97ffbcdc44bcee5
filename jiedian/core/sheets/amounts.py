"""Numbers as people type them: thousands, a decimal comma, full-width digits, units, sums and products."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

UNITS = ("mva", "kva", "va", "mw", "kw", "w", "兆伏安", "千伏安", "伏安", "兆瓦", "千瓦", "瓦", "万元", "元")
SAME = {"千伏安": "kva", "兆伏安": "mva", "伏安": "va", "千瓦": "kw", "兆瓦": "mw", "瓦": "w"}
COUNTED = ("台", "户", "次", "件", "天", "日", "个", "%")
_UNIT = re.compile(rf"({'|'.join(UNITS)}|{'|'.join(COUNTED)})\s*$")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([, '])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_EUROPEAN = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True)
class Amount:
    """A number from a cell and the unit that stood beside it (lower case Latin, empty where none stood)."""

    value: Decimal
    unit: str = ""


def amount_of(cell: Any, *, has_decimal_comma: bool = False) -> Amount | None:
    """The amount in a cell; None when it cannot be read for certain. A sum or a product is worked out.

    >>> [str(amount_of(t).value) for t in ("1,250", "1 250", "1.250,5", "2×1250", "1250+630", "１２５０", "1.25万")]
    ['1250', '1250', '1250.5', '2500', '1880', '1250', '12500.00']
    >>> str(amount_of("0,161").value), str(amount_of("1,161").value)
    ('0.161', '1161')
    >>> amount_of("630kVA"), amount_of("1250,5"), amount_of("some")
    (Amount(value=Decimal('630'), unit='kva'), Amount(value=Decimal('1250.5'), unit=''), None)
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float | Decimal):
        value = Decimal(str(cell))
        return Amount(value) if value.is_finite() else None
    text = unicodedata.normalize("NFKC", str(cell)).replace("−", "-").strip().lower().strip("¥￥$ ")
    terms = [_product(term, has_decimal_comma) for term in text.split("+")] if text[:1] != "+" else []
    terms = terms or [_product(text, has_decimal_comma)]
    if not text or any(term is None for term in terms):
        return None
    units = {term.unit for term in terms if term and term.unit}
    if len(units) > 1:
        return None
    return Amount(sum((term.value for term in terms if term), Decimal(0)), next(iter(units), ""))


def _product(text: str, has_decimal_comma: bool) -> Amount | None:
    """A number with its unit, or several multiplied: ``2×1250kVA``, ``2台*630``."""
    factors = [_one(part, has_decimal_comma) for part in re.split(r"[×x*✕]", text.strip())]
    if len(factors) > 3 or any(factor is None for factor in factors):
        return None
    value, unit = Decimal(1), ""
    for factor in factors:
        if factor:
            value, unit = value * factor.value, factor.unit or unit
    return Amount(value, "" if unit in COUNTED else unit)


def _one(text: str, has_decimal_comma: bool) -> Amount | None:
    unit = ""
    if told := _UNIT.search(text := text.strip()):
        unit, text = told[1], text[: told.start()].strip()
    scale = Decimal(1)
    for word, times in (("万", 10_000), ("千", 1_000), ("亿", 100_000_000)):
        if text.endswith(word):
            scale, text = Decimal(times), text.removesuffix(word).strip()
    if unit == "万元":
        scale, unit = scale * 10_000, "元"
    number = _number(text, has_decimal_comma)
    return None if number is None else Amount(number * scale, SAME.get(unit, unit))


def _number(text: str, has_decimal_comma: bool) -> Decimal | None:
    if _EUROPEAN.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif has_decimal_comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif _GROUPED.fullmatch(text):
        text = re.sub(r"[, ']", "", text)
    elif _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def has_decimal_comma(cells: Iterable[Any]) -> bool:
    """True if the comma of a column is its decimal mark: one of its cells cannot be read otherwise.

    >>> has_decimal_comma(["1,250", "630,5"]), has_decimal_comma(["1,250"])
    (True, False)
    """
    texts = [unicodedata.normalize("NFKC", cell).strip() for cell in cells if isinstance(cell, str)]
    return any(
        _EUROPEAN.fullmatch(text) or (_COMMA.fullmatch(text) and not _GROUPED.fullmatch(text))
        for text in texts
    )
