"""Indicators are collected from the rooms that own their facts, and today's page shows what they count."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from jiedian.clocks.models import Clock
from jiedian.clocks.queries.outside import external
from jiedian.config.rooms import MEASURES
from jiedian.core.measures import Share
from jiedian.shell.shell import business_now, share_of
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db


def ended(state: str, at: str | None, case: str = "C-1") -> None:
    """A promise that ended so; one that has no end is live."""
    begun, due = moment("2025-08-01 09:00"), moment("2025-09-11 12:00")
    clock = external(case, "EXT", stream="case:1", started_at=begun, due_at=due, due_on=due.date())
    clock.state, clock.stopped_at = state, moment(at) if at else None
    clock.save()


def test_promises_kept_are_counted_among_those_that_ended_in_the_time() -> None:
    since, until = moment("2025-09-01 00:00"), moment("2025-09-30 00:00")
    assert share_of("promises_kept", since=since, until=until).percent is None
    for state, at in (
        *(("kept", "2025-09-10 10:00"), ("kept", "2025-09-11 10:00"), ("broken", "2025-09-12 10:00")),
        *(("cancelled", "2025-09-12 10:00"), ("broken", "2025-08-31 10:00"), ("kept", "2025-10-01 10:00")),
    ):
        ended(state, at)
    assert share_of("promises_kept", since=since, until=until) == Share(2, 3)


def test_a_promise_that_is_late_and_still_runs_is_counted_among_the_broken() -> None:
    ended("kept", "2025-09-10 10:00")
    ended("running", None, "C-2")
    ended("paused", None, "C-3")
    month = moment("2025-09-01 00:00")
    assert share_of("promises_kept", since=month, until=moment("2025-09-11 11:00")) == Share(1, 1)
    assert share_of("promises_kept", since=month, until=moment("2025-09-11 13:00")) == Share(1, 2)
    Clock.objects.filter(state="paused").update(is_overdue=True)
    assert share_of("promises_kept", since=month, until=moment("2025-09-30 00:00")) == Share(1, 3)


def test_every_indicator_counts_and_today_shows_one() -> None:
    at = business_now()
    for indicator in MEASURES:
        assert isinstance(import_string(MEASURES[indicator])(since=at - timedelta(days=30), until=at), Share)
    client = Client()
    client.force_login(staff("head"))
    page = client.get("/today/")
    assert page.context["kept_percent"] == "" and "—<small>%" not in page.content.decode()
