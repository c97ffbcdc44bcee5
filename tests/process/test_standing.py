"""Every number on the diagram opens the cases that wait there."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jiedian.cases.screen.queries.cases import CaseFilter, search
from jiedian.process.models import Definition
from jiedian.process.queries import DRAWN, drawn_words
from tests.cast import do, lodge, staff

pytestmark = pytest.mark.django_db


def test_a_number_opens_the_cases_at_that_step(client: Client) -> None:
    waiting, gone = lodge("HV1"), lodge("HV1", name="鲁东精密", title="鲁东精密")
    do(gone, "ACCEPT", "2025-09-15 10:00")
    client.force_login(staff("process"))
    definition = Definition.objects.filter(key="high_voltage").latest("version")
    page = client.get(reverse("process", args=[definition.key, definition.version])).content.decode()
    link = re.search(r'href="([^"]+)" data-step="ACCEPT"[^>]*>(\d+)<', page)
    assert link and link[2] == "1"
    listed = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert waiting.number in listed and gone.number not in listed


def test_an_unknown_version_finds_nothing() -> None:
    lodge("HV1")
    assert not search(asked=CaseFilter(step="ACCEPT", process="high_voltage.9")).exists()
    assert (
        not search(asked=CaseFilter(process="²")).exists()
        and search(asked=CaseFilter(step="ACCEPT")).exists()
    )


def test_the_diagram_speaks_the_readers_language() -> None:
    with translation.override("en"):
        words = drawn_words()
    assert words["ACCEPT"] == "Acceptance" and words["申请"] != "申请"
    untold = [word for word in DRAWN if words[word] == word]
    assert not untold, untold
