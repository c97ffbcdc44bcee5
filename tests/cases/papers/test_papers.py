"""Accept on one certificate, tell once, owe, hand in; a second request is counted against us."""

import hashlib
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.papers import services as papers
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.papers.rows import papers as paper_rows
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import CEILING_BYTES, path_of
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"
AT = moment("2025-09-16 09:00")
COMPLETION = (
    "designer_licence",
    "design_documents",
    "builder_licences",
    "as_built_drawings",
    "test_records",
    "safety_tool_tests",
    "concealed_works",
    "operating_rules",
    "duty_staff",
)
"""Arts. 43, 44 and 47 for a customer whose design is not reviewed."""


def test_without_any_proof_of_identity_nothing_is_accepted() -> None:
    case = lodge("HV1")
    with pytest.raises(Refused):
        do(case, "ACCEPT", "2025-09-15 10:00", held=["equipment_list"])
    case.refresh_from_db()
    assert case.accepted_at is None
    assert not case.papers.exists() and not Notice.objects.exists() and not Upload.objects.exists()


def test_one_certificate_is_enough_and_the_notice_is_frozen() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    assert set(case.papers.filter(state="owed").values_list("code", "due_step")) == {
        ("title_deed_hv", "SCHEME_REPLY"),
        ("equipment_list", "SCHEME_REPLY"),
        ("project_approval", "SCHEME_REPLY"),
        *((code, "COMPLETION_CHECK") for code in COMPLETION),
    }
    notices = case.notices.filter(kind="one_time")
    assert {n.language for n in notices} == {"zh-hans", "en"}
    for notice in notices:
        content = path_of(notice.upload.sha256).read_bytes()
        assert content.startswith(b"%PDF-")
        assert hashlib.sha256(content).hexdigest() == notice.sha256


def test_a_paper_due_by_a_step_holds_that_step_until_it_is_handed_in() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    do(case, "SURVEY", "2025-09-16 10:00")
    do(case, "SCHEME_DRAFT", "2025-09-17 10:00")
    with pytest.raises(Refused) as refusal:
        do(case, "SCHEME_REPLY", "2025-09-18 10:00")
    assert {f.code for f in refusal.value.findings} == {"paper.owed"}
    assert len(refusal.value.findings) == 3
    assert not case.schemes.filter(state="replied").exists()
    for paper in case.papers.filter(due_step="SCHEME_REPLY"):
        papers.hand_in(paper, BytesIO(PDF), name="a.pdf", actor=CUSTOMER, at=AT)
    do(case, "SCHEME_REPLY", "2025-09-18 11:00")


def test_asking_again_for_something_knowable_is_a_breach() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    who = actor(staff("clerk"))
    case.papers.filter(code="equipment_list").delete()  # a notice that forgot it
    papers.ask_for_more(case, "equipment_list", actor=who, at=AT)
    assert Breach.objects.get(case=case).kind == "second_notice"
    for again in (
        "equipment_list",
        "organisation_paper",
        "power_quality_study",
    ):  # asked, covered by the licence, not needed
        with pytest.raises(Refused):
            papers.ask_for_more(case, again, actor=who, at=AT)


def test_a_paper_sent_back_is_owed_again_and_that_is_no_second_notice() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence", "equipment_list"])
    paper = case.papers.get(code="equipment_list")
    client = Client()
    client.force_login(staff("clerk"))
    assert "退回此件" in client.get(reverse("case", args=[case.number])).content.decode()
    client.post(reverse("paper", args=[case.number, paper.pk]), {"reason": "缺少容量一栏"})
    paper.refresh_from_db()
    assert (paper.state, paper.reason) == ("refused", "缺少容量一栏")
    with pytest.raises(Refused):
        papers.ask_for_more(case, "equipment_list", actor=actor(staff("clerk")), at=AT)
    assert not Breach.objects.exists()


def test_a_line_of_the_ledger_says_why_by_when_and_who_sees_to_it() -> None:
    case = lodge("HV1")
    row = next(row for row in paper_rows(case.process_key, on=None) if row.code == "equipment_list")
    owed = papers.keep_paper(case, row, state="owed", at=AT)
    assert (owed.rule_id, owed.due_step, owed.basis) == (
        row.id,
        row.defer_until_step,
        "《供电营业规则（2024 年）》（国家发展改革委令第 14 号） 第二十一条（二）",
    )
    assert owed.owner_id and owed.owner_name and owed.received_at is None and owed.in_notice
    held = papers.keep_paper(case, row, state="held", at=AT, in_notice=False)
    assert held.pk == owed.pk and held.received_at == AT and not held.in_notice, "one line a paper"


def test_the_notice_names_what_is_owed_and_keeps_the_hash_of_every_letter() -> None:
    case = lodge("HV1")
    row = next(row for row in paper_rows(case.process_key, on=None) if row.code == "equipment_list")
    papers.keep_paper(case, row, state="owed", at=AT)
    notices = papers.issue_notice(case, actor=actor(staff("clerk")), at=AT)
    assert {(n.kind, n.language) for n in notices} == {
        (kind, language) for kind in ("one_time", "receipt") for language in ("zh-hans", "en")
    }
    fact = facts_of(case.stream).get(kind="notice.issued")
    assert fact.data["papers"] == fact.data["owed"] == ["equipment_list"]
    assert fact.data["sha256"] == [n.sha256 for n in notices] and all(n.sha256 for n in notices)


def test_only_a_paper_that_is_held_is_sent_back_and_only_with_a_reason() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    held, owed = case.papers.get(code="licence"), case.papers.filter(state="owed")[0]
    clerk = actor(staff("clerk"))
    for paper, reason, code in ((held, " ", "paper.reason"), (owed, "看不清", "paper.state")):
        with pytest.raises(Refused) as refusal:
            papers.send_back(paper, reason=reason, actor=clerk, at=AT)
        assert [f.code for f in refusal.value.findings] == [code]
    papers.send_back(held, reason=" 看不清 ", actor=clerk, at=AT)
    held.refresh_from_db()
    assert (held.state, held.reason) == ("refused", "看不清")
    (fact,) = facts_of(case.stream).filter(kind="paper.sent_back")
    assert fact.data == {"paper": "licence"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_letter_is_in_its_own_language_whatever_the_clerk_reads(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, str]] = []
    monkeypatch.setattr(papers, "pdf", lambda _template, data: told.append(data) or PDF)
    with override(language):
        do(lodge("HV1"), "ACCEPT", "2025-09-15 10:00", held=["licence"])
    assert {(data["class_zh"], data["class_en"]) for data in told} == {("高压单电源", "HV single source")}


class Endless:
    """A file that would go on for 2 GB; counts what was read of it."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int) -> bytes:
        self.read_bytes += size
        return (b"%PDF-1.7" + b"x" * size)[:size] if self.read_bytes < 2 << 30 else b""


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"#!/bin/sh\nrm -rf /\n", "paper.pdf"),
        (b"<script>alert(1)</script>", "paper.pdf"),
        (PDF, "paper.exe"),
        (b"", "paper.pdf"),
        (b"\x89PNG\r\n\x1a\n", "paper.pdf"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(content: bytes, name: str, settings: object) -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    paper = case.papers.filter(state="owed").first()
    kept = Upload.objects.count()
    with pytest.raises(Refused):
        papers.hand_in(paper, BytesIO(content), name=name, actor=CUSTOMER, at=AT)
    assert Upload.objects.count() == kept
    assert Paper.objects.get(pk=paper.pk).state == "owed"
    assert not list(path_of("0" * 64).parent.parent.glob(".part-*"))


def test_two_gigabytes_are_refused_after_the_ceiling_and_leave_nothing() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    paper, flood = case.papers.filter(state="owed").first(), Endless()
    with pytest.raises(Refused):
        papers.hand_in(paper, flood, name="big.pdf", actor=CUSTOMER, at=AT)  # type: ignore[arg-type]
    assert flood.read_bytes < CEILING_BYTES * 2
    assert not list(path_of("0" * 64).parent.parent.glob(".part-*"))


def test_the_gate_names_every_paper_that_is_due_by_the_step_and_no_other() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    step = open_steps(case.number)[0]
    papers.no_paper_due(case, step)
    step.code = "SCHEME_REPLY"
    with pytest.raises(Refused) as refusal:
        papers.no_paper_due(case, step)
    assert {finding.facts["paper"].zh for finding in refusal.value.findings} == {
        "用电地址权属证明或租赁合同及房东权属证明",
        "主要用电设备清单",
        "用电工程项目批准文件（立项批复或备案；国家政策另有规定的按其规定）",
    }, "by their names, with what would do as well"
    case.papers.filter(due_step="SCHEME_REPLY").update(state="held")
    papers.no_paper_due(case, step)
