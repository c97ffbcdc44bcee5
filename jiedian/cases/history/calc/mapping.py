"""Mapping file of an import: which column of a foreign table is what, in YAML or CSV."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from jiedian.core.findings import Finding, Refused
from jiedian.core.sheets import plain

from .endings import NEVER, Ending, ending_of

FIELDS = {
    "number": "工单号",
    "title": "项目名称",
    "customer": "户名",
    "case_class": "客户类别",
    "channel": "渠道",
    "department": "部门",
    "holder": "经办人",
    "area": "区域",
    "capacity": "容量",
    "applied_at": "申请时间",
    "accepted_at": "受理时间",
    "energised_at": "送电时间",
    "needed_on": "需要通电日期",
    "planned_end": "计划完成",
    "deadline": "法定期限",
    "closed_at": "办结时间",
    "state": "状态",
    "step": "环节",
    "happened_at": "环节时间",
    "begun_at": "环节开始时间",
    "transition": "环节动作",
    "actor": "环节经办人",
}
"""What a column can be; the Chinese names are the headings of the ready-made mappings."""

NEEDED = {"cases": ("number", "applied_at"), "events": ("number", "step", "happened_at")}
"""What a table cannot do without, by its form."""
NOTHING = ("", "~", "null")
"""How a mapping says that there is nothing."""
UNITS_KVA = {"kva": 1, "kw": 1, "mva": 1000, "mw": 1000}
"""How many kVA one unit of the capacity column is counted as; power is taken at a power factor of one."""


@dataclass(frozen=True)
class HistoryMapping:
    """One mapping file. ``columns`` names for each field the columns to try, the first filled one counts."""

    name: str
    form: str
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    dates: tuple[str, ...]
    zone: ZoneInfo
    prefix: str
    repeats: str
    unit_kva: int
    ends_when: Ending = NEVER
    empty: frozenset[str] | None = None
    """Words that say nothing, in one width and lower case; None for those that offices use (``-``, 无, N/A …)."""


def read_mapping(text: str, *, name: str) -> HistoryMapping:
    """A mapping from its file. Raises Refused with everything that is wrong with it.

    YAML has the keys form, columns, values, dates, timezone, prefix, repeats, capacity_unit, empty, ends_when; the CSV form has
    the heading ``section,key,value`` whose first column is set, column or value:FIELD.
    """
    raw = _csv(text) if text.lstrip("\ufeff \n").lower().startswith("section,") else _yaml(text)
    found: list[Finding] = []
    columns = _columns(raw, found)
    values = _values(raw, found)
    for field in [*columns, *values]:
        if field not in FIELDS:
            found.append(_bad("mapping.field", field=field))
    form = str(raw.get("form", "cases"))
    needed = NEEDED.get(form)
    if needed is None:
        found.append(_bad("mapping.form"))
    for field in needed or ():
        if field not in columns:
            found.append(_bad("mapping.column", field=field))
    repeats = str(raw.get("repeats", "refuse"))
    if repeats not in ("refuse", "suffix"):
        found.append(_bad("mapping.repeats"))
    zone = _zone(str(raw.get("timezone", "Asia/Shanghai")), found)
    unit = UNITS_KVA.get(str(raw.get("capacity_unit", "kVA")).lower())
    if unit is None:
        found.append(_bad("mapping.unit"))
    dates = raw.get("dates") or ()
    formats = tuple(str(d) for d in ([dates] if isinstance(dates, str) else dates))
    ends_when = ending_of(raw.get("ends_when"), found)
    if found:
        raise Refused(found)
    label, prefix = str(raw.get("name") or name), str(raw.get("prefix") or "")
    return HistoryMapping(
        label, form, columns, values, formats, zone, prefix, repeats, unit or 1, ends_when, _empty(raw)
    )


def _values(raw: Mapping[str, Any], found: list[Finding]) -> dict[str, dict[str, str]]:
    return {
        field: {
            key.strip(): "" if value in NOTHING else str(value).strip()
            for key, value in (table or {}).items()
        }
        for field, table in _dict(raw, "values", found).items()
    }


def _empty(raw: Mapping[str, Any]) -> frozenset[str] | None:
    if "empty" not in raw:
        return None
    told = raw["empty"]
    listed = told if isinstance(told, list) else [told]
    return frozenset(plain(word) for word in listed)


def _columns(raw: Mapping[str, Any], found: list[Finding]) -> dict[str, tuple[str, ...]]:
    given = _dict(raw, "columns", found)
    made = {}
    for field, names in given.items():
        listed = names if isinstance(names, list) else [names]
        if not listed or any(name in NOTHING or isinstance(name, dict | list) for name in listed):
            found.append(_bad("mapping.column_name", field=field))
        made[str(field)] = tuple(str(name).strip() for name in listed)
    return made


def _dict(raw: Mapping[str, Any], key: str, found: list[Finding]) -> dict[str, Any]:
    value = raw.get(key) or {}
    if not isinstance(value, dict) or (
        key == "values" and not all(isinstance(v, dict) or v == "" for v in value.values())
    ):
        found.append(_bad("mapping.table", key=key))
        return {}
    return value


def _zone(name: str, found: list[Finding]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        found.append(_bad("mapping.timezone", name=name))
        return ZoneInfo("Asia/Shanghai")


def _yaml(text: str) -> dict[str, Any]:
    """What a YAML file says, every word as it is written: a column may be called No, and a state On."""
    import yaml

    try:
        raw = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but texts, lists and tables
    except yaml.YAMLError as error:
        raise Refused(_bad("mapping.yaml", error=error)) from error
    if not isinstance(raw, dict):
        raise Refused(_bad("mapping.empty"))
    return raw


def _csv(text: str) -> dict[str, Any]:
    raw: dict[str, Any] = {"columns": {}, "values": {}, "dates": []}
    for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff \n"))):
        part, key = (row.get("section") or "").strip(), (row.get("key") or "").strip()
        value = (row.get("value") or "").strip()
        if part == "column":
            raw["columns"].setdefault(key, []).append(value)
        elif part == "ends_when":
            _end(raw.setdefault("ends_when", {}), key, value)
        elif part.startswith("value:"):
            raw["values"].setdefault(part.removeprefix("value:"), {})[key] = value
        elif part == "set" and key in ("dates", "empty"):
            raw.setdefault(key, []).append(value)
        elif part == "set":
            raw[key] = value
        elif part:
            raise Refused(_bad("mapping.part", part=part))
    return raw


def _end(raw: dict[str, Any], key: str, value: str) -> None:
    """One row ``ends_when,last_activity,NAME`` or ``ends_when,quiet_days,90`` of a mapping in CSV; ``NAME=withdrawn`` says how."""
    if key == "quiet_days":
        raw[key] = int(value) if value.isdecimal() else value
        return
    name, _sign, state = value.rpartition("=") if "=" in value else (value, "", "finished")
    raw.setdefault(key, {})[name] = state


def _bad(code: str, /, **facts: object) -> Finding:
    return Finding(code, "mapping", **facts)
