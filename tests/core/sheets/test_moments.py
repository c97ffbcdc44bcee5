# ruff: noqa: DTZ001 - a cell of a spreadsheet knows no zone
"""Dates and times as other systems write them out: zones of every kind, counts since 1970, months by name, short years."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from jiedian.core.sheets import Column, moment_of, read, serials

EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "written",
    [
        "2024/03/05 09:00:00+08",
        "2024-03-05 09:00 +0800",
        "2024-03-05T09:00:00.000+08:00[Asia/Shanghai]",
        "Tue Mar 05 2024 09:00:00 GMT+0800 (China Standard Time)",
        "Tue, 05 Mar 2024 09:00:00 +0800",
        "20240305T090000+0800",
    ],
)
def test_a_zone_is_read_however_it_is_written(written: str) -> None:
    assert moment_of(written) == datetime(2024, 3, 5, 9, tzinfo=EAST)


def test_the_last_moment_of_a_second_is_no_impossible_time() -> None:
    told = moment_of("2024-03-05T09:00:00.9999999Z")
    assert told == datetime(2024, 3, 5, 9, 0, 0, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("05-MAR-96", date(1996, 3, 5)),
        ("5-Mar-24", date(2024, 3, 5)),
        ("96年3月5日", date(1996, 3, 5)),
        ("9/13/97", date(1997, 9, 13)),
        ("Tuesday, March 5, 2024", date(2024, 3, 5)),
    ],
)
def test_short_years_and_named_months(written: str, day: date) -> None:
    assert moment_of(written) == day


@pytest.mark.parametrize("value", [1_709_600_400, 1709600400.0, "1709600400", "1.7096004E+09"])
def test_seconds_since_1970_are_read_where_the_mapping_says_so_and_never_guessed(value: object) -> None:
    assert moment_of(value, formats=["epoch"]) == datetime(2024, 3, 5, 1, tzinfo=UTC)
    assert moment_of(value) is None


def test_milliseconds_and_days_since_1970() -> None:
    assert moment_of(1_709_600_400_000, formats=["epoch-ms"]) == datetime(2024, 3, 5, 1, tzinfo=UTC)
    assert moment_of("19787.0", formats=["epoch-days"]) == date(2024, 3, 5)
    assert moment_of(19787, formats=["epoch-days"]) == date(2024, 3, 5), "not the 4th of March 1954"
    assert moment_of("2024-03-05", formats=["epoch"]) == date(2024, 3, 5)
    for odd in ("nan", "1e400", "-", 10**20):
        assert moment_of(odd, formats=["epoch", "epoch-ms", "epoch-days"]) is None


def test_only_what_was_read_as_a_day_number_is_counted_as_one() -> None:
    assert serials(["18732.0", "45356", 45357, "99999"]) == 2 and moment_of("18732.0") is None


CASES = (Column("number", "工单号", "number", (), True), Column("at", "时间", "at", (), True))


def test_a_record_may_be_called_like_a_total() -> None:
    sheet = read(
        "工单号,时间\nAVF,2024-03-05\nAVG,2024-03-06\nSUM,2024-03-07\n合计,\nTotal,3\n".encode(),
        columns=CASES,
    )
    assert [row.cells[0] for row in sheet.rows] == ["AVF", "AVG", "SUM"]
    assert [finding.code for finding in sheet.report].count("read.closing") == 2


def test_a_day_above_the_heading_is_a_title() -> None:
    text = "Last updated on,2024-03-05,\n工单号,时间,地点\nA1,2024-03-06,x\n"
    sheet = read(text.encode(), columns=CASES)
    assert sheet.heading == ("工单号", "时间", "地点")
    assert "read.title" in {finding.code for finding in sheet.report}
