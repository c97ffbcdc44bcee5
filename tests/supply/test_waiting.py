"""Given a scheme that was answered, when others take its capacity before it is signed, then everybody is told that it waits."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.reactions import tell
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.grid.capacity.services.reservations import Wish, release, reserve
from jiedian.grid.network.models import Device, Grid
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import SYSTEM
from jiedian.links.models import Outbox
from jiedian.shell.models import SimulatedTime
from jiedian.supply.scheme.reactions import room_came
from jiedian.supply.study.queries.studies import study_of
from tests.cast import do, moment, person
from tests.supply.test_answer import ON, located
from tests.supply.town import found_town


@pytest.fixture
def town(db: None) -> Grid:
    return found_town(moment("2025-09-01 08:00"))


def test_who_signs_after_the_room_is_taken_is_told_that_he_waits(town: Grid) -> None:
    case = located("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    do(case, "SURVEY", "2025-09-16 09:00")
    study = study_of(case, on=ON)
    assert study
    bus = study.options[0].legs[0].bus
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00", buses=[bus])
    do(case, "SCHEME_REPLY", "2025-09-18 09:00")
    node = Device.objects.get(grid=town, kind=Device.Kind.NODE, at_bus=bus)
    for n in range(40):  # others, until nothing of his size is left
        other = reserve(
            f"C-OTHER-{n}", node, Wish(400, "HV1", 0.95), actor=SYSTEM, at=moment("2025-09-18 10:00")
        )
        if other.state == other.State.QUEUED:
            break
    release(other.subject, reason="test", actor=SYSTEM, at=moment("2025-09-18 10:01"))
    SimulatedTime.objects.create(at=moment("2025-09-19 09:00"))
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    page = client.post(reverse("act", args=[case.number, "accept"]), follow=True).content.decode()
    assert waiting_kw(case.number) > 0
    assert "您在排队" in page and "容量还在排队" in page and "已为您预留" not in page
    errand = Errand.objects.get(case=case, kind=Errand.Kind.TASK)  # by ask_for_room
    assert "在排队" in errand.text and "wait" in errand.text
    client.force_login(person(errand.receiver_id))
    assert "已签收，容量却在排队" in client.get(reverse("case", args=[case.number])).content.decode()
    for n in range(40):
        release(f"C-OTHER-{n}", reason="test", actor=SYSTEM, at=moment("2025-09-20 10:00"))
    assert not waiting_kw(case.number), "served when the others let go"
    for fact in Fact.objects.filter(kind="grid.reserved", data__subject=case.number):
        room_came(fact)
        room_came(fact)
    came = Fact.objects.get(stream=case.stream, kind="scheme.room_came")
    tell(came)
    assert case.customer.phone in {row.to for row in Outbox.objects.all() if "排到了容量" in row.text}
    assert "已签收，容量却在排队" not in client.get(reverse("case", args=[case.number])).content.decode()
