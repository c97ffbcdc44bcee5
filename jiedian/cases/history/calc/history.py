"""Past and running cases of another system, read from a table: what they are, and every row that is wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter

from jiedian.core.findings import Finding
from jiedian.core.sheets import Asked, Column, Sheet, is_cut, read, read_rows

from .endings import NEVER
from .mapping import FIELDS, NEEDED, HistoryMapping
from .past import PastCase, PastEvent
from .rows import CLASSES, LONGEST, STATES, Row, Table
from .xes import is_xes, rows_of


@dataclass(frozen=True)
class CaseTable:
    """Cases read from a table: the good ones, the numbers of those left out, rows read, and every finding."""

    cases: list[PastCase]
    left_out: tuple[str, ...]
    rows: int
    findings: list[Finding]
    report: tuple[Finding, ...] = ()
    sheet: Sheet | None = None


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
    columns = columns_of(mapping)
    sheet = _sheet(data, name, columns, asked)
    sheet.refuse_if_lacking()
    table = Table(sheet, mapping, at, _places(sheet, mapping, asked))
    reading = _gathered([Row(row.line, row.cells, table) for row in sheet.rows], mapping)
    return replace(reading, report=(*sheet.report, *table.report(columns), *reading.report), sheet=sheet)


def _sheet(data: bytes, name: str, columns: list[Column], asked: Asked) -> Sheet:
    """The table in a file; of an event log in XES only the columns that are asked for are filled in every row."""
    if not is_xes(data, name):
        return read(data, name=name, columns=columns, asked=asked)
    wanted = [heading for column in columns for heading in column.all_names()] + list(asked.chosen.values())
    heading, rows, traces = rows_of(data, wanted)
    sheet = read_rows(heading, rows, columns=columns, asked=replace(asked, sheet="", heading=1))
    return replace(sheet, report=(Finding("read.xes", count=traces), *sheet.report))


def _places(sheet: Sheet, mapping: HistoryMapping, asked: Asked) -> dict[str, list[int]]:
    """The columns to try for every field: the one somebody chose, else those the mapping names and the table has."""
    places: dict[str, list[int]] = {}
    for name in (*mapping.columns, *(key for key in asked.chosen if key in FIELDS)):
        names = (asked.chosen[name],) if name in asked.chosen else mapping.columns[name]
        places[name] = [at for heading in names if (at := sheet.place(heading)) is not None]
    return places


def _gathered(rows: list[Row], mapping: HistoryMapping) -> CaseTable:
    read, remarks = _without_remarks(rows)
    groups: dict[str, list[Row]] = {}
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
    notes = (*remarks, *(finding for row in read for finding in row.notes))
    return CaseTable(_ended(cases, mapping), tuple(left_out), len(read), found, notes)


DATED = ("applied_at", "happened_at", "begun_at")


def _without_remarks(rows: list[Row]) -> tuple[list[Row], list[Finding]]:
    """The records of a table, and the lines that are none: with neither number nor time, or a legend below the last one.

    Where no line is a record nothing is taken for a remark: then the mapping is wrong, and every line says why.
    """
    last = next((at for at in range(len(rows) - 1, -1, -1) if _is_record(rows[at])), None)
    if last is None:
        return rows, []
    kept, remarks = [], []
    for at, row in enumerate(rows):
        is_bare = not row.has("number") and not any(row.has(name) for name in DATED)
        if is_bare or (at > last and row.is_sparse):
            remarks.append(Finding("history.remark", f"#{row.line}", words=row.words[:40]))
        else:
            kept.append(row)
    return kept, remarks


def _is_record(row: Row) -> bool:
    return row.has("number") and any(row.moment(name) is not None for name in DATED)


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


def _number(row: Row, mapping: HistoryMapping) -> str:
    """The number as it will stand in addresses: letters, digits, dot and dash."""
    word = re.sub(r"[^\w.-]+", "-", row.text("number")).strip("-")
    if not word:
        row.lacks_number()
        return ""
    if is_cut(row.raw("number")[0]):
        row.bad("history.cut", row.raw("number")[1], word=word)
    number = re.sub(r"[^\w.-]+", "-", mapping.prefix) + word
    if len(number) > LONGEST["number"]:
        row.bad("history.long_number")
    if re.fullmatch(r"C-\d{4}-\d{6}", number):
        row.bad("history.our_number", number=number)
    return number


FIRST = ("title", "customer", "channel", "area")
LAST = ("department", "holder")
"""Whom a case lies with is told by the last row of a log that says it; what it is by the first."""


def _case(number: str, group: list[Row], mapping: HistoryMapping) -> PastCase | None:
    events = tuple(sorted(_events(group), key=attrgetter("at"))) if "step" in mapping.columns else ()
    later = sorted(reversed(group), key=attrgetter("sorted_at"), reverse=True)
    told = {name: _telling(group, name).text(name) for name in FIRST}
    told |= {name: _telling(later, name).text(name) for name in LAST}
    beginning = _telling(group, "applied_at")
    applied = beginning.past("applied_at") or min((event.at for event in events), default=None)
    if applied is None:
        if not any(row.findings for row in group):
            beginning.bad("history.applied", beginning.raw("applied_at")[1])
        return None
    state, closed = _ending(later, applied)
    return PastCase(
        number=number,
        title=told["title"] or told["customer"] or number,
        customer=told["customer"],
        case_class=_telling(group, "case_class").choice("case_class", CLASSES),
        channel=told["channel"],
        department=told["department"],
        holder=told["holder"],
        area=told["area"],
        capacity_kva=_telling(group, "capacity").amount("capacity"),
        applied_at=applied,
        accepted_at=_after(_telling(group, "accepted_at"), "accepted_at", applied),
        energised_at=_after(_telling(later, "energised_at"), "energised_at", applied),
        needed_on=_day(_telling(group, "needed_on").instant("needed_on")),
        planned_end=_telling(group, "planned_end").instant("planned_end", at_end=True),
        deadline=_telling(group, "deadline").instant("deadline", at_end=True),
        closed_at=closed,
        state=state,
        events=events,
    )


def _telling(rows: list[Row], name: str) -> Row:
    """The first of some rows that says something of a field, else the first of all."""
    if len(rows) == 1 or name not in rows[0].table.places:
        return rows[0]
    return next((row for row in rows if row.has(name)), rows[0])


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _after(row: Row, name: str, applied: datetime) -> datetime | None:
    """An instant that cannot lie before the application; of two bare days the same day is fine."""
    found = row.past(name)
    if found and found < applied and found.date() < applied.astimezone(found.tzinfo).date():
        row.note("history.order", row.raw(name)[1])
        return None
    return max(found, applied) if found else None


def _ending(later: list[Row], applied: datetime) -> tuple[str, datetime | None]:
    """How and when the case ended, by the last row that says it; without a column of states a closing time means finished,
    unless the mapping says what its column means."""
    closing = _telling(later, "closed_at")
    mapping = closing.mapping
    if "state" not in mapping.columns:
        closed = _after(closing, "closed_at", applied)
        return (mapping.ends_when.by_column(closing.raw("closed_at")[1]) if closed else "running"), closed
    state = _telling(later, "state").choice("state", STATES)
    if state == "running":
        return state, None
    closed = _after(closing, "closed_at", applied)
    if closed is None and state in STATES:
        closing.note("history.closed", closing.raw("closed_at")[1])
    return state, closed


def _events(group: list[Row]) -> Iterable[PastEvent]:
    """What happened, row by row: of an interval its beginning too. A row without activity or time is no event."""
    for row in group:
        step, at, begun = row.text("step"), row.past("happened_at"), row.past("begun_at")
        row.happened_at = at or begun
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
