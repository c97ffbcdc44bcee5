"""A pandapower file while it is being read: its tables, its buses, and what there is to say about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jiedian.core.findings import Finding, refuse
from jiedian.grid.circuit.calc.network import Bools, Ints

from .pandapower_tables import Table

EMPTY = Table((), {})
WORDS = {
    "not_read": (
        "不支持的元件，未读入",
        "not supported, left out",
    ),
    "bad_voltage": (
        "额定电压无效",
        "nominal voltage is not a positive number",
    ),
    "no_such_bus": (
        "端点母线不存在，未读入",
        "an end bus does not exist, left out",
    ),
    "no_rating": (
        "没有额定电流，按不受限计算",
        "no rated current, taken as unlimited",
    ),
    "bad_line": (
        "长度或阻抗无效，所在片区须人工核定",
        "length or impedance is invalid: its section is for a person",
    ),
    "zero_impedance": (
        "阻抗为零，视为直接相连",
        "no impedance, taken as joined",
    ),
    "impedance_voltages": (
        "两端电压不同的阻抗元件，未读入",
        "an impedance between two voltages, left out",
    ),
    "uneven_impedance": (
        "两个方向阻抗不同，取平均",
        "its two directions differ, their mean is used",
    ),
    "const_current": (
        "恒电流负荷按一半恒功率、一半恒阻抗计算",
        "constant-current share taken as half constant power, half constant impedance",
    ),
    "voltage_held": (
        "调压发电机保持其电压，不计无功限额；三千节点以上电网的上级部分按恒功率",
        "generators keep their voltage without limits of reactive power; in the upstream of more than 3,000 nodes constant power",
    ),
    "uneven_leakage": (
        "漏抗在两侧分配不等，按各半计算",
        "its leakage is split unevenly between the sides: taken as half and half",
    ),
    "unbalanced": (
        "不对称功率按三相合计平衡计算",
        "unbalanced powers are added up and taken as balanced",
    ),
    "bad_power": (
        "功率不是数值，所在片区须人工核定",
        "its power is not a number: its section is for a person",
    ),
    "tap_ignored": (
        "未注明分接类型，分接位置按额定位置计算",
        "no tap changer type: the tap is taken as neutral",
    ),
    "tap_second": (
        "第二组分接未读入，按额定位置计算",
        "its second tap changer is not read and taken as neutral",
    ),
    "tap_table": (
        "分接特性表未读入",
        "its tap table is not read",
    ),
    "bad_trafo": (
        "容量或短路阻抗无效，所在片区须人工核定",
        "rating or impedance is invalid: its section is for a person",
    ),
    "tap_star": (
        "星点分接未给角度（tap_step_degree），与 pandapower 一样按额定位置计算",
        "a tap at the star without an angle (tap_step_degree): taken as neutral, as pandapower does",
    ),
    "no_source": (
        "电网没有电源（ext_grid）",
        "the network has no source (ext_grid)",
    ),
}
"""What a reader may have to say, in both languages."""


class Grid:
    """The tables of one file while they are being read, the buses by row number, and the findings so far."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        self.findings: list[Finding] = []
        self.bus = self.table("bus")
        if not len(self.bus):
            raise refuse("grid.no_bus", "电网没有母线", "the network has no bus")
        self.position = {number: i for i, number in enumerate(self.bus.index)}
        self.is_live = self.bus.flags("in_service")
        self.kv = self.bus.reals("vn_kv")
        self.hz = self.plain("f_hz", 50.0)
        self.is_old = self.plain_version() < (3, 0)
        if self.plain_version() < (2, 0):
            raise refuse(
                "grid.too_old",
                "pandapower 2.0 以前的格式：请用 pandapower 打开后另存",
                "written before pandapower 2.0: open and save it with pandapower first",
            )

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
        """Whether each bus exists and is in service."""
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
            zh, en = WORDS[code]
            first = ", ".join(str(n) for n in list(names)[:5])
            words = f"{zh}（{len(names)} 个：{first}）", f"{en} ({len(names)}: {first})"
            self.findings.append(Finding(f"grid.{code}", *words, where=of))
