"""Papers by 供电营业规则 (2024): what is asked, what waits for it, and what the survey may still ask in one notice."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination import reactions
from jiedian.cases.intake.services.survey import no_paper_owed
from jiedian.cases.papers import services as papers
from jiedian.cases.papers.queries import askable, awaited
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.links.models import Outbox
from jiedian.people.queries import actor
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"
AT = moment("2025-09-16 09:00")


def accepted(kind: str, held: list[str], **more: Any) -> Case:
    case = lodge(kind)
    do(case, "ACCEPT", "2025-09-15 10:00", held=held, **more)
    return case


def owed(case: Case) -> dict[str, str]:
    return dict(case.papers.filter(state="owed").values_list("code", "due_step"))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The letters as they go to be typeset."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(papers, "pdf", lambda _template, data: told.append(data) or PDF)
    return told


def test_every_high_voltage_customer_owes_the_approval_of_his_project() -> None:
    """Art. 21 (2): 高压用户需提供用电人有效身份证件、用电地址物权证件、用电工程项目批准文件、用电设备清单."""
    assert {"title_deed_hv", "project_approval", "equipment_list"} <= owed(
        accepted("HV1", ["licence"])
    ).keys()
    before = lodge("HV1", "2024-05-20 09:00")
    do(before, "ACCEPT", "2024-05-20 10:00", held=["licence"])
    assert "project_approval" not in owed(before) and "completion_papers" in owed(before)


def test_an_organisation_at_low_voltage_gives_licence_and_representative() -> None:
    case = accepted("LVN", ["licence"])
    assert owed(case).keys() == {"representative_id", "title_deed", "promise_letter"}
    with pytest.raises(Refused) as refusal:
        do(lodge("LVN"), "ACCEPT", "2025-09-15 10:00", held=["id_card"])
    assert refusal.value.words("zh") == ["受理至少需要：营业执照"]


def test_a_refusal_names_every_paper_that_would_do() -> None:
    with pytest.raises(Refused) as refusal:
        do(lodge("RES"), "ACCEPT", "2025-09-15 10:00", held=[])
    assert refusal.value.words("zh") == ["受理至少需要：居民身份证或护照或其他有效身份证件"]
    case = accepted("RES", ["id_card"])
    with pytest.raises(Refused) as refusal:
        no_paper_owed(case)
    assert "用电地址权属证明或租赁合同及房东权属证明" in refusal.value.words("zh")[0]
    assert "title_deed" not in refusal.value.words("zh")[0]


def test_a_promise_stands_for_the_title_until_it_comes() -> None:
    case = accepted("RES", ["id_card"])
    assert owed(case) == {"title_deed": "ARCHIVE", "promise_letter": "ARCHIVE"}
    papers.hand_in(case.papers.get(code="title_deed"), BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    assert not owed(case)
    no_paper_owed(case)
    assert not owed(accepted("RES", ["id_card", "title_deed"]))


def test_an_agent_brings_his_authority_and_his_own_paper() -> None:
    agents = {"agent_authorisation": "CONTRACT_SIGN", "agent_id": "CONTRACT_SIGN"}
    assert agents.items() <= owed(accepted("RES", ["id_card", "title_deed"], by_agent=True)).items()
    assert not agents.keys() & owed(accepted("RES", ["id_card", "title_deed"])).keys()


def test_what_the_survey_finds_needed_is_asked_in_one_notice_and_is_no_breach(
    letters: list[dict[str, Any]],
) -> None:
    """Art. 44: important users' designs are reviewed; a special load hands in a study. Neither was known at acceptance."""
    case = accepted("HV1", ["licence", "title_deed_hv", "equipment_list", "project_approval"])
    assert {row.code for row in awaited(case)} >= {"power_quality_study"}
    assert any("电能质量评估报告" in line for line in letters[0]["later"]), "the notice says the condition"
    letters.clear()
    do(case, "SURVEY", "2025-09-16 10:00", importance="second", is_special_load=True)
    assert owed(case)["power_quality_study"] == "COMPLETION_CHECK"
    assert owed(case)["design_documents"] == owed(case)["designer_licence"] == "DESIGN_REVIEW"
    assert [letter["kind"] for letter in letters if letter["kind"] == "supplement"] == ["supplement"] * 2
    assert {item["code"] for item in letters[0]["items"]} == {
        "power_quality_study",
        "design_documents",
        "designer_licence",
    }
    assert case.notices.filter(kind="supplement").count() == 2 and not Breach.objects.exists()
    assert facts_of(case.stream).filter(kind="notice.supplemented").count() == 1
    assert not papers.carry_over(case, actor=actor(staff("manager")), at=AT), "twice is once"


def test_a_survey_that_finds_nothing_new_asks_for_nothing() -> None:
    case = accepted("HV1", ["licence"])
    before = owed(case)
    do(case, "SURVEY", "2025-09-16 10:00")
    assert owed(case) == before and not case.notices.filter(kind="supplement").exists()


def test_the_notice_says_which_steps_wait_and_cites_title_and_clause(letters: list[dict[str, Any]]) -> None:
    accepted("HV1", ["licence"])
    notice = letters[0]
    waits = {row["step"]: row["papers"] for row in notice["holds"]}
    assert waits.keys() == {"答复供电方案", "竣工检验"}
    assert "用电地址权属证明或租赁合同及房东权属证明" in waits["答复供电方案"]
    for item in notice["items"]:
        assert "供电营业规则" in item["source"] and "条" in item["source"], item
        assert not any(word in item["source"] for word in ("domain reference", "proposal", "[")), item
    assert sum("第四十七条" in item["source"] for item in notice["items"]) == 7


def test_what_may_still_be_asked_is_not_covered_and_a_second_notice_is_said_first() -> None:
    case = accepted("HV1", ["licence"])
    assert {row.code for row in askable(case)} == {"agent_authorisation", "agent_id"}
    case.papers.filter(code="equipment_list").delete()
    client = Client()
    client.force_login(staff("manager"))
    url = reverse("verb", args=[case.number, "ask-paper"])
    client.post(url, {"code": "equipment_list"})
    assert not Breach.objects.exists() and not case.papers.filter(code="equipment_list").exists()
    client.post(url, {"code": "equipment_list", "is_sure": "on"})
    assert Breach.objects.get().kind == "second_notice"


def test_a_paper_sent_back_is_told_to_the_customer() -> None:
    case = accepted("RES", ["id_card", "title_deed"])
    papers.send_back(case.papers.get(code="title_deed"), reason="看不清", actor=actor(staff("clerk")), at=AT)
    (fact,) = facts_of(case.stream).filter(kind="paper.sent_back")
    for _twice in range(2):
        reactions.tell(fact)
    assert Outbox.objects.filter(template="paper_sent_back", channel="sms").count() == 1


def test_papers_come_along_to_a_case_that_is_started_again() -> None:
    """Only what was held with a file and is asked for now; a ticked paper without a file is brought again."""
    before = lodge("LVN", "2025-09-15 09:00")
    file = BytesIO(b"%PDF-1.7\n%%EOF\n")
    papers.hand_in_by_code(before, "licence", file, name="licence.pdf", actor=CUSTOMER, at=AT)
    again = lodge("LVN", "2025-09-17 09:00")
    papers.inherit(again, before, actor=CUSTOMER, at=AT)
    papers.inherit(again, before, actor=CUSTOMER, at=AT)
    (held,) = again.papers.all()
    assert (held.code, held.state, held.upload) == ("licence", "held", before.papers.get().upload)
    assert facts_of(again.stream).filter(kind="paper.received").first().data["from"] == before.number
