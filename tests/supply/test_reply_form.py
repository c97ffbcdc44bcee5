"""The reply form as the customer holds it: every field of the field's form, and nothing of ours, for every kind of customer."""

import re
from decimal import Decimal
from functools import cache
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.services import Actor
from jiedian.shell.typeset import pdf
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.services.drafts import composed_version, entered
from jiedian.supply.scheme.services.replies import form
from jiedian.supply.study.queries.studies import study_of
from jiedian.supply.study.services import locate
from tests.cast import do, lodge, moment, staff
from tests.core.town import LAT, LON, STEP
from tests.deeds import ratio_for, scheme_values
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")
PLANNER = Actor(None, "周规划", "planner")
BESIDE, BETWEEN = (LON + 2.2 * STEP, LAT + 1.2 * STEP), (LON + 4.5 * STEP, LAT + STEP)
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "home": ("RES", {"capacity_kva": Decimal(8)}, {"use": "residential", "pin": BESIDE}),
    "shop": ("LV0", {"capacity_kva": Decimal(60)}, {"use": "business", "pin": BESIDE}),
    "metered low": ("HV1", {"capacity_kva": Decimal(315)}, {"use": "industry", "pin": BESIDE}),
    "factory": ("HV1", {"capacity_kva": Decimal("1260.0")}, {"use": "industry", "pin": BESIDE}),
    "hospital": (
        "HV2",
        {"capacity_kva": Decimal(2000), "importance": "first"},
        {"use": "business", "pin": BETWEEN, "security_kw": 200, "generator_kw": 260},
    ),
}
OURS = re.compile(
    r"\b[MBCKQFNP]-[A-Z]{2,}|\bR-[HML]\b|\bOURS\b|凭记忆|recalled|转引|second hand|自定|可开放|open capacity|"
    r"受限元件|binding|S\d-B\d|#\d|未填写|not filled|\bnan\b|None|\{|\d\.0 kVA"
)
"""What is ours: ids of rows, marks, open capacity and what binds, codes of nodes, gaps and figures of a program."""


@pytest.fixture
def town() -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def composed(kind: str) -> Scheme:
    case_class, changes, site = KINDS[kind]
    case = lodge(case_class, **changes)
    locate(case, site, actor=PLANNER, at=AT)
    study = study_of(case, on=AT.date())
    assert study and study.options, kind
    said = {"exception_reason": "核定后采用", "ticked": {str(case.points.all()[0].pk): "十月前通电"}}
    apart = {"single": 0, "station": 0}
    option = min(study.options, key=lambda each: apart.get(each.facts["apart"], 1))
    return composed_version(case, study, option, said, actor=PLANNER, at=AT)


def text_of(scheme: Scheme, language: str) -> str:
    """The words of the PDF, without the breaks of its lines."""
    content = pdf("scheme", form(scheme, language, actor=PLANNER, at=AT))
    document = pypdfium2.PdfDocument(content)
    pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    joined = " ".join(pages).replace("\r", "")
    return re.sub(r"\s+", "" if language == "zh-hans" else " ", joined)


@cache
def _squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words)


EVERY: tuple[str, ...] = (
    "户号",
    "待立户",
    "申请编号",
    "户名",
    "用电地址",
    "用电类别",
    "行业分类",
    "拟定客户分级",
    "供电容量",
    "联系人",
)
EVERY += (
    "138****5678",
    "印章处",
    "示范市供电公司",
    "电源编号",
    "电源性质",
    "变电站",
    "杆号（下线点）",
    "进线方式",
)
EVERY += (
    "回路数",
    "导线型号截面",
    "运行方式",
    "产权分界点",
    "一次接线示意图",
    "计量点",
    "组号",
    "电价类别",
    "定量定比",
)
EVERY += (
    "电能表规格及接线",
    "电能表精度",
    "电流互感器",
    "电压互感器",
    "用电信息采集终端",
    "分时电价",
    "力调标准",
)
EVERY += (
    "费用名称",
    "单价",
    "数量/容量",
    "应收金额",
    "收费依据",
    "竣工报验资料",
    "双方责任与义务",
    "方案有效期",
)
EVERY += (
    "自主选择",
    "无功补偿",
    "进线开关",
    "电压偏差",
    "供电企业（盖章）",
    "用电人（签章）",
    "周规划",
    "2025-09-16",
)
SAID = {
    "home": (
        "低压居民供电方案答复单",
        "单相220V",
        "36.4A",
        "5(60)A",
        "有功2.0级",
        "单相二线",
        "两极",
        "居民生活电价",
    )
    + ("电能表负荷侧出线接线端子处", "三个月", "无业务费用"),
    "shop": (
        "低压供电方案答复单",
        "三相380/220V",
        "100/5",
        "0.5S级",
        "三相四线",
        "四极",
        "电能表及以上",
        "无业务费用",
    ),
    "metered low": ("高供低计", "三相四线", "500/5", "454.7A", "63–94kvar", "损耗", "一年"),
    "factory": (
        "高压供电方案答复单",
        "1260kVA",
        "2×630kVA",
        "高供高计",
        "75/5",
        "10/0.1kV",
        "252–378kvar",
        "三相三线",
    )
    + ("0.90", "两部制", "额定短路开断电流不小于20kA", "用电负荷分布图", "值班人员名单及资格", "分支杆"),
    "hospital": (
        "一级重要",
        "主供电源",
        "备供电源",
        "两路电源来自2座变电站",
        "不并列运行",
        "高可靠性供电费",
        "2000kVA",
    )
    + ("鲁发改价格", "保安负荷200kW", "240kW", "审核同意后方可施工", "单母线分段", "联络（闭锁）"),
}
"""8/0.22 = 36.4 A; 60/(√3·0.4) = 86.6 A → 100/5; 315/(√3·0.4) = 454.7 A → 500/5; 1260/(√3·10) = 72.7 A → 75/5."""


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_form_has_every_field_and_nothing_of_ours(town: Grid, kind: str) -> None:
    scheme = composed(kind)
    told = text_of(scheme, "zh-hans")
    assert [words for words in (*EVERY, *SAID[kind]) if _squeezed(words) not in told] == []
    assert not OURS.search(told), OURS.search(told)
    assert scheme.depth == 1 and not scheme.missing
    if kind in ("home", "shop"):
        assert "kvar" not in told and "变压器保护" not in told and "用电负荷分布图" not in told
    english = text_of(scheme, "en")
    assert not OURS.search(english), OURS.search(english)
    names = (scheme.case.customer.name, scheme.case.address, scheme.case.account_manager_name, "周规划")
    for name in (*names, "十月前通电", "月底前通电", "不停产接入", "鲁发改价格〔2023〕761 号"):
        english = english.replace(name, "").replace(_squeezed(name), "")
    assert not re.findall("[\u3400-\u9fff]+", english), "English alone but for names and the customer's words"
    assert "the Chinese form is the one that counts" in english and "Seal" not in english


@pytest.mark.parametrize("kind", ["RES", "LVN", "LV0", "HV1", "HV2"])
def test_a_scheme_entered_by_hand_fills_the_same_form(kind: str) -> None:
    """What a person gave stands there as he gave it; what he did not say is not made up."""
    case = lodge(kind)
    scheme = entered(case, scheme_values(case) | {"power_quality": "装设有源滤波装置"}, actor=PLANNER, at=AT)
    told = text_of(scheme, "zh-hans")
    given = (
        "10kV柳泉线12号杆",
        "柳泉线12号杆跌落式熔断器上桩头",
        ratio_for(case),
        "有功0.5S级",
        "一般工商业",
        "装设有源滤波装置",
    )
    assert [words for words in (*EVERY[:12], *given, "各自维护产权侧") if _squeezed(words) not in told] == []
    assert not re.search(OURS.pattern.replace(r"|#\d", ""), told)
    if kind == "HV2":
        assert "10kV高新线3号柜" in told and "备供电源" in told and "高可靠性供电费" in told
        assert "不同变电站" not in told and "F-SOURCE-APART" in scheme.missing, "nobody said how far apart"
    if kind == "HV1":
        assert "252–378kvar" in told and scheme.depth == 1


def test_thirty_five_kilovolts_by_hand() -> None:
    """12,000/(√3·35) = 198 A → 200/5; insulated neutral: three wires, Y/y from 35 kV on (DL/T 448); 10–30 % of 12 MVA are 1200–3600 kvar."""
    case = lodge("HV1", voltage_kv=Decimal(35), capacity_kva=Decimal(12_000))
    said = scheme_values(case) | {"ct_ratio": "", "meter_class": "", "boundary": "", "units": "2*6000"}
    said |= {"supply_point": "110kV 柳镇站 35kV Ⅰ段母线"}
    told = text_of(
        entered(case, said | {"contact": "李工", "industry": "钢压延加工"}, actor=PLANNER, at=AT), "zh-hans"
    )
    asked = (
        "35kV",
        "2×6000kVA",
        "200/5",
        "35/√3:0.1/√3kV",
        "三相三线",
        "1200–3600kvar",
        "40.5kV",
        "李工",
        "钢压延加工",
    )
    assert [words for words in asked if words not in told] == [] and "第一基电杆" in told
    assert "专用的电流互感器二次绕组" in told and "交接协议" in told


def test_no_fee_is_said_only_where_there_is_none() -> None:
    """The survey found a fee: the form says so, by hand as composed."""
    for has_fee, told in (("no", "无业务费用"), ("yes", "勘查核定有业务费用")):
        case = lodge("HV1", "2025-09-15 09:00")
        do(case, "ACCEPT", "2025-09-15 10:00")
        do(case, "SURVEY", "2025-09-15 11:00", has_fee=has_fee)
        words = text_of(entered(case, scheme_values(case), actor=PLANNER, at=AT), "zh-hans")
        assert told in words and ("无业务费用" in words) is (has_fee == "no")


def test_staff_trace_every_line_and_the_customer_sees_the_lines_alone(town: Grid) -> None:
    """Countersigner, case page and tracker show the same lines; the rows behind them are for staff."""
    scheme = composed("factory")
    assert all(row["rules"] and row["grade"] for row in scheme.modules)
    kvar = next(row for row in scheme.modules if row["slot"] == "kvar")
    assert {"M-KVAR-MV", "Q-KVAR-MV"} <= set(kvar["rules"])
    client = Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("case", args=[scheme.case.number])).content.decode()
    assert "252–378 kvar" in page and "oneline" in page and "basis" in page
    Scheme.objects.filter(pk=scheme.pk).update(state="replied", replied_at=AT)
    customer = Client()
    session = customer.session
    session["tracked"] = [scheme.case.number]
    session.save()
    seen = customer.get(reverse("tracker", args=[scheme.case.number])).content.decode()
    part = seen[seen.index('id="scheme"') :].split("</section>")[0]
    assert "252–378 kvar" in part and "F01 线" in part
    words = re.sub(r"<[^>]+>", " ", part)
    assert not OURS.search(words), OURS.search(words)


NEXT = {
    "home": ("签订供用电合同→送电", ("设计", "竣工", "确认方案")),
    "metered low": (
        "客户确认方案→客户受电工程设计→客户受电工程施工→竣工报验→竣工检验→送电",
        ("审核", "中间检查"),
    ),
    "hospital": ("客户受电工程设计→设计文件审核→客户受电工程施工→中间检查→竣工报验→竣工检验→送电", ()),
}


@pytest.mark.parametrize("kind", list(NEXT))
def test_the_next_steps_are_those_of_the_cases_own_process(town: Grid, kind: str) -> None:
    """No step is named that the process does not have, none that it has is left out; who builds nothing owes no paper of completion."""
    scheme = composed(kind)
    line = next(row["zh"] for row in scheme.modules if row["slot"] == "next")
    chain, absent = NEXT[kind]
    assert chain in _squeezed(line) and not [words for words in absent if words in line]
    told = text_of(scheme, "zh-hans")
    assert ("竣工报告" in told) is (kind != "home") and ("无需报验" in told) is (kind == "home")


def test_part_six_is_numbered_in_one_way(town: Grid) -> None:
    told = text_of(composed("hospital"), "zh-hans")
    part = told[told.index("六、竣工报验资料") : told.index("七、双方责任与义务")]
    assert [found for found in ("（一）", "（二）", "（三）") if found not in part] == []
    assert "（11）自备应急电源" in part and part.count("（1）") == 3 and "(" not in part
    english = text_of(composed("hospital"), "en")
    assert "(11)" in english and "（" not in english


def test_the_diagram_shows_what_the_tables_say(town: Grid) -> None:
    drawn = form(composed("hospital"), "zh-hans", actor=PLANNER, at=AT)["diagram"]
    assert drawn.startswith("<svg") and drawn.count("1000 kVA") == 2 and drawn.count(">Wh<") == 2
    assert drawn.count("产权分界") == 2 and "200–300 kvar" in drawn and "联络（闭锁）" in drawn
    low = form(composed("metered low"), "en", actor=PLANNER, at=AT)["diagram"]
    assert low.count(">Wh<") == 1 and "315 kVA" in low and "tie" not in low and "boundary" in low


def test_a_version_kept_before_there_was_a_form_is_still_typeset() -> None:
    case: Case = lodge("HV1")
    old = Scheme.objects.create(
        case=case,
        version=1,
        voltage_kv=Decimal(10),
        capacity_kva=Decimal(1260),
        drafted_at=AT,
        modules=[{"block": "tariff", "zh": "一般工商业", "en": "commercial", "rules": []}],
    )
    assert "一般工商业" in text_of(old, "zh-hans")
