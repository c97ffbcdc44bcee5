"""The tables of a pandapower file, read as plain data: nothing in the file is ever imported, called or unpickled."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from jiedian.core.findings import refuse
from jiedian.grid.circuit.calc.network import Bools, Ints, Reals

from .kinds import as_utf8

FRAME = "DataFrame"
T = TypeVar("T")
NOT_READ = (
    "dcline",
    "line_dc",
    "tcsc",
    "svc",
    "ssc",
    "vsc",
    "b2b_vsc",
    "bus_dc",
    "load_dc",
    "source_dc",
    "vsc_bipolar",
    "vsc_stacked",
)
"""Elements that are not supported; a finding says so."""
READ = {
    *(
        "bus",
        "line",
        "switch",
        "trafo",
        "trafo3w",
        "ext_grid",
        "gen",
        "res_gen",
        "load",
        "sgen",
        "storage",
        "motor",
    ),
    *(
        "ward",
        "xward",
        "shunt",
        "impedance",
        "asymmetric_load",
        "asymmetric_sgen",
        "bus_geodata",
        "line_geodata",
        "characteristic",
        "trafo_characteristic_table",
        "shunt_characteristic_table",
    ),
    *NOT_READ,
}


@dataclass(frozen=True)
class Table:
    """One element table: its row numbers and its columns, as they stand in the file."""

    index: tuple[int, ...]
    columns: Mapping[str, Sequence[Any]]
    asked: dict[str, float] = field(default_factory=dict, compare=False)
    """The columns that were read as numbers so far, and what an empty cell counts as."""

    def __len__(self) -> int:
        return len(self.index)

    def has(self, name: str) -> bool:
        return name in self.columns

    def reals(self, name: str, default: float = float("nan")) -> Reals:
        """A column of numbers: what is empty becomes ``default``, what is no number none, whatever the default."""
        self.asked[name] = default
        found = self._column(name, lambda value: _real(value, default), default)
        return np.where(self.odd(name), np.nan, np.array(found, np.float64))

    def odd(self, name: str) -> Bools:
        """Cells of a column that hold something and no number."""
        found = self._column(name, lambda value: value is not None and math.isnan(_real(value, 0.0)), False)
        return np.array(found, np.bool_)

    def whole(self, name: str) -> Ints:
        """A column of row numbers; -1 where there is none."""
        return np.array(self._column(name, _whole, -1), np.int64)

    def flags(self, name: str, default: bool = True) -> Bools:
        """A column of yes and no; what is missing becomes ``default``."""
        self.asked[name] = math.nan
        return np.array(self._column(name, lambda value: _flag(value, default), default), np.bool_)

    def empty(self, name: str) -> Ints:
        """The row numbers whose cell in a column that is there is empty."""
        values = np.array(self._column(name, lambda value: _real(value, math.nan), 0.0), np.float64)
        return np.array(self.index, np.int64)[np.isnan(values) & ~self.odd(name)]

    def words(self, name: str) -> list[str]:
        """A column of words; empty where there is none."""
        return self._column(name, lambda value: value if isinstance(value, str) else "", "")

    def _column(self, name: str, make: Callable[[Any], T], default: T) -> list[T]:
        values = self.columns.get(name)
        return [default] * len(self) if values is None else [make(value) for value in values]


def _real(value: Any, default: float) -> float:
    """The number of a cell, ``default`` where it is empty, not a number where it holds anything else."""
    if value is None or isinstance(value, str) and not value.strip():
        return default
    try:
        number = math.nan if isinstance(value, (str, dict, list)) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return default if isinstance(value, float) and number != number else number


def _whole(value: Any) -> int:
    number = _real(value, -1.0)
    return int(number) if abs(number) < 2**62 and number == int(number) else -1


def _flag(value: Any, default: bool) -> bool:
    number = _real(value, float("nan"))
    return default if number != number else bool(number)


def from_json(content: bytes) -> dict[str, Table | Any]:
    """The tables and plain values of a pandapower JSON file.

    Raises Refused when it is not JSON or not a pandapower network. Text may be UTF-8 (with or without mark) or GB 18030.
    """
    content = as_utf8(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    try:
        top = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("grid.not_json", kind=type(error).__name__) from None
    inner = unwrap(top)
    if not isinstance(inner, dict) or "bus" not in inner:
        raise refuse("grid.not_pandapower")
    plain = {name: value for name, value in inner.items() if isinstance(value, (str, int, float))}
    tables = {name: _table(value) for name, value in inner.items() if name in READ}
    broken = [
        name
        for name, found in tables.items()
        if name != "bus" and inner[name] and not isinstance(found, Table)
    ]
    if broken:
        raise refuse("grid.broken_table", broken=broken)
    return plain | tables


def from_net(net: Mapping[str, Any]) -> dict[str, Table | Any]:
    """The tables of a pandapower network in memory."""
    tables = {name: value for name, value in net.items() if type(value).__name__ == FRAME and name in READ}
    plain = {name: value for name, value in net.items() if isinstance(value, (str, int, float))}
    return plain | {
        name: Table(tuple(int(i) for i in frame.index), {str(c): _cells(frame[c]) for c in frame.columns})
        for name, frame in tables.items()
    }


def _cells(column: Any) -> list[Any]:
    """The cells of a column in memory, the empty ones of every kind as None."""
    return [None if empty else cell for cell, empty in zip(column.tolist(), column.isna(), strict=True)]


def unwrap(value: Any) -> Any:
    """Content of ``_object``, read as data."""
    if isinstance(value, dict) and "_object" in value:
        inner = value["_object"]
        try:
            return json.loads(inner) if isinstance(inner, str) else inner
        except (ValueError, RecursionError):
            return None
    return value


def _table(value: Any) -> Table | Any:
    """A table in either layout pandapower has written: split (columns, index, data) or one dictionary a column."""
    if not isinstance(value, dict):
        return value
    if "_object" in value and value.get("_class") != FRAME:
        return None
    inner = unwrap(value)
    if not isinstance(inner, dict):
        return inner
    try:
        if {"columns", "index", "data"} <= inner.keys():
            return _split(inner["columns"], inner["index"], inner["data"])
        if inner and all(isinstance(column, dict) for column in inner.values()):
            return _by_column(inner)
    except (TypeError, ValueError, OverflowError):
        return None
    return Table((), {}) if value.get("_class") == FRAME else inner


def _split(names: Iterable[Any], index: Iterable[Any], rows: list[list[Any]]) -> Table:
    names = [str(name) for name in names]
    numbers = tuple(int(i) for i in index)
    if len(rows) != len(numbers) or any(len(row) != len(names) for row in rows):
        raise ValueError("a row has the wrong length")
    return Table(
        numbers, dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {n: () for n in names}
    )


def _by_column(columns: dict[str, dict[str, Any]]) -> Table:
    keys = sorted({key for column in columns.values() for key in column}, key=int)
    return Table(
        tuple(int(key) for key in keys),
        {name: tuple(column.get(key) for key in keys) for name, column in columns.items()},
    )
