"""电网表格: a network as a set of CSV files or one XLSX workbook. The columns are described in docs/howto/import-a-grid.md."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jiedian.core import sheets
from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import Sheet
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.contradictions import say
from jiedian.grid.circuit.calc.network import (
    Buses,
    Injections,
    Lines,
    Links,
    Network,
    Shunts,
    Sources,
    Transformers,
)

Row = dict[str, str]


@dataclass(frozen=True)
class Column:
    """A column: its Chinese name, its unit or kind, and the value when it is left empty (None: it must be there)."""

    name: str
    zh: str
    kind: str = "number"
    default: str | None = None


TABLES: dict[str, tuple[Column, ...]] = {
    "buses": (
        Column("id", "编号", "word"),
        Column("kv", "额定电压kV"),
        Column("lon", "经度", default="nan"),
        Column("lat", "纬度", default="nan"),
        Column("owner", "产权", "text", ""),
    ),
    "lines": (
        Column("id", "编号", "word"),
        Column("from_bus", "首端", "bus"),
        Column("to_bus", "末端", "bus"),
        Column("length_m", "长度m"),
        Column("r_ohm_per_km", "电阻欧每公里"),
        Column("x_ohm_per_km", "电抗欧每公里"),
        Column("c_nf_per_km", "电容纳法每公里", default="0"),
        Column("rated_a", "额定电流A", default="inf"),
        Column("from_closed", "首端合", "flag", "1"),
        Column("to_closed", "末端合", "flag", "1"),
        Column("route", "路径", "text", ""),
    ),
    "transformers": (
        Column("id", "编号", "word"),
        Column("hv_bus", "高压侧", "bus"),
        Column("lv_bus", "低压侧", "bus"),
        Column("rated_kva", "额定容量kVA"),
        Column("rated_hv_kv", "高压侧额定kV"),
        Column("rated_lv_kv", "低压侧额定kV"),
        Column("vk_percent", "短路阻抗百分比"),
        Column("vkr_percent", "短路电阻百分比"),
        Column("pfe_kw", "空载损耗kW", default="0"),
        Column("i0_percent", "空载电流百分比", default="0"),
        Column("tap_percent", "分接偏移百分比", default="0"),
        Column("parallel", "并列台数", default="1"),
        Column("hv_closed", "高压侧合", "flag", "1"),
        Column("lv_closed", "低压侧合", "flag", "1"),
        Column("owner", "公变专变标志", "text", ""),
    ),
    "switches": (
        Column("id", "编号", "word"),
        Column("a_bus", "一侧", "bus"),
        Column("b_bus", "另一侧", "bus"),
        Column("is_closed", "常态合", "flag"),
    ),
    "loads": (
        Column("id", "编号", "word"),
        Column("bus", "节点", "bus"),
        Column("p_kw", "有功kW"),
        Column("q_kvar", "无功kvar", default="0"),
    ),
    "generators": (
        Column("id", "编号", "word"),
        Column("bus", "节点", "bus"),
        Column("p_kw", "有功kW"),
        Column("q_kvar", "无功kvar", default="0"),
    ),
    "sources": (
        Column("bus", "节点", "bus"),
        Column("vm_pu", "电压标幺", default="1"),
        Column("va_deg", "相角度", default="0"),
    ),
}
ZH = {
    "母线": "buses",
    "节点": "buses",
    "线路": "lines",
    "变压器": "transformers",
    "开关": "switches",
    "负荷": "loads",
    "电源": "sources",
    "发电": "generators",
}
NEEDED = ("buses", "sources")
SHEETS = {
    table: [
        sheets.Column(column.name, column.zh, column.name, is_needed=column.default is None)
        for column in columns
    ]
    for table, columns in TABLES.items()
}
"""The columns as the reader of people's files looks for them."""
USUAL = frozenset(["read.text", "read.kind", "read.heading"])
"""What is done with every file and need not be said of a network."""
YES, NO = {"1", "true", "yes", "y", "合", "是", "t"}, {"0", "false", "no", "n", "分", "否", "f"}


@dataclass
class _Set:
    """The tables while they are read: columns of clean values, the findings so far, and the rows of the buses."""

    found: list[Finding] = field(default_factory=list)
    values: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    bus: dict[str, int] = field(default_factory=dict)
    commas: set[str] = field(default_factory=set)

    def say(self, code: str, where: str, /, **facts: object) -> None:
        self.found.append(Finding(code, where, **facts))


def is_set(files: list[tuple[str, bytes]]) -> bool:
    """True if the files look like such a set: a workbook, or CSV files among which are the buses."""
    return any(name.lower().endswith((".xlsx", ".xls")) or _table_of(name) == "buses" for name, _ in files)


def is_table(name: str) -> bool:
    """True if a file of this name is one of the tables.

    >>> is_table("buses"), is_table("母线.csv"), is_table("town")
    (True, True, False)
    """
    return bool(_table_of(name))


def _table_of(name: str) -> str:
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].strip().lower()
    return stem if stem in TABLES else ZH.get(stem, "")


def read(files: list[tuple[str, bytes]], *, name: str = "") -> tuple[Network, list[Finding]]:
    """The network of a set of tables. A row that cannot be used is left out or kept as not a number, and named by its line.

    Raises Refused when the buses or the sources are missing or a file cannot be opened.
    """
    tables: dict[str, tuple[str, Sheet | None]] = {}
    held = _Set()
    for path, content in files:
        for where, table, sheet in _open(path, content):
            if table:
                tables[table] = (where, sheet)
                held.found += [
                    note.at(f"{where}:{note.where}") for note in sheet.report if note.code not in USUAL
                ]
            else:
                held.say("table.not_read", where)
    missing = [table for table in NEEDED if table not in tables]
    if missing:
        sheets_ = {note.where.rpartition(":")[2] for note in held.found if note.code == "table.not_read"}
        if {"bus", "line"} <= sheets_ or {"bus", "ext_grid"} <= sheets_:
            raise refuse("table.pandapower", name)
        raise refuse("table.missing", name, missing=missing)
    for table in TABLES:
        where, one = tables.get(table, (table, None))
        held.values[table] = _columns(held, table, where, one)
        if table == "buses":
            held.bus = {identity: i for i, identity in enumerate(held.values["buses"]["id"])}
    return _network(held, name or "tables"), held.found


def _open(path: str, content: bytes) -> Iterator[tuple[str, str, Sheet]]:
    """(where, table, sheet) of a CSV file, or of every sheet of a workbook."""

    def columns(title: str) -> list[sheets.Column]:
        return SHEETS.get(_table_of(title or path), [])

    for sheet in sheets.read_all(content, name=path, columns=columns):
        yield f"{path}:{sheet.name}" if sheet.name else path, _table_of(sheet.name or path), sheet


def _rows(sheet: Sheet) -> list[Row]:
    """The records of a sheet by the names of the columns, each with its line."""
    return [{"": str(line), **cells} for line, cells in sheet.texts()]


def _columns(held: _Set, table: str, where: str, sheet: Sheet | None) -> dict[str, list[Any]]:
    columns, rows = TABLES[table], _rows(sheet) if sheet else []
    if sheet and rows:
        for lacking in sheet.taken.missing:
            held.say("table.column", where, column=Text(lacking.name_zh, lacking.name_en))
        if sheet.taken.missing:
            rows = []
    held.commas = {
        column.name
        for column in columns
        if column.kind == "number" and sheets.has_decimal_comma(row.get(column.name) for row in rows)
    }
    _say_empty(held, table, rows)
    values: dict[str, list[Any]] = {column.name: [] for column in columns}
    seen: set[str] = set()
    for row in rows:
        cells = [_cell(held, column, row, f"{where}:{row['']}") for column in columns]
        identity = row.get("id", "")
        if "id" in values and identity in seen:
            held.say("table.repeated", f"{where}:{row['']}", identity=identity)
        elif None not in cells:
            seen.add(identity)
            for column, cell in zip(columns, cells, strict=True):
                values[column.name].append(cell)
    return values


def _say_empty(held: _Set, table: str, rows: list[Row]) -> None:
    """Name the empty cells of a column that is there, and what they count as; a place may be unknown."""
    for column in TABLES[table]:
        if column.kind == "number" and column.default not in (None, "nan"):
            empty = [row.get("id") or row.get("bus", "") for row in rows if row.get(column.name) == ""]
            is_rating = column.default == "inf"
            code, where = (
                ("grid.no_rating", table)
                if is_rating
                else ("grid.guessed", f"{table}.{column.name} = {column.default}")
            )
            held.found += say(code, empty, where)


def _cell(held: _Set, column: Column, row: Row, where: str) -> Any:
    """The value of a cell; None when the row cannot be used; not a number where only the value is bad."""
    text = row.get(column.name, "") or (column.default or "")
    if column.kind == "text":
        return text
    if not text:
        held.say("table.empty", where, column=Text(column.zh, column.name))
        return None
    read_kind: dict[str, Callable[[], Any]] = {
        "word": lambda: text,
        "bus": lambda: _bus(held, text, where),
        "flag": lambda: _flag(held, column, text, where),
        "number": lambda: _number(held, column, text, where),
    }
    return read_kind[column.kind]()


def _bus(held: _Set, text: str, where: str) -> int | None:
    row = held.bus.get(text, held.bus.get(text.removesuffix(".0")))
    if row is None:
        held.say("table.bus", where, text=text)
    return row


def _flag(held: _Set, column: Column, text: str, where: str) -> bool | None:
    word = text.lower().removesuffix(".0")
    if word in YES | NO:
        return word in YES
    held.say("table.flag", where, text=text, column=Text(column.zh, column.name))
    return None


def _number(held: _Set, column: Column, text: str, where: str) -> float:
    try:
        value = float(text.replace(",", "") if text.count(",") and "." in text else text)
    except ValueError:
        amount = sheets.amount_of(text, has_decimal_comma=True) if column.name in held.commas else None
        value = float(amount.value) if amount else math.nan
    is_silent = text == column.default
    if math.isnan(value) and not is_silent:
        held.say("table.number", where, text=text[:40], column=Text(column.zh, column.name))
    if column.name == "length_m" and value < 0:
        held.say("table.length", where, text=text)
    return value


def _network(held: _Set, name: str) -> Network:
    buses, lines, trafos = held.values["buses"], held.values["lines"], held.values["transformers"]
    switches = held.values["switches"]
    kv, km = _reals(buses["kv"]), _reals(lines["length_m"]) / 1000
    network = Network(
        name=name,
        buses=Buses(tuple(buses["id"]), kv),
        lines=Lines(
            tuple(lines["id"]),
            _whole(lines["from_bus"]),
            _whole(lines["to_bus"]),
            _reals(lines["r_ohm_per_km"]) * km,
            _reals(lines["x_ohm_per_km"]) * km,
            2 * np.pi * 50 * _reals(lines["c_nf_per_km"]) * 1e-3 * km,
            np.zeros(len(km)),
            _reals(lines["rated_a"]),
            _reals(lines["length_m"]),
            _flags(lines["from_closed"]),
            _flags(lines["to_closed"]),
        ),
        transformers=_transformers(trafos),
        links=Links(
            tuple(switches["id"]),
            _whole(switches["a_bus"]),
            _whole(switches["b_bus"]),
            _flags(switches["is_closed"]),
        ),
        loads=_injections(held.values["loads"]),
        generators=_injections(held.values["generators"]),
        shunts=Shunts(_whole([]), _reals([]), _reals([])),
        sources=Sources(*_first(held.values["sources"])),
    )
    places = {
        identity: (lon, lat)
        for identity, lon, lat in zip(buses["id"], buses["lon"], buses["lat"], strict=True)
        if abs(lon) <= 180 and abs(lat) <= 90
    }
    return replace(
        network, places=places, routes=_routes(held, lines), names=_owners(transformer=trafos, bus=buses)
    )


def _owners(**tables: dict[str, list[Any]]) -> dict[str, str]:
    """Whose a transformer or a bus is, as the tables say it, under ``owner:transformer:`` or ``owner:bus:`` and its id."""
    return {
        f"owner:{kind}:{identity}": said
        for kind, rows in tables.items()
        for identity, said in zip(rows["id"], rows["owner"], strict=True)
        if said
    }


def _first(sources: dict[str, list[Any]]) -> tuple[Any, Any, Any]:
    return _whole(sources["bus"]), _reals(sources["vm_pu"]), _reals(sources["va_deg"])


def _transformers(trafos: dict[str, list[Any]]) -> Transformers:
    parallel = _reals(trafos["parallel"])
    whole = np.where((parallel >= 1) & (parallel == np.floor(parallel)) & (parallel < 1e6), parallel, 0)
    columns = {name: _reals(values) for name, values in trafos.items() if name not in ("id", "owner")} | {
        "hv_bus": _whole(trafos["hv_bus"]),
        "lv_bus": _whole(trafos["lv_bus"]),
        "ratio_pu": 1 + _reals(trafos["tap_percent"]) / 100,
        "shift_deg": np.zeros(len(parallel)),
        "parallel": whole.astype(np.int64),
        "hv_closed": _flags(trafos["hv_closed"]),
        "lv_closed": _flags(trafos["lv_closed"]),
    }
    del columns["tap_percent"]
    return Transformers(id=tuple(trafos["id"]), **columns)


def _injections(rows: dict[str, list[Any]]) -> Injections:
    return Injections(tuple(rows["id"]), _whole(rows["bus"]), _reals(rows["p_kw"]), _reals(rows["q_kvar"]))


def _routes(held: _Set, lines: dict[str, list[Any]]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Routes are written ``lon lat; lon lat; …``."""
    routes = {}
    for identity, text in zip(lines["id"], lines["route"], strict=True):
        if not text:
            continue
        try:
            points = tuple((float(a), float(b)) for a, b in (p.split() for p in text.split(";") if p.strip()))
            if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points):
                raise ValueError
        except ValueError:
            held.say("table.route", f"lines {identity}", text=text[:40])
            continue
        if len(points) > 1:
            routes[identity] = points
    return routes


def _reals(values: list[float]) -> Any:
    return np.asarray(values, np.float64)


def _whole(values: list[int]) -> Any:
    return np.asarray(values, np.int64)


def _flags(values: list[bool]) -> Any:
    return np.asarray(values, np.bool_)
