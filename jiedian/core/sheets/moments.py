"""Dates and times as people write them in Chinese offices; what can be read in two ways is not guessed."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
SERIALS = (20_000.0, 80_000.0)
"""Day numbers of a spreadsheet that can be meant: 1954 to 2119."""
HALVES = {
    **dict.fromkeys(("凌晨", "清晨", "早上", "早晨", "上午", "am", "a.m."), 0),
    **dict.fromkeys(("中午", "正午"), 12),
    **dict.fromkeys(("下午", "傍晚", "晚上", "晚间", "夜间", "晚", "pm", "p.m."), 13),
}
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_HALF = "|".join(re.escape(word) for word in sorted(HALVES, key=len, reverse=True))
_CLOCK = re.compile(
    rf"(?P<half>{_HALF})?\s*(?P<h>\d{{1,2}})\s*(?P<mark>[:时点])?\s*"
    r"(?:(?P<min>\d{1,2})分?|(?P<word>半|一刻|三刻|整|钟))?\s*(?::?(?P<s>\d{1,2})(?P<part>[.,]\d+)?秒?)?"
    rf"\s*(?P<late>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|(?:utc|gmt)?[+-]\d{{2}}(?::?\d{{2}})?|utc|gmt)?"
    r"(?:\s*(?:\[[\w/+-]+\]|\([\w ]+\)))?"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?!\d)")
_SHORT_YEAR = re.compile(r"(\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_PARTS = re.compile(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{1,2})(?!\d)")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[t ]?(\d{2})(\d{2})(\d{2})?(z|[+-]\d{2}:?\d{2})?)?(?!\d)")
_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_WORDS = re.compile(
    r"(\d{1,2})[-\s]*([a-z]{3})[a-z]*\.?[-,\s]*(\d{4}|\d{2}(?![\d:]))|([a-z]{3})[a-z]*\.?\s*(\d{1,2}),?\s*(\d{4})"
)
_WEEKDAY = re.compile(
    r"[(\[]?(?:星期|周|礼拜)[一二三四五六日天][)\]]?|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]*"
)
EPOCHS = {"epoch-ms": 0.001, "epoch": 1.0, "epoch-days": 86_400.0}
"""Formats for counts since 1970 in UTC, with the seconds of their unit: nobody can tell them from other numbers unasked."""


def plain(value: Any) -> str:
    """A cell as text in one width and case, blanks run together.

    >>> plain(" ２０２５－０９－０３　１４：３０ ")
    '2025-09-03 14:30'
    """
    text = unicodedata.normalize("NFKC", str(value)).replace("−", "-").replace("—", "-")
    return " ".join(text.split()).lower()


def moment_of(
    value: Any, *, formats: Iterable[str] = (), epoch: date = EPOCH_1900, order: str = ""
) -> datetime | date | None:
    """A date, or an instant where the cell tells the time; None when it cannot be read for certain.

    ``formats`` (as of strptime, or one of ``EPOCHS``) go before everything else; ``order`` is that of day, month and year where the parts
    alone do not tell (``order_of`` finds it in the whole column); ``epoch`` is the first day of the workbook's numbers.

    >>> moment_of("2025年9月3日 下午3点"), moment_of("9/3/25 14:05")
    (datetime.datetime(2025, 9, 3, 15, 0), datetime.datetime(2025, 9, 3, 14, 5))
    >>> moment_of("25.9.3"), moment_of("20250903"), moment_of("周三 2025/9/3")
    (datetime.date(2025, 9, 3), datetime.date(2025, 9, 3), datetime.date(2025, 9, 3))
    >>> moment_of("3/4/2024"), moment_of("3/4/2024", formats=["%m/%d/%Y"]), moment_of(45356.604)
    (None, datetime.date(2024, 3, 4), datetime.datetime(2024, 3, 5, 14, 29, 46))
    >>> moment_of("2025-09-03T06:00Z").isoformat(), moment_of("2025/09/03 06:00+08").isoformat()
    ('2025-09-03T06:00:00+00:00', '2025-09-03T06:00:00+08:00')
    >>> moment_of(1756879200000, formats=["epoch-ms"]).isoformat(), moment_of("20334.0", formats=["epoch-days"])
    ('2025-09-03T06:00:00+00:00', datetime.date(2025, 9, 3))
    """
    if isinstance(value, datetime):
        return value.date() if value.time() == time.min and value.tzinfo is None else value
    if isinstance(value, date):
        return value
    if isinstance(value, bool) or value is None:
        return None
    counted = [pattern for pattern in formats if pattern in EPOCHS]
    if counted and (since := _since_1970(value, counted)) is not None:
        return since
    if isinstance(value, int | float) and not 1e7 <= abs(value) < 1e15:
        return _serial(float(value), epoch)
    text = plain(int(value) if isinstance(value, float) and value.is_integer() else value)
    for pattern in formats:
        if (found := _strptime(str(value).strip(), pattern)) is not None:
            return found
    if _DAY_NUMBER.fullmatch(text):
        return _serial(float(text), epoch)
    try:
        return _read(" ".join(_WEEKDAY.sub(" ", text).split()), order)
    except ValueError:  # a month 13, a day 31 of February, an hour 25
        return None


def _since_1970(value: Any, counted: Sequence[str]) -> datetime | date | None:
    """What a count of days, seconds or milliseconds since 1970 means; None for what is no number or no time of ours."""
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    for pattern in counted:
        seconds = number * EPOCHS[pattern]
        if abs(seconds) <= 4.1e9 and (pattern == "epoch-days" or abs(number) >= 1e6):
            found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
            return found.date() if pattern == "epoch-days" and number.is_integer() else found
    return None


def _strptime(text: str, pattern: str) -> datetime | date | None:
    try:
        found = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        return None
    return found if "%H" in pattern or "%I" in pattern else found.date()


def _serial(number: float, epoch: date) -> datetime | date | None:
    if not SERIALS[0] <= number < SERIALS[1]:
        return None
    seconds = round((number % 1) * 86_400)
    day = epoch + timedelta(days=int(number))
    return datetime.combine(day, time.min) + timedelta(seconds=seconds) if seconds else day


def _read(text: str, order: str) -> datetime | date | None:
    for pattern, make in ((_YEAR_FIRST, _in_order), (_SHORT_YEAR, _in_order), (_WORDS, _worded)):
        if told := pattern.match(text):
            return _with_clock(make(told), text[told.end() :])
    if told := _DIGITS.match(text):
        day = date(int(told[1]), int(told[2]), int(told[3]))
        if not told[4]:
            return _with_clock(day, text[told.end() :])
        clock = time(
            int(told[4]), int(told[5]), int(told[6] or 0), tzinfo=_zone(told[7]) if told[7] else None
        )
        return datetime.combine(day, clock) if told.end() == len(text) else None
    if told := _PARTS.match(text):
        found = _by_parts(told, order)
        return _with_clock(found, text[told.end() :]) if found else None
    return None


def _in_order(told: re.Match[str]) -> date:
    return date(_year(told[1]), int(told[2]), int(told[3]))


def _worded(told: re.Match[str]) -> date:
    day, month, year = (told[1], told[2], told[3]) if told[1] else (told[5], told[4], told[6])
    if month not in MONTHS:
        raise ValueError(month)
    return date(_year(year), MONTHS[month], int(day))


def _year(text: str) -> int:
    """A year in full; of two digits it lies between 1970 and 2069, as everywhere."""
    return int(text) if len(text) == 4 else int(text) + (1900 if int(text) >= 70 else 2000)


def _by_parts(told: re.Match[str], order: str) -> date | None:
    """A date of three short numbers: by the order told, else by the only one possible, else as spreadsheets write it
    (month/day/short year)."""
    ways = _ways(told)
    if order in ways:
        return ways[order]
    if len(set(ways.values())) == 1:
        return next(iter(ways.values()))
    if "mdy" in ways and told[2] == "/" and len(told[4]) == 2:
        return ways["mdy"]
    return ways["ymd"] if "ymd" in ways and told[2] != "/" else None


def _ways(told: re.Match[str]) -> dict[str, date]:
    """How three numbers can be a date: order → date; a year of two digits is near our own time."""
    a, b, c = told[1], told[3], told[4]
    ways = {"mdy": (c, a, b), "dmy": (c, b, a)} if len(c) > 1 else {}
    if len(c) < 4 and len(a) == 2:
        ways["ymd"] = (a, b, c)
    found = {}
    for order, (year, month, day) in ways.items():
        try:
            found[order] = date(_year(year), int(month), int(day))
        except ValueError:
            continue
    return found


def order_of(values: Iterable[Any]) -> str:
    """The one order in which every date of a column can be read; empty where several or none fit.

    >>> order_of(["11/27/2026", "3/4/2026"]), order_of(["3/4/2024"])
    ('mdy', '')
    """
    left = {"mdy", "dmy", "ymd"}
    for value in values:
        told = _PARTS.match(plain(value)) if isinstance(value, str) else None
        if told and not _YEAR_FIRST.match(plain(value)):
            left &= set(_ways(told))
    return next(iter(left)) if len(left) == 1 else ""


def _with_clock(day: date, rest: str) -> datetime | date | None:
    """A day with what is written behind it; None when that is not a time."""
    rest = rest.removeprefix("t").strip(" ,")
    if not rest:
        return day
    told = _CLOCK.fullmatch(rest)
    if told is None or not (told["mark"] or told["half"] or told["late"]):
        return None
    hour = _hour(int(told["h"]), told["half"] or told["late"] or "")
    minute = int(told["min"] or {"半": 30, "一刻": 15, "三刻": 45}.get(told["word"] or "", 0))
    second, part = int(told["s"] or 0), float((told["part"] or ".0").replace(",", "."))
    if (hour, minute, second) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    found = datetime.combine(day, time(hour, minute, second, int(part * 1e6)))
    return found.replace(tzinfo=_zone(told["zone"])) if told["zone"] else found


def _hour(hour: int, half: str) -> int:
    """The hour of the day: 下午3 is 15, 中午1 is 13, 上午12 is noon's own hour; 晚上12 is not guessed."""
    first = HALVES.get(half)
    if first is None or hour > 12:
        return hour
    if half in ("am", "a.m.", "凌晨") and hour == 12:
        return 0
    if half in ("晚上", "晚间", "夜间", "晚") and hour == 12:
        raise ValueError(half)
    if first == 13:
        return hour % 12 + 12
    return hour + 12 if first == 12 and hour <= 2 else hour


def _zone(text: str) -> timezone:
    text = text.removeprefix("utc").removeprefix("gmt")
    if text in ("z", ""):
        return timezone.utc  # noqa: UP017
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)))


def month_of(value: Any, *, epoch: date = EPOCH_1900) -> date | None:
    """The first day of the month a cell names, by the month itself or by a day in it.

    >>> month_of("2025年9月"), month_of("2025-09"), month_of("202509"), month_of("2025/9/3 14:00")
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 1), datetime.date(2025, 9, 1), datetime.date(2025, 9, 1))
    """
    text = plain(int(value) if isinstance(value, float) and value.is_integer() else value)
    told = re.fullmatch(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:份)?", text)
    if told and 1 <= int(told[2]) <= 12 and not (len(text) == 5 and text.isdigit()):
        return date(int(told[1]), int(told[2]), 1)
    found = moment_of(value, epoch=epoch)
    return date(found.year, found.month, 1) if found else None


def local(found: datetime | date | None, zone: Any, *, at_end: bool = False) -> datetime | None:
    """An instant with its zone; a bare day is its first moment, or with ``at_end`` its last."""
    if found is None:
        return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time.max if at_end else time.min)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def serials(values: Sequence[Any]) -> int:
    """Number of cells of a column that are day numbers, and were read as such.

    >>> serials([45356, "45356.5", "18732.0", True, "A1"])
    2
    """
    return sum(_is_serial(value) for value in values)


def _is_serial(value: Any) -> bool:
    if isinstance(value, str):
        value = float(value) if _DAY_NUMBER.fullmatch(value.strip()) else 0
    return isinstance(value, int | float) and not isinstance(value, bool) and SERIALS[0] <= value < SERIALS[1]
