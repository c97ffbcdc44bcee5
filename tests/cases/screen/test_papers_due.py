"""Papers without which a step cannot end are said before anybody fills it in: on the case, the step, the workbench, to the customer."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import due_by
from jiedian.people.models import User
from jiedian.process.queries import open_steps
from tests.cast import codes, do, lodge

pytestmark = pytest.mark.django_db
MISSING = "还差 1 份资料，没有就办结不了"


def waiting(kind: str, code: str) -> tuple[Case, Client]:
    """A case at a step that one of its papers blocks, and the browser of the step's owner."""
    case = lodge(kind, "2025-09-15 09:00")
    while code not in codes(case):
        do(case, sorted(codes(case) - {"CUSTOMER_DESIGN"})[0], "2025-09-16 09:00")
    paper = case.papers.first()
    assert paper
    case.papers.exclude(pk=paper.pk).filter(due_step=code).update(state="held")
    case.papers.filter(pk=paper.pk).update(state="owed", due_step=code)
    client = Client()
    client.force_login(User.objects.get(pk=open_steps(case.number).get(code=code).owner_id))
    return case, client


def test_the_step_of_replying_says_at_its_top_and_on_the_case_which_paper_blocks_it() -> None:
    case, client = waiting("HV1", "SCHEME_REPLY")
    (name,) = due_by(case, ["SCHEME_REPLY"])["SCHEME_REPLY"]
    step = open_steps(case.number).get(code="SCHEME_REPLY")
    way_on = f"{reverse('case', args=[case.number])}#papers"
    page = client.get(reverse("step", args=[case.number, step.pk])).content.decode()
    assert page.index(MISSING) < page.index("办结本环节") and name in page and way_on in page
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert MISSING in page and name in page and 'id="papers"' in page
    case.papers.filter(due_step="SCHEME_REPLY").update(state="held")
    assert MISSING not in client.get(reverse("case", args=[case.number])).content.decode()


def test_the_workbench_says_it_before_the_scheme_is_drafted() -> None:
    case, client = waiting("HV1", "SCHEME_DRAFT")
    case.papers.filter(due_step="SCHEME_DRAFT").update(due_step="SCHEME_REPLY")
    page = client.get(reverse("scheme", args=[case.number])).content.decode()
    assert MISSING in page and f"{reverse('case', args=[case.number])}#papers" in page


def test_the_customer_is_told_at_his_own_step() -> None:
    case, _owner = waiting("HV1", "CUSTOMER_DESIGN")
    browser = Client()
    session = browser.session
    session["tracked"] = [case.number]
    session.save()
    page = browser.get(reverse("tracker", args=[case.number])).content.decode()
    assert MISSING in page and "请在本页“资料”里上传" in page and "去收件" not in page
