"""Past and running cases of another system, read from a table: what they are, and every row that is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from jiedian.core.findings import Finding, refuse
from jiedian.core.masking import PERSONAL
from jiedian.core.words import Text

from .mapping import HistoryMapping

STATES = ("running", "finished", "withdrawn", "terminated")
CLASSES = ("RES", "LVN", "LV0", "HV1", "HV2", "")
LONGEST = {"number": 32, "title": 120, "customer": 80, "channel": 16, "department": 40, "holder": 80}
LONGEST |= {"area": 24, "step": 80, "actor": 80, "transition": 24}
FACT_FIELDS = ("number", "channel", "department", "holder", "step", "actor", "transition")
"""What goes into facts and therefore may not look like a phone or identity number."""
EARLIEST = 1900
"""No application is older; a year before it is a slip, and the first of all cannot be kept with its zone."""
EMPTY = {"", "nan", "nat", "null", "none"}
"""How tables write that they do not know."""
FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y%m%d")
"""Tried after ISO 8601 and the formats of the mapping; none of them can be read in two ways."""


@dataclass(frozen=True)
class PastEvent:
    """A step of the other system: its name there, when, what happened to it, and who did it."""

    step: str
    at: datetime
    transition: str
    actor: str


@dataclass(frozen=True)
class PastCase:
    """One case of another system. ``planned_end`` and ``deadline`` are the promises it carried.

    A promise given as a day holds until the end of that day where the table comes from; ``zone`` is that place.
    ``capacity_kva`` is zero where the table does not say.
    """

    number: str
    title: str
    customer: str
    case_class: str
    channel: str
    department: str
    holder: str
    area: str
    capacity_kva: Decimal
    applied_at: datetime
    accepted_at: datetime | None
    energised_at: datetime | None
    needed_on: date | None
    planned_end: datetime | None
    deadline: datetime | None
    closed_at: datetime | None
    state: str
    events: tuple[PastEvent, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a table holds: good cases, the numbers of those left out, rows read, and every finding."""

    cases: list[PastCase]
    left_out: tuple[str, ...]
    rows: int
    findings: list[Finding]


@dataclass
class _Row:
    """One row while it is read: its place in the table, its cells by heading, and what is wrong with it."""

    line: int
    cells: Mapping[str, Any]
    mapping: HistoryMapping
    now: datetime
    findings: list[Finding] = field(default_factory=list)

    def bad(self, code: str, column: str = "", /, **facts: object) -> None:
        self.findings.append(Finding(code, f"#{self.line} {column}".strip(), **facts))

    def raw(self, name: str) -> tuple[Any, str]:
        """The first filled cell of a field, and its column."""
        columns = self.mapping.columns.get(name, ())
        for column in columns:
            value = self.cells.get(column)
            if _filled(value):
                return value, column
        return "", columns[0] if columns else name

    def text(self, name: str) -> str:
        """A field as text through the mapping's table of values (``*`` stands for any other value)."""
        value, column = self.raw(name)
        word = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        table = self.mapping.values.get(name, {})
        word = " ".join(table.get(word, table.get("*", word) if word else word).split())
        if len(word) > LONGEST.get(name, 999):
            self.bad("history.long", column, most=LONGEST[name])
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
        found = parse_instant(value, self.mapping.dates)
        if found is None or found.year < EARLIEST:
            self.bad("history.date", column, value=value)
            return None
        if not isinstance(found, datetime):
            found = datetime.combine(found, time.max if at_end else time.min)
        return found if found.tzinfo else found.replace(tzinfo=self.mapping.zone)

    def past(self, name: str) -> datetime | None:
        """An instant that has been: what lies ahead did not happen."""
        found = self.instant(name)
        if found and found > self.now:
            self.bad("history.future", self.raw(name)[1])
        return found

    def amount(self, name: str) -> Decimal:
        value, column = self.raw(name)
        if value == "":
            return Decimal(0)
        try:
            amount = Decimal(str(value).replace(",", "").strip()) * self.mapping.unit_kva
            if amount.is_finite() and 0 <= amount < Decimal("1e9"):
                return amount.quantize(Decimal("0.1"))
        except InvalidOperation:
            pass
        self.bad("history.amount", column, value=value)
        return Decimal(0)


def parse_instant(value: Any, formats: Iterable[str] = ()) -> datetime | date | None:
    """A date or an instant from what a cell holds; None when it cannot be read for certain.

    >>> parse_instant("2011-12-06 13:41:31.788000+01:00").isoformat(), parse_instant("2024年3月5日")
    ('2011-12-06T13:41:31.788000+01:00', datetime.date(2024, 3, 5))
    >>> parse_instant("3/4/2024"), parse_instant("3/4/2024", ["%m/%d/%Y"])
    (None, datetime.date(2024, 3, 4))
    """
    if isinstance(value, datetime):
        return value.date() if value.time() == time.min and value.tzinfo is None else value
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for make in (*(_strptime(pattern) for pattern in formats), _iso, *(_strptime(p) for p in FORMATS)):
        found = make(text)
        if found is not None:
            return found
    return None


def _iso(text: str) -> datetime | date | None:
    if not re.match(r"\d{4}-\d", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.date() if len(text) <= 10 or text[10:] == " 00:00:00" else found


def _strptime(pattern: str) -> Callable[[str], datetime | date | None]:
    def make(text: str) -> datetime | date | None:
        try:
            found = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added by the caller
        except ValueError:
            return None
        return found if "%H" in pattern or "%I" in pattern else found.date()

    return make


def read_history(rows: Sequence[Sequence[Any]], mapping: HistoryMapping, *, at: datetime) -> Reading:
    """Every case of a table and every finding, row by row. A case with one bad row is left out whole.

    ``at`` is the instant of the import; nothing can have happened after it.

    Raises Refused when the table has no rows or lacks a column the mapping names.
    """
    head_at = next((i for i, row in enumerate(rows) if any(_filled(cell) for cell in row)), None)
    if head_at is None:
        raise refuse("history.empty")
    heading = [str(cell if cell is not None else "").strip().lstrip("\ufeff") for cell in rows[head_at]]
    missing = sorted({c for names in mapping.columns.values() for c in names} - set(heading))
    if missing:
        words = "、".join(missing)
        raise refuse("history.columns", columns=Text(words, ", ".join(missing)))
    read = [
        _Row(line, dict(zip(heading, row, strict=False)), mapping, at)
        for line, row in enumerate(rows[head_at + 1 :], start=head_at + 2)
        if any(_filled(cell) for cell in row)
    ]
    return _gathered(read, mapping)


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip().lower() not in EMPTY


def _gathered(read: list[_Row], mapping: HistoryMapping) -> Reading:
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
    return Reading(cases, tuple(left_out), len(read), [f for row in read for f in row.findings])


def _number(row: _Row, mapping: HistoryMapping) -> str:
    """The number as it will stand in addresses: letters, digits, dot and dash."""
    word = re.sub(r"[^\w.-]+", "-", row.text("number")).strip("-")
    if not word:
        row.bad("history.number", row.raw("number")[1])
        return ""
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
    events = tuple(sorted(_events(group), key=lambda event: event.at)) if "step" in mapping.columns else ()
    applied = first.past("applied_at") or min((event.at for event in events), default=None)
    if applied is None:
        if not any(f.code == "history.date" for row in group for f in row.findings):
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
        row.bad("history.order", row.raw(name)[1])
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
        row.bad("history.closed", row.raw("closed_at")[1])
    return state, closed


def _events(group: list[_Row]) -> Iterable[PastEvent]:
    for row in group:
        step, at = row.text("step"), row.past("happened_at")
        if not step:
            row.bad("history.no_step", row.raw("step")[1])
        elif at is None:
            if not row.findings:
                row.bad("history.no_time", row.raw("happened_at")[1])
        else:
            yield PastEvent(step, at, row.text("transition"), row.text("actor"))
