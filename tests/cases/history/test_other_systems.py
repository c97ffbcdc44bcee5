"""Tables as other systems write them out: every case that can be known is kept, and what is no case is said."""

import gzip
from datetime import UTC, date, datetime

import pytest

from jiedian.cases.history.calc import xes
from jiedian.cases.history.calc.history import CaseTable, read_history
from jiedian.cases.history.calc.mapping import read_mapping
from jiedian.core.findings import Refused

NOW = datetime(2025, 9, 1, tzinfo=UTC)
LOG_MAP = "form: events\ncolumns: {number: id, step: what, happened_at: when}\n"


def read(text: str | bytes, given: str, name: str = "t.csv") -> CaseTable:
    data = text if isinstance(text, bytes) else text.encode()
    return read_history(data, read_mapping(given, name="t"), at=NOW, name=name)


def codes(reading: CaseTable) -> set[str]:
    return {finding.code for finding in (*reading.findings, *reading.report)}


def test_a_mapping_says_which_words_are_empty() -> None:
    text = "id,what,when,who\nMZ,受理,2024-03-05 09:00,?\nNA,受理,2024-03-06 09:00,甲\n"
    told = read(text, LOG_MAP)
    assert told.left_out == ("#3",) and told.findings[0].code == "history.empty_number"
    assert "NA" in told.findings[0].words("zh") and "#3 id" in told.findings[0].where
    given = LOG_MAP.replace("when}", 'when, actor: who}\nempty: ["?"]')
    kept = read(text, given)
    assert [(case.number, case.events[0].actor) for case in kept.cases] == [("MZ", ""), ("NA", "甲")]
    table = "section,key,value\nset,form,events\nset,empty,?\ncolumn,number,id\ncolumn,step,what\n"
    assert read(text, table + "column,happened_at,when\ncolumn,actor,who\n").cases == kept.cases


def test_a_word_that_the_mapping_gives_a_meaning_is_not_empty() -> None:
    given = (
        "columns: {number: n, applied_at: d, state: s}\nvalues: {state: {None: running, '-': withdrawn}}\n"
    )
    reading = read("n,d,s\nA1,2024-03-05,None\nA2,2024-03-05,-\n", given)
    assert [case.state for case in reading.cases] == ["running", "withdrawn"]


def test_a_word_of_a_mapping_is_what_stands_there() -> None:
    given = "columns: {number: No, applied_at: On}\nvalues: {channel: {y: web, 010: hall}}\n"
    made = read_mapping(given, name="t")
    assert made.columns["number"] == ("No",) and made.values["channel"] == {"y": "web", "010": "hall"}
    assert [case.number for case in read("No,On\nA1,2024-03-05\n", given).cases] == ["A1"]


LEGEND = (
    "n,name,d,mw,type,zone,status,owner,by\n,,,Size,,,,,\nA1,甲,2024-03-05,1,W,,,,\n,,,,,,,,\n"
    ",new this month,2,,,,,,\nNOTES:,W is wind,,,,,,,\n,S is sun,,,,,,,\n"
)


def test_lines_that_are_no_case_are_said_and_hold_nothing_back() -> None:
    reading = read(LEGEND, "columns: {number: n, title: name, applied_at: d}")
    assert [case.number for case in reading.cases] == ["A1"] and not reading.findings
    said = [finding for finding in reading.report if finding.code == "history.remark"]
    assert [finding.where for finding in said] == ["#2", "#5", "#6", "#7"] and reading.rows == 1
    assert "S is sun" in said[-1].words("en") and said[-1].words("zh") != said[-1].words("en")


def test_where_no_line_is_a_case_every_line_says_why() -> None:
    reading = read(LEGEND, "columns: {number: zone, title: name, applied_at: by}")
    assert not reading.cases and {finding.code for finding in reading.findings} == {"history.number"}


def test_a_case_without_a_date_at_the_end_of_a_table_is_no_remark() -> None:
    reading = read(
        "n,name,d,mw\nA1,甲,2024-03-05,1\nA2,乙,someday,2\n", "columns: {number: n, applied_at: d}"
    )
    assert reading.left_out == ("A2",) and {f.code for f in reading.findings} == {"history.date"}


def test_the_column_of_a_closing_time_says_how_a_case_ended() -> None:
    given = (
        "columns: {number: n, applied_at: d, closed_at: [W/D Date, Done]}\n"
        "ends_when: {column: {W/D date: withdrawn}}\n"
    )
    text = "n,d,W/D  Date,Done\nA1,2024-03-05,2024-03-06,\nA2,2024-03-05,,2024-03-07\nA3,2024-03-05,,\n"
    assert [case.state for case in read(text, given).cases] == ["withdrawn", "finished", "running"]


def test_of_a_log_the_last_row_tells_how_a_case_stands() -> None:
    """The rows lie in any order; their columns hold what was true at each of them."""
    given = (
        "form: events\n"
        "columns: {number: id, step: what, happened_at: when, title: name, holder: who, closed_at: end, state: state}\n"
        "values: {state: {open: running, shut: finished}}\n"
    )
    text = (
        "id,what,when,name,who,end,state\n"
        "K1,归档,2024-03-07 09:00,,乙,2024-03-07 09:00,shut\n"
        "K1,受理,2024-03-05 09:00,面馆,甲,,open\n"
        "K1,备注,2024-03-05 09:30,茶馆,,,\n"
    )
    (case,) = read(text, given).cases
    assert (case.title, case.holder, case.state) == ("面馆", "乙", "finished")
    assert case.closed_at and case.closed_at.day == 7 and case.applied_at.day == 5


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
 <trace><string key="concept:name" value="-7"/><date key="start" value="2024-03-01T09:00:00.000+08:00"/>
  <event><string key="concept:name" value="+受理，补件"/><date key="time:timestamp" value="2024-03-01T09:00:00+08:00"/>
   <string key="note" value="="/></event>
 </trace>
 <trace><string key="concept:name" value="K2"/><date key="start" value="2024-03-02T09:00:00+08:00"/></trace>
</log>"""
XES_MAP = (
    'form: events\ncolumns: {number: "case:concept:name", applied_at: "case:start", step: "concept:name", '
    'happened_at: "time:timestamp"}\nprefix: X\n'
)


@pytest.mark.parametrize("name", ["log.xes", "log.dat"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_log_in_xes_is_taken_as_it_stands_whatever_it_is_called(name: str, is_packed: bool) -> None:
    data = gzip.compress(XES.encode()) if is_packed else XES.encode()
    reading = read(data, XES_MAP, name)
    assert [(case.number, len(case.events)) for case in reading.cases] == [("X7", 1), ("XK2", 0)]
    assert reading.cases[0].events[0].step == "+受理，补件", "no mark is put before it"
    assert {"read.xes", "history.no_step"} <= codes(reading) and "read.text" not in codes(reading)
    assert reading.sheet and "note" in reading.sheet.heading


def test_of_a_long_log_only_the_columns_asked_for_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "WHOLE_ROWS", 0)
    heading, rows, traces = xes.rows_of(XES.encode(), ["Concept:Name"])
    assert traces == 2 and rows[0][heading.index("concept:name")] == "+受理，补件"
    assert "=" not in rows[0] and len(read(XES, XES_MAP, "x.xes").cases) == 2
    assert "=" in xes.rows_of(XES.encode(), ["#5"])[1][0], "a column told by its place may be any"


def test_a_packed_log_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "UNPACKED_BYTES", 100)
    with pytest.raises(Refused) as refusal:
        read(gzip.compress(XES.encode()), XES_MAP, "log.xes.gz")
    assert {finding.code for finding in refusal.value.findings} == {"history.xes"}


def test_counts_since_1970_are_dates_where_the_mapping_says_so() -> None:
    reading = read("id,what,when\nK1,受理,1709600400000\n", f"{LOG_MAP}dates: [epoch-ms]\n")
    assert reading.cases[0].applied_at == datetime(2024, 3, 5, 1, tzinfo=UTC)
    bare = read("n,d\nA1,19787\n", "columns: {number: n, applied_at: d}\ndates: epoch-days\n")
    assert bare.cases[0].applied_at.date() == date(2024, 3, 5) and "read.serial" not in codes(bare)


def test_a_date_that_stands_for_none_is_none() -> None:
    given = "columns: {number: n, applied_at: d, planned_end: p, closed_at: c}\ntimezone: America/New_York\n"
    reading = read("n,d,p,c\nA1,2024-03-05,9999-12-31,1900-01-01\nA2,1900-01-01,2024-03-05,\n", given)
    (case,) = reading.cases
    assert (case.number, case.planned_end, case.state) == ("A1", None, "running")
    assert [finding.where for finding in reading.findings] == ["#3 d"] and reading.left_out == ("A2",)
    assert codes(reading) >= {"history.no_date"}
