"""Who was asked and said nothing is reminded once, by day, by the same link; nobody who answered, declined or sat in the hall."""

import json
from typing import Any

import pytest
from django.test import Client

from jiedian.ground.journal.models import Fact
from jiedian.links.models import Outbox
from jiedian.voice.surveys.models import Invitation, Response
from jiedian.voice.surveys.queries import triggers
from jiedian.voice.surveys.services import surveys
from tests.cast import CUSTOMER, do, lodge, moment, staff

pytestmark = pytest.mark.django_db
ASKED = "2025-09-15 10:00"
DUE = moment("2025-09-21 10:00")
"""Six days after: the trigger's row."""


def asked() -> Invitation:
    case = lodge("HV1")
    do(case, "ACCEPT", ASKED, held=["licence"])
    fact = Fact.objects.get(stream=case.stream, kind="case.accepted")
    surveys.invite(case, "ACCEPT", at=fact.occurred_at, step_id=fact.data["step_id"], cause=fact.uid)
    return Invitation.objects.get(case=case)


def reminders() -> list[str]:
    return list(Outbox.objects.filter(template="survey_remind").values_list("text", flat=True))


def test_a_silent_customer_is_reminded_once_by_the_same_link() -> None:
    invitation = asked()
    assert triggers()["ACCEPT"].remind_after_days == 6
    assert surveys.remind_all(at=moment("2025-09-20 10:00")) == 0, "not before the row's days"
    assert surveys.remind_all(at=moment("2025-09-21 21:00")) == 0, "not at night"
    assert surveys.remind_all(at=DUE) == 1
    assert surveys.remind_all(at=DUE) == surveys.remind_all(at=moment("2025-09-25 10:00")) == 0
    (text,) = reminders()
    link = Outbox.objects.get(template="survey_invite").text.split("/s/")[1].split("/")[0]
    assert f"/s/{link}/" in text
    held = json.dumps(list(Invitation.objects.values("digest", "nonce", "draft")), default=str)
    assert link not in held, "the database alone does not know the link"
    assert Fact.objects.filter(stream=invitation.case.stream, kind="survey.reminded").count() == 1
    Invitation.objects.update(expires_at=moment("2099-01-01 00:00"))
    assert Client().get(f"/s/{link}/").status_code == 200


@pytest.mark.parametrize("what", ["answered", "declined", "expired", "imported before", "staff"])
def test_nobody_else_is_reminded(what: str) -> None:
    invitation = asked()
    if what == "answered":
        surveys.take_down(invitation, {"E_ac1": "7"})
        surveys.send_in(invitation, words="", may_link=False, actor=CUSTOMER, at=moment("2025-09-16 10:00"))
    elif what == "declined":
        surveys.decline(invitation, actor=CUSTOMER, at=moment("2025-09-16 10:00"))
    else:
        changes: dict[str, Any] = {
            "expired": {"expires_at": DUE},
            "imported before": {"nonce": None},
            "staff": {"channel": "staff"},
        }
        Invitation.objects.filter(pk=invitation.pk).update(**changes[what])
    assert surveys.remind_all(at=DUE) == 0 and reminders() == []
    if what != "staff":
        assert not surveys.remind(Invitation.objects.get(pk=invitation.pk), at=DUE)


def test_a_sitting_in_the_hall_belongs_to_nobody() -> None:
    kiosk, _token = surveys.open_kiosk(
        "after_accept", area="", department="", days=90, actor=CUSTOMER, at=moment(ASKED)
    )
    surveys.sit_down(kiosk, at=moment(ASKED))
    Invitation.objects.update(expires_at=moment("2099-01-01 00:00"))
    assert surveys.remind_all(at=DUE) == 0


def test_the_desk_shows_who_was_reminded_and_the_answer_still_comes_without_a_name() -> None:
    invitation = asked()
    surveys.remind_all(at=DUE)
    client = Client()
    client.force_login(staff("quality"))
    assert "已提醒" in client.get("/surveys/").content.decode()
    invitation.refresh_from_db()
    surveys.take_down(invitation, {"E_ac1": "7"})
    surveys.send_in(invitation, words="", may_link=False, actor=CUSTOMER, at=moment("2025-09-22 10:00"))
    assert Response.objects.get().case_number == ""
