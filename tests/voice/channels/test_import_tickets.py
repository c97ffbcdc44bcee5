"""Hotline files: whatever encoding and heads, good rows in, bad rows named, repeats known, the whole taken back."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.voice.channels.services.hotline import import_tickets, undo_import
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.models.tellings import Batch, Telling
from jiedian.voice.inbox.services.replies import reply
from tests.cast import CUSTOMER, lodge, moment

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")
HEAD = "工单编号,来电号码,来电人,业务类型,受理内容,受理时间\n"
ROWS = (
    "20250916001,13812345678,王小明,投诉,装表等了三周没人来,2025-09-16 10:00:00\n"
    "20250916002,13900000001,李四,咨询,充电桩怎么申请,2025/9/17 8:05\n"
)


def take(text: str | bytes, name: str = "95598.csv", **changes: Any) -> Batch:
    content = text if isinstance(text, bytes) else text.encode()
    return import_tickets(
        content, **{"name": name, "channel": "hotline", "actor": CUSTOMER, "at": AT} | changes
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_any_encoding(encoding: str) -> None:
    batch = take((HEAD + ROWS).encode(encoding))
    assert (batch.taken, batch.repeated, batch.findings) == (2, 0, [])
    first = Telling.objects.get(external_id="20250916001")
    assert first.received_at == moment("2025-09-16 10:00") and first.concern.is_complaint
    assert first.contact and first.contact.name == "王小明"


def test_tabs_titles_above_the_head_and_blank_lines() -> None:
    text = "95598 工单日报\n\n" + (HEAD + "\n" + ROWS).replace(",", "\t")
    assert take(text).taken == 2


def test_a_workbook() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工单编号", "联系电话", "诉求内容", "时间"])
    sheet.append([20250916001.0, 13812345678, "电压低", moment("2025-09-16 10:00").replace(tzinfo=None)])
    sheet.append([None, None, None, None])
    out = BytesIO()
    book.save(out)
    batch = take(out.getvalue(), name="12345.xlsx", channel="city_hotline")
    telling = Telling.objects.get()
    assert batch.taken == 1 and telling.external_id == "20250916001"
    assert telling.contact and telling.contact.address == "13812345678"


def test_bad_rows_are_named_and_the_good_ones_taken() -> None:
    batch = take(HEAD + ROWS + ",,,,没有编号,\n3,,,,,\n4,,,,有字,昨天\n5,,,,将来,2030-01-01\n6\n")
    assert batch.taken == 2
    assert [(f["where"], f["zh"][:4]) for f in batch.findings] == [
        ("4", "没有工单"),
        ("5", "没有诉求"),
        ("6", "时间不能"),
        ("7", "受理时间"),
        ("8", "没有诉求"),
    ]


def test_tickets_heard_before_are_repeats_and_another_text_under_a_known_number_is_said() -> None:
    take(HEAD + ROWS)
    batch = take(HEAD + ROWS.replace("充电桩怎么申请", "换了内容") + ROWS)
    assert (batch.taken, batch.repeated, Telling.objects.count()) == (0, 4, 2)
    assert len(batch.findings) == 1 and "known with another text" in batch.findings[0]["en"]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"a,b\n1,2\n", b"\xff\xfe\xfa", b"PK\x03\x04broken", "工单编号\n1\n".encode()]
)
def test_no_table_is_refused_and_leaves_nothing(content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        take(content)
    assert all(f.zh and f.en for f in refusal.value.findings)
    assert not Batch.objects.exists() and not Telling.objects.exists()


def test_a_file_is_taken_back_while_nobody_has_worked_on_it() -> None:
    lodge("LV0")
    batch = take(HEAD + ROWS)
    numbers = list(Concern.objects.values_list("number", flat=True))
    assert undo_import(batch, actor=CUSTOMER, at=AT) == 2
    assert not Telling.objects.exists() and not Concern.objects.exists()
    assert not Clock.objects.filter(subject__in=numbers, state="running").exists()
    with pytest.raises(Refused):
        undo_import(batch, actor=CUSTOMER, at=AT)
    assert take(HEAD + ROWS).taken == 2, "and can be read in again"


def test_a_file_somebody_has_worked_on_stays() -> None:
    batch = take(HEAD + ROWS)
    reply(Telling.objects.all()[0].concern, text="明天来。", actor=CUSTOMER, at=AT)
    with pytest.raises(Refused):
        undo_import(batch, actor=CUSTOMER, at=AT)
    assert Telling.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    ["2025-09-16T09:05:00", "2025-09-16T09:05:00+08:00", "2025/9/16 上午9:05", "2025.9.16 09:05", "2025年9月16日 9时5分",
     "9/16/2025 9:05", "45916.378472"],
)  # fmt: skip
def test_usual_times_of_a_call_are_understood(text: str) -> None:
    take(f"工单编号,诉求内容,来电号码,受理时间\nT1,电压低,13300000030,{text}\n")
    assert Telling.objects.get().received_at.replace(second=0) == moment("2025-09-16 09:05")


def test_what_is_no_complaint_gets_no_complaints_clock() -> None:
    kinds = {"K1": "非投诉", "K2": "投诉撤销", "K3": "投诉"}
    rows = "".join(f"{n},事情{n},1330000004{i},{kind}\n" for i, (n, kind) in enumerate(kinds.items()))
    take("工单编号,诉求内容,来电号码,业务类型\n" + rows)
    told = dict(Telling.objects.values_list("external_id", "concern__is_complaint"))
    assert told == {"K1": False, "K2": False, "K3": True}


def test_a_ticket_number_cut_by_a_spreadsheet_is_refused_with_the_way_on_and_a_cut_phone_left_out() -> None:
    batch = take("工单编号,诉求内容,来电号码\n2.02611E+19,停电,13300000001\nT2,电费高,1.33E+10\n")
    assert batch.taken == 1 and ["重新导出" in row["zh"] for row in batch.findings] == [True, False]
    assert Telling.objects.get().contact is None
