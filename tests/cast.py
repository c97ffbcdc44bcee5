"""The people of every test, and how each step is done by one who does it well."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.calc.application import Application, FeedInWish
from jiedian.cases.intake.services.intake import apply
from jiedian.core.closed import SOLAR
from jiedian.core.identity import citizen_number, credit_code
from jiedian.ground.journal.services import Actor
from jiedian.people.models import User
from jiedian.people.queries import actor, person
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.process.rows import card
from jiedian.process.services import Advance
from jiedian.process.steps import doing
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.services.channels import Incoming, hear
from tests.deeds import values_of

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
    is_high, is_solar = kind in ("HV1", "HV2", "PVH"), kind in SOLAR
    is_person = kind in ("RES", "PV")
    values: dict[str, Any] = {
        "declared_class": kind,
        "customer_kind": "person" if is_person else "organisation",
        "name": "王小明" if is_person else "柳泉路生鲜超市",
        "phone": PHONE,
        "identity_number": ID_NUMBER if is_person else CREDIT_CODE,
        "email": "customer@example.invalid",
        "title": "柳泉路 1 号",
        "address": "东城柳泉路 1 号",
        "area": "east",
        "capacity_kva": Decimal(1260 if is_high else 8 if is_person else 80),
        "voltage_kv": Decimal("10" if is_high else "0.22" if is_person else "0.38"),
        "channel": "hall",
        "points": (("月底前通电", 5), ("不停产接入", 3)),
        "feed_in": FeedInWish("surplus", "own") if is_solar else None,
    }
    return Application(**{**values, **changes})


def lodge(kind: str = "RES", at: str = "2025-09-15 09:00", **changes: Any) -> Case:
    return apply(application(kind, **changes), actor=CUSTOMER, at=moment(at))


HANDED_IN = {"CUSTOMER_DESIGN": "DESIGN_REVIEW", "COMPLETION_APPLY": "COMPLETION_CHECK"}
"""Papers that a careful customer brings along, by the step they are needed for: there before, they could not be."""


def bring_papers(case: Case, code: str, at: datetime) -> None:
    """The customer brings what the step after his needs."""
    owed = case.papers.filter(due_step=HANDED_IN.get(code, "-")).exclude(state="held")
    owed.update(state="held", received_at=at)


def do(case: Case, code: str, at: str | datetime, **changes: Any) -> Advance:
    """The owner does one open step, or the customer where it is his."""
    when = moment(at) if isinstance(at, str) else at
    step = open_steps(case.number).get(code=code)
    assert step.owner_id is not None
    answered = changes.pop("answered", {})
    bring_papers(case, code, when)
    work = Work(
        case=case,
        step=step,
        actor=actor(person(step.owner_id)),
        at=when,
        values=values_of(case, step, when) | changes,
        answered=answered,
    )
    advance = doing(code).verb(work)
    case.refresh_from_db()
    step.refresh_from_db()
    if step.state == Step.State.OPEN:  # it went on to the next who is asked, and he says the same
        return do(case, code, when, **changes)
    return advance


def form_of(case: Case, step: Step, at: datetime) -> dict[str, object]:
    """What a browser would send to do a step: only what its form offers."""
    fields = doing(step.code).form(None, case=case).fields
    values = values_of(case, step, at)
    values = {key: value for key, value in values.items() if value is not None and value is not False}
    for key, value in values.items():
        if isinstance(value, list) and key in fields:
            values[key] = [word for word in value if word in dict(fields[key].choices)]
    is_customers = card(case.process_key, step.code).performer == "customer"
    return values | ({"how": "counter"} if is_customers else {})


def tell(text: str, at: str = "2025-09-16 09:00", **changes: Any) -> tuple[Telling, bool]:
    """A customer says something; by the web form when nothing else is said."""
    values: dict[str, Any] = {
        "channel": "web",
        "external_id": str(uuid4()),
        "text": text,
        "received_at": moment(at),
        "sender": PHONE,
    }
    return hear(Incoming(**{**values, **changes}), actor=CUSTOMER, at=moment(at))


def codes(case: Case) -> set[str]:
    """What is open now."""
    return set(open_steps(case.number).values_list("code", flat=True))
