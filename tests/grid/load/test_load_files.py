"""Files of measured load and of neighbours: looked at, taken over, and taken back to what stood before them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.core.sheets import xlsx_bytes
from jiedian.grid.load.imports import load_columns, neighbour_columns, panel
from jiedian.grid.load.models import Measured
from jiedian.grid.load.services import (
    keep_measured,
    keep_neighbours,
    keep_read,
    read_measured,
    read_neighbours,
)
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.ground.files import services as files
from jiedian.ground.journal.models import Fact
from jiedian.people.queries import actor
from tests.cast import moment, staff
from tests.grid.conftest import PLANNER, device
from tests.handed import read_now, take_now

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")
HEAD = ["设备", "月份", "最大负荷kVA", "点数"]


def handed(grid: Grid, content: bytes, *, kind: str = "load", name: str = "负荷.xlsx") -> Client:
    client = Client()
    client.force_login(staff("planner"))
    file = SimpleUploadedFile(name, content)
    assert client.post(reverse("grid_sheet", args=[grid.pk]), {"kind": kind, "file": file}).status_code == 302
    return client


def months() -> dict[Any, Any]:
    return dict(Measured.objects.values_list("month_on__month", "peak_kva"))


def test_load_is_read_by_the_worker_and_bad_rows_are_named(town: Grid) -> None:
    rows = [
        ["D1", "2025-05", 240, 2976],
        ["XX", "2025-05", 1, 1],
        ["D1", "2025年6月", "2×120", 2880],
        ["合计", None, 480, None],
    ]
    client = handed(town, xlsx_bytes(HEAD, rows))
    assert not Measured.objects.exists()
    row = read_now()
    assert (row.state, row.rows, row.good, row.left_out) == ("checked", 3, 2, 1)
    assert row.findings[0]["where"] == "3" and any("合计" in told["zh"] for told in row.report)
    page = client.get(reverse("file_import", args=[row.pk])).content.decode()
    assert town.name in page and "column-device" in page and "column-pole" not in page
    assert panel(row, None)[0].n == town.name
    assert "负荷.xlsx" in client.get(reverse("grid_imports")).content.decode()
    files.take_in(files.order(row, without_bad=False, actor=actor(staff("planner")), at=AT))
    assert months() == {5: 240, 6: 240}


def test_quarter_hours_become_months_and_the_numbers_say_so(town: Grid) -> None:
    text = "设备;时间;负荷\nD1;2025-05-01 00:15;210,5\nD1;2025/05/02 08:30;240\nD1;2025-05-04 10:00;99999\n"
    handed(town, text.encode(), name="q.csv")
    row = read_now()
    assert (row.rows, row.good, row.left_out) == (3, 1, 1)


def test_undo_puts_back_the_months_that_were_replaced(town: Grid) -> None:
    who = actor(staff("planner"))
    handed(town, xlsx_bytes(HEAD, [["D1", "2025-05", 200, 2976]]))
    take_now(actor=who)
    handed(town, xlsx_bytes(HEAD, [["D1", "2025-05", 240, 2976], ["D1", "2025-06", 250, 2880]]))
    second = take_now(actor=who)
    assert months() == {5: 240, 6: 250}
    assert files.undo(second, actor=who, at=AT) == 2
    assert months() == {5: 200}
    assert Fact.objects.filter(kind="grid.measured_undone").count() == 1


def test_undo_is_refused_while_a_later_file_stands_on_it(town: Grid) -> None:
    who = actor(staff("planner"))
    handed(town, xlsx_bytes(HEAD, [["D1", "2025-05", 200, 2976]]))
    first = take_now(actor=who)
    handed(town, xlsx_bytes(HEAD, [["D1", "2025-05", 240, 2976]]))
    second = take_now(actor=who)
    with pytest.raises(Refused, match=r"file\.replaced"):
        files.undo(first, actor=who, at=AT)
    files.undo(second, actor=who, at=AT)
    files.undo(first, actor=who, at=AT)
    assert not Measured.objects.exists()


@pytest.mark.parametrize(
    ("kind", "text"),
    [("load", "设备,月份,最大负荷kVA,点数\nD1,2025-05,200,2976\n"), ("neighbours", "户号,节点\n1,L2\n")],
)
def test_a_later_file_that_says_the_same_keeps_its_rows(town: Grid, kind: str, text: str) -> None:
    who = actor(staff("planner"))
    taken = []
    for n in (1, 2):
        handed(town, text.encode(), kind=kind, name=f"{n}.csv")
        taken.append(take_now(actor=who))
    with pytest.raises(Refused, match=r"file\.replaced"):
        files.undo(taken[0], actor=who, at=AT)
    assert Measured.objects.count() + Account.objects.count() == 1
    files.undo(taken[1], actor=who, at=AT)
    files.undo(taken[0], actor=who, at=AT)
    assert Measured.objects.count() + Account.objects.count() == 0


def test_accounts_and_poles_come_and_go(town: Grid) -> None:
    who, nodes = actor(staff("planner")), (device(town, "node", "L1"), device(town, "node", "L2"))
    keep_neighbours([Account(number="1", node=nodes[0], loaded_at=AT)], [])
    text = "户号,节点,杆号\n1,L2,P-17\n2,L2,\n3,ZZ,\n"
    handed(town, text.encode("gb18030"), kind="neighbours", name="n.csv")
    row = read_now()
    assert (row.rows, row.good, row.left_out) == (3, 3, 1) and row.findings[0]["where"] == "4"
    files.take_in(files.order(row, without_bad=False, actor=who, at=AT))
    row.refresh_from_db()
    assert dict(Account.objects.values_list("number", "node")) == {"1": nodes[1].pk, "2": nodes[1].pk}
    assert Device.objects.get(pk=nodes[1].pk).pole == "P-17"
    assert files.undo(row, actor=who, at=AT) == 3
    assert dict(Account.objects.values_list("number", "node")) == {"1": nodes[0].pk}
    assert Device.objects.get(pk=nodes[1].pk).pole == ""


def test_an_account_or_a_pole_that_was_moved_since_stays(town: Grid) -> None:
    who = actor(staff("planner"))
    handed(town, b"account,node,pole\n1,L2,P-17\n", kind="neighbours", name="n.csv")
    row = take_now(actor=who)
    Device.objects.filter(pole="P-17").update(pole="P-18")
    with pytest.raises(Refused):
        files.undo(row, actor=who, at=AT)
    assert Account.objects.count() == 1


def test_what_is_read_is_kept_by_itself(town: Grid) -> None:
    held = read_measured(town, xlsx_bytes(HEAD, [["D1", "2025-05", 200, 2976]]), name="m.xlsx")
    keep_measured(held, name="m.xlsx", actor=PLANNER, at=AT)
    near = read_neighbours(town, b"account,node\n1,L2\n", name="n.csv", at=AT)
    keep_read(town, near, name="n.csv", actor=PLANNER, at=AT)
    assert Measured.objects.count() == 1 and Account.objects.count() == near.n == 1
    keys = [{column.key for column in columns({})} for columns in (load_columns, neighbour_columns)]
    assert keys[0].isdisjoint(keys[1]) and "node" in keys[1]
