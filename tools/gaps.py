"""``jiedian gaps SURVEY.csv``: expectation against perception, a line an item, a dimension, and all together."""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isnan
from pathlib import Path

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, read, text
from jiedian.voice.surveys.calc import item_map, questionnaire
from jiedian.voice.surveys.calc.gaps import Measure, bootstrapped, measures, scores
from jiedian.voice.surveys.calc.table import answers_in
from jiedian.voice.surveys.rows import word_scales
from tools.sheets import write_rows

HEADER = "level,id,n,mean_e,mean_p,gap,ci_low,ci_high,t,p,p_holm,d,alpha"
MORE = "alpha_low,alpha_high,alpha_n,alpha_e,w,p_wilcoxon,weight,importance"
MAP_HELP = (
    "item,dimension and, as needed, reversed (yes), expectation, perception, importance (the columns of the answers) "
    "and missing (marks that mean not answered); without it 22 items are SERVQUAL, else by prefix"
)
EPILOG = """\
example:  jiedian gaps survey.csv --map items.csv --out gaps.csv
          survey.csv: E_1,P_1,E_2,P_2,…  one row a respondent;  items.csv: item,dimension

gap = mean of P - E over the people who answered both; ci = 95 % t interval of that mean; t, p = paired t test;
p_holm = Holm over the lines of one level; d = mean / sd of the differences; a dimension scores each respondent's
mean over the items he answered in both halves; alpha = Cronbach over perception, complete answers."""


def main(argv: list[str]) -> int:
    """Read, compute, write. 0 with the findings on stderr, 2 when nothing can be computed."""
    options = _options(argv)
    try:
        given = _map_rows(options.map) if options.map else None
        told = item_map.read_item_map(given) if given else item_map.ItemMap({})
        table = answers_in(
            _bytes(options.survey),
            asked=_asked(options),
            columns=told.columns,
            name=Path(options.survey).name,
        )
        survey = questionnaire.read(
            _without(table.rows, told.missing),
            lines=table.lines,
            scale=_scale(options.scale),
            infer_scale=options.scale != "none",
            satisfaction=options.satisfaction,
            words=word_scales(),
        )
        answers = item_map.turn(survey.answers, told.reversed_items, survey.scale)
        survey = replace(survey, answers=answers)
        dimension_of, more = item_map.dimensions(survey.answers.items, given)
        found = measures(survey.answers, dimension_of)
        rows = [_row(line) for line in found]
        if options.interval == "bootstrap":
            _bootstrap(rows, found, survey, dimension_of, options.seed)
        write_rows(options.out, [*HEADER.split(","), *MORE.split(",")], rows)
    except Refused as refusal:
        _say(refusal.findings)
        return 2
    except OSError as error:
        _say([Finding("file.access", error=error)])
        return 2
    _say([*table.report, *survey.findings, *more])
    scale = "—" if survey.scale is None else f"{survey.scale[0]:g}–{survey.scale[1]:g}"
    n = len(survey.answers.expected)
    print(f"{n} 份，量表 {scale} / {n} respondents, scale {scale}", file=sys.stderr)
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jiedian gaps",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "survey",
        help="CSV, XLSX or XLS with columns E_<item>, P_<item> (or 期望_, 感知_) and optionally W_<item>",
    )
    parser.add_argument("--map", metavar="ITEMS.csv", help=MAP_HELP)
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    parser.add_argument("--heading", type=int, default=0, metavar="LINE", help="the line of the heading")
    parser.add_argument("--out", default="-", help="where the result goes (default: standard output)")
    parser.add_argument("--scale", default="auto", help="LOW-HIGH, auto, or none: no range check")
    parser.add_argument(
        "--satisfaction", default="satisfaction", metavar="COLUMN", help="overall satisfaction"
    )
    parser.add_argument(
        "--interval", choices=["t", "bootstrap"], default="t", help="what ci_low, ci_high are"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    return parser.parse_args(argv)


def _bytes(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def _asked(options: argparse.Namespace) -> Asked:
    """Answers are numbers, so a stray Latin letter in a remark is no reason to refuse."""
    return Asked(sheet=options.sheet, heading=options.heading, otherwise="latin-1")


def _map_rows(path: str) -> list[list[str]]:
    """The lines of a map, its heading first if it has one."""
    sheet = read(_bytes(path), name=Path(path).name)
    return [list(sheet.heading), *([text(cell) for cell in row.cells] for row in sheet.rows)]


def _without(rows: list[list[str]], missing: frozenset[str]) -> list[list[str]]:
    """The rows with the marks emptied that the map says mean "not answered"."""
    if not missing:
        return rows
    return [rows[0], *(["" if cell in missing else cell for cell in row] for row in rows[1:])]


def _scale(words: str) -> tuple[float, float] | None:
    if words in ("auto", "none"):
        return None
    low, _, high = words.partition("-")
    try:
        found = float(low), float(high)
    except ValueError:
        found = (0.0, 0.0)
    if found[0] >= found[1]:
        raise refuse("survey.scale")
    return found


def _row(line: Measure) -> list[str]:
    pair, alpha = line.paired, line.alpha
    values = [pair.mean_e, pair.mean_p, pair.gap, pair.ci_low, pair.ci_high, pair.t, pair.p, line.p_holm]
    values += [pair.d, alpha.value, alpha.low, alpha.high, float(alpha.n) if alpha.k > 1 else float("nan")]
    values += [line.alpha_e, pair.w, pair.p_wilcoxon, line.weight, line.importance]
    return [line.level, line.id, str(pair.n), *("" if isnan(v) else f"{v:.12g}" for v in values)]


def _bootstrap(
    rows: list[list[str]],
    found: list[Measure],
    survey: questionnaire.AnswerSheet,
    dimension_of: Mapping[str, str],
    seed: int,
) -> None:
    """Put the bootstrap's interval where Student's stood."""
    items = survey.answers.items
    for row, line in zip(rows, found, strict=True):
        columns = [
            index
            for index, item in enumerate(items)
            if line.level == "overall" or line.id == (item if line.level == "item" else dimension_of[item])
        ]
        low, high = bootstrapped(*scores(survey.answers, columns), seed=seed)
        row[6:8] = ["" if isnan(v) else f"{v:.12g}" for v in (low, high)]


def _say(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
