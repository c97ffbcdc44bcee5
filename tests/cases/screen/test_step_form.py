"""The form of a step: one form, one button, nothing typed or ticked is lost, and its labels tell the truth."""

import re
from decimal import Decimal

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case, Handoff
from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.shell.models import SimulatedTime
from tests.cast import do, lodge, moment, staff
from tests.deeds import values_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(db: None) -> None:
    SimulatedTime.objects.create(at=moment("2025-09-25 09:00"))


@pytest.fixture
def case() -> Case:
    return lodge("HV1", "2025-09-15 09:00")


def opened(case: Case, code: str) -> tuple[Client, Step, str]:
    """The owner of an open step before its form."""
    step = open_steps(case.number).get(code=code)
    client = Client()
    client.force_login(User.objects.get(pk=step.owner_id))
    return client, step, reverse("step", args=[case.number, step.pk])


def body(answer: object) -> str:
    """What is inside ``main``, without the frame's own forms."""
    return answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]  # type: ignore[attr-defined]


def label(page: str, of: str) -> str:
    found = re.search(rf'<label for="{of}">(.*?)</label>', page, re.S)
    assert found, of
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_there_is_one_form_and_one_button(case: Case) -> None:
    client, _step, url = opened(case, "ACCEPT")
    page = body(client.get(url))
    assert (page.count("<form"), page.count('<button class="btn go">')) == (1, 1)
    assert page.count("data-readback") == 1, "what cannot be taken back is read back and asked for once"


def test_a_refused_form_keeps_every_answer_and_every_tick(case: Case) -> None:
    client, step, url = opened(case, "ACCEPT")
    first, *others = case.points.all()
    said = {f"answer-{point.pk}": f"回应 {point.pk}" for point in [first, *others]}
    answer = client.post(url, {**said, "point": [first.pk]})
    page = body(answer)
    assert answer.status_code == 422 and "受理至少需要" in page
    for name, text in said.items():
        assert re.search(rf'name="{name}"[^>]*value="{text}"', page), name
    assert re.search(rf'name="point" value="{first.pk}" checked', page)
    assert not re.search(rf'name="point" value="{others[0].pk}" checked', page)
    assert Handoff.objects.get(step_id=step.pk).acknowledged == [], (
        "nothing was finished, nothing is taken up"
    )


def test_a_verb_that_refuses_keeps_what_was_typed_and_takes_nothing_up() -> None:
    case = lodge("HV2", "2025-09-15 09:00")
    for code, day in (("ACCEPT", 15), ("SURVEY", 16), ("SCHEME_DRAFT", 18)):
        do(case, code, f"2025-09-{day} 10:00")
    client, step, url = opened(case, "COUNTERSIGN")
    case.schemes.update(state="lapsed")
    point = case.points.all()[0]
    said = {
        "agreed": "no",
        "text": "母线余量\n不够",
        "point": [point.pk],
        f"answer-{point.pk}": "<b>改接</b>",
    }
    answer = client.post(url, said)
    page = body(answer)
    assert answer.status_code == 422 and 'class="findings"' in page
    assert "母线余量\n不够</textarea>" in page and 'value="&lt;b&gt;改接&lt;/b&gt;"' in page
    assert re.search(r'value="no"[^>]* checked', page) and re.search(
        rf'name="point" value="{point.pk}" checked', page
    )
    assert Handoff.objects.get(step_id=step.pk).acknowledged == []
    assert not Fact.objects.filter(kind="handoff.acknowledged").exists()


def test_what_is_ticked_is_taken_up_with_the_step(case: Case) -> None:
    client, step, url = opened(case, "ACCEPT")
    first, second, *_others = case.points.all()
    said = {"held": ["licence"], "originals_seen": "on", "point": [first.pk], f"answer-{second.pk}": "已告知"}
    assert client.post(url, said).status_code == 302
    handoff = Handoff.objects.get(step_id=step.pk)
    assert handoff.acknowledged == [first.pk] and handoff.acknowledged_at == moment("2025-09-25 09:00")
    assert handoff.answered[str(second.pk)] == "已告知"
    fact = Fact.objects.get(kind="handoff.acknowledged", stream=case.stream)
    assert fact.data["points_acknowledged"] == [first.pk]


def test_without_a_tick_nothing_is_taken_up(case: Case) -> None:
    client, step, url = opened(case, "ACCEPT")
    assert client.post(url, {"held": ["licence"], "originals_seen": "on"}).status_code == 302
    assert Handoff.objects.get(step_id=step.pk).acknowledged_at is None
    assert not Fact.objects.filter(kind="handoff.acknowledged").exists()


def test_a_finished_step_offers_no_form_and_is_not_done_twice(case: Case) -> None:
    client, step, url = opened(case, "ACCEPT")
    point = case.points.all()[0]
    client.post(url, {"held": ["licence"], "originals_seen": "on", "point": [point.pk]})
    page = body(client.get(url))
    assert "<form" not in page and "办结本环节" not in page
    assert "已由" in page and "已签认" in page, "who did it, and what was taken up"
    facts = Fact.objects.count()
    answer = client.post(
        url, {"held": ["licence"], "originals_seen": "on", f"answer-{point.pk}": "第二次写的"}
    )
    page = body(answer)
    assert answer.status_code == 422 and "此环节已经办结" in page and "第二次写的" in page
    assert 'class="btn' not in page and re.search(r'<fieldset class="plain[^"]*" disabled', page)
    assert Fact.objects.count() == facts


def test_the_labels_say_what_is_required(case: Case) -> None:
    client, _step, url = opened(case, "ACCEPT")
    page = body(client.get(url))
    assert re.search(r"<legend>\s*已收资料\s*<span class=\"must\">\s*必填", page)
    assert page.count("受理必需，此类一件即可") == 2, "either paper of the organisation is enough"
    do(case, "ACCEPT", "2025-09-15 10:00")
    for code, day in (("SURVEY", 16), ("SCHEME_DRAFT", 17), ("SCHEME_REPLY", 18)):
        do(case, code, f"2025-09-{day} 10:00")
    client, _step, url = opened(case, "SCHEME_SIGN")
    assert label(body(client.get(url)), "id_words") == "希望怎样修改 （要求另拟方案时必填）"
    answer = client.post(url, {"answer": "another", "words": " "})
    assert answer.status_code == 422 and answer.context["form"].errors["words"]
    manager = Client()
    manager.force_login(staff("manager3"))
    page = body(manager.get(reverse("verb", args=[case.number, "pause"])))
    assert label(page, "id_evidence") == "客户侧依据 必填"


def test_a_chosen_file_has_to_be_chosen_again_and_the_form_says_so() -> None:
    class Upload(forms.Form):
        name = forms.CharField()
        file = forms.FileField()

    sent = Upload({"name": ""}, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert "请重新选择文件" in render_to_string("shell/_form.html", {"form": sent})
    assert "请重新选择文件" not in render_to_string("shell/_form.html", {"form": Upload()})


def test_the_scheme_is_done_on_its_workbench_and_by_hand_only_when_asked_for(case: Case) -> None:
    do(case, "ACCEPT", "2025-09-16 10:00", held=["licence"])
    do(case, "SURVEY", "2025-09-17 10:00")
    client, _step, url = opened(case, "SCHEME_DRAFT")
    assert client.get(url)["Location"] == reverse("scheme", args=[case.number])
    by_hand = body(client.get(f"{url}?by_hand=1"))
    assert 'name="supply_point"' in by_hand and reverse("scheme", args=[case.number]) in by_hand
    assert f"{url}?by_hand=1" in body(client.get(reverse("scheme", args=[case.number])))


def test_a_countersigner_sees_what_he_signs(case: Case) -> None:
    do(case, "ACCEPT", "2025-09-16 10:00", held=["licence"])
    do(case, "SURVEY", "2025-09-17 10:00")
    do(case, "SCHEME_DRAFT", "2025-09-18 10:00")
    code = "COUNTERSIGN" if open_steps(case.number).filter(code="COUNTERSIGN").exists() else "SCHEME_REPLY"
    client, step, url = opened(case, code)
    point = values_of(case, step, moment("2025-09-18 10:00")).get("supply_point") or "深度"
    assert "第 1 版" in (page := body(client.get(url))) and str(point) in page


def test_a_finished_step_says_what_was_decided(case: Case) -> None:
    client, _step, url = opened(case, "ACCEPT")
    do(case, "ACCEPT", "2025-09-16 10:00", held=["licence"])
    do(case, "SURVEY", "2025-09-17 10:00", capacity_kva=Decimal("777"))
    survey = Step.objects.get(run__subject=case.number, code="SURVEY")
    client.force_login(User.objects.get(pk=survey.owner_id))
    page = body(client.get(reverse("step", args=[case.number, survey.pk])))
    assert "777" in page and "<form" not in page
