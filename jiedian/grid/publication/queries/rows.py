"""The row of a device in an issue: one list of fields, from which page, CSV, XLSX, GeoJSON and API all write the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from jiedian.core.findings import Finding
from jiedian.grid.capacity.calc.limits import Limit, sentences_of
from jiedian.grid.capacity.queries.maps import level
from jiedian.grid.network.queries.basemap import english

from ..models import FULL, Publication, Published

KINDS = ("station", "main", "feeder", "area", "node")
FEW = 3
"""Fewer cases than this are not counted in public: an area with one customer is that customer. Ours; no source was found."""
LEVELS = ("ample", "enough", "tight", "none", "hand")


@dataclass(frozen=True)
class Field:
    """A field of a row: its key, its type in JSON (a ``?`` behind it: or null), its unit, and what it means."""

    key: str
    type: str
    unit: str
    label: str | Promise

    @property
    def words(self) -> str:
        """The type in the reader's language."""
        known = {
            "string": _("文字"),
            "number": _("数"),
            "integer": _("整数"),
            "boolean": _("是否"),
            "date": _("日期"),
            "month": _("年月"),
        }
        return str(known[self.type.removesuffix("?")])


FIELDS = (
    Field("grid", "string", "", _("电网代码")),
    Field("issue", "integer", "", _("期号，每个电网从 1 起")),
    Field("date", "date", "", _("公布日")),
    Field("kind", "string", "", _("设备类型：变电站、主变、馈线、台区、节点")),
    Field("code", "string", "", _("电网数据里的编号，与类型合起来唯一")),
    Field("device", "string", "", _("平常的叫法")),
    Field("kv", "number", "kV", _("电压等级（变电站、主变、台区是低压侧）")),
    Field("kv_high", "number?", "kV", _("变电站、主变、台区的高压侧电压")),
    Field("station", "string?", "", _("上级变电站")),
    Field("main", "string?", "", _("上级主变；同一母线段有几台时都列出")),
    Field("feeder", "string?", "", _("所在馈线")),
    Field("feeder_code", "string?", "", _("所在馈线的编号")),
    Field("area", "string?", "", _("所在台区")),
    Field("area_code", "string?", "", _("所在台区的编号")),
    Field("rated_kva", "number?", "kVA", _("额定容量（馈线按首段电流折算）")),
    Field("allowed_kva", "number?", "kVA", _("公式允许用到的容量")),
    Field("peak_kva", "number?", "kVA", _("近 12 个月实测最大负荷")),
    Field("peak_month", "month?", "", _("最大负荷出现的月份")),
    Field("reserved_kw", "number?", "kW", _("已预留的用电，已扣除；节点不给，以免指到一户")),
    Field("reserved_cases", "integer?", "", _("已预留的户数；1、2 户时不给，以免指到一户")),
    Field("reserved_kva", "number?", "kVA", _("公式里扣除的预留（乘同时系数）")),
    Field("queued_kw", "number?", "kW", _("排队的用电，未扣除；先到先得")),
    Field("queued_cases", "integer?", "", _("排队的户数；1、2 户时不给，以免指到一户")),
    Field("open_kw", "number?", "kW", _("还能接的用电，公式与潮流中较小的；空＝人工核定，见原因")),
    Field("formula_kw", "number?", "kW", _("只按公式")),
    Field("physical_kw", "number?", "kW", _("只按潮流")),
    Field("limit", "string?", "", _("先到限的是什么（代码）")),
    Field("limit_by", "string?", "", _("由哪一种算法得出：公式或潮流")),
    Field("limit_at", "string?", "", _("先到限的设备")),
    Field("limit_zh", "string?", "", _("先到限的是什么，中文一句")),
    Field("limit_en", "string?", "", _("先到限的是什么，英文一句")),
    Field("level", "string?", "", _("余量：充裕、够用、紧张、无、人工核定")),
    Field("by_hand", "boolean", "", _("须人工核定")),
    Field("reason_zh", "string?", "", _("为什么没有数，中文")),
    Field("reason_en", "string?", "", _("为什么没有数，英文")),
    Field("feed_in_kw", "number?", "kW", _("还能接的上网发电（分布式光伏可开放容量），按潮流")),
    Field("feed_in_limit", "string?", "", _("发电先到限的是什么（代码）")),
    Field("feed_in_limit_at", "string?", "", _("发电先到限的设备")),
    Field("feed_in_limit_zh", "string?", "", _("发电先到限的是什么，中文一句")),
    Field("feed_in_limit_en", "string?", "", _("发电先到限的是什么，英文一句")),
    Field("feed_in_state_zh", "string?", "", _("可接发电按哪种状态算，中文")),
    Field("feed_in_state_en", "string?", "", _("可接发电按哪种状态算，英文")),
    Field("feed_in_reason_zh", "string?", "", _("为什么没有发电的数，中文")),
    Field("feed_in_reason_en", "string?", "", _("为什么没有发电的数，英文")),
    Field("feed_in_reserved_kw", "number?", "kW", _("已预留的发电，已扣除")),
    Field("feed_in_queued_kw", "number?", "kW", _("排队的发电，未扣除")),
    Field("lon", "number?", "°", _("经度，WGS 84")),
    Field("lat", "number?", "°", _("纬度，WGS 84")),
    Field("formula", "string", "", _("公式的版本")),
    Field("version", "integer", "", _("电网模型的版本")),
    Field("note_zh", "string?", "", _("不可相加的说明，中文")),
    Field("note_en", "string?", "", _("不可相加的说明，英文")),
)
KEYS = tuple(field.key for field in FIELDS)
Words = dict[Limit, tuple[str, str]]


def plain_rows(rows: Iterable[Published], publication: Publication) -> Iterator[dict[str, Any]]:
    """Each row as everybody may read it, by the keys of ``FIELDS``; what an issue did not keep is None."""
    head = {
        "grid": publication.grid.code,
        "issue": publication.number,
        "date": localtime(publication.published_at).date().isoformat(),
        "formula": publication.formula,
        "version": publication.version.number,
    }
    power_factor = publication.parameters.get("OPEN_PF", 0.95)
    words: Words = {}
    note = Finding("published.not_additive")
    notes = {"note_zh": note.zh, "note_en": note.en}
    for row in rows:
        found = dict.fromkeys(KEYS) | head | _names(row) | _figures(row, power_factor)
        if publication.edition >= FULL:
            found |= _kept(row, publication, words) | notes | _sum_note(row)
        yield found | _reasons(row)


def _names(row: Published) -> dict[str, Any]:
    """What the device is called and where it stands: as kept, in an old issue as it is called now."""
    facts = row.facts or {
        "code": row.device.code,
        "name": row.device.name,
        "kv": row.device.kv,
        "lon": row.device.lon,
        "lat": row.device.lat,
    }
    copied = (
        "kv_high",
        "station",
        "main",
        "feeder",
        "feeder_code",
        "area",
        "area_code",
        "rated_kva",
        "lon",
        "lat",
    )
    found = {key: facts.get(key) for key in copied}
    found["rated_kva"] = _tenth(found["rated_kva"])
    return found | {"kind": row.kind, "code": facts["code"], "device": facts["name"], "kv": facts["kv"]}


def _figures(row: Published, power_factor: float) -> dict[str, Any]:
    path = row.inputs.get("path") or [{}]
    own = path[0] if path[0].get("device") == (row.facts.get("name") or row.device.name) else {}
    is_station = row.kind == "station"
    rated_level = row.facts.get("level") or level(row.open_kw, row.facts.get("kv", 0) or row.device.kv)
    return {
        "open_kw": _tenth(row.open_kw),
        "formula_kw": None if row.formula_kva is None else _tenth(row.formula_kva * power_factor),
        "physical_kw": _tenth(row.physical_kw),
        "allowed_kva": _tenth(own.get("allowed_kva")),
        "peak_kva": _tenth(own.get("peak_kva")),
        "reserved_kva": _tenth(own.get("transit_kva")),
        "feed_in_kw": _tenth(row.feed_in_kw),
        "level": None if is_station else rated_level,
        "by_hand": row.open_kw is None and not is_station,
    }


def _kept(row: Published, publication: Publication, words: Words) -> dict[str, Any]:
    """What issues keep since the second edition; ``words`` are the sentences said so far."""
    facts = row.facts
    found: dict[str, Any] = {"peak_month": facts.get("peak_month")}
    for name in ("limit", "feed_in_limit"):
        if name not in facts or (row.open_kw if name == "limit" else row.feed_in_kw) is None:
            continue
        limit = Limit(*facts[name])
        if limit not in words:
            words[limit] = sentences_of(limit, publication.parameters, english(limit.at), english(limit.to))
        found |= {name: limit.code, f"{name}_at": limit.at or None}
        found[f"{name}_zh"], found[f"{name}_en"] = words[limit]
        if name == "limit":
            found["limit_by"] = limit.by
    if row.feed_in_kw is not None and "LIGHT_LOAD" in publication.parameters:
        state = Finding("published.light", percent=f"{100 * publication.parameters['LIGHT_LOAD']:g}")
        found |= {"feed_in_state_zh": state.zh, "feed_in_state_en": state.en}
    if "held_load" in facts:
        for name, key in (("reserved", "held_load"), ("queued", "waits_load")):
            found[f"{name}_kw"], cases = facts[key]
            found[f"{name}_cases"] = None if 0 < cases < FEW else cases
        found["feed_in_reserved_kw"] = facts["held_feed_in"][0]
        found["feed_in_queued_kw"] = facts["waits_feed_in"][0]
    return found


def _reasons(row: Published) -> dict[str, Any]:
    """Why there is no figure; a station's stand at its main transformers."""
    found: dict[str, Any] = {}
    if row.kind == "station":
        finding = Finding("published.station")
        found["reason_zh"] = found["feed_in_reason_zh"] = finding.zh
        found["reason_en"] = found["feed_in_reason_en"] = finding.en
    elif row.open_kw is None:
        found |= _joined("reason", row.inputs.get("why", []))
    if row.kind != "station" and row.feed_in_kw is None:
        found |= _joined("feed_in_reason", row.facts.get("why_feed_in", []))
    return found


def _joined(name: str, why: list[dict[str, str]]) -> dict[str, str | None]:
    return {
        f"{name}_zh": "；".join(row["zh"] for row in why) or None,
        f"{name}_en": "; ".join(_placed(row["en"]) for row in why) or None,
    }


def _placed(words: str) -> str:
    """An English reason with the English name of the device it begins with."""
    at, colon, rest = words.partition(": ")
    return f"{english(at)}{colon}{rest}"


def _sum_note(row: Published) -> dict[str, Any]:
    """At a feeder the sum of its areas beside its own figure, so that nobody makes it in earnest."""
    count, total = row.facts.get("areas", (0, 0.0))
    if row.kind != "feeder" or count < 2 or row.open_kw is None:
        return {}
    finding = Finding("published.sum", count=count, total=f"{total:,.0f}", own=f"{row.open_kw:,.0f}")
    return {"note_zh": finding.zh, "note_en": finding.en}


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def words_of(row: dict[str, Any], name: str, *, is_zh: bool) -> str:
    """The sentence of a row in the reader's language: ``limit``, ``feed_in_limit``, ``feed_in_state``, ``reason``, ``feed_in_reason`` or ``note``."""
    return row[f"{name}_{'zh' if is_zh else 'en'}"] or ""
