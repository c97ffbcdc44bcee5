# ruff: noqa: DTZ001 - a cell of a spreadsheet knows no zone
"""Files as people really hand them in are read right or refused with the line and the way on, and all that was done is said."""

import io
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from jiedian.core.findings import Refused
from jiedian.core.sheets import (
    Asked,
    Column,
    Sheet,
    amount_of,
    has_decimal_comma,
    is_cut,
    moment_of,
    order_of,
    read,
    read_all,
    read_choices,
)

TICKETS = (
    Column("ticket", "工单编号", "ticket", ("工单号",), True),
    Column("text", "诉求内容", "text", (), True),
    Column("phone", "来电号码", "phone", ("联系电话",)),
    Column("at", "受理时间", "at"),
)


def told(content: str | bytes, **asked: Any) -> Sheet:
    data = content if isinstance(content, bytes) else content.encode()
    return read(data, columns=TICKETS, asked=Asked(**asked))


def codes(sheet: Sheet) -> set[str]:
    return {finding.code for finding in sheet.report}


def book(
    *sheets: tuple[str, list[list[Any]]], merged: tuple[str, ...] = (), hidden: tuple[int, ...] = ()
) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in merged:
            sheet.merge_cells(area)
        for line in hidden:
            sheet.row_dimensions[line].hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


GOOD = "工单编号,诉求内容,来电号码\nA1,电压低,13300000001\nA2,没有电,13300000002\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_encoding_and_separator_is_read_alike_and_said(encoding: str, mark: str) -> None:
    sheet = told(GOOD.replace(",", mark).encode(encoding))
    assert [values["text"] for _line, values in sheet.texts()] == ["电压低", "没有电"]
    assert "read.text" in codes(sheet) and "read.heading" in codes(sheet)


def test_big5_and_its_headings_are_understood() -> None:
    sheet = told("工單編號,訴求內容\nA1,電壓低\n".encode("big5"))
    assert sheet.taken.is_whole and next(sheet.texts())[1]["text"] == "電壓低"


def test_the_spreadsheets_own_line_names_the_separator() -> None:
    assert next(told("sep=;\n" + GOOD.replace(",", ";")).texts()) == (
        3, {"ticket": "A1", "text": "电压低", "phone": "13300000001"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('Q1,"没有封口,1', "没有封口"),
        ('Q1,"客户说：5" 水管旁的线破了,1', "客户说：5 水管旁的线破了"),
        ('Q1,5" 水管破了,1', '5" 水管破了'),
    ],
)
def test_a_quote_that_does_not_pair_takes_one_line_and_is_said(line: str, text: str) -> None:
    """SurveyMan#210, FastCSV#173, OpenRefine#690: the rest of the file became one cell, or a row went missing."""
    more = "".join(f"R{n},电压低,2\n" for n in range(20)) + 'R20,6" 管,2\nR21,电压低,2\n'
    sheet = told(f"工单编号,诉求内容,来电号码\n{line}\n{more}")
    assert len(sheet.rows) == 23 and next(sheet.texts())[1]["text"] == text
    if line.startswith('Q1,"'):
        assert [finding.where for finding in sheet.report if finding.code == "file.quote"] == ["2"]


def test_a_cell_of_several_lines_stays_one_cell_and_lines_keep_their_numbers() -> None:
    sheet = told('工单编号,诉求内容,来电号码\nA1,"两行\n说完",1\nA2,电压低,2\n')
    assert [line for line, _values in sheet.texts()] == [3, 4] and "file.quote" not in codes(sheet)


def test_titles_two_row_headings_serials_and_totals_of_a_workbook() -> None:
    """Laravel-Excel#2526, ImportExcel#1092: a title and a heading of two rows with merged names."""
    rows = [
        ["便民热线工单明细"], ["导出时间：2026-11-27"], ["序号", "工单编号", "诉求人", None, "受理时间", "诉求内容"],
        [None, None, "姓名", "联系电话", None, None], [1, "D1", "王某", "13300000011", 46353.4, "没人管"],
        [2, "D2", "李某", 13300000012, datetime(2026, 11, 27, 9), "路灯不亮"], ["合计", 2],
    ]  # fmt: skip
    for merged in ((), ("A1:F1", "C3:D3")):
        sheet = told(book(("明细", rows), merged=merged))
        assert [values["phone"] for _line, values in sheet.texts()] == ["13300000011", "13300000012"]
        assert moment_of(sheet.column("at")[0]) == datetime(2026, 11, 27, 9, 36)
        assert {"read.title", "read.closing"} <= codes(sheet)


def test_the_second_sheet_is_found_and_several_likely_ones_are_said() -> None:
    table = [["工单编号", "诉求内容"], ["S1", "电压低"]]
    found = told(book(("说明", [["填表说明"]]), ("工单", table)))
    assert found.name == "工单" and "read.sheet" in codes(found)
    both = book(("一月", table), ("二月", [["工单编号", "诉求内容"], ["S2", "没有电"]]))
    assert told(both).name == "一月" and "read.sheets" in codes(told(both))
    assert told(both, sheet="二月").rows[0].cells[0] == "S2"
    with pytest.raises(Refused) as refusal:
        told(both, sheet="三月")
    assert "一月、二月" in refusal.value.findings[0].zh


def test_merged_cells_are_filled_down_and_hidden_rows_left_out_and_said() -> None:
    rows = [["工单编号", "诉求内容"], ["A1", "一"], [None, "二"], [None, "三"], ["A2", "四"]]
    sheet = told(book(("表", rows), merged=("A2:A4",), hidden=(5,)))
    assert [row.cells[0] for row in sheet.rows] == ["A1", "A1", "A1"]
    assert {"read.merged", "read.hidden"} <= codes(sheet)


def test_html_that_calls_itself_xls_is_read_with_its_spans() -> None:
    page = (
        "<html><meta charset=gb2312><table><tr><td colspan=2>工单</td></tr><tr><th>工单编号</th><th>诉求内容</th></tr>"
        "<tr><td rowspan=2>H1</td><td>家里没电</td></tr><tr><td>电压低</td></tr></table></html>"
    ).encode("gb18030")
    assert [values["ticket"] for _line, values in told(page).texts()] == ["H1", "H1"]


def test_days_are_counted_from_the_workbooks_own_first_day() -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["工单编号", "诉求内容", "受理时间"])
    made.active.append(["A1", "x", 43894])
    out = io.BytesIO()
    made.save(out)
    sheet = told(out.getvalue())
    assert moment_of(sheet.column("at")[0], epoch=sheet.epoch) == date(2024, 3, 5) and "read.epoch" in codes(
        sheet
    )


def test_a_cell_in_the_last_corner_costs_no_memory_and_a_flood_of_cells_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = openpyxl.Workbook()
    made.active["A1"], made.active["B1"], made.active["XFD20000"] = "工单编号", "诉求内容", 1
    out = io.BytesIO()
    made.save(out)
    assert len(told(out.getvalue()).rows) == 1
    monkeypatch.setattr("jiedian.core.sheets.books.MOST_CELLS", 16_000)
    with pytest.raises(Refused):
        told(out.getvalue())


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1bad", b"\x00\x01\x02" * 50],
)
def test_what_is_no_table_is_refused_in_both_languages(content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        told(content)
    assert all(finding.zh and finding.en for finding in refusal.value.findings)


def test_a_missing_column_is_named_with_what_is_there_and_can_be_chosen() -> None:
    text = "流水,说了什么\nA1,电压低\n"
    with pytest.raises(Refused) as refusal:
        told(text).refuse_if_lacking()
    assert "说了什么" in refusal.value.findings[0].zh and "诉求内容" in refusal.value.findings[1].zh
    chosen = read_choices("column,heading\nticket,流水\ntext: 说了什么\n")
    assert next(told(text, chosen=chosen).texts())[1] == {"ticket": "A1", "text": "电压低"}
    assert next(told(text, chosen={"ticket": "#1", "text": "#2"}).texts())[1]["text"] == "电压低"


@pytest.mark.parametrize(
    "text",
    ["2025-09-03 15:00", "2025/9/3 15:00", "2025.9.3 15:00", "2025年9月3日 15时", "2025年9月3日 下午3点", "2025/9/3 下午3:00:00",
     "２０２５年９月３日　１５：００", "20250903150000", "202509031500", "9/3/25 15:00", "25.9.3 15:00", "25/9/3 3:00 PM",
     "3-Sep-2025 15:00", "2025-09-03T15:00:00", "2025年9月3日（星期三）15:00", "2025-09-03 15：00"],
)  # fmt: skip
def test_usual_times_are_understood(text: str) -> None:
    assert moment_of(text) == datetime(2025, 9, 3, 15), text


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2024",
        "昨天",
        "2025-02-30",
        "2025-13-01",
        "2025-09-03 25:00",
        "9月3日",
        "",
        "1234",
        "晚上12点",
        "2025/9/3 12",
    ],
)
def test_what_can_be_read_in_two_ways_or_none_is_not_guessed(text: str) -> None:
    assert moment_of(text) is None


def test_one_date_of_a_column_tells_the_order_of_the_others() -> None:
    """may#250, SheetJS#2704: 12/31/2026 came in right and 12/01/2026 turned round."""
    column = ["12/31/2026", "12/01/2026"]
    assert [moment_of(text, order=order_of(column)) for text in column] == [
        date(2026, 12, 31),
        date(2026, 12, 1),
    ]
    assert moment_of("10/06/2025", order=order_of(["10/06/2025", "23/06/2025"])) == date(2025, 6, 10)


@pytest.mark.parametrize(
    ("text", "value"),
    [("630kVA", "630"), ("2×1250", "2500"), ("2*630+1250", "2510"), ("1,250", "1250"), ("1250,5", "1250.5"), ("1.250,5", "1250.5"),
     ("１２５０", "1250"), ("1 250", "1250"), ("1.25万", "12500"), ("-5", "-5"), ("1250.0", "1250"), ("很多", None), ("-", None)],
)  # fmt: skip
def test_amounts_are_understood(text: str, value: str | None) -> None:
    found = amount_of(text)
    assert (found.value if found else None) == (Decimal(value) if value else None)


def test_the_comma_of_a_column_is_decided_by_the_whole_column() -> None:
    assert has_decimal_comma(["1250,5", "1,250"]) and not has_decimal_comma(["1,250", "12,500"])
    found = amount_of("1,250", has_decimal_comma=True)
    assert found and found.value == Decimal("1.250")


def test_a_number_that_lost_its_digits_is_known() -> None:
    """ImportExcel#830, excel-parser#44: the last digits of a long number became zeros without a word."""
    assert is_cut(1914310000010100016) and is_cut("1.91431E+18") and not is_cut("1914310000010100016")


def test_a_full_width_comma_that_joined_two_cells_is_said() -> None:
    """node-csvtojson#167: the number behind the full-width comma was lost."""
    assert "read.comma" in codes(told("工单编号,诉求内容,来电号码\nA1，电压低,1\nA2,没有电,2\n"))


def test_a_mark_before_a_quoted_heading_is_no_letter_of_it() -> None:
    """jackson-dataformat-csv#47, GAM#710: the first column was never found."""
    assert told(b"\xef\xbb\xbf" + '"工单编号","诉求内容"\n"A1","x"\n'.encode()).taken.is_whole


def test_a_heading_that_stands_twice_and_cells_beyond_the_heading_are_said() -> None:
    """Laravel-Excel#2129: of two headings of one name one overwrote the other."""
    sheet = told("工单编号,诉求内容,诉求内容\nA1,x,y\nA2,x,y,z\n")
    assert {"read.repeated", "read.wide"} <= codes(sheet) and next(sheet.texts())[1]["text"] == "x"


def test_nobody_else_opens_a_workbook() -> None:
    code = Path(__file__).resolve().parents[3] / "jiedian"
    openers = {
        path.relative_to(code).parts[:2]
        for path in code.rglob("*.py")
        if re.search(r"^\s*(import|from) (openpyxl|xlrd)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert openers == {("core", "sheets")}


def test_every_sheet_of_a_book_is_read_by_columns_of_its_own() -> None:
    made = openpyxl.Workbook()
    made.active.title = "one"
    made.active.append(["a", "b"])
    made.active.append([1, 2])
    made.create_sheet("two").append(["标题"])
    made["two"].append(["编号", "值"])
    made["two"].append(["x", 3])
    made.create_sheet("three")
    kept = io.BytesIO()
    made.save(kept)
    columns = {"one": [Column("a", "甲", "a")], "two": [Column("id", "编号", "id"), Column("n", "值", "n")]}
    one, two, three = read_all(kept.getvalue(), name="x.xlsx", columns=lambda name: columns.get(name, []))
    assert list(one.texts()) == [(2, {"a": "1"})] and list(two.texts()) == [(3, {"id": "x", "n": "3"})]
    assert not three.rows and three.name == "three"
