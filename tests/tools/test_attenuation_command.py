"""``jiedian attenuation`` on files as people hand them in."""

import csv
from pathlib import Path

import pytest

from tools.commands import main

HEADER = "case,point,weight,layer,event,at\n"


def constructed() -> str:
    """Two months, two cases of 20 points: 18, 10 and 4 are kept in service, support and core."""
    lines = []
    for case, month in (("A", "09"), ("B", "10")):
        for number in range(20):
            lines.append(f"{case},p{number},{5 if number < 4 else 1},,said,2025-{month}-01 08:00")
            for layer, kept, day in (("service", 18, 2), ("support", 10, 3), ("core", 4, 6)):
                lines.append(f"{case},p{number},,{layer},shown,2025-{month}-02 08:00")
                if number < kept:
                    lines.append(f"{case},p{number},,{layer},acknowledged,2025-{month}-0{day} 08:00")
    return HEADER + "\n".join(lines) + "\n"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_known_losses_come_out_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    file, out, lost = (tmp_path / name for name in ("in.csv", "out.csv", "lost.csv"))
    text = constructed().replace("\n", "\r\n").replace("service", "内部服务层") + "\r\n,,,,,\r\n"
    file.write_bytes(text.encode(encoding))
    assert main(["attenuation", str(file), "--out", str(out), "--lost", str(lost)]) == 0
    rows = table(out)
    assert [row["layer"] for row in rows] == ["service", "support", "core"]
    assert [(row["n_points"], row["retained"], row["lost"]) for row in rows] == [
        ("40", "36", "4"),
        ("40", "20", "20"),
        ("40", "8", "32"),
    ]
    assert [float(row["retention"]) for row in rows] == [0.9, 0.5, 0.2]
    assert [float(row["weighted_retention"]) for row in rows] == pytest.approx(
        [34 / 36, 26 / 36, 20 / 36], abs=1e-6
    )
    assert [float(row["median_delay_h"]) for row in rows] == [24, 48, 120]
    assert len(table(lost)) == 4 + 20 + 32


def test_a_weight_said_once_stands_in_every_row(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    said = "A,p,0.2,,said,2025-09-01\nA,q,0.6,,said,2025-09-01\n"
    file.write_text(f"{HEADER}{said}A,q,,service,shown,\nA,p,,service,acknowledged,2025-09-02\n", "utf-8")
    assert main(["attenuation", str(file), "--out", str(out)]) == 0
    assert float(table(out)[0]["weighted_retention"]) == 0.25


def test_a_cell_too_large_is_refused_and_a_line_ends_where_the_file_says(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(f"{HEADER}A,{'x' * 10_000_001},1,,said,2025-09-01\n", "utf-8")
    assert main(["attenuation", str(file), "--out", str(out)]) == 2 and not out.exists()
    file.write_text(f"{HEADER}A,p\u2028q,1,,said,2025-09-01\n", "utf-8", newline="")
    assert main(["attenuation", str(file), "--out", str(out)]) == 0
    assert table(out)[0]["n_points"] == "1"


def test_blocks_by_month_case_and_department(tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(constructed(), "utf-8")
    for by, names in (("month", {"2025-09", "2025-10"}), ("case", {"A", "B"})):
        assert main(["attenuation", str(file), "--by", by, "--out", str(out)]) == 0
        assert {row[by] for row in table(out)} == names and len(table(out)) == 6
    file.write_text(
        "case,to,layer,sent_at,points_said,points_shown,points_acknowledged\n"
        "A,运检部,support,2025-09-01,p;q,p;q,p\nA,发展部,support,2025-09-01,,p;q,p;q\nB,发展部,support,2025-09-01,r,r,\n",
        "utf-8",
    )
    assert main(["attenuation", str(file), "--by", "department", "--out", str(out)]) == 0
    assert {row["department"]: (row["n_points"], row["retained"]) for row in table(out)} == {
        "运检部": ("2", "1"),
        "发展部": ("3", "2"),
    }


def test_bad_rows_are_listed_and_nothing_is_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(constructed() + "A,p1,1,attic,shown,2025-09-09\nA,p1,heavy,core,shown,never\n", "utf-8")
    assert main(["attenuation", str(file), "--out", str(out)]) == 2
    assert not out.exists() and not list(tmp_path.glob(".out*"))
    said = capsys.readouterr().err
    assert "attic" in said and "never" in said and "层级" in said
    assert main(["attenuation", str(file), "--out", str(out), "--skip-bad"]) == 1
    assert table(out)[0]["retained"] == "36"


def test_a_point_taken_up_before_it_was_said_is_named_and_the_rest_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    odd = "C,odd,1,,said,2025-09-05 08:00\nC,odd,1,service,acknowledged,2025-09-04 08:00\n"
    file.write_text(constructed() + odd, "utf-8")
    assert main(["attenuation", str(file), "--out", str(out)]) == 1
    service = table(out)[0]
    assert (service["n_points"], service["retained"], service["median_delay_h"]) == ("41", "37", "24")
    said = capsys.readouterr().err
    assert "要点 odd" in said and "before it was said" in said and said.count("odd") == 2
    same_day = "C,even,1,,said,2025-09-05 08:00\nC,even,1,service,acknowledged,2025-09-05\n"
    file.write_text(constructed() + same_day, "utf-8")
    assert main(["attenuation", str(file), "--out", str(out)]) == 0


def test_an_instant_at_the_end_of_the_calendar_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the first nor the last instant that Python knows exists in China."""
    ends = "C,x,1,,said,0001-01-01T00:00:00+14:00\nC,x,1,core,answered,9999-12-31T23:59:59-14:00\n"
    (tmp_path / "in.csv").write_text(constructed() + ends, "utf-8")
    assert main(["attenuation", str(tmp_path / "in.csv")]) == 2
    assert capsys.readouterr().err.count("Time not understood") == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n1,2\n", HEADER.encode(), b"\x00\x01\xff\xfe"])
def test_what_is_no_handoff_file_has_status_two(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    assert main(["attenuation", str(file), "--out", str(tmp_path / "out.csv")]) == 2
    assert main(["attenuation", str(tmp_path / "none.csv")]) == 2
    assert main(["attenuation", str(file), "--out", str(tmp_path / "no" / "such" / "out.csv")]) == 2


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["attenuation", "--help"])
    assert done.value.code == 0 and "Example" in capsys.readouterr().out
