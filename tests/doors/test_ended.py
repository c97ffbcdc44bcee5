"""A case that has ended promises nothing more: every text its customer reads, by class and by how it ended."""

import html
import re
from datetime import date

import pytest
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import terminate, withdraw
from jiedian.people.queries import actor
from jiedian.shell.models import SimulatedTime
from tests.cast import CUSTOMER, codes, do, lodge, moment, staff
from tests.doors.test_customer_steps import opened

pytestmark = pytest.mark.django_db
FUTURE = re.compile(
    r"会一次|预计|还没到|前交|现在不用交|待补|待缴|待签|还欠|负责到底|正在重拟|最迟|答复您|可以收回|从受理到今天|等您(?!的)|我们在办|希望哪天"
)
NEXT = re.compile(
    r"[Ee]xpected|to come|is due|due by|[Oo]wed| will |Waiting|is waiting|no later|at the latest|until today"
)


def seen(case: Case, language: str) -> str:
    """What stands on the customer's page of a case."""
    browser = opened(case)
    browser.cookies["django_language"] = language
    page = browser.get(reverse("tracker", args=[case.number])).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", main)))


def ended(kind: str, how: str) -> Case:
    """A case of a class that has ended: taken back before acceptance, half-way, by the company half-way, or with power."""
    case = lodge(kind, "2025-09-15 09:00", needed_on=date(2025, 12, 31))
    if how == "before":
        withdraw(case, reason="不办了", actor=CUSTOMER, at=moment("2025-09-15 10:00"))
    else:
        do(case, "ACCEPT", "2025-09-15 10:00")
        for n in range(60):
            case.refresh_from_db()
            if not case.is_open or (how != "finished" and (case.energised_at or n >= HALF.get(kind, 6))):
                break
            do(case, sorted(codes(case), key=lambda code: (code == "ENERGISE", code))[0], at_step(n))
        if how == "withdrawn":
            withdraw(case, reason="不办了", actor=CUSTOMER, at=moment("2025-11-25 10:00"))
        elif how == "terminated":
            terminate(
                case, reason="联系不上客户", actor=actor(staff("manager")), at=moment("2025-11-25 10:00")
            )
    case.refresh_from_db()
    return case


HALF = {"RES": 1, "LVN": 4, "LV0": 3}
"""Steps of a case that stops half-way, before power is on."""


def at_step(n: int) -> str:
    return f"2025-10-{1 + n // 3:02} {9 + n % 3:02}:00"


@pytest.mark.parametrize("kind", ["RES", "LV0", "LVN", "HV1", "HV2", "PV", "PVH"])
@pytest.mark.parametrize("how", ["before", "withdrawn", "terminated", "finished"])
def test_no_text_of_an_ended_case_speaks_of_what_is_to_come(kind: str, how: str) -> None:
    SimulatedTime.objects.create(at=moment("2025-12-20 09:00"))
    case = ended(kind, how)
    assert case.state == {"before": "withdrawn"}.get(how, how)
    told = seen(case, "zh-hans")
    assert not FUTURE.findall(told), told
    assert case.account_manager_name in told, "and whom to ask still stands there"
    english = seen(case, "en")
    assert not NEXT.findall(english), english


def test_a_running_case_still_says_what_comes() -> None:
    SimulatedTime.objects.create(at=moment("2025-09-15 09:30"))
    case = lodge("HV1", "2025-09-15 09:00")
    assert FUTURE.search(seen(case, "zh-hans")) and NEXT.search(seen(case, "en"))
