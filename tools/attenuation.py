"""``jiedian attenuation``: what became of the customer's points, layer by layer, from a hand-off file."""

import argparse
import sys
from collections.abc import Callable

from jiedian.core.findings import Refused
from jiedian.core.sheets import Asked
from jiedian.voice.attenuation.calc.attenuation import (
    LAYERS,
    Passage,
    Result,
    Touch,
    lost_at,
    lost_passages,
    measure,
    passages,
)
from jiedian.voice.attenuation.calc.handoffs import BACKWARDS, CHINA, read_handoffs
from tools.sheets import column_map, complain, read_file, write_sheet

HELP = """\
One row a layer: n_points, retained, retention with Wilson's 95 % interval (ci_low, ci_high), the same weighted by the
customer's weights with a bootstrap over cases (weighted_low, weighted_high), median and p90 hours from said to first
acknowledged or answered, and how many points were lost. Retained = acknowledged or answered; shown is not receipt.

Three kinds of file are told apart by their columns (UTF-8 or GBK; blank rows are left out; order is free):
  a row an event      case,point,event,layer,at[,weight][,department]
                      event: said shown acknowledged answered; layer: service support core (blank for said)
  a row a point       case,point,layer[,weight],said_at,shown_at,acknowledged_at,answered_at
  a row a hand-off    case,from,to,layer,sent_at,points_shown,points_acknowledged,points_answered,
                      acknowledged_at,answered_at[,points_said,said_at,weights]   lists by ";", weights as P1=5;P2=3
Times without a zone are Chinese time. A point without weight weighs 1. A point without said counts from its first hand-off.

Example:
  jiedian attenuation handoffs.csv --out attenuation.csv --lost lost.csv
"""
EPILOG = """\
Status: 0 done; 1 done, with findings on standard error: a point taken up before it was said (it counts as retained, its
delay does not count) or before it was shown, or rows that cannot be read and were skipped (--skip-bad); 2 wrong use, a file that cannot be read,
or, without --skip-bad, a row that cannot be read: a lost row would look like a lost point."""


def main(argv: list[str]) -> int:
    """Measure a file; 0 done, 1 done with findings, 2 bad use or input."""
    parser = argparse.ArgumentParser(
        prog="jiedian attenuation",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("handoffs", metavar="HANDOFFS.csv")
    parser.add_argument("--out", metavar="X.csv", help="write here instead of standard output")
    parser.add_argument("--lost", metavar="L.csv", help="also list every point a layer lost")
    parser.add_argument(
        "--by", choices=["case", "month", "department"], help="one block a case, month or department"
    )
    parser.add_argument(
        "--reached-only",
        action="store_true",
        help="ask a layer only for cases that reached it (default: every point said counts in every layer)",
    )
    parser.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be read")
    parser.add_argument("--map", metavar="COLUMNS.csv", help="column,heading a line: which column is what")
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap (default 1)")
    options = parser.parse_args(argv)
    try:
        return _run(options)
    except Refused as refusal:
        complain(refusal.findings)
        return 2


def _run(options: argparse.Namespace) -> int:
    asked = Asked(sheet=options.sheet, chosen=column_map(options.map))
    table = read_handoffs(read_file(options.handoffs), name=options.handoffs, asked=asked)
    complain(table.report)
    print(f"{table.rows} 行 / rows", file=sys.stderr)
    touches, found = table.touches, table.findings
    complain(found)
    unread = [finding for finding in found if finding.code not in BACKWARDS]
    if not touches or (unread and not options.skip_bad):
        if not found:
            print("没有可用的行 / no row to use", file=sys.stderr)
        return 2
    held = passages(touches, is_reached_only=options.reached_only)
    write_sheet(options.out, _columns(options.by), _blocks(touches, held, options))
    if options.lost:
        _write_lost(options.lost, held)
    return 1 if found else 0


FIGURES = [
    "n_points",
    "retained",
    "retention",
    "ci_low",
    "ci_high",
    "weighted_retention",
    "weighted_low",
    "weighted_high",
    "median_delay_h",
    "p90_delay_h",
    "lost",
    "n_cases",
    "shown",
    "answered",
]


def _columns(by: str | None) -> list[str]:
    return [*([by] if by else []), "layer", *FIGURES]


def _blocks(
    touches: list[Touch], held: list[Passage], options: argparse.Namespace
) -> list[dict[str, object]]:
    if not options.by:
        return [_row(result) for result in measure(held, seed=options.seed)]
    if options.by == "department":
        return _departments(touches, seed=options.seed)
    name: Callable[[Passage], str] = (
        (lambda p: p.case)
        if options.by == "case"
        else (lambda p: f"{p.said_at.astimezone(CHINA):%Y-%m}" if p.said_at else "")
    )
    groups: dict[str, list[Passage]] = {}
    for passage in held:
        groups.setdefault(name(passage), []).append(passage)
    return [
        {options.by: key} | _row(result)
        for key, group in sorted(groups.items())
        for result in measure(group, seed=options.seed)
    ]


def _departments(touches: list[Touch], *, seed: int) -> list[dict[str, object]]:
    """Every department in its layer, asked only for cases that reached it."""
    rows: list[dict[str, object]] = []
    for layer in LAYERS:

        def place(touch: Touch, layer: str = layer) -> str:
            return touch.department if touch.layer == layer else ""

        names = sorted({place(touch) for touch in touches} - {""})
        held = passages(touches, place=place, places=names, is_reached_only=True)
        rows += [
            {"department": result.place} | _row(result) | {"layer": layer}
            for result in measure(held, places=names, seed=seed)
        ]
    return rows


def _row(result: Result) -> dict[str, object]:
    return {"layer": result.place} | {name: getattr(result, name) for name in FIGURES}


def _write_lost(path: str, held: list[Passage]) -> None:
    first = lost_at(held)
    write_sheet(
        path,
        ["case", "point", "weight", "layer", "is_shown", "first_lost_in"],
        [
            {
                "case": passage.case,
                "point": passage.point,
                "weight": passage.weight,
                "layer": passage.place,
                "is_shown": "yes" if passage.is_shown else "no",
                "first_lost_in": first[passage.case, passage.point],
            }
            for passage in lost_passages(held)
        ],
    )
