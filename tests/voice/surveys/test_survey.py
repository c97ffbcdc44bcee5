"""A customer is asked after a step, answers bit by bit and without his name; files come in, are explained and undone."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from demo import opinions
from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.links.models import Outbox
from jiedian.people.queries import actor
from jiedian.voice.surveys.models import Invitation, QuotaUse, Response, SurveyFile
from jiedian.voice.surveys.queries import AnswerFilter, columns, instruments, items, quotas, screens
from jiedian.voice.surveys.reactions import ask_customer
from jiedian.voice.surveys.services import surveys
from jiedian.voice.surveys.services.imports import answers_of_file, exported
from tests.cast import CUSTOMER, PHONE, do, lodge, moment, staff
from tools.gaps import main

pytestmark = pytest.mark.django_db


def invited(kind: str = "HV1") -> tuple[Any, Invitation, str]:
    """A high-voltage case (all of them are drawn) just accepted, its invitation and the token of its link."""
    case = lodge(kind)
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    fact = Fact.objects.get(stream=case.stream, kind="case.accepted")
    surveys.invite(case, "ACCEPT", at=fact.occurred_at, step_id=fact.data["step_id"], cause=fact.uid)
    assert Invitation.objects.get(case=case).expires_at == moment("2025-09-29 10:00")
    Invitation.objects.update(expires_at=moment("2099-01-01 00:00"))  # the pages below live by the real clock
    link = Outbox.objects.get(template="survey_invite").text
    return case, Invitation.objects.get(case=case), link.split("/s/")[1].split("/")[0]


def full(instrument: str, e: int = 7, p: int = 5) -> dict[str, str]:
    found = {}
    for row in items(instrument):
        for column in columns(row):
            found[column] = str({"E": e, "P": p, "D": 9}.get(column.partition("_")[0], 6))
    return found


def test_every_instrument_is_well_formed() -> None:
    for key, row in instruments().items():
        asked = items(key)
        assert len({item.item for item in asked}) == len(asked)
        assert sum(len(screen) for screen in screens(key)) == len(asked)
        assert all(item.name_zh and item.name_en for item in asked), key
        assert row.low < row.high
    split = [sum(i.dimension == d for i in items("servqual22")) for d in
             ("tangibles", "reliability", "responsiveness", "assurance", "empathy")]  # fmt: skip
    assert split == [4, 5, 4, 4, 5]
    pairs = [item.item for item in items() if item.kind == "pair"]
    assert len(set(pairs)) == len(pairs), "an item is named once over all instruments"


def test_a_customer_is_asked_once_by_a_link_that_the_database_does_not_hold() -> None:
    case, invitation, token = invited()
    fact = Fact.objects.get(stream=case.stream, kind="case.accepted")
    assert surveys.invite(case, "ACCEPT", at=fact.occurred_at, cause=fact.uid) is None
    assert Invitation.objects.count() == 1 and Outbox.objects.filter(template="survey_invite").count() == 1
    assert token not in json.dumps(list(Invitation.objects.values("digest", "draft")))
    assert invitation.department in ("marketing", "subcentre_east")
    assert Fact.objects.filter(stream=case.stream, kind="survey.invited").count() == 1


def test_a_fact_asks_once_and_one_told_long_after_asks_nobody() -> None:
    late, fresh = lodge("HV1"), lodge("HV1", at=f"{timezone.localdate()} 00:00")
    do(late, "ACCEPT", "2025-09-15 10:00")
    do(fresh, "ACCEPT", timezone.now())
    for case in (late, fresh, fresh):
        ask_customer(Fact.objects.get(stream=case.stream, kind="case.accepted"))
    assert [invitation.case for invitation in Invitation.objects.all()] == [fresh]


def test_quotas_bound_a_week_and_the_draw_a_share() -> None:
    case = lodge("HV1")
    row = next(q for q in quotas() if (q.case_class, q.step) == ("HV1", "ACCEPT"))
    QuotaUse.objects.create(quota=row.id, week=moment("2025-09-15 00:00").date(), used=row.per_week)
    assert surveys.invite(case, "ACCEPT", at=moment("2025-09-17 09:00")) is None
    assert surveys.invite(case, "ACCEPT", at=moment("2025-09-22 09:00")) is not None
    days = [f"2025-{m:02d}-{d:02d} 09:00" for m in range(1, 13) for d in (3, 13, 23)]
    drawn = [surveys.invite(lodge("RES"), "ACCEPT", at=moment(day)) for day in days]
    assert 0 < sum(made is not None for made in drawn) < len(days), "seven in ten are asked"


def test_answers_are_kept_bit_by_bit_then_without_invitation_case_or_instant() -> None:
    case, invitation, token = invited()
    client, url = Client(), reverse("survey_answer", args=[token])
    page = client.get(url)
    assert page.status_code == 200 and "应当如此吗" in page.content.decode()
    assert "Should it be so?" in client.get(url, headers={"accept-language": "en"}).content.decode()
    client.post(url, {"screen": "0", "E_ac1": "7", "P_ac1": "4", "next": "1"})
    invitation.refresh_from_db()
    assert invitation.draft == {"E_ac1": 7, "P_ac1": 4} and not Response.objects.exists()
    assert re.search(r'name="P_ac1" value="4"\s+checked', client.get(url).content.decode())
    refused = client.post(
        url, {"screen": "1", "satisfaction": "9", "words": "讲得清楚", "may_link": "1", "send": "1"}
    )
    assert refused.status_code == 422 and "讲得清楚" in refused.content.decode(), "what was typed is kept"
    assert client.post(url, {"screen": "0", "P_ac1": "9", "next": "1"}).status_code == 422
    done = client.post(
        url, {"screen": "1", "satisfaction": "5", "words": f"电话 {PHONE} 打不通", "send": "1"}
    )
    assert done.status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == "answered" and invitation.draft == {}
    found = Response.objects.get()
    assert found.answers == {"E_ac1": 7, "P_ac1": 4, "satisfaction": 5}
    assert (found.case_class, found.step_code, found.case_number) == ("HV1", "ACCEPT", "")
    assert PHONE not in found.words
    told = json.dumps([fact.data for fact in Fact.objects.filter(stream=case.stream)])
    assert str(found.id) not in told
    assert client.get(url).status_code == 422


def test_a_closed_invitation_cannot_keep_answers() -> None:
    _case, invitation, _token = invited()
    with pytest.raises(IntegrityError):
        Invitation.objects.filter(pk=invitation.pk).update(state="answered", draft={"E_ac1": 7})


def test_the_case_is_linked_only_where_the_customer_agrees_and_he_may_decline() -> None:
    case, invitation, _token = invited()
    surveys.take_down(invitation, {"E_ac1": "7"})
    at = invitation.sent_at + timedelta(days=1)
    made = surveys.send_in(invitation, words="", may_link=True, actor=CUSTOMER, at=at)
    assert made.case_number == case.number
    with pytest.raises(Refused):
        surveys.send_in(invitation, words="再答", may_link=True, actor=CUSTOMER, at=at)
    other, _ = surveys.invite(lodge("HV2"), "ACCEPT", at=at) or pytest.fail("not drawn")
    surveys.decline(other, actor=CUSTOMER, at=at)
    assert Fact.objects.filter(kind="survey.declined").count() == 1


def test_a_link_expires() -> None:
    _case, invitation, token = invited()
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=moment("2020-01-01 00:00"))
    assert Client().get(reverse("survey_answer", args=[token])).status_code == 422


def test_the_halls_screen_gives_everybody_his_own_sitting() -> None:
    clerk = staff("clerk")
    client = Client()
    client.force_login(clerk)
    client.post(reverse("survey_kiosk"), {"instrument": "short", "area": "east"})
    page = client.get(reverse("surveys")).content.decode()
    path = "/s/" + page.split("/s/")[1].split('"')[0]
    kiosk = Client()
    for mark in ("6", "3"):
        sitting = kiosk.post(path)
        assert sitting.status_code == 302
        kiosk.post(sitting.url, {"screen": "9", "P_sh1": mark, "E_sh1": "7", "send": "1"})
    assert sorted(r.answers["P_sh1"] for r in Response.objects.all()) == [3, 6]
    assert {r.channel for r in Response.objects.all()} == {"kiosk"} and Invitation.objects.count() == 3


def test_one_tap_ends_no_invitation_and_a_declined_one_says_so() -> None:
    _case, invitation, token = invited()
    client, path = Client(), reverse("survey_answer", args=[token])
    asked = client.post(path, {"screen": "0", "decline": "1"})
    assert asked.status_code == 200 and 'value="sure"' in asked.content.decode()
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.OPEN, "asked first"
    client.post(path, {"screen": "0", "decline": "sure"})
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.DECLINED
    page = client.get(path).content.decode()
    assert "不回答这份问卷" in page and "交过" not in page


def test_staff_key_in_what_is_said_on_the_telephone() -> None:
    _case, invitation, _token = invited()
    client = Client()
    client.force_login(staff("clerk"))
    client.post(reverse("survey_key_in", args=[invitation.pk]), full("after_accept") | {"send": "1"})
    assert Response.objects.get().channel == "phone"
    assert Fact.objects.get(kind="survey.answered").actor_id == staff("clerk").pk


def test_a_manager_says_once_a_quarter_what_he_believes() -> None:
    head = staff("quality")
    at = moment("2025-11-20 10:00")
    told = {"B_sc3": "5", "E_sc3": "7", "D_scheme": "12"}
    made = surveys.believe(head, "after_scheme", told, actor=actor(head), at=at)
    assert made.answers == {"B_sc3": 5, "D_scheme": 12} and made.by == "manager"
    with pytest.raises(Refused):
        surveys.believe(head, "after_scheme", told, actor=actor(head), at=moment("2025-12-30 10:00"))
    surveys.believe(head, "after_scheme", told, actor=actor(head), at=moment("2026-01-02 10:00"))
    assert str(head.pk) not in json.dumps(list(Response.objects.values_list("answers", flat=True)))


FILE = (
    "answered_on,case_class,step_code,E_ac1,P_ac1,满意吗,words\n"
    "2025-09-01,HV1,ACCEPT,7,５,是,好\n2025-09-02,XX,ACCEPT,7,9,,\nnever,RES,ACCEPT,6,4分,,\n,,,,,,\n"
)


def test_a_file_is_taken_in_once_explained_and_undone() -> None:
    on = moment("2025-11-24 10:00").date()
    rows, findings = answers_of_file(FILE.encode("gbk"), "after_accept", on=on)
    assert [row["answers"] for row in rows] == [
        {"E_ac1": 7, "P_ac1": 5},
        {"E_ac1": 7},
        {"E_ac1": 6, "P_ac1": 4},
    ]
    assert [f.code for f in findings] == ["survey.column", "survey.value", "survey.group", "survey.date"]
    who, at = actor(staff("quality")), moment("2025-11-24 10:00")
    sheet = surveys.AnswerSheet("after_accept", "a.csv", FILE.encode(), rows, findings)
    batch = surveys.take_in(sheet, actor=who, at=at)
    with pytest.raises(Refused):
        surveys.take_in(sheet, actor=who, at=at)
    assert Response.objects.count() == 3
    assert surveys.undo(batch, actor=who, at=at) == 3 and not Response.objects.exists()
    with pytest.raises(Refused):
        surveys.undo(batch, actor=who, at=at)
    surveys.take_in(sheet, actor=who, at=at)
    assert SurveyFile.objects.count() == 2 and Response.objects.count() == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_goes_out_comes_in_the_same(kind: str, tmp_path: Any) -> None:
    on = moment("2025-11-24 10:00").date()
    for index in range(6):
        Response.objects.create(
            instrument="after_accept", channel="link", case_class="HV1", step_code="ACCEPT", answered_on=on,
            answers={"E_ac1": 7, "P_ac1": 3 + index % 3, "satisfaction": 5}, words="不出门", case_number="C-1",
        )  # fmt: skip
    content = exported(Response.objects.order_by("id"), kind)
    assert "不出门".encode() not in content and b"C-1" not in content
    rows, findings = answers_of_file(content, "after_accept", on=on)
    assert not findings and len(rows) == 6
    assert sorted(row["answers"]["P_ac1"] for row in rows) == [3, 3, 4, 4, 5, 5]
    assert {row["case_class"] for row in rows} == {"HV1"}
    if kind == "csv":
        (tmp_path / "a.csv").write_bytes(content)
        assert main([str(tmp_path / "a.csv"), "--out", str(tmp_path / "g.csv")]) == 0
        assert (tmp_path / "g.csv").read_text().splitlines()[1].startswith("item,ac1,6,7,4,-3,")


def test_a_file_of_nothing_but_trouble_is_given_up() -> None:
    rows = "\n".join("x,x" for _ in range(20_000))
    with pytest.raises(Refused) as refusal:
        answers_of_file(
            f"E_ac1,P_ac1\n{rows}\n".encode(), "after_accept", on=moment("2025-11-24 10:00").date()
        )
    assert len(refusal.value.findings) < 100 and refusal.value.findings[-1].code == "survey.findings"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04rubbish", b"[1, 2]", b'{"a": ', b"x,y\n1,2\n", b"", b"\xff\xfe\x00"]
)
def test_rubbish_is_refused_with_words(content: bytes) -> None:
    with pytest.raises(Refused):
        answers_of_file(content, "short", on=moment("2025-11-24 10:00").date())


def test_chosen_answers_are_found_by_their_groups() -> None:
    assert AnswerFilter(step="ACCEPT", channel="web").column_values() == {
        "step_code": "ACCEPT",
        "case_channel": "web",
    }


def test_the_made_up_city_answers_through_the_same_doors_and_says_so(settings: Any) -> None:
    settings.DEMO = True
    for _n in range(6):
        do(lodge("HV1", is_simulated=True), "ACCEPT", "2025-09-15 10:00")
    at = moment("2025-10-20 10:00")
    with CaptureQueriesContext(connection) as queries:
        opinions.fill(at=at)
    assert len(queries) < 2500, "a handful for each of 176 answers"
    assert Response.objects.exists() and not Response.objects.filter(is_simulated=False).exists()
    told = dict(
        Response.objects.values_list("instrument").annotate(n=Count("id")).values_list("instrument", "n")
    )
    assert told["kano"] == told["short"] == 40 and told["servqual22"] == 90
    asked = Invitation.objects.filter(case__isnull=False)
    assert asked.count() == 6 and 0 < asked.filter(state="answered").count() < 7
    late = opinions.experience(Case.objects.all()[0], "ACCEPT")
    Breach.objects.create(case=Case.objects.all()[0], kind="sent_on", text="x", actor_name="x", found_at=at)
    assert opinions.experience(Case.objects.all()[0], "ACCEPT") < late
