"""Rows of a table of cases while they are read: what stands in a field, and what is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jiedian.core.findings import Finding
from jiedian.core.masking import PERSONAL
from jiedian.core.sheets import (
    EPOCHS,
    Column,
    Sheet,
    amount_of,
    has_decimal_comma,
    is_skipped,
    local,
    moment_of,
    order_of,
    plain,
    serials,
)
from jiedian.core.words import Text

from .mapping import FIELDS, UNITS_KVA, HistoryMapping

ORDERS = {"mdy": "月/日/年", "dmy": "日/月/年", "ymd": "年/月/日"}
STATES = ("running", "finished", "withdrawn", "terminated")
CLASSES = ("RES", "LVN", "LV0", "HV1", "HV2", "")
LONGEST = {"number": 32, "title": 120, "customer": 80, "channel": 16, "department": 40, "holder": 80}
LONGEST |= {"area": 24, "step": 80, "actor": 80, "transition": 24}
MOST_WORDS = 100_000
MOST_OF_REMARK = 3
"""So many cells a line of a legend fills."""
FACT_FIELDS = ("number", "channel", "department", "holder", "step", "actor", "transition")
"""What goes into facts and therefore may not look like a phone or identity number."""
EARLIEST, LATEST = date(1900, 1, 2), date(2199, 12, 31)
"""No application is older and no promise later: other systems write 1900-01-01 and 9999-12-31 where they know no date."""
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


class Table:
    """The table while it is read: where every field stands, and how its dates and numbers are written."""

    def __init__(
        self, sheet: Sheet, mapping: HistoryMapping, now: datetime, places: Mapping[str, list[int]]
    ) -> None:
        self.sheet, self.mapping, self.now, self.places = sheet, mapping, now, places
        self.heading = tuple(" ".join(name.split()) for name in sheet.heading)
        self.words: dict[tuple[str, str], tuple[str, bool, bool]] = {}
        self.orders = {name: order_of(self._cells(name)) for name in DATES if name in places}
        self.has_comma = has_decimal_comma(self._cells("capacity"))

    def _cells(self, name: str) -> list[Any]:
        return [
            row.cells[at]
            for at in self.places.get(name, [])
            for row in self.sheet.rows
            if at < len(row.cells)
        ]

    def is_filled(self, name: str, cell: Any) -> bool:
        """True if a cell says something: by the words that the mapping calls empty, else as offices write them; a word
        that the mapping gives a meaning in this field has it."""
        if cell is None or cell == "":
            return False
        if not isinstance(cell, str):
            return not is_skipped(cell)
        if cell.strip() in self.mapping.values.get(name, {}):
            return bool(cell.strip())
        if self.mapping.empty is None:
            return not is_skipped(cell)
        return bool(word := plain(cell)) and word not in self.mapping.empty

    def word(self, name: str, text: str) -> tuple[str, bool, bool]:
        """A text through the mapping's table of values (``*`` stands for any other value), whether it was too long and
        whether it looks like personal data; what stands in a thousand rows is looked at once."""
        if (known := self.words.get((name, text))) is not None:
            return known
        table = self.mapping.values.get(name, {})
        word = " ".join(table.get(text, table.get("*", text) if text else text).split())
        is_long = len(word) > LONGEST.get(name, 999) and name != "number"
        word = f"{word[: LONGEST[name] - 1]}…" if is_long else word
        made = word, is_long, name in FACT_FIELDS and PERSONAL.search(word) is not None
        if len(self.words) < MOST_WORDS:
            self.words[name, text] = made
        return made

    def report(self, columns: Iterable[Column]) -> Iterable[Finding]:
        """Report of what was read otherwise than it stands: day numbers, orders of dates, decimal commas; columns that are not there."""
        for name, order in self.orders.items():
            is_counted = not EPOCHS.keys().isdisjoint(self.mapping.dates)
            if (n := serials(self._cells(name))) and not is_counted:
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
class Row:
    """One row while it is read: its line in the file, its cells, and what is wrong with it."""

    line: int
    cells: Sequence[Any]
    table: Table
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    """What is not known of the case, which is kept all the same."""
    happened_at: datetime | None = None

    @property
    def sorted_at(self) -> float:
        """Instant in which it happened, as a number; a row without a time goes before all."""
        return self.happened_at.timestamp() if self.happened_at else float("-inf")

    @property
    def is_sparse(self) -> bool:
        """True if hardly anything stands in a wide row: a legend, a note."""
        filled = sum(cell is not None and str(cell).strip() != "" for cell in self.cells)
        return filled <= MOST_OF_REMARK and filled * 3 <= len(self.table.heading)

    @property
    def words(self) -> str:
        return " ".join(str(cell).strip() for cell in self.cells if cell is not None and str(cell).strip())

    def lacks_number(self) -> None:
        """Say that there is no number, and which word counts as none where one stands."""
        places = self.table.places.get("number", ())
        told = (
            str(self.cells[at]).strip()
            for at in places
            if at < len(self.cells) and self.cells[at] is not None
        )
        column, word = self.raw("number")[1], next(filter(None, told), "")
        if word:
            self.bad("history.empty_number", column, word=word)
        else:
            self.bad("history.number", column)

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
        places = self.table.places.get(name, ())
        for at in places:
            if at < len(self.cells) and self.table.is_filled(name, self.cells[at]):
                return self.cells[at], self.table.heading[at]
        return "", self.table.heading[places[0]] if places else name

    def has(self, name: str) -> bool:
        return bool(self.raw(name)[0] != "")

    def text(self, name: str) -> str:
        """A field as text through the mapping's table of values."""
        value, column = self.raw(name)
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        word, is_long, is_personal = self.table.word(name, text)
        if is_long:
            self.note("history.long", column, most=LONGEST[name])
        if is_personal:
            self.bad("history.personal", column)
        return word

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        word = self.text(name)
        if word not in allowed:
            _, column = self.raw(name)
            words = " / ".join(choice for choice in allowed if choice)
            self.bad("history.value", column, word=word, words=words)
        return word

    def moment(self, name: str) -> datetime | date | None:
        """A date or instant as it stands; None where there is none, or none that can be read."""
        value, _column = self.raw(name)
        if value == "":
            return None
        return moment_of(
            value,
            formats=self.mapping.dates,
            epoch=self.table.sheet.epoch,
            order=self.table.orders.get(name, ""),
        )

    def is_beyond(self, found: datetime | date) -> bool:
        """True if a date is none that can be meant: a slip, or how another system writes that there is none."""
        day = found.date() if isinstance(found, datetime) else found
        return not EARLIEST <= day <= LATEST

    def instant(self, name: str, *, at_end: bool = False) -> datetime | None:
        """A date or instant with its zone; a bare day is its first moment, or with ``at_end`` its last."""
        value, column = self.raw(name)
        if value == "":
            return None
        found = self.moment(name)
        if found is None or self.is_beyond(found):
            self.wrong(name, "history.date" if found is None else "history.no_date", column, value=value)
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
