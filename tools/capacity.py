"""``jiedian capacity``: the open capacity of every bus of a pandapower network, as CSV: in a file, or on standard output."""

import argparse
import csv
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.kernel.calc.prepared import Capacity, CapacityLimits

SHOWN = 20
"""So many of what is over its limit already are said one by one."""

REASONS = {
    "source": Text("电压由电源给定", "its voltage is given by a source"),
    "unsupplied": Text("没有电源到达", "no source reaches it"),
    "upstream": Text("上级电网，须人工核定", "the upstream grid, for a person"),
    "data": Text("所在片区有不能用的数据", "data in its section cannot be used"),
    "unsolved": Text(
        "现状潮流无解或调压机组的电压保不住",
        "the present flow has no solution, or its machines cannot hold their voltages",
    ),
}
"""Why there is no figure for a bus, in words."""
EXAMPLE = """example:
  jiedian capacity grid.json --pf 0.95 --vmin 0.93 --line 100 --trafo 80 --out capacity.csv
  jiedian capacity grid.json --direction generation --vmax 1.07 --out feed-in.csv
  jiedian import-grid cgmes.zip --out - | jiedian capacity -
  jiedian capacity grid.json | head          the table alone is on standard output, messages are on standard error

columns: bus (its id; of pandapower the row number), capacity_kw (empty where a person must answer), binding (voltage, line,
transformer; base: what binds is over its limit already, 0 kW in its own subtree, elsewhere what does not make it noticeably
worse; collapse; none; or why it is empty: source, unsupplied, upstream, data, unsolved), element (id of the binding bus, line
or transformer), margin (what that element has left now: per unit of
voltage, share of its limit).
exit status: 0 the table is written, also where rows are left to a person; 2 the input cannot be used"""


def main(argv: list[str]) -> int:
    """Read a network, write the open capacity of every bus below 60 kV; 0 done, 2 the input cannot be used."""
    options = _parser().parse_args(argv)
    try:
        network, findings = load(options)
    except Refused as refused:
        return complain(refused.findings)
    say(findings)
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare

    begun, limits = time.monotonic(), limits_of(options)
    answer = open_capacity(
        prepare(network, transformer_model=options.trafo_model), limits=limits, direction=options.direction
    )
    _explain(answer, time.monotonic() - begun)
    try:
        write(options.out, network, answer)
    except BrokenPipeError:  # who reads has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return complain([Finding("file.write", str(options.out), error=error.strerror)])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jiedian capacity",
        description="计算每个节点的可开放容量 / open capacity of every bus",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_limits(parser)
    parser.add_argument(
        "--out", type=Path, help="结果 CSV，不给则写到标准输出 / the CSV to write (standard output)"
    )
    parser.add_argument("--direction", choices=["load", "generation"], default="load", help="用电或发电")
    return parser


def add_grid(parser: argparse.ArgumentParser, count: str = "+") -> None:
    """The network, the same for every command of the grid."""
    from jiedian.grid.readers.calc.files import FORMATS
    from jiedian.grid.readers.calc.loading import HELP

    parser.add_argument("grid", metavar="GRID", nargs=count, help=HELP)
    parser.add_argument("--format", choices=FORMATS, default="auto", help="格式 / format of the file (auto)")
    parser.add_argument(
        "--state", choices=("nominal", "peak"), default="nominal", help="SimBench 负荷状态 / loads of a code"
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """The network and the limits, the same for every command of the grid."""
    add_grid(parser)
    parser.add_argument("--pf", type=_share(0.1, 1.0), default=0.95, help="功率因数 / power factor (0.95)")
    parser.add_argument("--vmin", type=_share(0.5, 1.2), default=0.93, help="最低电压 pu (0.93)")
    parser.add_argument("--vmax", type=_share(0.8, 1.5), default=1.07, help="最高电压 pu (1.07)")
    parser.add_argument("--line", type=_share(0.1, 1e6), default=100.0, help="线路负载率上限 %% (100)")
    parser.add_argument("--trafo", type=_share(0.1, 1e6), default=80.0, help="变压器负载率上限 %% (80)")
    parser.add_argument(
        "--trafo-model", choices=["t", "pi"], default="t", help="变压器模型 / pandapower's trafo_model (t)"
    )


def _share(low: float, high: float) -> Callable[[str], float]:
    def number(words: str) -> float:
        value = float(words)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"应在 {low:g} 与 {high:g} 之间 / between {low:g} and {high:g}")
        return value

    return number


def limits_of(options: argparse.Namespace) -> CapacityLimits:
    """The limits a command was given."""
    return CapacityLimits(
        pf=options.pf,
        vmin_pu=options.vmin,
        vmax_pu=options.vmax,
        line_percent=options.line,
        transformer_percent=options.trafo,
    )


def load(options: argparse.Namespace) -> tuple[Network, Sequence[Finding]]:
    """The network that a command was given. Raises Refused when there is none or open capacity may not be calculated on it."""
    from jiedian.grid.readers.calc.loading import load_grid, solvable

    if getattr(options, "vmin", 0.0) >= getattr(options, "vmax", 2.0):
        raise refuse("grid.band", "--vmin, --vmax")
    reading = load_grid(options.grid, format=options.format, state=options.state)
    return solvable(reading), reading.findings


def say(findings: Sequence[Finding]) -> None:
    """Findings in both languages, on the error stream."""
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)


def complain(findings: Sequence[Finding]) -> int:
    """Say what is wrong with the input; the exit status for it."""
    say(findings)
    return 2


def _explain(answer: Capacity, seconds: float) -> None:
    say_broken(answer)
    counted = Counter(
        word for word, kw in zip(answer.binding, answer.capacity_kw, strict=True) if math.isnan(kw)
    )
    say(
        [
            Finding("grid.unanswered", count=count, reason=REASONS.get(word, word))
            for word, count in counted.items()
        ]
    )
    if answer.is_meshed:
        print("环网部分由 power-grid-model 计算 / meshed parts by power-grid-model", file=sys.stderr)
    if answer.is_upstream_held:
        print("上级电网电压取定值 / the upstream grid's voltage is kept", file=sys.stderr)
    print(
        f"{len(answer.bus)} 个节点，{seconds:.2f} 秒 / {len(answer.bus)} buses, {seconds:.2f} s",
        file=sys.stderr,
    )


def say_broken(answer: Capacity) -> None:
    """Limits that are broken already, the worst first, and how many buses each binds; the rest of them is a finding."""
    for broken in answer.violations[:SHOWN]:
        count = sum(
            b == "base" and e == broken.element for b, e in zip(answer.binding, answer.element, strict=True)
        )
        print(
            f"片区 {broken.part} 已越限：{broken.kind} {broken.element}（{broken.margin:+.4f}），限制 {count} 个节点"
            f" / section {broken.part} is over a limit already: {broken.kind} {broken.element}, it binds {count} buses",
            file=sys.stderr,
        )
    more = len(answer.violations) - SHOWN
    if more > 0:
        print(f"另有 {more} 处已越限 / and {more} more over their limits", file=sys.stderr)


def write(out: Path | None, network: Network, answer: Capacity) -> None:
    """Write the rows to a file beside it, then rename: never half a result; without a file to standard output."""
    if out is None:
        _write_rows(sys.stdout, network, answer)
        sys.stdout.flush()
        return
    part = out.with_name(f".{out.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        _write_rows(file, network, answer)
    part.replace(out)


def _write_rows(file: TextIO, network: Network, answer: Capacity) -> None:
    """One row a bus; star points of transformers are left out."""
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["bus", "capacity_kw", "binding", "element", "margin"])
    inner = set(network.stars)
    for k, bus in enumerate(answer.bus):
        if network.buses.id[bus] in inner or network.buses.id[bus].startswith("xward "):
            continue
        kw, margin = float(answer.capacity_kw[k]), float(answer.margin[k])
        table.writerow(
            [
                network.buses.id[bus],
                "" if math.isnan(kw) else f"{kw:.3f}",
                answer.binding[k],
                answer.element[k],
                "" if math.isnan(margin) else f"{margin:.6f}",
            ]
        )
