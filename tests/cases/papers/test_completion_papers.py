"""Papers of finished works are taken with the report of completion, not before there is anything to report."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.forms import AcceptForm
from jiedian.cases.papers.queries import early_papers, not_yet
from jiedian.cases.papers.services import hand_in, hand_in_by_code
from jiedian.core.findings import Refused
from jiedian.people.queries import person
from jiedian.process.queries import open_steps
from tests.cases.papers.test_papers import COMPLETION, PDF
from tests.cast import CUSTOMER, codes, do, lodge, moment
from tests.doors.test_customer_steps import opened, pdf, url

pytestmark = pytest.mark.django_db
AT = moment("2025-09-24 09:00")


@pytest.fixture
def case() -> Case:
    """A high-voltage case whose customer has his works before him."""
    case = lodge("HV1", "2025-09-15 09:00")
    for code in ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "SCHEME_REPLY", "SCHEME_SIGN"):
        do(case, code, "2025-09-16 09:00")
    return case


def report(case: Case) -> None:
    for code in ("CUSTOMER_DESIGN", "CUSTOMER_WORKS"):
        do(case, code, "2025-09-22 09:00")


def test_a_completion_paper_is_refused_before_the_works_and_says_with_which_step_it_comes(case: Case) -> None:
    paper = case.papers.get(code="test_records")
    with pytest.raises(Refused) as refusal:
        hand_in(paper, BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    assert [finding.code for finding in refusal.value.findings] == ["paper.early"]
    assert (
        "竣工报验" in refusal.value.words("zh")[0]
        and "Completion notification" in refusal.value.words("en")[0]
    )
    paper.refresh_from_db()
    assert paper.state == "owed" and paper.upload is None
    report(case)
    hand_in(paper, BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    paper.refresh_from_db()
    assert paper.state == "held"


def test_the_customer_is_not_offered_it_before_and_is_with_his_report(case: Case) -> None:
    client, tracker = opened(case), reverse("tracker", args=[case.number])
    owed = {paper.code: paper for paper in case.papers.filter(state="owed")}
    assert set(COMPLETION) <= set(owed) and set(not_yet(case, owed.values()).values()) == {"COMPLETION_APPLY"}
    place = reverse("hand_in", args=[case.number, owed["test_records"].pk])
    page = client.get(tracker).content.decode()
    assert place not in page and "完工报验时一次交" in page
    assert (
        f'name="paper-{owed["test_records"].pk}"'
        not in client.get(url(case, "CUSTOMER_DESIGN")).content.decode()
    )
    refused = client.post(place, {"file": pdf()})
    assert refused.status_code == 422 and "竣工报验" in refused.content.decode()
    report(case)
    page = client.get(url(case, "COMPLETION_APPLY")).content.decode()
    for code in COMPLETION:  # one by one, none in a bundle
        assert f'name="paper-{owed[code].pk}"' in page, code
    assert place in client.get(tracker).content.decode()


def test_the_office_is_not_offered_it_either(case: Case) -> None:
    client = Client()
    client.force_login(person(case.account_manager_id))
    paper = case.papers.get(code="test_records")
    page = reverse("case", args=[case.number])
    assert f'id="file-{paper.pk}"' not in client.get(page).content.decode()
    take = reverse("paper", args=[case.number, paper.pk])
    assert client.post(take, {"file": pdf()}).status_code == 422
    report(case)
    assert f'id="file-{paper.pk}"' in client.get(page).content.decode()
    assert client.post(take, {"file": pdf()}).status_code == 302
    assert client.post(take, {"file": pdf()}).status_code == 302  # sent twice
    assert case.papers.filter(code="test_records", state="held").count() == 1


def test_neither_at_acceptance_nor_before_it() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    offered = {code for code, _name in AcceptForm(None, case=case).fields["held"].choices}  # type: ignore[attr-defined]
    assert "licence" in offered and not offered & set(COMPLETION)
    assert not {paper.code for paper in early_papers(case)} & set(COMPLETION)
    with pytest.raises(Refused) as refusal:
        do(case, "ACCEPT", "2025-09-15 10:00", held=["licence", "test_records"])
    assert [finding.code for finding in refusal.value.findings] == ["paper.early"] and "ACCEPT" in codes(case)
    with pytest.raises(Refused) as refusal:
        hand_in_by_code(case, "test_records", BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    assert [finding.code for finding in refusal.value.findings] == [
        "paper.early"
    ] and not case.papers.exists()


def test_the_gate_at_the_inspection_is_closed_until_every_one_is_there(case: Case) -> None:
    report(case)
    step = open_steps(case.number).get(code="COMPLETION_APPLY")
    for paper in case.papers.filter(code__in=COMPLETION).exclude(code="duty_staff"):
        hand_in(paper, BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    opened(case).post(reverse("customer_step", args=[case.number, step.pk]), {"is_complete": "on"})
    with pytest.raises(Refused) as refusal:
        do(case, "COMPLETION_CHECK", "2025-09-25 09:00")
    assert len(refusal.value.findings) == 1 and "值班人员" in refusal.value.words("zh")[0]
