"""Indicators are collected from the rooms that own their facts, and today's page shows what they count."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from jiedian.clocks.queries import external
from jiedian.config.rooms import MEASURES
from jiedian.core.measures import Share
from jiedian.shell.shell import business_now, measured
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db


def ended(state: str, at: str) -> None:
    """A promise that ended so."""
    begun, due = moment("2025-08-01 09:00"), moment("2025-09-11 12:00")
    clock = external("C-1", "EXT", stream="case:1", started_at=begun, due_at=due, due_on=due.date())
    clock.state, clock.stopped_at = state, moment(at)
    clock.save()


def test_promises_kept_are_counted_among_those_that_ended_in_the_time() -> None:
    since, until = moment("2025-09-01 00:00"), moment("2025-09-30 00:00")
    assert measured("promises_kept", since=since, until=until).percent is None
    for state, at in (
        *(("kept", "2025-09-10 10:00"), ("kept", "2025-09-11 10:00"), ("broken", "2025-09-12 10:00")),
        *(("cancelled", "2025-09-12 10:00"), ("broken", "2025-08-31 10:00"), ("kept", "2025-10-01 10:00")),
    ):
        ended(state, at)
    assert measured("promises_kept", since=since, until=until) == Share(2, 3)


def test_every_indicator_counts_and_today_shows_one() -> None:
    at = business_now()
    for indicator in MEASURES:
        assert isinstance(import_string(MEASURES[indicator])(since=at - timedelta(days=30), until=at), Share)
    client = Client()
    client.force_login(staff("head"))
    assert client.get("/today/").context["kept_percent"] == "—"
