"""Files of measured values: looked at before they count, and taken back to what stood before them."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.core.sheets import xlsx_bytes
from jiedian.ground.files import services as files
from jiedian.ground.files.models import FileImport, Replaced
from jiedian.ground.journal.models import Fact
from jiedian.people.queries import actor
from jiedian.supply.scheme.models import Outcome, Scheme
from jiedian.supply.scheme.services.outcomes import columns_for, measure, refuse_unmeasurable
from tests.cast import do, moment, staff
from tests.handed import read_now, take_now
from tests.supply.test_answer import replied
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
AT = moment("2025-12-02 09:00")
ON = date(2025, 12, 1)


@pytest.fixture
def scheme() -> Scheme:
    """The accepted scheme of a customer who has power."""
    case = replied(found_town(moment("2025-09-01 08:00")))
    do(case, "SCHEME_SIGN", "2025-09-19 09:00")
    Case.objects.filter(pk=case.pk).update(energised_at=moment("2025-12-01 09:00"))
    return Scheme.objects.get(case=case)


def handed(content: bytes, name: str = "m.csv") -> str:
    client = Client()
    client.force_login(staff("planner"))
    answer = client.post(reverse("measured"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    return client.get(reverse("measured")).content.decode()


def test_nothing_counts_before_it_is_looked_at_and_bad_rows_are_named(scheme: Scheme) -> None:
    number = scheme.case.number
    rows = [
        [number, "days", "abc", "2025-12-01"],
        ["C-0", "u_pu", 1, "2025-12-01"],
        [number, "speed", 1, "2025年12月1日"],
    ]
    rows += [
        [number, "days", 60, "2025-12-01"],
        [number, "days", 61, "2025-12-01"],
        ["合计", None, None, None],
    ]
    page = handed(xlsx_bytes(["工单号", "指标", "实测值", "实测日期"], rows), "m.xlsx")
    assert "m.xlsx" in page and "读取中" in page, "the page lists what was handed in"
    row = read_now()
    assert (row.state, row.rows, row.good, row.left_out) == ("checked", 5, 1, 4)
    assert [told["where"] for told in row.findings] == ["2", "3", "4", "6"]
    assert not Outcome.objects.exists() and any("合计" in told["zh"] for told in row.report)
    who = actor(staff("planner"))
    with pytest.raises(Refused):
        files.order(row, without_bad=False, actor=who, at=AT)
    files.take_in(files.order(row, without_bad=True, actor=who, at=AT))
    assert Outcome.objects.get().measured == 60
    assert Fact.objects.filter(kind="scheme.measured").count() == 1


def test_undo_puts_back_what_stood_before(scheme: Scheme) -> None:
    who, number = actor(staff("planner")), scheme.case.number
    measure(scheme, {"days": 50}, measured_on=ON, actor=who, at=AT)
    handed(f"case,item,value,date\n{number},days,60,2025-12-02\n{number},u_pu,1,2025-12-02\n".encode())
    row = take_now(actor=who)
    assert dict(scheme.outcomes.values_list("item", "measured")) == {"days": 60, "u_pu": 1}
    assert files.undo(row, actor=who, at=AT) == 2
    assert dict(scheme.outcomes.values_list("item", "measured")) == {"days": 50}
    assert scheme.outcomes.get().measured_on == ON and not Replaced.objects.exists()
    assert Fact.objects.filter(kind="scheme.measured_undone").count() == 1


def test_undo_is_refused_when_a_value_was_entered_since(scheme: Scheme) -> None:
    who = actor(staff("planner"))
    handed(f"case,item,value,date\n{scheme.case.number},days,60,2025-12-02\n".encode())
    row = take_now(actor=who)
    measure(scheme, {"days": 70}, measured_on=ON, actor=who, at=AT)
    with pytest.raises(Refused, match=r"file\.replaced"):
        files.undo(row, actor=who, at=AT)
    assert scheme.outcomes.get().measured == 70 and FileImport.objects.get().state == "imported"


def test_undo_is_refused_when_the_same_value_was_entered_since(scheme: Scheme) -> None:
    who = actor(staff("planner"))
    handed(f"case,item,value,date\n{scheme.case.number},days,60,2025-12-01\n".encode())
    row = take_now(actor=who)
    measure(scheme, {"days": 60}, measured_on=ON, actor=who, at=AT + timedelta(hours=1))
    with pytest.raises(Refused, match=r"file\.replaced"):
        files.undo(row, actor=who, at=AT)
    assert scheme.outcomes.get().measured == 60


def test_what_became_bad_after_it_was_read_takes_nothing_over(scheme: Scheme) -> None:
    number = scheme.case.number
    handed(f"case,item,value,date\n{number},days,60,2025-12-02\n{number},u_pu,1,2025-12-02\n".encode())
    row = read_now()
    refuse_unmeasurable(scheme, ["u_pu"])
    scheme.predicted.pop("u_pu")
    scheme.save()
    with pytest.raises(Refused, match="u_pu"):
        refuse_unmeasurable(scheme, ["u_pu"])
    files.take_in(files.order(row, without_bad=False, actor=actor(staff("planner")), at=AT))
    row.refresh_from_db()
    assert row.state == "refused" and not Outcome.objects.exists()


def test_a_column_that_is_missing_is_named_and_no_file_is_said() -> None:
    handed(b"case,item\nC-1,days\n")
    row = read_now()
    assert row.state == "refused" and "实测值" in str(row.findings)
    assert [column.key for column in columns_for({})] == ["case", "item", "value", "date"]
    client = Client()
    client.force_login(staff("planner"))
    assert client.post(reverse("measured")).status_code == 422
