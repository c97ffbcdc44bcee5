"""What happened is entered with its time; both times are kept, the clocks go by the first, and it lies within the step."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.replay import replay
from jiedian.clocks.models import Clock, Pause
from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from tests.cast import do, form_of, lodge, moment

pytestmark = pytest.mark.django_db


def enter(case: Case, code: str, occurred_at: str, **changes: str) -> int:
    """The owner of a step enters it by its page; the answer's status."""
    step, client = open_steps(case.number).get(code=code), Client()
    client.force_login(User.objects.get(pk=step.owner_id))
    values = form_of(case, step, moment("2025-09-20 09:00")) | {"occurred_at": occurred_at} | changes
    return client.post(reverse("step", args=[case.number, step.pk]), values).status_code


def same_clocks(case: Case) -> bool:
    kept = sorted((clock.limit_id, clock.state) for clock in Clock.objects.filter(subject=case.number))
    return sorted((clock.limit.id, clock.state) for clock in replay(case.number)) == kept


def test_the_time_it_happened_is_entered_and_both_are_kept() -> None:
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    assert enter(case, "SURVEY", "2025-09-12T09:00") == 422  # before it began
    assert enter(case, "SURVEY", "2099-01-01T09:00") == 422
    assert enter(case, "SURVEY", "2025-09-16T10:30") == 302
    fact = Fact.objects.get(stream=case.stream, kind="step.finished", data__step="SURVEY")
    assert fact.occurred_at == moment("2025-09-16 10:30") < fact.recorded_at
    assert Step.objects.get(run__subject=case.number, code="SCHEME_DRAFT").opened_at == fact.occurred_at
    assert same_clocks(case)


def test_staff_enter_a_step_of_the_customer_and_say_how_he_did_it() -> None:
    case = lodge("LVN", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00")
    do(case, "SCHEME_REPLY", "2025-09-17 09:00")
    assert enter(case, "SCHEME_SIGN", "2025-09-18T11:00", how="") == 422
    assert enter(case, "SCHEME_SIGN", "2025-09-18T11:00", how="telephone") == 302
    fact = Fact.objects.get(stream=case.stream, kind="step.finished", data__step="SCHEME_SIGN")
    assert fact.data["entered"] == {"how": "telephone"} and fact.actor_role != "customer"
    pause = Pause.objects.get(subject=case.number, ended_at__isnull=False)
    assert pause.ended_at == fact.occurred_at and same_clocks(case)


def test_what_is_entered_late_moves_no_join_and_no_pause_backwards() -> None:
    """Two branches: the second is recorded first. What stands behind both begins with the later of the two."""
    case = lodge("HV1", "2025-09-15 09:00")
    do(case, "ACCEPT", "2025-09-15 09:10")
    do(case, "SURVEY", "2025-09-16 09:00", has_fee="no", customer_works="yes", grid_works="no")
    do(case, "SCHEME_DRAFT", "2025-09-17 09:00")
    while "SCHEME_REPLY" not in set(open_steps(case.number).values_list("code", flat=True)):
        do(case, open_steps(case.number)[0].code, "2025-09-17 15:00")
    do(case, "SCHEME_REPLY", "2025-09-18 09:00")
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    late = {"CONTRACT_DRAFT": "2025-09-22 09:00", "CONTRACT_SIGN": "2025-09-23 09:00"}
    opened_at = {}
    for _ in range(40):
        step = open_steps(case.number).exclude(code__in=late).first()
        if step is None:
            break
        do(case, step.code, "2025-10-20 09:00")
        opened_at[step.code] = step.opened_at
    do(case, "CONTRACT_DRAFT", late["CONTRACT_DRAFT"])
    do(case, "CONTRACT_SIGN", late["CONTRACT_SIGN"])
    opened = open_steps(case.number).latest("id")
    assert opened.opened_at == moment("2025-10-20 09:00")
    for pause in Pause.objects.filter(subject=case.number, ended_at__isnull=False):
        assert pause.ended_at >= pause.started_at
    assert same_clocks(case)
