"""A foreign table becomes cases, and every row that is wrong is named."""

import csv
import gzip
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.cases.history.calc.history import CaseTable, read_history
from jiedian.cases.history.calc.mapping import HistoryMapping, read_mapping
from jiedian.core.findings import Refused
from jiedian.core.sheets import csv_bytes, harmless, xlsx_bytes
from jiedian.ground.rulebook.services import RULES
from tests.shared import real_file

NOW = datetime(2025, 9, 1, tzinfo=UTC)
HEAD = "工单号,项目名称,渠道,容量,申请时间,计划完成,法定期限,办结时间,状态\n"
MAP = """
form: cases
columns: {number: 工单号, title: 项目名称, channel: 渠道, capacity: 容量, applied_at: 申请时间,
          planned_end: 计划完成, deadline: 法定期限, closed_at: 办结时间, state: 状态}
values: {channel: {营业厅: hall}, state: {在途: running, 完成: finished, 撤回: withdrawn}}
"""
GOOD = HEAD + (
    "A/1,面馆,营业厅,80,2024-03-01 09:00,2024-03-05,2024-03-08,2024-03-06 10:00,完成\n"
    ",,,,,,,,\n"
    "A2,药店,网上,,2024年3月2日,2024/3/9,,,在途\n"
)


def mapping(text: str = MAP) -> HistoryMapping:
    return read_mapping(text, name="t")


def read(text: str, given: str = MAP) -> CaseTable:
    return read_history(text.encode(), mapping(given), at=NOW)


def test_a_table_becomes_cases_with_their_true_times() -> None:
    reading = read(GOOD)
    first, second = reading.cases
    assert (first.number, first.channel, first.capacity_kva, first.state) == (
        "A-1",
        "hall",
        Decimal(80),
        "finished",
    )
    assert first.applied_at.isoformat() == "2024-03-01T09:00:00+08:00"
    assert first.planned_end and first.closed_at and first.deadline
    assert first.planned_end < first.closed_at < first.deadline, "a promised day holds until its end"
    assert second.state == "running" and second.deadline is None and second.capacity_kva == 0
    assert reading.rows == 2 and not reading.findings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_and_xlsx_read_alike(encoding: str) -> None:
    told = read(GOOD).cases
    assert read_history(GOOD.encode(encoding), mapping(), at=NOW).cases == told
    book = openpyxl.Workbook()
    for line in GOOD.splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    book.active["A4"], book.active["F4"] = "A2", datetime(2024, 3, 9)  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    assert read_history(out.getvalue(), mapping(), at=NOW).cases == told


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",x,营业厅,1,2024-03-01,,,,在途", "history.number"),
        ("B,x,营业厅,1,someday,,,,在途", "history.date"),
        ("B,x,营业厅,1,3/4/2024,,,,在途", "history.date"),
        ("B,x,营业厅,1,0001-01-01,,,,在途", "history.no_date"),
        ("B,x,营业厅,1,,,,,在途", "history.applied"),
        ("B,x,营业厅,1,2024-03-01,,,,别的", "history.value"),
        ("B,x,营业厅,1,2031-03-01,,,,在途", "history.future"),
        ("A2,x,营业厅,1,2024-03-01,,,,在途", "history.repeated"),
        ("B,x,13812345678,1,2024-03-01,,,,在途", "history.personal"),
        ("C-2025-000001,x,营业厅,1,2024-03-01,,,,在途", "history.our_number"),
    ],
)
def test_every_bad_row_is_named_and_left_out(row: str, code: str) -> None:
    reading = read(GOOD + row + "\n" + row.replace("B,", "D,", 1) + "\n")
    assert code in {finding.code for finding in reading.findings}
    assert {finding.where.split()[0] for finding in reading.findings} == {"#5", "#6"}
    assert [case.number for case in reading.cases][:1] == ["A-1"]
    assert all(finding.zh and finding.en and finding.zh != finding.en for finding in reading.findings)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("B,x,营业厅,much,2024-03-01,,,,在途", "history.amount"),
        ("B,x,营业厅,-1,2024-03-01,,,,在途", "history.amount"),
        ("B,x,营业厅,1,2024-03-01,someday,,,在途", "history.date"),
        ("B,x,营业厅,1,2024-03-01,,,2024-02-01,完成", "history.order"),
        ("B,x,营业厅,1,2024-03-01,,,2031-02-01,完成", "history.future"),
        ("B,x,营业厅,1,2024-03-01,,,,完成", "history.closed"),
        ("B,x,一二三四五六七八九十一二三四五六七,1,2024-03-01,,,,在途", "history.long"),
        (f"B,{'长' * 130},营业厅,1,2024-03-01,,,,在途", "history.long"),
    ],
)
def test_what_a_case_can_do_without_is_named_and_the_case_kept(row: str, code: str) -> None:
    reading = read(GOOD + row + "\n")
    assert [case.number for case in reading.cases] == ["A-1", "A2", "B"]
    assert not reading.findings and code in {note.code for note in reading.report}
    assert len(reading.cases[-1].channel) <= 16 and len(reading.cases[-1].title) <= 120


def test_a_closed_case_without_a_date_is_closed_at_an_unknown_time() -> None:
    case = read(GOOD + "B,x,营业厅,1,2024-03-01,2024-03-05,,,完成\n").cases[-1]
    assert (case.state, case.closed_at, case.is_end_unknown) == ("finished", None, True)


LOG = (
    "c,s,t,b,life\n"
    "K1,申请,2024-03-01 09:00,,complete\nK1,送电,2024-03-05 09:00,2024-03-04 08:00,complete\n"
    "K2,申请,2024-03-02 09:00,,complete\nK2,撤回,2024-03-03 09:00,,complete\nK2,归档,2024-03-04 09:00,,complete\n"
    "K3,申请,2024-03-02 09:00,,complete\nK3,送电,2024-03-06 09:00,,start\n"
    "K4,申请,2024-03-02 09:00,,complete\nK5,申请,2024-08-02 09:00,,complete\n"
)
LOG_MAP = """
form: events
columns: {number: c, step: s, happened_at: t, begun_at: b, transition: life}
ends_when:
  last_activity: [送电]
  activity: {撤回: withdrawn}
  quiet_days: 150
"""


def test_a_mapping_says_when_the_cases_of_a_log_end() -> None:
    reading = read(LOG, LOG_MAP)
    told = {case.number: (case.state, case.closed_at and case.closed_at.date()) for case in reading.cases}
    assert told == {
        "K1": ("finished", date(2024, 3, 5)),
        "K2": ("withdrawn", date(2024, 3, 3)),
        "K3": ("running", None),
        "K4": ("finished", date(2024, 3, 2)),
        "K5": ("running", None),
    }, "energised; withdrawn wherever it stands; only begun; silent for 150 days; new"
    assert not reading.findings
    table = "section,key,value\nset,form,events\ncolumn,number,c\ncolumn,step,s\ncolumn,happened_at,t\n"
    table += "ends_when,last_activity,送电\nends_when,activity,撤回=withdrawn\nends_when,quiet_days,150\n"
    assert mapping(table).ends_when == mapping(LOG_MAP).ends_when


@pytest.mark.parametrize("rule", ["3", "{never: x}", "{quiet_days: soon}", "{last_activity: {a: perhaps}}"])
def test_a_rule_of_ending_that_nobody_can_read_is_refused(rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        mapping(f"form: events\ncolumns: {{number: c, step: s, happened_at: t}}\nends_when: {rule}\n")
    assert {finding.code for finding in refusal.value.findings} == {"mapping.ends_when"}


def test_an_interval_log_keeps_when_its_steps_began() -> None:
    first = read(LOG, LOG_MAP).cases[0]
    assert [(event.step, event.transition, event.at.day) for event in first.events] == [
        ("申请", "complete", 1),
        ("送电", "start", 4),
        ("送电", "complete", 5),
    ]


def test_a_row_that_is_no_event_does_not_drop_its_case() -> None:
    text = "c,s,t\nK1,受理,2024-03-01 09:00\nK1,,2024-03-02 09:00\nK1,勘查,\n"
    reading = read(text, "form: events\ncolumns: {number: c, step: s, happened_at: t}")
    assert [event.step for event in reading.cases[0].events] == ["受理"] and not reading.left_out
    assert {note.code for note in reading.report} >= {"history.no_step", "history.no_time"}


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
 <global scope="event"><string key="concept:name" value="?"/></global>
 <trace><string key="concept:name" value="K1"/><string key="org" value="东城"/>
  <event><string key="concept:name" value="受理"/><date key="time:timestamp" value="2024-03-01T09:00:00+08:00"/></event>
  <event><string key="concept:name" value="送电"/><date key="time:timestamp" value="2024-03-05T09:00:00+08:00"/></event>
 </trace>
 <trace><string key="concept:name" value="K2"/>
  <event><string key="concept:name" value="受理"/><date key="time:timestamp" value="2024-03-02T09:00:00+08:00"/></event>
 </trace>
</log>"""
XES_MAP = """
form: events
columns: {number: "case:concept:name", department: "case:org", step: "concept:name", happened_at: "time:timestamp"}
ends_when: {last_activity: [送电]}
"""


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_a_log_in_xes_is_read_as_it_is(name: str) -> None:
    data = gzip.compress(XES.encode()) if name.endswith("gz") else XES.encode()
    reading = read_history(data, mapping(XES_MAP), at=NOW, name=name)
    assert [(case.number, case.state, case.department, len(case.events)) for case in reading.cases] == [
        ("K1", "finished", "东城", 2),
        ("K2", "running", "", 1),
    ]


@pytest.mark.parametrize("text", ["<log><trace>", "<log><!DOCTYPE x", "no log"])
def test_a_broken_log_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_history(text.encode(), mapping(XES_MAP), at=NOW, name="x.xes")


def test_rows_of_events_make_one_case() -> None:
    text = "c,s,t,who\nK1,勘查,2024-03-02 10:00,甲\nK1,受理,2024-03-01 09:00,乙\nK2,受理,bad,乙\n"
    reading = read(text, "form: events\ncolumns: {number: c, step: s, happened_at: t, actor: who}")
    (case,) = reading.cases
    assert [event.step for event in case.events] == ["受理", "勘查"]
    assert case.applied_at == case.events[0].at and reading.left_out == ("K2",)


def test_no_fact_is_given_a_phone_number_by_any_column() -> None:
    text = "c,s,t,what\nK1,受理,2024-03-01 09:00,13812345678\n"
    reading = read(text, "form: events\ncolumns: {number: c, step: s, happened_at: t, transition: what}")
    assert reading.left_out == ("K1",) and reading.findings[0].code == "history.personal"


def test_a_number_that_repeats_can_get_a_suffix() -> None:
    text = "n,d\n7,2024-01-01\n7,2024-01-02\n7,2024-01-03\n"
    given = "columns: {number: n, applied_at: d}\nprefix: Q-\nrepeats: suffix\n"
    assert [case.number for case in read(text, given).cases] == ["Q-7", "Q-7-2", "Q-7-3"]


def test_a_mapping_in_csv_says_the_same_as_in_yaml() -> None:
    rows = ["section,key,value", "set,form,cases", "set,prefix,Q-", "set,dates,%m/%d/%Y"]
    rows += ["column,number,n", "column,applied_at,d", "column,applied_at,e", "value:state,Done,finished"]
    made = mapping("\n".join(rows))
    assert made.columns["applied_at"] == ("d", "e") and made.values["state"] == {"Done": "finished"}
    assert (made.prefix, made.dates, made.form) == ("Q-", ("%m/%d/%Y",), "cases")


@pytest.mark.parametrize(
    "text",
    ["", "- a", "form: odd", "columns: {number: n}", "columns: {nummer: n}", "columns: 3", "{", "timezone: Mars",
     "columns: {number: n, applied_at: d}\ncapacity_unit: horse", "section,key,value\nodd,a,b", "values: {state: 3}"],
)  # fmt: skip
def test_a_bad_mapping_is_refused_with_reasons(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        mapping(text)
    assert refusal.value.findings


def test_a_table_without_the_column_is_refused() -> None:
    for text in ("", "a,b\n1,2\n", "\n\n"):
        with pytest.raises(Refused):
            read(text)
    with pytest.raises(Refused):
        read_history(b"PK\x03\x04 not a book", mapping(), at=NOW)


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=9, max_size=9))
def test_any_row_is_a_case_or_a_finding(cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.strip().split(","), cells])
    reading = read_history(out.getvalue().encode(), mapping(), at=NOW)
    assert len(reading.cases) + len(reading.left_out) == reading.rows
    assert bool(reading.findings) == bool(reading.left_out)


def test_a_cell_is_never_run_as_a_formula() -> None:
    for cell in ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1"):
        assert harmless(cell).startswith("'")
        assert f"'{cell}".strip() in csv_bytes(["x"], [[cell]]).decode()
        sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(["x"], [[cell]]))).active
        assert sheet["A2"].data_type != "f" and str(sheet["A2"].value).startswith("'")
    assert harmless(-5) == -5 and harmless(date(2024, 1, 1)) == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("name", "by", "good", "late"),
    [("logs/receipt.csv", "receipt", 1434, 377), ("queues/ISO-NE_Queue.csv", "iso-ne", 1751, 0),
     ("queues/NYISO_Queue.csv", "nyiso", 2120, 0)],
)  # fmt: skip
def test_real_tables_are_read(name: str, by: str, good: int, late: int) -> None:
    text = (RULES / f"history/{by}.yaml").read_text("utf-8")
    reading = read_history(real_file(name).read_bytes(), mapping(text), at=NOW, name=name)
    assert len(reading.cases) == good
    assert all(finding.where.startswith("#") for finding in reading.findings)
    if late:
        ended = [case for case in reading.cases if case.closed_at and case.deadline]
        assert sum(case.closed_at > case.deadline for case in ended) == late  # type: ignore[operator]


def workbook(rows: list[list[object]], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_ledger_as_offices_keep_it_is_read_and_what_was_done_is_said() -> None:
    rows: list[list[object]] = [["2024年业扩报装台账"], ["单位：kVA"], [], HEAD.strip().split(",")]
    rows += [["B1", "甲", "营业厅", "2×1250", 45356, "24/3/9", None, "2024年4月5日 下午2:30", "完成"]]
    rows += [
        ["B2", "乙", "网上", "１２５０", "2024-3-5", None, None, None, "在途"],
        ["合计", None, None, 3750],
    ]
    reading = read_history(workbook(rows), mapping(), at=NOW)
    assert not reading.findings and [case.capacity_kva for case in reading.cases] == [2500, 1250]
    assert reading.cases[0].applied_at.isoformat() == "2024-03-05T00:00:00+08:00"
    assert reading.cases[0].closed_at and reading.cases[0].closed_at.hour == 14
    assert {"read.title", "read.closing", "read.serial"} <= {finding.code for finding in reading.report}


def test_a_number_merged_over_its_events_is_one_case_with_all_of_them() -> None:
    rows: list[list[object]] = [
        ["c", "s", "t"],
        ["A1", "受理", "2024-03-05 09:00"],
        [None, "勘查", "2024-03-06 09:00"],
    ]
    rows += [[None, "送电", "2024-03-09 09:00"], ["A2", "受理", "2024-03-07 09:00"]]
    given = mapping("form: events\ncolumns: {number: c, step: s, happened_at: t}")
    reading = read_history(workbook(rows, ("A2:A4",)), given, at=NOW)
    assert [len(case.events) for case in reading.cases] == [3, 1]


def test_a_decimal_comma_is_no_thousands_mark() -> None:
    text = HEAD.replace(",", ";") + "A1;甲;网上;1250,5;2024/3/5;;;;在途\n"
    assert read_history(text.encode("gb18030"), mapping(), at=NOW).cases[0].capacity_kva == Decimal("1250.5")


def test_a_column_that_a_case_can_do_without_may_be_missing_and_is_said() -> None:
    reading = read("工单号,申请时间\nA1,2024-03-05\n", MAP.replace(", state: 状态", ""))
    assert len(reading.cases) == 1 and "read.absent" in {finding.code for finding in reading.report}


def test_a_number_cut_by_a_spreadsheet_is_a_finding() -> None:
    reading = read(HEAD + "2.02611E+19,x,网上,1,2024-03-01,,,,在途\n")
    assert reading.findings[0].code == "history.cut" and not reading.cases
