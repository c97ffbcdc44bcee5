"""A pandapower file while it is being read: its tables, its buses, and what there is to say about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jiedian.core.findings import Finding, refuse
from jiedian.grid.circuit.calc.network import Bools, Ints

from .pandapower_tables import Table

EMPTY = Table((), {})


class Grid:
    """The tables of one file while they are being read, the buses by row number, and the findings so far."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        self.findings: list[Finding] = []
        self.bus = self.table("bus")
        if not len(self.bus):
            raise refuse("grid.no_bus")
        self.position = {number: i for i, number in enumerate(self.bus.index)}
        self.is_live = self.bus.flags("in_service")
        self.kv = self.bus.reals("vn_kv")
        self.hz = self.plain("f_hz", 50.0)
        self.is_old = self.plain_version() < (3, 0)
        if self.plain_version() < (2, 0) or any(
            self.table(name).has("p_kw") for name in ("load", "sgen", "gen")
        ):
            raise refuse("grid.too_old")  # 1.4 and 1.5 name no version; kilowatts ended with 2.0

    def table(self, name: str) -> Table:
        found = self.tables.get(name)
        return found if isinstance(found, Table) else EMPTY

    def plain(self, name: str, default: float) -> float:
        found = self.tables.get(name)
        return (
            float(found) if isinstance(found, (int, float)) and np.isfinite(found) and found > 0 else default
        )

    def plain_version(self) -> tuple[int, ...]:
        words = str(self.tables.get("format_version") or self.tables.get("version") or "3.0")
        parts = [int(part) for part in words.split(".")[:2] if part.isdecimal()]
        return tuple(parts) if parts else (3, 0)

    def buses(self, table: Table, column: str) -> Ints:
        """The positions of the buses of a column; -1 where the bus does not exist."""
        return np.array([self.position.get(int(n), -1) for n in table.whole(column)], np.int64)

    def live(self, at: Ints) -> Bools:
        """True if each bus exists and is in service."""
        return (at >= 0) & self.is_live[at]

    def open_ends(self, kind: str, table: Table, columns: Sequence[str]) -> list[Bools]:
        """For each bus column of an element table, where a switch stands open at that end."""
        switch = self.table("switch")
        columns_of_switch = (
            switch.words("et"),
            switch.flags("closed"),
            switch.whole("element"),
            switch.whole("bus"),
        )
        opened = {
            (int(element), int(bus))
            for et, closed, element, bus in zip(*columns_of_switch, strict=True)
            if et == kind and not closed
        }
        return [
            np.array([(n, int(bus)) in opened for n, bus in zip(table.index, buses, strict=True)], np.bool_)
            for buses in map(table.whole, columns)
        ]

    def count(self, code: str, names: Sequence[int] | Ints, *, of: str) -> None:
        """One finding for all rows of a table with the same trouble; says how many and names the first few."""
        if len(names):
            first = [str(n) for n in list(names)[:5]]
            self.findings.append(Finding(code, of, count=len(names), first=first))
