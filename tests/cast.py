"""The people of every test, and how each step is done by one who does it well."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.module_loading import import_string

from jiedian.cases.models import Case
from jiedian.cases.services.intake import apply
from jiedian.cases.services.steps import Work
from jiedian.config.wiring import STEPS
from jiedian.core.application import Application
from jiedian.core.identity import citizen_number, credit_code
from jiedian.journal.services import Actor
from jiedian.people.models import User
from jiedian.people.queries import actor, person
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.process.services import Advance

SHANGHAI = ZoneInfo("Asia/Shanghai")
CUSTOMER = Actor(None, "客户", "customer")
ID_NUMBER = citizen_number("37030319900101001")
CREDIT_CODE = credit_code("91370303MA3C00000")
PHONE = "13812345678"


def moment(text: str) -> datetime:
    """``2025-09-30 10:00`` at the company's place."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def staff(username: str) -> User:
    return User.objects.get(username=username)


def application(kind: str = "RES", **changes: Any) -> Application:
    """A well-formed application of a class."""
    is_high = kind.startswith("HV")
    values: dict[str, Any] = {
        "declared_class": kind,
        "customer_kind": "person" if kind == "RES" else "organisation",
        "name": "王小明" if kind == "RES" else "柳泉路生鲜超市",
        "phone": PHONE,
        "identity_number": ID_NUMBER if kind == "RES" else CREDIT_CODE,
        "email": "customer@example.invalid",
        "title": "柳泉路 1 号",
        "address": "东城柳泉路 1 号",
        "area": "east",
        "capacity_kva": Decimal(1260 if is_high else 80 if kind != "RES" else 8),
        "voltage_kv": Decimal("10" if is_high else "0.38" if kind != "RES" else "0.22"),
        "channel": "hall",
        "points": (("月底前通电", 5), ("不停产接入", 3)),
    }
    return Application(**{**values, **changes})


def lodge(kind: str = "RES", at: str = "2025-09-15 09:00", **changes: Any) -> Case:
    return apply(application(kind, **changes), actor=CUSTOMER, at=moment(at))


def values_of(case: Case, step: Step, at: datetime) -> dict[str, Any]:
    """What a careful person enters for a step."""
    values: dict[str, dict[str, Any]] = {
        "ACCEPT": {
            "held": [
                "id_card",
                "title_deed",
                "licence",
                "title_deed_hv",
                "equipment_list",
                "project_approval",
                "power_quality_study",
                "completion_papers",
            ]
        },
        "SURVEY": {
            "case_class": case.case_class,
            "capacity_kva": case.capacity_kva,
            "importance": case.importance,
            "is_special_load": case.is_special_load,
            "open_capacity": "yes",
            "grid_works": "no",
            "customer_works": "yes" if case.case_class in ("LVN", "HV1", "HV2") else "no",
            "has_fee": "yes" if case.case_class == "HV2" else "no",
        },
        "SCHEME_DRAFT": scheme_values(case),
        "COUNTERSIGN": {"agreed": "yes", "text": "同意"},
        "SCHEME_REPLY": scheme_values(case),
        "SCHEME_SIGN": {"is_accepted": True},
        "FEE_DETERMINE": {
            "name": "高可靠性供电费",
            "quantity": Decimal("630"),
            "unit_price_cny": Decimal("128.005"),
            "basis": "发改价格〔2003〕2279号",
        },
        "FEE_COLLECT": {"receipt_number": "R-1"},
        "CONTRACT_DRAFT": {"number": "HT-1"},
        "CONTRACT_SIGN": {"number": "HT-1", "signatory": case.customer.name},
        "GRID_WORKS": {"project_number": "P-1", "scope": "架空线 120 m", "completed_on": at.date()},
        "METER_ALLOC": {"meter_number": "M-1", "ct_ratio": "75/5"},
        "METER_INSTALL": {"meter_number": "M-1", "seal_number": "S-1", "first_reading_kwh": Decimal("0")},
        "CUSTOMER_DESIGN": {"designer": "客户所选设计院", "designer_licence": "A-1"},
        "CUSTOMER_WORKS": {
            "contractor": "客户所选公司",
            "contractor_licence": "B-1",
            "completed_on": at.date(),
        },
        "COMPLETION_APPLY": {"is_complete": True},
        "RECTIFY": {"note": "已整改"},
        "MID_RECTIFY": {"note": "已整改"},
        "ENERGISE": {"is_live_line": True, "reading_kwh": Decimal("0.5")},
        "ARCHIVE": {},
        "CALLBACK": {"score": 5, "text": "满意", "was_asked_twice": False, "was_sent_on": False},
    }
    return values.get(step.code, {"result": "pass", "defects": ""})


def scheme_values(case: Case) -> dict[str, Any]:
    return {
        "supply_point": "10kV 柳泉线 12 号杆",
        "standby_point": "10kV 高新线 3 号柜" if case.case_class == "HV2" else "",
        "capacity_kva": case.capacity_kva,
        "boundary": "柳泉线 12 号杆跌落式熔断器上桩头",
        "metering": "hv_hv" if case.voltage_kv >= 10 else "lv_lv",
        "ct_ratio": "75/5",
        "meter_class": "0.5S",
        "tariff": "一般工商业",
        "protection": "",
        "power_quality": "",
        "duties": "各自维护产权侧",
    }


def do(case: Case, code: str, at: str | datetime, **changes: Any) -> Advance:
    """The owner does one open step, or the customer where it is his."""
    when = moment(at) if isinstance(at, str) else at
    step = open_steps(case.number).get(code=code)
    assert step.owner_id is not None
    perform = import_string(STEPS[code][1])
    answered = changes.pop("answered", {})
    work = Work(
        case=case,
        step=step,
        actor=actor(person(step.owner_id)),
        at=when,
        values=values_of(case, step, when) | changes,
        answered=answered,
    )
    advance = perform(work)
    case.refresh_from_db()
    return advance


def codes(case: Case) -> set[str]:
    """What is open now."""
    return set(open_steps(case.number).values_list("code", flat=True))
