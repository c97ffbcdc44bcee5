"""A large table has thousands of the same note: its page tells a few of every kind, the CSV all of them."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Finding
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.queries import SHOWN_OF_KIND, few_of_each
from jiedian.ground.files.services import put
from jiedian.people.queries import actor
from tests.cast import moment, staff

MANY = [Finding("history.closed", f"#{line} 办结时间") for line in range(2, 3000)]


def test_a_few_notes_of_every_kind_are_told_and_the_rest_is_counted() -> None:
    told = few_of_each([Finding("read.heading", line="1", count=9), *MANY, Finding("history.no_step", "#9")])
    assert [note.code for note in told].count("history.closed") == SHOWN_OF_KIND
    assert {"read.heading", "history.no_step", "file.more"} == {note.code for note in told} - {
        "history.closed"
    }
    more = next(note for note in told if note.code == "file.more")
    assert str(len(MANY) - SHOWN_OF_KIND) in more.words("zh") and "CSV" in more.words("en")
    assert few_of_each(MANY[:SHOWN_OF_KIND]) == MANY[:SHOWN_OF_KIND]


@pytest.mark.django_db
def test_the_csv_of_a_file_has_its_notes_too() -> None:
    row = put(
        "history",
        BytesIO(b"a,b\n1,2\n"),
        name="t.csv",
        options={"mapping": "columns: {number: a, applied_at: b}"},
        actor=actor(staff("admin")),
        at=moment("2025-09-15 10:00"),
    )
    FileImport.objects.filter(pk=row.pk).update(
        state=FileImport.State.CHECKED, report=[note.row() for note in MANY]
    )
    client = Client()
    client.force_login(staff("admin"))
    page = client.get(reverse("history_batch", args=[row.pk])).content.decode()
    assert (
        page.count("已办结而没有办结时间") == SHOWN_OF_KIND
        and reverse("file_findings", args=[row.pk]) in page
    )
    told = client.get(reverse("history_findings", args=[row.pk])).content.decode()
    assert told.count("history.closed") == len(MANY)
