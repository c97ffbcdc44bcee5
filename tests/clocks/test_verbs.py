"""The verbs of the clocks, each by itself: what starts, falls away, stands still and ends."""

from decimal import Decimal

import pytest

from jiedian.clocks import services as clocks
from jiedian.clocks.models import Clock, Pause
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import Actor
from tests.cast import moment

pytestmark = pytest.mark.django_db
MANAGER = Actor(1, "赵敏", "account_manager")
SUBJECT, STREAM = "C-2025-000001", "case:C-2025-000001"
AT = moment("2025-09-15 10:00")
HV1, HV2 = (clocks.profile_of(name, voltage_kv=Decimal(10)) for name in ("HV1", "HV2"))


def accepted(profile: clocks.Profile = HV1) -> list[Clock]:
    return clocks.on_event(subject=SUBJECT, event="done:ACCEPT", profile=profile, at=AT, stream=STREAM)


def pause(at: str = "2025-09-16 09:00") -> None:
    clocks.suspend(
        subject=SUBJECT,
        reason="FORCE_MAJEURE",
        evidence="政府通告 7 号",
        actor=MANAGER,
        at=moment(at),
        stream=STREAM,
    )


def states() -> dict[str, str]:
    return dict(Clock.objects.filter(subject=SUBJECT).order_by("id").values_list("limit_id", "state"))


def test_an_event_starts_what_binds_the_class_and_stops_what_waited_for_it() -> None:
    assert {"T61", "T55"} <= {clock.limit_id for clock in accepted()}
    assert "T62" not in states(), "a limit of another class does not bind"
    replied = moment("2025-10-20 10:00")
    clocks.on_event(subject=SUBJECT, event="done:SCHEME_REPLY", profile=HV1, at=replied, stream=STREAM)
    law = Clock.objects.get(subject=SUBJECT, limit_id="T61")
    assert law.state == "broken" and law.is_overdue and law.stopped_at == replied
    assert states()["T55"] == "running"


def test_the_same_event_again_replaces_the_live_clock() -> None:
    accepted()
    accepted()
    ends = Clock.objects.filter(limit_id="T61").order_by("id").values_list("state", flat=True)
    assert list(ends) == ["cancelled", "running"]


def test_another_class_ends_what_no_longer_binds_and_starts_the_rest_when_the_old_began() -> None:
    accepted()
    fresh = clocks.rederive(subject=SUBJECT, profile=HV2, at=moment("2025-09-17 10:00"), stream=STREAM)
    assert states()["T61"] == "cancelled"
    began = {clock.limit_id: clock.started_at for clock in fresh}
    assert began["T62"] == AT and "T61" not in began
    assert len(states()) == Clock.objects.count(), "none stands twice"


def test_a_clock_that_starts_in_the_past_stood_still_while_the_others_did() -> None:
    accepted()
    straight = due_day_of_hv2()
    pause()
    clocks.resume(subject=SUBJECT, actor=MANAGER, at=moment("2025-09-18 09:00"), stream=STREAM)
    clocks.rederive(subject=SUBJECT, profile=HV2, at=moment("2025-09-18 10:00"), stream=STREAM)
    moved = Clock.objects.get(subject=SUBJECT, limit_id="T62").due_number
    assert moved is not None and moved - straight == 2


def due_day_of_hv2() -> int:
    """The number of the working day on which the same promise would fall due without a pause."""
    other = "C-2025-000002"
    clocks.on_event(subject=other, event="done:ACCEPT", profile=HV2, at=AT, stream=STREAM)
    number = Clock.objects.get(subject=other, limit_id="T62").due_number
    assert number is not None
    return number


def test_of_what_ends_early_nothing_is_promised_and_nothing_stands_still() -> None:
    accepted()
    pause()
    at = moment("2025-09-17 10:00")
    clocks.cancel_all(subject=SUBJECT, at=at)
    assert set(states().values()) == {"cancelled"}
    assert set(Clock.objects.filter(subject=SUBJECT).values_list("stopped_at", flat=True)) == {at}
    assert Pause.objects.get(subject=SUBJECT).ended_at == at


def test_what_is_kept_stays_kept_when_the_rest_is_cancelled() -> None:
    accepted()
    clocks.on_event(
        subject=SUBJECT,
        event="done:SCHEME_REPLY",
        profile=HV1,
        at=moment("2025-09-16 10:00"),
        stream=STREAM,
    )
    clocks.cancel_all(subject=SUBJECT, at=moment("2025-09-17 10:00"))
    assert states()["T61"] == "kept" and states()["T55"] == "cancelled"


def test_an_event_taken_back_takes_back_the_promises_it_began_and_no_others() -> None:
    everybody = clocks.Profile(("ALL",))
    for event in ("concern.opened", "concern.complained"):
        clocks.on_event(subject=SUBJECT, event=event, profile=everybody, at=AT, stream=STREAM)
    clocks.take_back(subject=SUBJECT, event="concern.complained", at=moment("2025-09-16 10:00"))
    assert states() == {"K-CONCERN": "running", "T72": "cancelled", "T73": "cancelled"}


@pytest.mark.parametrize(
    ("case_class", "kv", "classes"),
    [
        ("RES", "0.22", ("RES", "LV", "SUPPLY", "ALL")),
        ("LVN", "0.38", ("LVN", "LV", "SUPPLY", "ALL")),
        ("HV2", "10", ("HV2", "HV", "SUPPLY", "ALL")),
        ("HV2", "35", ("HV35", "HV2", "HV", "SUPPLY", "ALL")),
        ("PVH", "10", ("PVH", "PV", "ALL")),
    ],
)
def test_the_classes_of_a_case_stand_with_the_most_specific_first(
    case_class: str, kv: str, classes: tuple[str, ...]
) -> None:
    assert clocks.profile_of(case_class, voltage_kv=Decimal(kv)).classes == classes


def test_the_companys_clock_stands_while_it_waits_and_runs_when_the_wait_is_over() -> None:
    accepted()
    wait = clocks.Wait("CUSTOMER_TURN", "step:7", is_automatic=True)
    for _ in range(2):
        clocks.balance(subject=SUBJECT, wait=wait, at=moment("2025-09-16 09:00"), stream=STREAM)
    pause = Pause.objects.get(subject=SUBJECT)
    assert (pause.reason, pause.evidence, pause.is_automatic) == ("CUSTOMER_TURN", "step:7", True)
    assert states()["T55"] == "paused" and states()["T61"] == "running", "only the sum of the company's days"
    for _ in range(2):
        clocks.balance(subject=SUBJECT, wait=None, at=moment("2025-09-18 09:00"), stream=STREAM)
    pause.refresh_from_db()
    assert pause.ended_at == moment("2025-09-18 09:00") and states()["T55"] == "running"
    kinds = [fact.kind for fact in facts_of(STREAM).order_by("id")]
    assert kinds == ["clock.paused", "clock.resumed"]
