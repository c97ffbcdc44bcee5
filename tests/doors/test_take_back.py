"""A customer's no that was a slip: he takes it back himself until somebody has acted on it; then he is told whom to ask."""

import pytest
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.undo import said_no, take_back_no
from jiedian.cases.case.services.work import Work
from jiedian.cases.screen.queries.replay import differences
from jiedian.core.findings import Refused
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.steps import forget_no, send_back
from jiedian.works.models import Objection
from jiedian.works.queries import charges, dues_of
from jiedian.works.services.undo import forget_objection
from tests.cast import CUSTOMER, codes, do, lodge, moment
from tests.doors.test_customer_steps import opened

pytestmark = pytest.mark.django_db
NO = {"answer": "refused", "words": "单价不对"}


def at(text: str) -> None:
    SimulatedTime.objects.all().delete()
    SimulatedTime.objects.create(at=moment(text))


def asked(kind: str = "HV1") -> Case:
    """A case whose scheme waits for its customer."""
    case = lodge(kind, "2025-09-15 09:00")
    while "SCHEME_SIGN" not in codes(case):
        do(case, sorted(codes(case) - {"CUSTOMER_DESIGN"})[0], "2025-09-16 09:00")
    at("2025-09-17 09:00")
    return case


@pytest.mark.parametrize("kind", ["LVN", "HV1", "HV2", "PV", "PVH"])
def test_a_scheme_declined_by_mistake_is_taken_back_days_later_and_can_be_accepted(kind: str) -> None:
    case = asked(kind)
    client, track = opened(case), reverse("tracker", args=[case.number])
    clocks = set(codes(case))
    client.post(reverse("act", args=[case.number, "another"]), {"words": "点错"})
    assert "SCHEME_SIGN" not in codes(case) and case.schemes.filter(state="declined").exists()
    at("2025-09-19 09:00")
    page = client.get(track).content.decode()
    assert (
        "收回，重新答复" in page and ("确认接入系统方案" if kind.startswith("PV") else "确认供电方案") in page
    )
    unsay = reverse("act", args=[case.number, "unsay"])
    assert client.post(unsay).status_code == 302
    assert set(codes(case)) == clocks and case.schemes.get().state == "replied"
    page = client.get(track).content.decode()
    assert "收回，重新答复" not in page and "核对无误，确认" in page
    assert client.post(unsay).status_code == 422, "twice is said"
    assert client.post(reverse("act", args=[case.number, "accept"])).status_code == 302
    assert case.schemes.get().state == "accepted" and differences(case.number) == []


def test_once_the_next_scheme_is_drafted_he_is_told_whom_to_ask() -> None:
    case = asked()
    client = opened(case)
    client.post(reverse("act", args=[case.number, "another"]), {"words": "点错"})
    do(case, "SCHEME_DRAFT", "2025-09-17 10:00")
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "收回，重新答复" not in page and "自己收不回了" in page and case.account_manager_name in page
    refused = client.post(reverse("act", args=[case.number, "unsay"]))
    assert refused.status_code == 422 and "给他留言或打电话" in refused.content.decode()
    while "SCHEME_SIGN" not in codes(case):
        do(case, sorted(codes(case) - {"CUSTOMER_DESIGN"})[0], "2025-09-18 09:00")
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "收不回" not in page, "he is asked again"


@pytest.mark.parametrize(
    ("code", "again"), [("FEE_COLLECT", "FEE_DETERMINE"), ("CONTRACT_SIGN", "CONTRACT_DRAFT")]
)
def test_a_no_to_fee_or_contract_is_taken_back_the_same_way(code: str, again: str) -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="yes")
    for each in ("SCHEME_REPLY", "SCHEME_SIGN", "FEE_DETERMINE", "CONTRACT_DRAFT"):
        do(case, each, "2025-09-17 09:00")
    owed, open_now = dues_of(case).owed_cny, set(codes(case))
    do(case, code, "2025-09-22 09:00", **NO)
    assert again in codes(case) and Objection.objects.exists()
    at("2025-09-25 09:00")
    assert opened(case).post(reverse("act", args=[case.number, "unsay"])).status_code == 302
    assert set(codes(case)) == open_now and not Objection.objects.exists()
    assert dues_of(case).owed_cny == owed and len(charges(case)) == 1 and dues_of(case).order is not None
    do(case, code, "2025-09-26 09:00")
    assert code not in codes(case) and differences(case.number) == []


def test_a_scheme_that_lapsed_is_nobodys_no_and_nothing_said_is_nothing_taken_back() -> None:
    case = asked()
    with pytest.raises(Refused) as refusal:
        take_back_no(case, actor=CUSTOMER, at=moment("2025-09-17 10:00"))
    assert refusal.value.findings[0].code == "undo.no_no"
    Scheme.objects.filter(case=case).update(state="lapsed")
    send_back(case.schemes.get(), at=moment("2026-11-17 10:00"))
    assert said_no(case) is None and "SCHEME_DRAFT" in {step.code for step in open_steps(case.number)}
    work = Work(case, open_steps(case.number).get(code="SCHEME_DRAFT"), CUSTOMER, moment("2026-11-17 11:00"))
    forget_objection(work)
    forget_no(work)
    assert case.schemes.get().state == "lapsed", "what was never said is not forgotten"
