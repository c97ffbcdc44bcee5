"""Names, wishes and form values of the demo's made-up people."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from demo.sites import named_points
from demo.town.names import COLUMNS, ROWS
from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.process.models import Step
from jiedian.supply.menu.calc.metering import current_transformer, rated_current_a
from jiedian.supply.menu.calc.ownership import is_in_ground
from jiedian.supply.study.queries.rules import figures
from jiedian.supply.study.queries.uses import use_of

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
)
FIRMS = (
    "云溪精密制造有限公司",
    "学府路生鲜超市",
    "和谐社区充电站",
    "第二实验小学",
    "新材料二厂",
    "兴业物流园",
    "溪东食品有限公司",
    "云帆数据中心",
    "惠民医院",
    "春天幼儿园",
    "北辰注塑厂",
    "老街面馆",
    "蓝图印务有限公司",
    "恒通汽修",
    "金穗面粉厂",
    "溪畔酒店",
    "东方纺织有限公司",
    "新区污水处理厂",
    "向阳农机合作社",
    "百草堂药店",
)
STREETS = tuple(name for name, _ in (*ROWS, *COLUMNS[::2]))
POINTS = (
    "月底前要用上电",
    "不停产接入",
    "少跑一趟",
    "投资越省越好",
    "施工不要破坏路面",
    "电压要稳",
    "有事先打电话",
    "夜间也要有电",
    "预留以后增容",
    "方案要讲清楚",
)
ERRAND_WORDS = (
    "请确认接入点可转供能力（模拟）",
    "请核对计量装置库存（模拟）",
    "请会签接入方案（模拟）",
    "请安排带电班次（模拟）",
)
SURVEY_SLOW = 0.07
"""Share of steps that take three times as long as usual."""


def values_of(case: Case, step: Step, at: datetime, rng: Random) -> dict[str, Any]:
    """Values that the city's people enter for a step, defects included."""
    values = early(case) | late(case, at)
    if step.code == "ACCEPT":
        return {
            "held": [
                code
                for code in values["ACCEPT"]["held"]
                if code in ("id_card", "licence") or rng.random() < 0.6
            ],
            "originals_seen": True,
        }
    if step.code == "SURVEY":
        works, enough = rng.choice(["yes", "no"]), "no" if rng.random() < 0.2 else "yes"
        return values["SURVEY"] | {
            "grid_works": "yes" if enough == "no" else works,
            "open_capacity": enough,
        }
    if step.code in INSPECTIONS:
        return inspection(step, rng)
    return values[step.code]  # whoever draws a new step says here how the city's people do it


def early(case: Case) -> dict[str, dict[str, Any]]:
    """Up to the reply: papers, survey, scheme."""
    return {
        "ACCEPT": {
            "held": [
                "id_card",
                "title_deed",
                "licence",
                "title_deed_hv",
                "equipment_list",
                "project_approval",
                "power_quality_study",
                "representative_id",
            ],
            "originals_seen": True,
        },
        "SURVEY": {
            "case_class": case.case_class,
            "voltage_kv": f"{case.voltage_kv.normalize():f}",
            "capacity_kva": case.capacity_kva,
            "importance": case.importance,
            "is_special_load": case.is_special_load,
            "open_capacity": "yes",
            "capacity_reason": "现场核实（模拟）",
            "grid_works": "no",
            "customer_works": "yes" if case.case_class in ("LVN", "HV1", "HV2") else "no",
            "has_fee": "yes" if case.case_class == "HV2" else "no",
        },
        "SCHEME_DRAFT": scheme_values(case),
        "COUNTERSIGN": {"agreed": "yes", "text": "同意"},
        "SCHEME_REPLY": scheme_values(case),
    }


def late(case: Case, at: datetime) -> dict[str, dict[str, Any]]:
    """From the accepted scheme to the call-back."""
    return {
        "SCHEME_SIGN": {"answer": "accepted"},
        "FEE_DETERMINE": {
            "name": "高可靠性供电费",
            "quantity": Decimal("630"),
            "unit_price_cny": Decimal("128.005"),
            "basis": "发改价格〔2003〕2279号",
        },
        "FEE_COLLECT": {"receipt_number": "R-1"},
        "CONTRACT_DRAFT": {"number": f"HT-{case.number}"},
        "CONTRACT_SIGN": {"number": f"HT-{case.number}", "signatory": case.customer.name},
        "GRID_WORKS": {"project_number": "P-1", "scope": "架空线 120 m", "completed_on": local_day(at)},
        "METER_ALLOC": {"meter_number": f"M-{case.number}", "ct_ratio": ratio_for(case)},
        "METER_INSTALL": {
            "meter_number": f"M-{case.number}",
            "seal_number": "S-1",
            "first_reading_kwh": Decimal("0"),
        },
        "CUSTOMER_DESIGN": {"designer": "客户所选设计院", "designer_licence": "A-1"},
        "CUSTOMER_WORKS": {
            "contractor": "客户所选公司",
            "contractor_licence": "B-1",
            "completed_on": local_day(at),
        },
        "COMPLETION_APPLY": {"is_complete": True},
        "RECTIFY": {"note": "已整改"},
        "MID_RECTIFY": {"note": "已整改"},
        "ENERGISE": {"is_live_line": True, "reading_kwh": Decimal("0.5")},
        "ARCHIVE": {},
        "CALLBACK": {"score": 5, "text": "满意", "was_asked_twice": False, "was_sent_on": False},
    }


INSPECTIONS = ("DESIGN_REVIEW", "MID_INSPECTION", "COMPLETION_CHECK")


def inspection(step: Step, rng: Random) -> dict[str, Any]:
    """Pass; the first round fails now and then."""
    if step.round == 1 and rng.random() < 0.25:
        return {"result": "rectify", "defects": "闭锁装置未调试；接地电阻未附报告（模拟）"}
    return {"result": "pass", "defects": ""}


def ratio_for(case: Case) -> str:
    """The ratio that carries what the case applies for at its voltage."""
    rated = rated_current_a(float(case.capacity_kva), float(case.voltage_kv))
    found = current_transformer(rated, [int(size) for size in figures("CT-STOCK")], normal_share=0.7)
    return found.ratio if found else ""


def scheme_values(case: Case) -> dict[str, Any]:
    """A scheme as a planner writes it where none is computed: from the nearest points of the grid there is at that voltage."""
    main, standby = named_points(case)
    return {
        "supply_point": main,
        "standby_point": standby if case.case_class == "HV2" else "",
        "capacity_kva": case.capacity_kva,
        "use": use_of(case) or "business",
        "boundary": f"{main}处，由现场确定",
        "metering": "hv_hv" if case.voltage_kv >= 10 else "lv_lv",
        "line": "cable" if case.voltage_kv < 1 or is_in_ground(main) or is_in_ground(standby) else "overhead",
        "ct_ratio": ratio_for(case),
        "meter_class": "0.5S",
        "tariff": "一般工商业",
        "protection": "",
        "power_quality": "",
        "duties": "各自维护产权侧",
        "exception_reason": "会议纪要同意例外（模拟）",
    }
