"""Closed columns: what a cell of a rule table may hold, said on its row: ``Annotated[str, Words("a", "b")]``.

A column is closed by a ``Literal``, by words, by the ids of another table, or by a shape; several stand for their union.
Whoever loads the table (``ground.rulebook``) refuses every other word.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from .conditions import names_and_values
from .evidence import MARKS, is_status


@dataclass(frozen=True)
class Words:
    """These words and no others; the empty word where the cell may stay empty."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)


@dataclass(frozen=True)
class Ids:
    """The ids of another table (or another column of it), each behind ``prefix``."""

    table: str
    column: str = "id"
    prefix: str = ""


@dataclass(frozen=True)
class Shape:
    """Whatever fits; ``allowed`` says in a few words what that is."""

    fits: Callable[[str], bool]
    allowed: str


@dataclass(frozen=True)
class Facts:
    """A condition, or pairs ``name=value``, over the facts of a table with the columns ``id`` and ``values``."""

    table: str
    pairs: Callable[[str], list[tuple[str, str]]]
    """Reads the cell as names with values; raises ValueError."""


@dataclass(frozen=True)
class ValueOf:
    """A value of the fact that another column of the row names; the table has the columns ``id`` and ``values``."""

    table: str
    column: str


@dataclass(frozen=True)
class RuleFile:
    """The path of a file under jiedian/rules."""


Closing = Words | Ids | Shape | Facts | ValueOf | RuleFile


def _pair(text: str) -> list[tuple[str, str]]:
    name, sign, value = text.partition("=")
    if not sign:
        raise ValueError(text)
    return [(name, value)]


def _paper_condition(text: str) -> list[tuple[str, str]]:
    word, _, rest = text.partition(" ")
    if word == "ONE_OF":
        group, _, condition = rest.partition(" IF ")
        if not re.fullmatch(r"[a-z_]+", group):
            raise ValueError(text)
        return names_and_values(condition) if condition else []
    if text == "ALWAYS":
        return []
    if word != "IF":
        raise ValueError(text)
    return names_and_values(rest)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_clock_time(text: str) -> bool:
    return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text))


def _is_pattern(text: str) -> bool:
    try:
        return bool(re.compile(text).pattern)
    except re.error:
        return False


def _is_share(text: str) -> bool:
    return bool(re.fullmatch(r"0(\.\d+)?|1(\.0+)?", text))


def _is_evidence(text: str) -> bool:
    clocks = {f"clock:{scope}" for scope in get_args(Scope)}
    return set(text.split()) <= clocks | {
        "beliefs",
        "days",
        "pairs",
        "breach:sent_on",
        "breach:second_notice",
    }


Maybe = Words("")
"""Beside another annotation: the cell may stay empty."""
Status = Annotated[str, Shape(is_status, MARKS)]
Day = Annotated[str, Shape(_is_day, "YYYY-MM-DD")]
ClockTime = Annotated[str, Shape(_is_clock_time, "HH:MM")]
Hour = Annotated[int, Shape(lambda text: text.isdigit() and int(text) < 24, "0–23")]
Percent = Annotated[int, Shape(lambda text: text.isdigit() and int(text) <= 100, "0–100")]
Share = Annotated[str, Shape(_is_share, "0–1")]
Pattern = Annotated[str, Shape(_is_pattern, "a regular expression")]
Step = Annotated[str, Ids("process/*/steps.csv")]
Event = Annotated[
    str,
    Ids("clocks/events.csv"),
    Ids("process/*/steps.csv", prefix="opened:"),
    Ids("process/*/steps.csv", prefix="done:"),
    Ids("process/*/steps.csv", prefix="ready:"),
]
"""What starts or stops a clock: a step opened, done, or waiting for the company alone, or an event of the table."""
Fact = Annotated[str, Ids("labels/facts.csv")]
Process = Literal["residential", "low_voltage", "high_voltage", "serial_hv", "distributed"]
CaseClass = Literal["RES", "LV0", "LVN", "HV1", "HV2", "PV", "PVH"]
LimitClass = Literal["ALL", "SUPPLY", "RES", "LV", "LV0", "LVN", "HV", "HV1", "HV2", "HV35", "PV", "PVH"]
"""The classes of a case, and the wider ones a limit may be written for; ``SUPPLY`` is every class that is supplied, so none of PV."""
SOLAR = ("PV", "PVH")
"""Classes of distributed PV: their capacity is what is installed, and they say how they feed in."""
Phase = Annotated[str, Ids("voice/phases.csv")]
DepartmentId = Annotated[str, Ids("people/departments.csv")]
Role = Annotated[str, Ids("people/roles.csv")]
Scope = Literal["law", "policy", "local", "company", "kpi", "own", "external"]
Kind = Literal["STEP", "UTIL", "E2E", "COORD", "CONCERN", "EXT"]
"""What a limit measures."""
LimitStep = Annotated[
    Step,
    Words("METER_CONNECT", "ACCEPT..CONNECT", "ALL_UTIL_STEPS"),
    Words("errand", "question", "call", "message", "CONCERN_CONTACT", "CONCERN_REPLY"),
]
"""What a limit is written for: a step, a stretch of steps, an errand, a question, a call, a message or a concern."""
Evidences = Annotated[str, Shape(_is_evidence, "beliefs / days / pairs / clock:<scope> / breach:<kind>")]
ScaleName = Annotated[
    str, Shape(lambda text: bool(re.fullmatch(r"[a-z]+[2-9]", text)), "a word and its points")
]
Accuracy = Literal["", "0.2S", "0.2", "0.5S", "0.5", "1.0", "2.0"]
Jurisdiction = Annotated[str, Ids("clocks/jurisdictions.csv")]
Leaf = Annotated[str, Ids("voice/leaves.csv")]
SurveyDimension = Annotated[str, Ids("surveys/dimensions.csv")]
Instrument = Annotated[str, Ids("surveys/instruments.csv")]
SchemeCondition = Annotated[str, Facts("schemes/facts.csv", names_and_values), Maybe]
ProcessFact = Annotated[str, Facts("process/facts.csv", _pair)]
PaperCondition = Annotated[str, Facts("process/facts.csv", _paper_condition)]
