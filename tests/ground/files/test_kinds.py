"""Every kind of file by its own functions: read, taken over, taken back, and known again by what it became."""

from io import BytesIO

import pytest

from jiedian.cases.case.models.case import Case
from jiedian.cases.history import services as history
from jiedian.core.sheets import Asked
from jiedian.grid.load import services as load
from jiedian.ground.files import services as files
from jiedian.ground.files.importers import Work
from jiedian.ground.files.models import FileImport
from jiedian.people.queries import actor
from jiedian.voice.channels.services import hotline, ticket_files
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.surveys.models import Response
from jiedian.voice.surveys.services import answer_files, imports
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")


def work(kind: str, text: str, **options: str) -> Work:
    who = actor(staff("admin"))
    row = files.put(kind, BytesIO(text.encode()), name="t.csv", options=options, actor=who, at=AT)
    return Work(row, text.encode(), files.asked_of(row), who, AT, AT)


def test_tickets_are_taken_and_the_file_is_known_by_what_it_became() -> None:
    asked = work("tickets", "工单编号,诉求内容\nT1,电压低\n,没有编号\n", channel="hotline")
    told = ticket_files.read_file(asked)
    assert (told.rows, told.good, told.left_out) == (2, 1, 1)
    files.keep_told(asked.row, told)
    assert files.take_now(asked.row, asked).taken == 1 and Telling.objects.count() == 1
    made = files.became_of(asked.row)
    assert files.undo_of("tickets", made, actor=asked.actor, at=AT) == 1 and not Telling.objects.exists()
    assert files.undo_of("tickets", made, actor=asked.actor, at=AT) is None, "it was taken back already"
    again = work("tickets", "工单编号,诉求内容\nT1,电压低\n", channel="hotline")
    assert ticket_files.take_file(again).taken == 1
    assert ticket_files.undo_file(again.row, actor=again.actor, at=AT) == 1
    tickets = hotline.read_tickets(again.content, name="t.csv", at=AT)
    assert hotline.take_tickets(
        tickets, again.content, name="t.csv", channel="hotline", actor=again.actor, at=AT
    ).taken == 1  # fmt: skip


def test_answers_are_taken_and_taken_back() -> None:
    asked = work("answers", "期望_ac1,感知_ac1\n6,5\n", instrument="after_accept")
    assert imports.unified_names("E_ac1")[0] == "期望值_ac1"
    assert {"E_ac1", "words"} <= {column.key for column in imports.columns_of("after_accept")}
    table = imports.read_answers(asked.content, "after_accept", "t.csv", Asked())
    kept, findings = imports.kept_of(table, "after_accept", on=AT.date())
    assert len(kept) == 1 and not findings
    assert answer_files.take_file(asked).taken == 1 and Response.objects.count() == 1
    assert answer_files.undo_file(asked.row, actor=asked.actor, at=AT) == 1


def test_history_is_taken_and_taken_back() -> None:
    mapping = "columns: {number: n, applied_at: d, closed_at: c}"
    asked = work("history", "n,d,c\nA1,2024-03-05,2024-04-05\n", mapping=mapping)
    reading = history.read(asked.content, name="t.csv", mapping=mapping, at=AT)
    assert history.told_of(reading, "t").good == 1
    assert history.take_file(asked).taken == 1 and Case.objects.count() == 1
    row = FileImport.objects.get(pk=asked.row.pk)
    assert history.undo_file(row, actor=asked.actor, at=AT) == 1 and not Case.objects.exists()


def test_columns_of_measured_load_have_both_names() -> None:
    assert all(column.name_zh and column.name_en for column in load.columns_of())
