"""A paper is ticked at the counter with a file, or with a word that its original was seen, by whom and when."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.intake.forms import AcceptForm
from jiedian.cases.papers.queries import without_file
from jiedian.cases.papers.services import send_back
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor, person
from jiedian.process.queries import open_steps
from tests.cast import codes, do, lodge, moment, staff
from tests.doors.test_customer_steps import opened, pdf

pytestmark = pytest.mark.django_db


def test_a_tick_without_a_file_or_a_word_is_refused() -> None:
    case = lodge("RES")
    with pytest.raises(Refused) as refusal:
        do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card"], originals_seen=False)
    assert [finding.code for finding in refusal.value.findings] == ["paper.unseen"]
    assert "身份证" in refusal.value.words("zh")[0] and "ACCEPT" in codes(case) and not case.papers.exists()
    form = AcceptForm({"held": ["id_card"]}, case=case)
    assert not form.is_valid() and set(form.errors) == {"originals_seen"}
    assert AcceptForm({"held": ["id_card"], "originals_seen": "on"}, case=case).is_valid()


def test_the_clerk_says_he_saw_the_originals_and_it_stands_there_with_name_and_time() -> None:
    case, client = lodge("RES"), Client()
    step = open_steps(case.number).get()
    clerk = person(step.owner_id)
    client.force_login(clerk)
    page = reverse("step", args=[case.number, step.pk])
    missing = client.post(page, {"held": ["id_card"]})
    kept = re.search(r'<input[^>]*value="id_card"[^>]*>', missing.content.decode())
    assert missing.status_code == 422 and kept and "checked" in kept[0], "what was ticked stands there again"
    sent = {"held": ["id_card"], "originals_seen": "on"}
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent).status_code == 422  # sent twice
    paper = case.papers.get(code="id_card")
    assert (paper.state, paper.seen_by, paper.upload) == ("held", clerk.name_zh, None) and paper.seen_at
    fact = facts_of(case.stream).get(kind="paper.seen")
    assert fact.data["papers"] == ["id_card"] and fact.actor_name == clerk.name_zh
    assert "原件已在柜台核对" in client.get(reverse("case", args=[case.number])).content.decode()
    assert "原件已在柜台核对" in opened(case).get(reverse("tracker", args=[case.number])).content.decode()


def test_what_the_customer_sent_needs_no_original() -> None:
    case = lodge("RES")
    opened(case).post(reverse("hand_in_early", args=[case.number, "id_card"]), {"file": pdf()})
    assert without_file(case, ["id_card", "title_deed"]) == {"title_deed"}
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card"], originals_seen=False)
    paper = case.papers.get(code="id_card")
    assert paper.upload and not paper.seen_by and not facts_of(case.stream).filter(kind="paper.seen").exists()


def test_a_paper_sent_back_is_seen_no_more() -> None:
    case = lodge("RES")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card"])
    paper = case.papers.get(code="id_card")
    send_back(paper, reason="照片模糊", actor=actor(staff("clerk")), at=moment("2025-09-15 11:00"))
    paper.refresh_from_db()
    assert (paper.state, paper.seen_by, paper.seen_at) == ("refused", "", None)
