"""Reads hand-off files: one row an event, one row a point, or one row a hand-off with lists of points."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from math import isfinite

from jiedian.core.findings import Finding, Refused
from jiedian.core.sheets import (
    Asked,
    Column,
    Sheet,
    header_of,
    is_skipped,
    lacking,
    local,
    moment_of,
    read,
    text,
)
from jiedian.core.words import Text

from .attenuation import EVENTS, LAYERS, Touch

CHINA = timezone(timedelta(hours=8))
NAMES = {
    "case": ("case", "case_id", "case_number", "工单", "工单号"),
    "point": ("point", "point_id", "要点", "客户要点"),
    "weight": ("weight", "权重"),
    "layer": ("layer", "to_layer", "层", "层级"),
    "event": ("event", "事件"),
    "at": ("at", "time", "timestamp", "时间"),
    "department": ("department", "to", "receiver", "部门", "承接部门"),
    "said_at": ("said_at", "提出时间"),
    "sent_at": ("sent_at", "shown_at", "made_at", "交接时间", "发出时间"),
    "acknowledged_at": ("acknowledged_at", "签认时间"),
    "answered_at": ("answered_at", "答复时间"),
    "said": ("points_said", "said", "提出要点"),
    "shown": ("points_shown", "shown", "points_sent", "展示要点"),
    "acknowledged": ("points_acknowledged", "acknowledged", "签认要点"),
    "answered": ("points_answered", "answered", "答复要点"),
    "weights": ("weights", "权重表"),
}
"""What a column may be called; the first is the name of the contract."""

LAYER_NAMES = {
    **{name: name for name in LAYERS},
    "内部服务层": "service",
    "服务层": "service",
    "内部支撑层": "support",
    "支撑层": "support",
    "核心业务层": "core",
    "核心层": "core",
}
EVENT_NAMES = {
    **{name: name for name in EVENTS},
    "ack": "acknowledged",
    "提出": "said",
    "展示": "shown",
    "签认": "acknowledged",
    "答复": "answered",
}
PADDING = re.compile(r"internal|business|layer|[\s_-]")
"""What may stand around the name of a layer: ``internal_service``, ``Core business layer``."""
BACKWARDS = ("handoffs.before_said", "handoffs.before_shown")
"""A finding about one point; the rest of the file, and the point itself, count."""
SERIAL = re.compile(r"\d{5}\.\d+")
"""A spreadsheet's day number with its share of the day: exact to the minute."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No hand-off lies outside; at the ends of the calendar an instant has no time in China."""


def shape_of(header: Iterable[str]) -> str:
    """``events`` (a row an event), ``points`` (a row a point in a layer), ``handoffs`` (a row a hand-off) or nothing."""
    names = _columns(header)
    if {"case", "point", "event"} <= names.keys():
        return "events"
    happened = {"acknowledged", "answered", "acknowledged_at", "answered_at", "shown"} & names.keys()
    if {"case", "layer"} <= names.keys() and happened:
        return "points" if "point" in names else "handoffs"
    return ""


ZH = {
    "case": "工单", "point": "要点", "weight": "权重", "layer": "层级", "event": "事件", "at": "时间", "department": "部门",
    "said_at": "提出时间", "sent_at": "交接时间", "acknowledged_at": "签认时间", "answered_at": "答复时间", "said": "提出要点",
    "shown": "展示要点", "acknowledged": "签认要点", "answered": "答复要点", "weights": "权重表",
}  # fmt: skip


def columns_of() -> list[Column]:
    """The columns of a hand-off file and the names they go by; only the case must be there in every shape."""
    return [Column(key, ZH[key], key.replace("_", " "), names, key == "case") for key, names in NAMES.items()]


def contract_heading(header: list[str], places: Mapping[str, int]) -> list[str]:
    """A heading with the columns that were taken under the names of the contract."""
    keys = {at: NAMES[key][0] for key, at in places.items()}
    return [keys.get(at, name) for at, name in enumerate(header)]


def _columns(header: Iterable[str]) -> dict[str, str]:
    present = list(header)
    return {key: name for key, names in NAMES.items() for name in reversed(names) if name in present}


@dataclass(frozen=True)
class Handoffs:
    """A hand-off file read: its touches, what is wrong, how many rows, what was done to read it, and its sheet."""

    touches: list[Touch]
    findings: list[Finding]
    rows: int
    report: tuple[Finding, ...]
    sheet: Sheet


def read_handoffs(content: bytes, *, name: str, asked: Asked | None = None) -> Handoffs:
    """The touches in a file of any usual kind. Raises Refused when there is no table in it."""
    sheet = read(content, name=name, columns=columns_of(), asked=asked)
    if sheet.taken.unknown:
        raise Refused(lacking(sheet.taken))
    header = contract_heading(header_of(sheet), sheet.taken.places)
    rows = []
    for row in sheet.rows:
        cells = [text(cell) for cell in row.cells] + [""] * (len(header) - len(row.cells))
        rows.append((row.line, dict(reversed([(k, v) for k, v in zip(header, cells, strict=False) if k]))))
    touches, findings = read_touches(header, rows)
    return Handoffs(touches, findings, len(rows), sheet.report, sheet)


def read_touches(
    header: list[str], rows: Iterable[tuple[int, Mapping[str, str]]]
) -> tuple[list[Touch], list[Finding]]:
    """The touches of a file and what is wrong: rows that cannot be read give no touch; points with BACKWARDS stay."""
    shape, names = shape_of(header), _columns(header)
    if not shape:
        return [], [_finding("handoffs.header", 1, header=", ".join(header)[:120])]
    read = {"events": _event, "points": _point, "handoffs": _handoff}[shape]
    touches: list[Touch] = []
    found: list[Finding] = []
    for line, raw in rows:
        row = {key: "" if is_skipped(raw.get(name)) else raw[name] for key, name in names.items()}
        try:
            touches += read(row)
        except _Bad as bad:
            found.append(_finding(bad.code, line, **bad.facts))
    found += backwards(touches)
    return touches, found


class _Bad(ValueError):
    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def _finding(code: str, line: int, /, **facts: object) -> Finding:
    return Finding(code, f"第 {line} 行 line {line}", **facts)


def _event(row: Mapping[str, str]) -> list[Touch]:
    if not row["case"] or not row["point"]:
        raise _Bad("handoffs.blank")
    event = EVENT_NAMES.get(row["event"].lower())
    if event is None:
        raise _Bad("handoffs.event", event=row["event"])
    layer = "" if event == "said" else _layer(row)
    at = moment(row.get("at", ""))
    weight = _weight(row.get("weight", ""))
    return [Touch(row["case"], row["point"], event, at, layer, weight, row.get("department", ""))]


def _handoff(row: Mapping[str, str]) -> list[Touch]:
    if not row["case"]:
        raise _Bad("handoffs.blank")
    layer, weights = _layer(row), _weights(row.get("weights", ""))
    sent, said = moment(row.get("sent_at", "")), moment(row.get("said_at", ""))
    at = {
        "said": said or sent,
        "shown": sent,
        "acknowledged": moment(row.get("acknowledged_at", "")),
        "answered": moment(row.get("answered_at", "")),
    }
    return [
        Touch(
            row["case"],
            point,
            event,
            at[event],
            "" if event == "said" else layer,
            weights.get(point),
            row.get("department", ""),
        )
        for event in EVENTS
        for point in split(row.get(event, ""))
    ]


def _point(row: Mapping[str, str]) -> list[Touch]:
    if not row["case"] or not row["point"]:
        raise _Bad("handoffs.blank")
    layer, weight = _layer(row), _weight(row.get("weight", ""))
    made = []
    for event in EVENTS:
        said, at = row.get(event, ""), row.get(AT[event], "")
        if said.lower() in NO and not at:
            continue
        when = moment(at) if at else None if said.lower() in YES else moment(said)
        place = "" if event == "said" else layer
        made.append(Touch(row["case"], row["point"], event, when, place, weight, row.get("department", "")))
    return made


AT = {"said": "said_at", "shown": "sent_at", "acknowledged": "acknowledged_at", "answered": "answered_at"}
YES = {"1", "yes", "y", "true", "是", "√"}
NO = {"", "0", "no", "n", "false", "否"}


def _layer(row: Mapping[str, str]) -> str:
    layer = LAYER_NAMES.get(PADDING.sub("", row.get("layer", "").lower()))
    if layer is None:
        said = row.get("layer", "")
        raise _Bad("handoffs.layer", layer=Text(said or "空", f"{said!r}"))
    return layer


def split(text: str) -> list[str]:
    """The points of a list: ``;``, ``；``, ``|`` or ``、`` divide; a comma too where the cell was quoted."""
    parts = [part.strip().strip("[]'\"") for part in re.split(r"[;；|、,，]", text)]
    return list(dict.fromkeys(part for part in parts if not is_skipped(part)))


def _weights(text: str) -> dict[str, float]:
    pairs = [part.partition("=" if "=" in part else ":") for part in split(text)]
    return {
        point.strip(): weight for point, _, told in pairs if (weight := _weight(told.strip())) is not None
    }


def _weight(text: str) -> float | None:
    """The weight, None where the cell is empty."""
    if not text:
        return None
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        weight = -1.0
    if not isfinite(weight) or weight <= 0:
        raise _Bad("handoffs.weight", text=text)
    return weight


@lru_cache(maxsize=100_000)
def moment(text: str) -> datetime | None:
    """An instant; without a zone it is Chinese time. Raises ValueError with the words for it."""
    text = text.strip()
    if not text:
        return None
    at = local(moment_of(text, order="dmy" if "." in text else ""), CHINA)
    if at and FIRST_YEAR <= at.year <= LAST_YEAR:
        return (
            at.replace(second=0, microsecond=0) + timedelta(minutes=at.second >= 30)
            if SERIAL.fullmatch(text)
            else at
        )
    raise _Bad("handoffs.time", text=text)


def backwards(touches: list[Touch]) -> list[Finding]:
    """Points taken up before they were said, or before the layer was shown them. A date without a time says nothing of
    the order in its day."""
    said: dict[tuple[str, str], datetime] = {}
    shown: dict[tuple[str, str, str], datetime] = {}
    for touch in touches:
        if touch.event == "said" and touch.at:
            point = (touch.case, touch.point)
            said[point] = min(said.get(point, touch.at), touch.at)
        if touch.event == "shown" and touch.at:
            place = (touch.case, touch.point, touch.layer)
            shown[place] = min(shown.get(place, touch.at), touch.at)
    found = []
    for touch in touches:
        if not touch.at or touch.event == "said":
            continue
        if _is_before(touch.at, said.get((touch.case, touch.point), touch.at)):
            found.append(Finding("handoffs.before_said", touch.case, point=touch.point, event=touch.event))
        elif _is_before(touch.at, shown.get((touch.case, touch.point, touch.layer), touch.at)):
            facts = {"point": touch.point, "event": touch.event, "layer": touch.layer}
            found.append(Finding("handoffs.before_shown", touch.case, **facts))
    return found


def _is_before(at: datetime, said_at: datetime) -> bool:
    local, said = at.astimezone(CHINA), said_at.astimezone(CHINA)
    is_day = local.time() == time.min
    return local.date() < said.date() if is_day else local < said
