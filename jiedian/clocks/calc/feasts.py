"""Forecast of the days off in a year whose notice is not out: the decree of 2024, articles 2 and 6. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from jiedian.core.closed import Shape
from jiedian.core.sourced import Sourced

YEAR = Shape(lambda text: text.isdigit() and len(text) == len("2027"), "YYYY")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class FeastRow(Sourced):
    """The feasts of a year that go by moon and sun; the id is the year. The others have fixed dates."""

    id: Annotated[str, YEAR]
    spring: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


@dataclass(frozen=True)
class Feast:
    """A holiday of the decree: its name and its days, as article 2 gives them."""

    zh: str
    en: str
    days: tuple[date, ...]


def feasts_of(row: FeastRow) -> list[Feast]:
    """The thirteen days of article 2: New Year, Spring Festival with its eve, Qingming, Labour Day, and the rest."""
    year = int(row.id)
    spring = tuple(row.spring + n * DAY for n in range(-1, 3))
    national = tuple(date(year, 10, n) for n in (1, 2, 3))
    return [
        Feast("元旦", "New Year", (date(year, 1, 1),)),
        Feast("春节", "Spring Festival", spring),
        Feast("清明节", "Qingming", (row.qingming,)),
        Feast("劳动节", "Labour Day", (date(year, 5, 1), date(year, 5, 2))),
        Feast("端午节", "Dragon Boat Festival", (row.dragon_boat,)),
        Feast("中秋节", "Mid-Autumn Festival", (row.mid_autumn,)),
        Feast("国庆节", "National Day", national),
    ]


def forecast(row: FeastRow) -> dict[date, str]:
    """Days off in a year, with the Chinese name of the feast.

    Article 6: of a feast that lies on a weekend, a working day is owed. It is the next one after the feast. The days
    the State Council moves beside it (and has made up on a weekend) are not guessed: they change no count.
    """
    feasts = feasts_of(row)
    off: dict[date, str] = {}
    owed: list[tuple[date, str]] = []
    for feast in feasts:
        for day in feast.days:
            if day in off or day.weekday() >= 5:
                owed.append((feast.days[-1], feast.zh))
            off.setdefault(day, feast.zh)
    for last, zh in owed:
        day = next(day for day in _after(last) if day.weekday() < 5 and day not in off)
        off[day] = f"{zh}补假"
    return off


def _after(day: date) -> Iterator[date]:
    while True:
        day += DAY
        yield day
