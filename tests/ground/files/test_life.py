"""One life of an import: handed in, read, looked at, taken over, taken back; columns are chosen on the page."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.ground.files import services
from jiedian.ground.files.importers import importers
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.models import Fact, Reaction
from jiedian.people.queries import actor
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.surveys.models import Response
from tests.cast import moment, staff
from tests.handed import read_now, take_now

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")
TICKETS = "流水,说了什么,来电号码\nT1,电压低,13300000001\nT2,没有电,13300000002\n,没有编号,\n"


def handed(text: str, kind: str = "tickets", **options: str) -> FileImport:
    who = actor(staff("admin"))
    return services.hand_in(
        kind, BytesIO(text.encode()), name="t.csv", options={"channel": "hotline"} | options, actor=who, at=AT
    )


def test_every_importer_names_functions_and_pages_that_exist() -> None:
    assert {
        "history",
        "tickets",
        "answers",
        "handoffs",
        "outcomes",
        "people",
        "load",
        "neighbours",
    } <= importers().keys()
    for importer in importers().values():
        assert reverse(importer.page)
        options = {"mapping": "columns: {number: n, applied_at: d}", "instrument": "servqual22"}
        assert all(column.name_zh and column.name_en for column in importer.columns_for(options))


def test_the_row_the_bytes_and_the_job_commit_together() -> None:
    row = handed(TICKETS)
    fact = Fact.objects.get(kind="file.handed")
    assert row.state == "reading" and Reaction.objects.filter(fact_uid=fact.uid).count() == 1
    assert services.content_of(row) == TICKETS.encode()


def test_columns_that_are_missing_are_named_chosen_on_the_page_and_read_again() -> None:
    row = handed(TICKETS)
    row = read_now()
    assert row.state == "refused" and "说了什么" in str(row.findings), "what is there is said"
    assert row.report and not any(told["code"].startswith("read.") for told in row.findings)
    client = Client()
    client.force_login(staff("admin"))
    page = client.get(reverse("file_import", args=[row.pk])).content.decode()
    assert 'name="column-text"' in page and "说了什么" in page and "没有导入" in page
    client.post(
        reverse("file_act", args=[row.pk, "read"]),
        {"column-ticket": "#1", "column-text": "#2", "heading": "1"},
    )
    row = read_now()
    assert (row.state, row.good, row.left_out) == ("checked", 2, 1) and row.findings[0]["where"] == "4"
    client.post(reverse("file_act", args=[row.pk, "import"]))
    services.take_in(Fact.objects.get(kind="file.ordered"))
    services.take_in(Fact.objects.get(kind="file.ordered"))
    assert Telling.objects.count() == 2, "run twice it does nothing more"
    assert "已导入" in client.get(reverse("file_import", args=[row.pk])).content.decode()
    client.post(reverse("file_act", args=[row.pk, "undo"]))
    row.refresh_from_db()
    assert row.state == "undone" and row.upload is None and not Telling.objects.exists()


def test_what_a_file_replaced_is_kept_and_given_out_once() -> None:
    row = handed(TICKETS)
    services.keep_replaced(row, [{"was": 1}])
    services.keep_replaced(row, [{"was": 2}])
    assert services.take_replaced(row) == [{"was": 2}]
    with pytest.raises(Refused):
        services.take_replaced(row)


@pytest.mark.parametrize(
    ("kind", "page", "user"),
    [
        ("tickets", "batches", "quality"),
        ("answers", "surveys", "quality"),
        ("handoffs", "attenuation", "quality"),
        ("load", "grid_imports", "planner"),
        ("neighbours", "grid_imports", "planner"),
        ("basemap", "grid_imports", "planner"),
        ("outcomes", "measured", "planner"),
        ("people", "staff_files", "admin"),
        ("history", "history", "admin"),
    ],
)
def test_every_page_lists_the_files_that_were_handed_in_on_it(kind: str, page: str, user: str) -> None:
    assert importers()[kind].page == page
    row = handed(TICKETS, kind=kind)
    client = Client()
    client.force_login(staff(user))
    page_of = reverse("history_batch" if kind == "history" else "file_import", args=[row.pk])
    assert page_of in client.get(reverse(page)).content.decode()


def test_a_file_without_a_table_goes_back_with_its_reason() -> None:
    handed("\n\n")
    row = read_now()
    assert row.state == "refused" and row.findings[0]["zh"]
    with pytest.raises(Refused):
        services.order(row, without_bad=False, actor=actor(staff("admin")), at=AT)


def test_answers_come_in_from_a_workbook_page_of_chinese_headings_and_go_again() -> None:
    client = Client()
    client.force_login(staff("quality"))
    file = SimpleUploadedFile(
        "a.csv", "期望_ac1,感知_ac1,填写日期\n6,5,2025年9月3日\n7,-,\n平均,6,\n".encode("gb18030")
    )
    client.post(reverse("survey_import"), {"file": file, "instrument": "after_accept"})
    row = take_now(actor=actor(staff("quality")))
    assert row.state == "imported" and Response.objects.count() == 2
    assert {str(day) for day in Response.objects.values_list("answered_on", flat=True)} >= {"2025-09-03"}
    assert any("平均" in told["zh"] for told in row.report)
    services.undo(row, actor=actor(staff("quality")), at=AT)
    assert not Response.objects.exists()


def test_who_may_not_import_may_not_act_and_nobody_sees_a_kind_he_may_not() -> None:
    row = handed(TICKETS)
    client = Client()
    client.force_login(staff("planner"))
    assert client.get(reverse("file_import", args=[row.pk])).status_code == 403
    assert client.post(reverse("file_act", args=[row.pk, "read"])).status_code == 403
    assert client.get(reverse("file_findings", args=[row.pk])).status_code == 403
