"""The statistics of a survey equal SciPy and statsmodels, also where rows are blank, tied or constant."""

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from jiedian.core.findings import Refused
from jiedian.core.sheets import decode, rows_of
from jiedian.voice.surveys.calc.gaps import (
    Answers,
    bootstrapped,
    cronbach,
    holm,
    measures,
    paired,
    shrink,
    trend,
    unpaired,
)
from jiedian.voice.surveys.calc.item_map import default_dimensions, mapped
from jiedian.voice.surveys.calc.marks import number, plain, scale_of
from jiedian.voice.surveys.calc.questionnaire import read
from jiedian.voice.surveys.rows import word_scales
from tools.gaps import HEADER, main

NAN = float("nan")


@pytest.fixture
def survey() -> Answers:
    """120 people, 22 items on 1–7, a general factor, blank rows, single holes, ties, a constant item."""
    dice = np.random.default_rng(7)
    mood = dice.normal(size=(120, 1))
    e = np.clip(np.round(6 + 0.4 * mood + dice.normal(0, 0.8, (120, 22))), 1, 7)
    p = np.clip(np.round(5 + 0.8 * mood + dice.normal(0, 1.1, (120, 22))), 1, 7)
    for row in (0, 17, 18, 119):
        e[row] = p[row] = NAN
    e[30, 3] = p[31, 4] = p[32, 4] = NAN
    e[~np.isnan(e[:, 8]), 8] = 7
    return Answers(tuple(str(i + 1) for i in range(22)), e, p)


def test_items_equal_scipy_and_statsmodels(survey: Answers) -> None:
    rows = [row for row in measures(survey, default_dimensions(survey.items)) if row.level == "item"]
    chances = []
    for index, row in enumerate(rows):
        e, p = survey.expected[:, index], survey.perceived[:, index]
        both = ~np.isnan(e) & ~np.isnan(p)
        truth = stats.ttest_rel(p[both], e[both])
        interval = truth.confidence_interval(0.95)
        pair = row.paired
        assert pair.n == both.sum()
        assert (pair.t, pair.p) == pytest.approx((truth.statistic, truth.pvalue), rel=1e-9)
        assert (pair.ci_low, pair.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)
        assert pair.d == pytest.approx(np.mean(p[both] - e[both]) / np.std(p[both] - e[both], ddof=1))
        assert pair.p_wilcoxon == pytest.approx(stats.wilcoxon(p[both], e[both]).pvalue)
        chances.append(truth.pvalue)
    adjusted = multipletests(chances, method="holm")[1]
    assert [row.p_holm for row in rows] == pytest.approx(list(adjusted))


def test_a_dimension_scores_the_items_answered_in_both_halves(survey: Answers) -> None:
    row = next(r for r in measures(survey, default_dimensions(survey.items)) if r.id == "tangibles")
    differences = (survey.perceived - survey.expected)[:, :4]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        means = np.nanmean(differences, axis=1)
    means = means[~np.isnan(means)]
    truth = stats.ttest_1samp(means, 0)
    assert row.paired.n == len(means) == 116
    assert row.paired.gap == pytest.approx(means.mean())
    assert (row.paired.t, row.paired.p) == pytest.approx((truth.statistic, truth.pvalue))


def test_alpha_is_the_textbook_value_and_equals_pingouin_where_it_is_installed(survey: Answers) -> None:
    # Five people, three items with variances 2.5, 2.3 and 0.8.
    scores = np.array([[1.0, 2, 3], [2, 2, 3], [3, 4, 3], [4, 5, 4], [5, 5, 5]])
    assert scores.var(axis=0, ddof=1).tolist() == pytest.approx([2.5, 2.3, 0.8])
    assert cronbach(scores).value == pytest.approx(1.5 * (1 - 5.6 / scores.sum(axis=1).var(ddof=1)))
    pingouin = pytest.importorskip("pingouin")  # GPL: never a requirement, an oracle where somebody has it
    import pandas as pd

    value, interval = pingouin.cronbach_alpha(pd.DataFrame(survey.perceived[:, :4]).dropna())
    found = cronbach(survey.perceived[:, :4])
    assert found.value == pytest.approx(value)
    assert [found.low, found.high] == pytest.approx(list(interval), abs=1e-3)


def test_alpha_leaves_out_the_half_answered_and_has_feldts_interval(survey: Answers) -> None:
    found = cronbach(survey.perceived[:, 4:9])
    whole = survey.perceived[:, 4:9]
    whole = whole[~np.isnan(whole).any(axis=1)]
    cov = np.cov(whole.T)
    assert found.n == len(whole) == 114 and found.k == 5
    assert found.value == pytest.approx(5 / 4 * (1 - np.trace(cov) / cov.sum()))
    # F is an inverse here: its percentage points give back the confidence.
    inside = stats.f.cdf((1 - found.low) / (1 - found.value), 113, 452) - stats.f.cdf(
        (1 - found.high) / (1 - found.value), 113, 452
    )
    assert inside == pytest.approx(0.95)


def test_constant_answers_are_as_scipy_has_them() -> None:
    sure = paired(np.full(8, 5.0), np.full(8, 7.0))
    assert (sure.t, sure.p, sure.gap, sure.ci_low) == (math.inf, 0.0, 2.0, 2.0)
    same = paired(np.full(8, 5.0), np.full(8, 5.0))
    assert same.gap == 0 and math.isnan(same.t) and math.isnan(same.p) and math.isnan(same.p_wilcoxon)
    # Means of thirds differ in the last bit; that is no scatter.
    noise = paired(np.array([0.1 + 0.2, 0.3, 0.3]), np.array([1.3, 1.3, 1.0 + 0.3]))
    assert noise.t == math.inf
    assert math.isnan(paired(np.array([5.0]), np.array([4.0])).t)
    assert paired(np.array([NAN]), np.array([4.0])).n == 0


def test_holm_leaves_out_what_is_no_number() -> None:
    assert holm([0.02, NAN, 0.01])[0] == pytest.approx(0.02)
    assert holm([]) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=3, max_size=40),
    st.integers(-20, 20),
)
def test_a_shift_of_both_halves_changes_nothing_and_exchange_turns_the_sign(
    pairs: list[tuple[int, int]], shift: int
) -> None:
    e, p = (np.array(half, dtype=float) for half in zip(*pairs, strict=True))
    one, moved, turned = paired(e, p), paired(e + shift, p + shift), paired(p, e)
    assert (one.gap, one.t, one.d) == pytest.approx((moved.gap, moved.t, moved.d), nan_ok=True)
    assert (one.gap, one.t, one.d) == pytest.approx((-turned.gap, -turned.t, -turned.d), nan_ok=True)
    assert one.p == pytest.approx(turned.p, nan_ok=True)
    assert math.isnan(one.d) or np.sign(one.d) == np.sign(one.gap)


def test_the_bootstrap_is_repeatable_and_near_students() -> None:
    dice = np.random.default_rng(1)
    e, p = dice.integers(4, 8, 400).astype(float), dice.integers(2, 8, 400).astype(float)
    low, high = bootstrapped(e, p, seed=5)
    assert (low, high) == bootstrapped(e, p, seed=5) != bootstrapped(e, p, seed=6)
    pair = paired(e, p)
    assert (low, high) == pytest.approx((pair.ci_low, pair.ci_high), abs=0.03)


def test_small_departments_are_drawn_to_the_mean_as_dersimonian_and_laird_say() -> None:
    dice = np.random.default_rng(3)
    groups = {
        f"g{i}": dice.normal(mean, 1, n) for i, (mean, n) in enumerate([(-2, 60), (-1, 40), (0, 50), (1, 3)])
    }
    found = shrink(groups)
    pooled = sum(((v - v.mean()) ** 2).sum() for v in groups.values()) / (153 - 4)
    truth = combine_effects(
        np.array([v.mean() for v in groups.values()]),
        np.array([pooled / len(v) for v in groups.values()]),
        method_re="dl",
    )
    centre, tau2 = truth.mean_effect_re, truth.tau2
    small = found["g3"]
    assert small.trust == pytest.approx(tau2 / (tau2 + pooled / 3))
    assert small.shrunk == pytest.approx(centre + small.trust * (groups["g3"].mean() - centre))
    assert small.trust < found["g0"].trust and small.high - small.low > found["g0"].high - found["g0"].low


def test_managers_and_customers_are_compared_by_welch() -> None:
    dice = np.random.default_rng(4)
    a, b = dice.normal(5, 1, 12), dice.normal(6, 2, 90)
    truth = stats.ttest_ind(a, b, equal_var=False)
    found = unpaired(np.append(a, NAN), b)
    assert (found.t, found.p) == pytest.approx((truth.statistic, truth.pvalue))
    assert found.ci_low < a.mean() - b.mean() < found.ci_high


def test_a_trend_has_its_slope_and_interval() -> None:
    times = np.arange(40.0)
    found = trend(times, 0.05 * times - 2 + np.random.default_rng(2).normal(0, 0.1, 40))
    assert found.low < 0.05 < found.high and found.p < 1e-6
    assert math.isnan(trend(np.zeros(9), np.ones(9)).slope)


# --- reading what people hand in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), (" ５ ", 5), ("5.0", 5), ("5分", 5), ("七", 7), ("3 - 一般", 3), ("(2) rarely", 2), ("4,5", 4.5),
        ("6=very good", 6), ("'7", 7), ("", NAN), ("N/A", NAN), ("不适用", NAN), ("—", NAN), ("often", None),
        ("inf", None), ("2026-11-24", None), ("1-2", None), ("9=don't know", NAN), ("9 - 不知道", NAN),
        ("Don’t know", NAN), ("35 %", 35), ("很好（5分）", 5), ("item (5) extra", None),
    ],
)  # fmt: skip
def test_a_number_is_understood_as_people_write_it(text: str, value: float | None) -> None:
    found = number(text)
    assert found == value or (found != found and value != value)


def table(text: str, **options: Any) -> Any:
    return read(rows_of(text), **options)


def test_a_messy_table_is_read_and_every_trouble_is_said() -> None:
    text = (
        "调查表,,,,,\nid;E_a1;P_a1;E_a2;p_a2;E_b1;满意度;P_a1\n".replace(";", ",")
        + "".join(f"{i},{5 + i % 3},{3 + i % 4},6,{4 + i % 3},7,5,9\n" for i in range(60))
        + ",,,,,,,\n61,７,6分,99,often,7,4\n\n62,77,5,6\n"
    )
    found = table(text)
    assert found.answers.items == ("a1", "a2")
    assert found.scale == (1, 7) and found.blank_rows == 2
    assert found.answers.expected.shape == (62, 2)
    assert found.answers.expected[60].tolist()[0] == 7 and math.isnan(found.answers.expected[60, 1])
    assert found.answers.satisfied is not None and found.answers.satisfied[60] == 4
    codes = sorted(f.code for f in found.findings)
    assert codes == [
        "survey.blank", "survey.half", "survey.number", "survey.range", "survey.range", "survey.repeated",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "E_1,E_2\n1,2\n", "E_1,P_2\n3,4\n", "\x00\x01"])
def test_a_table_without_pairs_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        table(text)


def test_the_scale_is_found_from_the_answers() -> None:
    dice = np.random.default_rng(0)
    likert = dice.integers(1, 6, 900).astype(float)
    assert scale_of([likert]) == (1, 5)
    assert scale_of([np.append(likert, [55, 99, 0])]) == (1, 5)
    assert scale_of([dice.integers(1, 8, 60).astype(float)]) == (1, 7)
    assert scale_of([np.append(dice.integers(1, 8, 60), 8.0)]) == (1, 7)
    assert scale_of([dice.integers(0, 101, 400).astype(float)]) == (0, 100)
    assert scale_of([np.append(likert, np.full(90, 99.0))]) == (1, 5)
    assert scale_of([dice.normal(5, 1, 300)]) is None
    assert scale_of([]) is None


def test_encodings_and_separators() -> None:
    text = "编号;E_态度1;P_态度1\n1;5;4\n2;6;4\n"
    for encoding in ("utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert table(decode(text.encode(encoding))).answers.items == ("态度1",), encoding
    assert table("sep=;\nE_1;P_1\n4,5;3\n").answers.expected[0, 0] == 4.5
    with pytest.raises(Refused):
        decode(b"\x00\x01\x02" * 50)


def test_decimal_commas_are_no_separators() -> None:
    rows = list(rows_of("E_1;P_1\n4,5;3,5\n6,0;5,5\n7;2,5\n"))
    assert rows[1] == ["4,5", "3,5"] and read(rows).answers.perceived.tolist() == [[3.5], [5.5], [2.5]]
    assert list(rows_of("调查;2025\n\nE_1,P_1,R\n1,2,a;b;c\n3,4,d;e\n"))[-1] == ["3", "4", "d;e"]


@pytest.mark.parametrize("rows", ["", "\n,\n", "\n随便,都行\nmaybe,blue"])
def test_without_one_number_there_is_nothing_to_compute(rows: str, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(f"E_1,P_1{rows}\n", "utf-8")
    assert main([str(file), "--out", str(out)]) == 2 and not out.exists()


AGREE = ("Strongly disagree", "disagree", "Neither agree nor disagree", "AGREE", "strongly agree.")
SEVEN = (
    "strongly disagree",
    "disagree",
    "somewhat disagree",
    "neutral",
    "somewhat agree",
    "agree",
    "strongly agree",
)


@pytest.mark.parametrize(
    ("told", "scale", "rule"),
    [
        (AGREE, (1, 5), "agree5"),
        (SEVEN, (1, 7), "agree7"),
        (("非常不满意", "不满意", "一般", "满意", "非常满意"), (1, 5), "satisfied5"),
        (("完全不同意", "不太同意", "中立", "比较同意", "完全同意"), (1, 5), "agree5"),
        (("poor", "fair", "good", "very good", "excellent"), (1, 5), "excellent5"),
        (("very poor", "poor", "average", "good", "excellent"), (1, 5), "good5"),
        (("1 - poor", "2 - fair", "3 - good", "4 - very good", "5 - excellent"), (1, 5), ""),
        (("非常不满意(1)", "不满意（2分）", "一般(3)", "满意(4)", "非常满意(5)"), (1, 5), ""),
    ],
)
def test_words_of_a_scale_are_marks(told: tuple[str, ...], scale: tuple[int, int], rule: str) -> None:
    rows = [["E_1", "P_1"], *([word, told[-1]] for word in told), ["N/A", told[0]]]
    found = read(rows, words=word_scales())
    marks = list(map(float, range(1, scale[1] + 1)))
    assert found.answers.expected[:-1, 0].tolist() == marks and found.answers.perceived[-1, 0] == 1
    assert math.isnan(found.answers.expected[-1, 0]) and found.scale == scale
    said = [f.en for f in found.findings if f.code == "survey.words"]
    assert len(said) == bool(rule) and all(rule in words for words in said)


def test_halves_on_scales_of_different_length_are_said_not_to_compare() -> None:
    four = ("not at all satisfied", "not very satisfied", "fairly satisfied", "very satisfied")
    rows = [["E_1", "P_1"], *zip(SEVEN, (*four, *four[:3]), strict=True)]
    found = read(rows, words=word_scales())
    assert "survey.scales" in {f.code for f in found.findings}
    assert found.answers.expected[6, 0] == 7 and found.answers.perceived[3, 0] == 4


def test_numbers_that_reach_beyond_the_words_of_the_other_half_are_said_not_to_compare() -> None:
    rows = [["E_1", "P_1"], *(["7", "满意"], ["6", "一般"], ["5", "非常满意"], ["6", "不满意"]) * 5]
    found = read(rows, words=word_scales())
    assert "survey.scales" in {f.code for f in found.findings}
    alike = [["E_1", "P_1"], *(["5", "满意"], ["4", "一般"]) * 5]
    assert "survey.scales" not in {f.code for f in read(alike, words=word_scales()).findings}


@pytest.mark.parametrize("mark", ["\r", '"'])
def test_a_first_line_that_names_no_separator_is_a_line(mark: str) -> None:
    assert table(f"sep={mark}\r\nE_1,P_1\n4,3\n").answers.expected[0, 0] == 4


def test_every_row_of_words_names_its_source_and_each_mark_of_a_scale_has_words() -> None:
    for scale in word_scales():
        assert set(scale.marks.values()) == set(range(1, scale.points + 1)), scale.id
        assert all(word == plain(word).strip(".!") for word in scale.marks), scale.id


@pytest.mark.parametrize("high", [5, 7])
def test_a_code_for_dont_know_is_no_value_however_often_it_stands(high: int) -> None:
    dice = np.random.default_rng(high)
    answers = dice.integers(1, high + 1, (200, 4)).astype(float)
    answers[:60, 1] = 9
    text = "E_1,P_1,E_2,P_2\n" + "\n".join(",".join(f"{v:g}" for v in row) for row in answers)
    found = table(text)
    assert found.scale == (1, high) and np.isnan(found.answers.perceived[:60, 0]).all()
    assert [f.where for f in found.findings if f.code == "survey.range"] == ["P_1"]
    nine = dice.integers(1, 10, (200, 2))
    text = "E_1,P_1\n" + "\n".join(f"{a},{b}" for a, b in nine)
    assert not np.isnan(table(text).answers.expected).any(), "nine marks in a row are a scale of nine"


def test_weights_in_percent_and_satisfaction_on_a_scale_of_its_own() -> None:
    text = (
        "E_1;P_1;W_1;E_2;P_2;W_2;satisfaction\n"
        + "5,0;4;60%;6;5;40 %;8\n6;4;70 %;7;3;-5;10\n7;6;50;5;5;50;999\n"
    )
    found = table(text)
    assert found.answers.weighted is not None and found.answers.satisfied is not None
    assert found.answers.weighted[0].tolist() == [60, 40] and math.isnan(found.answers.weighted[1, 1])
    assert math.isnan(found.answers.satisfied[2]) and found.answers.satisfied[1] == 10


def test_items_find_their_dimension() -> None:
    servqual = default_dimensions([f"Q{i}" for i in range(1, 23)])
    assert servqual["Q4"] == "tangibles" and servqual["Q5"] == "reliability" and servqual["Q22"] == "empathy"
    assert default_dimensions(["1", "2"]) == {"1": "all", "2": "all"}
    assert default_dimensions(["REL-2", "staff_politeness"]) == {"REL-2": "REL", "staff_politeness": "staff"}
    known, findings = mapped([["item", "dimension"], ["E_1", "可靠性"]], ["1", "2"])
    assert known == {"1": "可靠性", "2": "all"} and len(findings) == 1
    assert mapped([["可靠性", "1"], ["态度", "2"]], ["1", "2"])[0] == {"1": "可靠性", "2": "态度"}
    with pytest.raises(Refused):
        mapped([["9", "x"]], ["1"])


def test_the_command_writes_the_table_or_nothing(tmp_path: Path, capsys: Any) -> None:
    source, target = tmp_path / "s.csv", tmp_path / "g.csv"
    source.write_text("E_1,P_1,W_1,E_2,P_2,W_2\n" + "7,5,60,6,6,40\n6,5,70,6,4,30\n7,7,50,5,6,50\n" * 4)
    assert main([str(source), "--out", str(target)]) == 0
    lines = target.read_text().splitlines()
    assert lines[0].startswith(HEADER) and [line.split(",")[:3] for line in lines[1:]] == [
        ["item", "1", "12"], ["item", "2", "12"], ["dimension", "all", "12"], ["overall", "all", "12"],
    ]  # fmt: skip
    assert float(lines[1].split(",")[5]) == -1
    before = target.read_bytes()
    source.write_text("nothing,here\n1,2\n")
    assert main([str(source), "--out", str(target)]) == 2
    assert "E_<" in capsys.readouterr().err and target.read_bytes() == before
    assert main([str(tmp_path / "none.csv")]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.csv", "s.csv"]


def test_the_command_reads_workbooks_and_stray_letters(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["E_1", "P_1", "remark"], [7, 5, "好"], [6, 4, None], [7, 6, ""]):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    (tmp_path / "s.csv").write_bytes("E_1,P_1,remark\n7,5,café\n6,4,\n7,6,é\n".encode("latin-1"))
    for name in ("s.xlsx", "s.csv"):
        assert main([str(tmp_path / name), "--out", str(tmp_path / f"{name}.out")]) == 0
    assert (tmp_path / "s.xlsx.out").read_bytes() == (tmp_path / "s.csv.out").read_bytes()
    (tmp_path / "rubbish").write_bytes(bytes(range(256)) * 9)
    assert main([str(tmp_path / "rubbish")]) == 2


def test_the_bootstrap_may_stand_where_students_interval_stands(tmp_path: Path) -> None:
    source, one, two = (tmp_path / name for name in ("s.csv", "1.csv", "2.csv"))
    source.write_text("E_1,P_1\n" + "7,5\n6,5\n7,7\n2,6\n" * 10)
    assert main([str(source), "--out", str(one)]) == 0
    assert main([str(source), "--out", str(two), "--interval", "bootstrap", "--seed", "4"]) == 0
    student, boot = (path.read_text().splitlines()[1].split(",") for path in (one, two))
    assert student[:6] == boot[:6] and student[6:8] != boot[6:8] and student[8:] == boot[8:]


def gaps_of(text: str | bytes, tmp_path: Path, capsys: Any, items: str = "") -> tuple[list[str], str]:
    """The lines of the items, and what was said."""
    from tools.gaps import main

    file, given = tmp_path / "survey.csv", tmp_path / "items.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    given.write_text(items, "utf-8")
    assert main([str(file), *(["--map", str(given)] if items else [])]) == 0
    told = capsys.readouterr()
    rows = [line.split(",") for line in told.out.splitlines() if line.startswith("item,")]
    return [f"{row[1]} n={row[2]} {float(row[5]):+.2f}" for row in rows], told.err


PLAIN = [(6, 5), (7, 6), (5, 5), (6, 4), (7, 7), (4, 1)]
ROWS = "".join(f"{e},{p}\n" for e, p in PLAIN)
RIGHT = ["1 n=6 -1.17"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (("期望_1,感知_1\n" + ROWS).encode("gb18030"), "期望_1 → E_1"),
        ("E[1];P[1]\n" + ROWS.replace(",", ";"), "E[1] → E_1"),
        ("期望,感知\n1,1\n".replace("期望,感知\n1,1", "期望 1,感知 1") + ROWS, "期望 1 → E_1"),
        ("序号,E_1,P_1\n" + "".join(f"{n},{e},{p}\n" for n, (e, p) in enumerate(PLAIN)) + "平均,5.9,4.7\n", "平均"),
        ("序号,E_1,P_1\n" + "".join(f"{n % 6},{e},{p}\n" for n, (e, p) in enumerate(PLAIN * 2)), "只计一次"),
        ("E_1,P_1,P_1\n" + "".join(f"{e},,{p}\n" if e % 2 else f"{e},{p},\n" for e, p in PLAIN), "合为一列"),
        ("意见,E_1,P_1\n" + '"太慢,'.join(f",{e},{p}\n" for e, p in PLAIN[:2]).replace('"太慢,,', '"太慢,')
         + "".join(f",{e},{p}\n" for e, p in PLAIN[2:]), "引号没有配对"),
    ],
)  # fmt: skip
def test_surveys_as_programs_and_offices_write_them(
    text: str | bytes, word: str, tmp_path: Path, capsys: Any
) -> None:
    """LimeSurvey's brackets, Chinese headings, an average below, forms sent twice, decidim#8327's halves of a column."""
    found, told = gaps_of(text, tmp_path, capsys)
    assert found == RIGHT and word in told


def test_a_map_turns_items_names_columns_and_codes_and_passes_over_nothing(
    tmp_path: Path, capsys: Any
) -> None:
    turned = "E_1,P_1\n" + "".join(f"{8 - e},{8 - p}\n" for e, p in [*PLAIN, (1, 7), (7, 1)])
    plain = gaps_of(
        "E_1,P_1\n" + "".join(f"{e},{p}\n" for e, p in [*PLAIN, (1, 7), (7, 1)]), tmp_path, capsys
    )[0]
    assert gaps_of(turned, tmp_path, capsys, "item,dimension,reversed\n1,d,yes\n")[0] == plain
    asked = "想要,得到\n" + ROWS + "-3,5\n"
    items = "item,dimension,expectation,perception,missing\n1,d,想要,得到,-3\n"
    assert gaps_of(asked, tmp_path, capsys, items)[0] == RIGHT
    with pytest.raises(AssertionError):
        gaps_of(asked, tmp_path, capsys, "item,dimension,colour\n1,d,red\n")
    assert "colour" in capsys.readouterr().err


def test_skip_codes_below_zero_are_no_answers_and_scales_that_end_apart_are_said(
    tmp_path: Path, capsys: Any
) -> None:
    rows = PLAIN * 10
    text = "E_1,P_1\n" + "".join(f"{e},{p if n % 8 else -3}\n" for n, (e, p) in enumerate(rows))
    found, _told = gaps_of(text, tmp_path, capsys)
    assert found[0].startswith("1 n=52 -1.")
    apart = "E_1,P_1\n" + "".join(f"{e},{min(p, 5)}\n" for e, p in rows)
    assert "差距不可比" in gaps_of(apart, tmp_path, capsys)[1]
