"""Past and running cases of another system, read from a table: what they are, and every row that is wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from jiedian.core.findings import Finding
from jiedian.core.masking import PERSONAL
from jiedian.core.sheets import (
    Asked,
    Column,
    Sheet,
    amount_of,
    has_decimal_comma,
    is_cut,
    is_skipped,
    local,
    moment_of,
    order_of,
    read,
    serials,
)
from jiedian.core.words import Text

from .endings import NEVER
from .mapping import FIELDS, NEEDED, UNITS_KVA, HistoryMapping
from .past import PastCase, PastEvent
from .xes import as_table, is_xes

ORDERS = {"mdy": "月/日/年", "dmy": "日/月/年", "ymd": "年/月/日"}
STATES = ("running", "finished", "withdrawn", "terminated")
CLASSES = ("RES", "LVN", "LV0", "HV1", "HV2", "")
LONGEST = {"number": 32, "title": 120, "customer": 80, "channel": 16, "department": 40, "holder": 80}
LONGEST |= {"area": 24, "step": 80, "actor": 80, "transition": 24}
FACT_FIELDS = ("number", "channel", "department", "holder", "step", "actor", "transition")
"""What goes into facts and therefore may not look like a phone or identity number."""
EARLIEST = 1900
"""No application is older; a year before it is a slip, and the first of all cannot be kept with its zone."""
DATES = (
    "applied_at",
    "accepted_at",
    "energised_at",
    "needed_on",
    "planned_end",
    "deadline",
    "closed_at",
    "happened_at",
    "begun_at",
)
SURE = ("applied_at", "happened_at")
"""The dates a case cannot do without: what is wrong with another one is said, and the case kept without it."""


@dataclass(frozen=True)
class CaseTable:
    """Cases read from a table: the good ones, the numbers of those left out, rows read, and every finding."""

    cases: list[PastCase]
    left_out: tuple[str, ...]
    rows: int
    findings: list[Finding]
    report: tuple[Finding, ...] = ()
    sheet: Sheet | None = None


class _Table:
    """The table while it is read: where every field stands, and how its dates and numbers are written."""

    def __init__(
        self, sheet: Sheet, mapping: HistoryMapping, now: datetime, places: Mapping[str, list[int]]
    ) -> None:
        self.sheet, self.mapping, self.now, self.places = sheet, mapping, now, places
        self.orders = {name: order_of(self._cells(name)) for name in DATES if name in places}
        self.has_comma = has_decimal_comma(self._cells("capacity"))

    def _cells(self, name: str) -> list[Any]:
        return [
            row.cells[at]
            for at in self.places.get(name, [])
            for row in self.sheet.rows
            if at < len(row.cells)
        ]

    def report(self, columns: Iterable[Column]) -> Iterable[Finding]:
        """What was read otherwise than it stands: day numbers, orders of dates, decimal commas; columns that are not there."""
        for name, order in self.orders.items():
            if n := serials(self._cells(name)):
                yield Finding("read.serial", FIELDS[name], count=n)
            if order:
                yield Finding("read.order", FIELDS[name], order=Text(ORDERS[order], order))
        if self.has_comma:
            yield Finding("read.decimal_comma", FIELDS["capacity"])
        absent = [column.name_zh for column in columns if not self.places.get(column.key)]
        if absent:
            words = "、".join(absent)
            yield Finding("read.absent", words=words)


@dataclass
class _Row:
    """One row while it is read: its line in the file, its cells, and what is wrong with it."""

    line: int
    cells: Sequence[Any]
    table: _Table
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    """What is not known of the case, which is kept all the same."""

    @property
    def mapping(self) -> HistoryMapping:
        return self.table.mapping

    def bad(self, code: str, column: str = "", /, **facts: object) -> None:
        self.findings.append(Finding(code, f"#{self.line} {column}".strip(), **facts))

    def note(self, code: str, column: str = "", /, **facts: object) -> None:
        self.notes.append(Finding(code, f"#{self.line} {column}".strip(), **facts))

    def wrong(self, name: str, code: str, column: str, **facts: object) -> None:
        """Something wrong with a field: the case is left out only where it cannot be known without it."""
        (self.bad if name in SURE else self.note)(code, column, **facts)

    def raw(self, name: str) -> tuple[Any, str]:
        """The first filled cell of a field, and its column."""
        places = self.table.places.get(name, [])
        for at in places:
            if at < len(self.cells) and _filled(self.cells[at]):
                return self.cells[at], self.table.sheet.heading[at]
        return "", self.table.sheet.heading[places[0]] if places else name

    def text(self, name: str) -> str:
        """A field as text through the mapping's table of values (``*`` stands for any other value)."""
        value, column = self.raw(name)
        word = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        table = self.mapping.values.get(name, {})
        word = " ".join(table.get(word, table.get("*", word) if word else word).split())
        if len(word) > LONGEST.get(name, 999) and name != "number":
            self.note("history.long", column, most=LONGEST[name])
            word = word[: LONGEST[name] - 1] + "…"
        if name in FACT_FIELDS and PERSONAL.search(word):
            self.bad("history.personal", column)
        return word

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        word = self.text(name)
        if word not in allowed:
            _, column = self.raw(name)
            words = " / ".join(choice for choice in allowed if choice)
            self.bad("history.value", column, word=word, words=words)
        return word

    def instant(self, name: str, *, at_end: bool = False) -> datetime | None:
        """A date or instant with its zone; a bare day is its first moment, or with ``at_end`` its last."""
        value, column = self.raw(name)
        if value == "":
            return None
        found = moment_of(
            value,
            formats=self.mapping.dates,
            epoch=self.table.sheet.epoch,
            order=self.table.orders.get(name, ""),
        )
        if found is None or found.year < EARLIEST:
            self.wrong(name, "history.date", column, value=value)
            return None
        return local(found, self.mapping.zone, at_end=at_end)

    def past(self, name: str) -> datetime | None:
        """An instant that has been: what lies ahead did not happen."""
        found = self.instant(name)
        if found and found > self.table.now:
            self.wrong(name, "history.future", self.raw(name)[1])
            return None
        return found

    def amount(self, name: str) -> Decimal:
        value, column = self.raw(name)
        if value == "":
            return Decimal(0)
        found = amount_of(value, has_decimal_comma=self.table.has_comma)
        if found is not None:
            amount = found.value * UNITS_KVA.get(found.unit, self.mapping.unit_kva)
            if 0 <= amount < Decimal("1e9") and found.unit in ("", *UNITS_KVA):
                return amount.quantize(Decimal("0.1"))
        self.note("history.amount", column, value=value)
        return Decimal(0)


def columns_of(mapping: HistoryMapping) -> list[Column]:
    """The columns a mapping takes, each by the names it lists."""
    return [
        Column(field, FIELDS[field], field.replace("_", " "), names, field in NEEDED[mapping.form])
        for field, names in mapping.columns.items()
    ]


def read_history(
    data: bytes, mapping: HistoryMapping, *, at: datetime, name: str = "", asked: Asked | None = None
) -> CaseTable:
    """Every case of a table and every finding, row by row. A case with one bad row is left out whole.

    ``at`` is the instant of the import; nothing can have happened after it.

    Raises Refused when the table has no rows or lacks a column that a case cannot do without.
    """
    asked = asked or Asked()
    data, name = (as_table(data), "log.csv") if is_xes(data, name) else (data, name)
    columns = columns_of(mapping)
    sheet = read(data, name=name, columns=columns, asked=asked)
    sheet.refuse_if_lacking()
    table = _Table(sheet, mapping, at, _places(sheet, mapping, asked))
    reading = _gathered([_Row(row.line, row.cells, table) for row in sheet.rows], mapping)
    return replace(reading, report=(*sheet.report, *table.report(columns), *reading.report), sheet=sheet)


def _places(sheet: Sheet, mapping: HistoryMapping, asked: Asked) -> dict[str, list[int]]:
    """The columns to try for every field: the one somebody chose, else those the mapping names and the table has."""
    places: dict[str, list[int]] = {}
    for name in (*mapping.columns, *(key for key in asked.chosen if key in FIELDS)):
        names = (asked.chosen[name],) if name in asked.chosen else mapping.columns[name]
        places[name] = [at for heading in names if (at := sheet.place(heading)) is not None]
    return places


def _filled(cell: Any) -> bool:
    return not is_skipped(cell)


def _gathered(read: list[_Row], mapping: HistoryMapping) -> CaseTable:
    groups: dict[str, list[_Row]] = {}
    for row in read:
        number = _number(row, mapping)
        if mapping.form == "cases" and number in groups:
            if mapping.repeats == "suffix":
                number = next(n for i in range(2, 10**6) if (n := f"{number}-{i}") not in groups)
            else:
                row.bad("history.repeated", number=number)
        groups.setdefault(number or f"#{row.line}", []).append(row)
    cases, left_out = [], []
    for number, group in groups.items():
        case = _case(number, group, mapping)
        if any(row.findings for row in group) or case is None:
            left_out.append(number)
        else:
            cases.append(case)
    found = [finding for row in read for finding in row.findings]
    notes = tuple(finding for row in read for finding in row.notes)
    return CaseTable(_ended(cases, mapping), tuple(left_out), len(read), found, notes)


def _ended(cases: list[PastCase], mapping: HistoryMapping) -> list[PastCase]:
    """The cases with the end that the rule of the mapping reads from their events, where no column says it."""
    if mapping.ends_when == NEVER or "state" in mapping.columns:
        return cases
    log_ends = max((case.events[-1].at for case in cases if case.events), default=None)
    made = []
    for case in cases:
        ended = None if case.closed_at else mapping.ends_when.of(case.events, log_ends=log_ends)
        made.append(replace(case, state=ended[0], closed_at=ended[1]) if ended else case)
    return made


def _number(row: _Row, mapping: HistoryMapping) -> str:
    """The number as it will stand in addresses: letters, digits, dot and dash."""
    word = re.sub(r"[^\w.-]+", "-", row.text("number")).strip("-")
    if not word:
        row.bad("history.number", row.raw("number")[1])
        return ""
    if is_cut(row.raw("number")[0]):
        row.bad("history.cut", row.raw("number")[1], word=word)
    number = f"{mapping.prefix}{word}"
    if len(number) > LONGEST["number"]:
        row.bad("history.long_number")
    if re.fullmatch(r"C-\d{4}-\d{6}", number):
        row.bad("history.our_number", number=number)
    return number


ATTRIBUTES = ("title", "customer", "channel", "department", "holder", "area")


def _case(number: str, group: list[_Row], mapping: HistoryMapping) -> PastCase | None:
    first = group[0]
    told = {name: first.text(name) for name in ATTRIBUTES}
    events = tuple(sorted(_events(group), key=attrgetter("at"))) if "step" in mapping.columns else ()
    applied = first.past("applied_at") or min((event.at for event in events), default=None)
    if applied is None:
        if not any(row.findings for row in group):
            first.bad("history.applied", first.raw("applied_at")[1])
        return None
    state, closed = _ending(first, applied)
    return PastCase(
        number=number,
        title=told["title"] or told["customer"] or number,
        customer=told["customer"],
        case_class=first.choice("case_class", CLASSES),
        channel=told["channel"],
        department=told["department"],
        holder=told["holder"],
        area=told["area"],
        capacity_kva=first.amount("capacity"),
        applied_at=applied,
        accepted_at=_after(first, "accepted_at", applied),
        energised_at=_after(first, "energised_at", applied),
        needed_on=_day(first.instant("needed_on")),
        planned_end=first.instant("planned_end", at_end=True),
        deadline=first.instant("deadline", at_end=True),
        closed_at=closed,
        state=state,
        events=events,
    )


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _after(row: _Row, name: str, applied: datetime) -> datetime | None:
    """An instant that cannot lie before the application; of two bare days the same day is fine."""
    found = row.past(name)
    if found and found < applied and found.date() < applied.astimezone(found.tzinfo).date():
        row.note("history.order", row.raw(name)[1])
        return None
    return max(found, applied) if found else None


def _ending(row: _Row, applied: datetime) -> tuple[str, datetime | None]:
    """How and when the case ended; without a column of states a closing time means finished."""
    if "state" not in row.mapping.columns:
        closed = _after(row, "closed_at", applied)
        return ("finished" if closed else "running"), closed
    state = row.choice("state", STATES)
    if state == "running":
        return state, None
    closed = _after(row, "closed_at", applied)
    if closed is None and state in STATES:
        row.note("history.closed", row.raw("closed_at")[1])
    return state, closed


def _events(group: list[_Row]) -> Iterable[PastEvent]:
    """What happened, row by row: of an interval its beginning too. A row without activity or time is no event."""
    for row in group:
        step, at, begun = row.text("step"), row.past("happened_at"), row.past("begun_at")
        if not step:
            row.note("history.no_step", row.raw("step")[1])
            continue
        if at is None and begun is None:
            row.note("history.no_time", row.raw("happened_at")[1])
        who, transition = row.text("actor"), row.text("transition")
        if begun and (at is None or begun <= at):
            yield PastEvent(step, begun, "start", who)
        if at:
            yield PastEvent(step, at, transition, who)
