"""答复单: a version as the field's reply form has it, in one language: what the customer reads, and nothing of ours."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from jiedian.cases.case.models.case import Case, Point
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.core.closed import SOLAR
from jiedian.core.masking import mask_phone
from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.services import load, sources
from jiedian.people.templatetags.people_tags import person_name
from jiedian.process.rows import level_of
from jiedian.supply.menu.calc.menu import BlockRow, FieldRow
from jiedian.supply.menu.calc.oneline import one_line
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.ahead import steps_of
from jiedian.supply.study.queries.wishes import VersionFigures, asked_by, words_for

from ..models import Scheme

Pair = tuple[str, str]
IN_TABLES = {("metering", slot) for slot in ("mode", "wires", "spec", "accuracy", "ct", "vt", "quota")}
IN_TABLES |= {("source", "line"), ("fee", "fee")}
"""Fields that stand in the form's tables, not among its lines."""


def form_of(scheme: Scheme, language: str) -> dict[str, Any]:
    """Content of the reply form in a language: header, tables, lines by part, the diagram, the customer's points."""
    is_zh = language.startswith("zh")
    with override(language):
        content = scheme.content
        return {
            "lang": language[:2],
            "company": settings.CITY_ZH if is_zh else settings.CITY_EN,
            "title": _title(scheme),
            "only_feed_in": bool(content.get("only_feed_in")),
            "number": scheme.case.number,
            "version": scheme.version,
            "header": _header(scheme),
            "sources": [
                _source(n, row | {"is_feed_in": content.get("only_feed_in")}, is_zh)
                for n, row in enumerate(content.get("sources", ()), 1)
            ],
            "meters": [_meter(n, row, scheme, is_zh) for n, row in enumerate(content.get("meters", ()), 1)],
            "fees": [_fee(row, is_zh) for row in content.get("fees", ())],
            "fee_words": line_in(scheme, "fee", "fee", is_zh),
            "pieces": [_piece(row, is_zh) for row in content.get("pieces", ())],
            "quota": line_in(scheme, "metering", "quota", is_zh),
            "parts": _parts(scheme, is_zh),
            "papers": papers_of(scheme, is_zh),
            "steps": steps_of(scheme.case) if content.get("only_feed_in") else [],
            "diagram": one_line(content, is_zh=is_zh),
            "costs": [_cost(row, is_zh) for row in scheme.costs],
            "points": [[point.words, _answer(scheme, point, is_zh)] for point in scheme.case.points.all()],
            "valid_until": scheme.valid_until_on.isoformat() if scheme.valid_until_on else "",
            "is_automatic": scheme.is_automatic,
        }


def _title(scheme: Scheme) -> str:
    if scheme.case.case_class in SOLAR:
        return _("分布式光伏接入系统方案答复单")
    if level_of(scheme.case.case_class) == "HV":
        return _("高压供电方案答复单")
    is_home = scheme.case.case_class == Case.Class.RES
    return _("低压居民供电方案答复单") if is_home else _("低压供电方案答复单")


def _header(scheme: Scheme) -> list[Pair]:
    """The customer as the form names him: what nobody asked him yet says so."""
    case, content = scheme.case, scheme.content
    person = case.customer.name if case.customer.kind == "person" else ""
    told = [
        (_("户号"), _account(case)),
        (_("申请编号"), case.number),
        (_("户名"), case.customer.name),
        (_("项目地址") if case.is_solar else _("用电地址"), case.address),
        (_("客户类别"), str(case.get_case_class_display())),
        *(_of_solar(scheme) if case.is_solar else _of_power(scheme)),
        (_("联系人"), content.get("contact") or person or _("申请时未填报")),
        (_("联系电话"), mask_phone(case.customer.phone)),
        (_("客户经理"), case.account_manager_name),
        (_("有效期至"), scheme.valid_until_on.isoformat() if scheme.valid_until_on else _("答复之日起算")),
    ]
    return [(label, str(value)) for label, value in told]


def _of_power(scheme: Scheme) -> list[Pair]:
    """What a customer is supplied with, and for what."""
    case, content = scheme.case, scheme.content
    site = Site.objects.filter(case=case).first()
    use = content.get("use", site.use if site else "")
    return [
        (_("用电类别"), str(dict(Site.Use.choices).get(use, "—"))),
        (_("行业分类"), content.get("industry") or _("申请时未填报")),
        (_("拟定客户分级"), str(case.get_importance_display())),
        (_("供电电压"), _voltage(scheme)),
        _capacity(scheme),
    ]


def _of_solar(scheme: Scheme) -> list[Pair]:
    """What a customer of PV is connected with: how it feeds in, inverters and modules."""
    kept = FeedIn.objects.filter(case=scheme.case).first()
    modules = f"{plain(kept.module_kwp)} kWp" if kept and kept.module_kwp else _("申请时未填报")
    return [
        (_("上网方式"), str(kept.get_mode_display()) if kept else "—"),
        (_("屋顶"), str(kept.get_roof_display()) if kept else "—"),
        (_("并网电压"), _voltage(scheme)),
        _capacity(scheme),
        (_("组件容量（直流侧）"), modules),
    ]


def _account(case: Case) -> str:
    """Number of the account: a customer who only installs PV has one."""
    return _("沿用现有户号") if case.case_class in SOLAR else _("待立户（装表接电时编定）")


def _capacity(scheme: Scheme) -> Pair:
    """Capacity of a connection in kVA, of PV what is installed in kW."""
    label = _("装机容量") if scheme.case.is_solar else _("供电容量")
    return label, f"{plain(scheme.capacity_kva)} {scheme.case.unit}"


def plain(number: Any) -> str:
    """A number without needless zeros: 1260.0 is 1260; of what is not there a dash."""
    return "—" if number is None else f"{Decimal(str(number)).normalize():f}"


def _voltage(scheme: Scheme) -> str:
    kv = float(scheme.voltage_kv)
    if kv >= 1:
        return f"{plain(scheme.voltage_kv)} kV"
    return _("单相 220 V") if kv < 0.3 else _("三相 380/220 V")


def _source(n: int, row: Mapping[str, Any], is_zh: bool) -> dict[str, Any]:
    """One line of the table of sources."""
    said = 0 if is_zh else 1
    kinds = {"area": _("公用台区"), "own": _("专线"), "public": _("公用线路")}
    kv = row["kv"]
    spot = row["spot"][said] or _("现场勘定")
    point = [
        (_("变电站"), row["station"][said]),
        (_line_word(row), row["line"][said]),
        (_("杆号（下线点）"), spot if row["line"][said] else ""),
        (_("电源点"), "" if row["line"][said] else row["name"][said]),
    ]
    length = "" if row["length_m"] is None else _("约 %(m)s m") % {"m": f"{row['length_m']:.0f}"}
    if length and row.get("how"):
        length += _("（%(how)s）") % {"how": row["how"][said]}
    drop, fault = row.get("drop_percent"), row.get("fault")
    if fault:
        told = {"mva": fault[0], "ka": fault[1]}
        point.append((_("短路容量"), _("%(mva)s MVA（%(ka)s kA，估算值）") % told))
    entry = [
        (_("进线方式"), _("电缆") if row["entry"] == "cable" else _("架空")),
        (_("回路数"), str(row["circuits"])),
        (_("导线型号截面"), row["conductor"][said] or _("由设计选定")),
        (_("敷设方式"), _("由设计按路径确定") if row["entry"] == "cable" else ""),
        (_("新建长度"), length),
        (_("线路压降"), "" if drop is None or row.get("is_feed_in") else f"{drop:g}%"),
    ]
    if row.get("is_feed_in") and kv < 1:
        needed = "，".join(filter(None, (row["conductor"][said], length)))
        stands = _("现有接户线由现场核实，达不到校核所依导线的须更换")
        entry = [(_("校核所依导线"), needed), (_("进线"), stands)]
    return {
        "number": str(n),
        "role": _role(row),
        "kind": kinds[row["kind"]],
        "voltage": f"{kv:g} kV" if kv >= 1 else f"{1000 * kv:g} V",
        "capacity": f"{row['kva']:g} {'kW' if row.get('is_feed_in') else 'kVA'}",
        "point": [list(pair) for pair in point if pair[1]],
        "entry": [list(pair) for pair in entry if pair[1]],
    }


def _line_word(row: Mapping[str, Any]) -> str:
    """Name of what a point hangs on: an area or a line, that supplies or is fed into."""
    if row.get("is_feed_in"):
        return _("所接台区") if row["kind"] == "area" else _("所接线路")
    return _("供电台区") if row["kind"] == "area" else _("供电线路")


def _role(row: Mapping[str, Any]) -> str:
    if row.get("is_feed_in"):
        return _("并网点")
    return _("主供电源") if row["role"] == "main" else _("备供电源")


def _meter(n: int, row: Mapping[str, Any], scheme: Scheme, is_zh: bool) -> dict[str, str]:
    """One line of the table of metering points."""
    place = _("电源 %(n)d") % {"n": row["source"]}
    if row["unit"]:
        place = _("变压器 %(n)d（%(kva)s kVA）") % {"n": row["unit"], "kva": f"{row['kva']:g}"}
    spec = " ".join(_first(line_in(scheme, "metering", slot, is_zh)) for slot in ("spec", "wires"))
    accuracy = _("有功 %(p)s 级") % {"p": row["active"]}
    if row["reactive"]:
        accuracy += _("，无功 %(q)s 级") % {"q": row["reactive"]}
    nothing = _("不装设")
    return {
        "number": str(n),
        "group": _("装表时定"),
        "place": place,
        "mode": line_in(scheme, "metering", "mode", is_zh),
        "tariff": _first(line_in(scheme, "tariff", "tariff", is_zh)),
        "spec": spec,
        "accuracy": accuracy,
        "ct": _("%(ratio)s，%(grade)s 级") % {"ratio": row["ct_ratio"], "grade": row["ct_class"]}
        if row["ct_ratio"]
        else nothing,
        "vt": _("%(ratio)s kV，%(grade)s 级") % {"ratio": row["vt_ratio"], "grade": row["vt_class"]}
        if row["vt_ratio"]
        else nothing,
        "current": f"{row['current_a']:g} A",
    }


def _fee(row: Mapping[str, Any], is_zh: bool) -> list[str]:
    asked, basis = _("待核定"), sources()["SHANDONG-FEE"]
    is_rate = row["quantity"] != ""
    title = basis.title_zh.split("（")[0] if is_zh else basis.title_en.split(",")[0]
    return [
        row["name"][0 if is_zh else 1],
        _("%(cny)s 元/kVA") % {"cny": row["price"]} if row["price"] else asked,
        row["quantity"] or asked,
        _("%(cny)s 元") % {"cny": row["amount"]} if row["amount"] else asked,
        f"{title} {basis.number}".strip() if is_rate else _("核定后书面告知"),
    ]


def _piece(row: Mapping[str, Any], is_zh: bool) -> list[str]:
    side = {"customer": _("用电人"), "utility": _("供电企业"), "agreed": _("按交接协议")}
    name = row["name"][0 if is_zh else 1]
    return [name, *(side[row[part]] for part in ("builder", "payer", "owner", "keeper"))]


def _cost(row: Mapping[str, Any], is_zh: bool) -> list[str]:
    one = "set" if row["quantity"] == 1 else "sets"
    units = {"set": "套" if is_zh else one, "m": "米" if is_zh else "m"}
    money = [f"{float(row[part]):,.0f}" for part in ("low_cny", "mid_cny", "high_cny")]
    payer = _("用电人") if row["payer"] == "customer" else _("供电企业")
    quantity = f"{row['quantity']:,.0f} {units.get(row['unit'], row['unit'])}"
    return [row["name_zh" if is_zh else "name_en"], quantity, *money, payer]


def _answer(scheme: Scheme, point: Point, is_zh: bool) -> str:
    """What the scheme says to a point: the planner's words, else its own figures, else who answers instead."""
    if said := str(scheme.ticked.get(str(point.pk), "")):
        return said
    if point.kind == Point.Kind.CAPACITY:
        return " ".join(_capacity(scheme))
    if point.kind == Point.Kind.IMPORTANCE:
        return str(scheme.case.get_importance_display())
    names = ("date",) if point.kind == Point.Kind.NEEDED_ON else asked_by(point.text)
    manager = person_name(scheme.case.account_manager_name)
    said = words_for(names, _kept(scheme, point, is_zh))
    return said or _("方案里没有对应的内容，由客户经理 %(name)s 答复") % {"name": manager}


def _kept(scheme: Scheme, point: Point, is_zh: bool) -> VersionFigures:
    """Figures of a version by which it answers a customer; a version by hand, or of before, has fewer. Only the day he named
    on the form is compared: his words may mean another."""
    predicted, content = scheme.predicted, scheme.content
    days = predicted.get("days")
    tariff = line_in(scheme, "tariff", "tariff", is_zh)
    return VersionFigures(
        cost=predicted.get("cost", [0, 0, 0]) if days else None,
        days=days,
        since=local_day(scheme.replied_at or scheme.drafted_at),
        needed_on=scheme.case.needed_on if point.kind == Point.Kind.NEEDED_ON else None,
        why=scheme.why,
        sources=content.get("sources", ()),
        lines={"capacity": " ".join(_capacity(scheme)), "tariff": _first(tariff)},
        is_zh=is_zh,
        is_solar=scheme.case.is_solar,
    )


def _first(words: str) -> str:
    """The first clause of a line: what a narrow cell has room for; the whole line stands below the table."""
    for end in ("；", "（", "; ", " ("):
        words = words.split(end)[0]
    return words.rstrip("。.")


def line_in(scheme: Scheme, block: str, slot: str, is_zh: bool) -> str:
    """The words of one field; empty where the version has none."""
    rows = [row for row in scheme.modules if row["block"] == block and row.get("slot") == slot]
    return str(rows[0]["zh" if is_zh else "en"]) if rows else ""


def _parts(scheme: Scheme, is_zh: bool) -> dict[str, list[list[str]]]:
    """The lines of the form by its parts, each with the name of its field, in the order of the menu."""
    parts: dict[str, list[list[str]]] = {}
    for block in load("schemes/blocks.csv", BlockRow):
        lines = parts.setdefault(block.part, [])
        for row in scheme.modules:
            if row["block"] == block.id and (block.id, row.get("slot")) not in IN_TABLES:
                lines.append(labelled(block, row, is_zh))
    return parts


def labelled(block: BlockRow, row: Mapping[str, Any], is_zh: bool) -> list[str]:
    """A line with the name of its field, which it does not say twice."""
    names = field_names(is_zh)
    block_name = block.name_zh if is_zh else block.name_en
    name = names.get((block.id, row.get("slot", "")), block_name)
    words = str(row["zh" if is_zh else "en"])
    colon = "：" if is_zh else ": "
    for said in (name, block_name, name.split(" ")[-1].capitalize()):
        if words.startswith((f"{said}（", f"{said} (")):  # 产权分界点（电缆供电…）：…
            return [name[:1].upper() + name[1:], words.removeprefix(said).lstrip()]
    head, divided, rest = words.partition(colon)
    is_twice = divided and (
        head.lower() in (name.lower(), block_name.lower()) or name.lower().endswith(head.lower())
    )
    return [name[:1].upper() + name[1:], rest if is_twice else words]


def papers_of(scheme: Scheme, is_zh: bool) -> dict[str, Any]:
    """The completion papers: how they are handed in, then each by its name, those of one bundle together."""
    rows = [row["zh" if is_zh else "en"] for row in scheme.modules if row["block"] == "completion"]
    bundles: dict[str, list[str]] = {}
    for words in rows[1:]:
        bundle, divided, paper = words.partition("：" if is_zh else ": ")
        bundles.setdefault(bundle if divided else "", []).append(paper if divided else bundle)
    return {"how": rows[0] if rows else "", "bundles": [[name, papers] for name, papers in bundles.items()]}


def field_names(is_zh: bool) -> dict[tuple[str, str], str]:
    """The names of the form's fields by block and slot."""
    rows = load("schemes/fields.csv", FieldRow)
    return {(row.block, row.slot): row.name_zh if is_zh else row.name_en for row in rows}
