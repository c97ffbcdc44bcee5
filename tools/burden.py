"""``jiedian burden``: what a customer of a class meets in a process, and what another version would change."""

import argparse
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

from jiedian.cases.papers.calc.checklist import PaperRow
from jiedian.clocks.calc.promises import Limit
from jiedian.core.closed import Status
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.rulebook.services import parse
from jiedian.process.calc.bpmn import Graph, graph_of
from jiedian.voice.attenuation.calc.burden import FIGURES, Burden, Work, difference
from jiedian.voice.attenuation.queries.burden import (
    Tried,
    burden,
    graph_of_version,
    profiles,
    versions,
    works_of,
)
from tools.sheets import complain, write_sheet

HELP = """\
Counts, from the BPMN file and the tables of steps, papers, contacts and limits, what a typical case of a class meets.
One row a process and class:
  n_steps         steps the case passes            customer_steps  those he acts in, is present at or comes for
  steps_to_archive  of these up to archiving, both ends counted: the article's "at least 16 from acceptance to archive"
  papers          papers asked (of a group, one)   hand_ins        occasions on which papers are handed in
  trips           times he must come               presences       times he must be there when the company comes
  total_wd        working days, critical path      waiting_wd      of these, the company works and he waits
  customer_wd     of these, his own work           serial_wd       working days if nothing ran side by side
  to_power_wd     working days until the power is on (blank where no step is ENERGISE)
  limit_wd        working days the limits allow the company
  path, steps     the steps on the critical path; every step counted, in the order in which they end

PROCESS is a .bpmn file or a version that comes with the rules: residential low_voltage high_voltage serial_hv.
With --against a third row "difference" holds process minus against. Without --process: every class on every version.
A step of a file is known by its id (ACCEPT, SURVEY, ...), else by its Chinese name, else by its lane; without a
duration it counts 0 days and is named on standard error.

Example:
  jiedian burden --process high_voltage --against serial_hv --class HV1 --out burden.csv
"""


@dataclass(frozen=True)
class WorkRow:
    """A step of somebody else's table, with what the burden counts."""

    id: str
    name_zh: str
    performer: Literal["utility", "customer"]
    typical_wd: int
    source: str
    status: Status

    def over(self, known: Work | None) -> Work:
        """The step with these figures; what else is known of its code stays."""
        work = known or Work(self.id, self.name_zh, self.performer, 0)
        return replace(work, name=self.name_zh, performer=self.performer, typical_wd=self.typical_wd)


Row = TypeVar("Row")


def main(argv: list[str]) -> int:
    """Count; 0 done, 1 done but a step or condition was not known, 2 bad use or input."""
    parser = argparse.ArgumentParser(
        prog="jiedian burden", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--process", metavar="PROCESS")
    parser.add_argument("--against", metavar="PROCESS", help="another version to set beside it")
    parser.add_argument(
        "--class", dest="classes", action="append", metavar="CLASS", help=", ".join(profiles())
    )
    parser.add_argument("--set", dest="facts", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--on", type=date.fromisoformat, default=None, help="day whose limits and papers count (today)"
    )
    parser.add_argument(
        "--steps",
        metavar="STEPS.csv",
        help="columns as a table of steps (id,name_zh,performer,typical_wd,source,status)",
    )
    parser.add_argument("--papers", metavar="PAPERS.csv", help="columns as rules/checklists/papers.csv")
    parser.add_argument("--limits", metavar="LIMITS.csv", help="columns as rules/clocks/limits.csv")
    parser.add_argument("--out", metavar="X.csv", help="write here instead of standard output")
    options = parser.parse_args(argv)
    if options.against and not options.process:
        parser.error("--against needs --process")
    try:
        return _run(options)
    except Refused as refusal:
        complain(refusal.findings)
        return 2


def _run(options: argparse.Namespace) -> int:
    graphs = [_graph(name) for name in (options.process, options.against) if name]
    rows: list[dict[str, object]] = []
    found: list[Finding] = []
    for group in [graphs] if graphs else [[graph_of_version(key)] for key in versions()]:
        for name in options.classes or _classes(group):
            counted = [_burden(graph, name, options) for graph in group]
            rows += [_row(one) for one in counted]
            found += [finding for one in counted for finding in one.findings]
            if len(counted) == 2:
                rows.append({"process": "difference", "class": name} | difference(*counted))
    complain(dict.fromkeys(found))
    write_sheet(options.out, ["process", "class", *FIGURES, "path", "steps"], rows)
    return 1 if found else 0


def _graph(name: str) -> Graph:
    if name in versions():
        return graph_of_version(name)
    try:
        return graph_of(Path(name).read_bytes(), where=name)
    except OSError as error:
        raise refuse("file.read", name, error=error.strerror) from error


def _classes(group: list[Graph]) -> list[str]:
    """The classes that go with any of the processes; with unknown processes all."""
    keys = {graph.key for graph in group}
    return [row.id for row in profiles().values() if keys & set(row.processes)] or list(profiles())


def _burden(graph: Graph, name: str, options: argparse.Namespace) -> Burden:
    bad = [pair for pair in options.facts if "=" not in pair]
    if bad:
        raise refuse("burden.set", words=bad[0])
    works = None
    if options.steps:
        rows = _table(options.steps, WorkRow)
        known = works_of(graph.key)
        works = known | {row.id: row.over(known.get(row.id)) for row in rows}
    return burden(
        graph,
        name,
        on=options.on or date.today(),  # noqa: DTZ011 - the day at the engineer's desk
        changed=dict(pair.split("=", 1) for pair in options.facts),
        tried=Tried(
            works,
            _table(options.papers, PaperRow) if options.papers else None,
            _table(options.limits, Limit) if options.limits else None,
        ),
    )


def _table(path: str, kind: type[Row]) -> tuple[Row, ...]:
    try:
        return parse(Path(path).read_text("utf-8-sig"), kind, where=path)
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("file.read", path, error=error) from error


def _row(one: Burden) -> dict[str, object]:
    figures = {name: getattr(one, name) for name in FIGURES}
    return (
        {"process": one.process, "class": one.case_class}
        | figures
        | {
            "path": " ".join(one.path),
            "steps": " ".join(step.code for step in one.steps),
        }
    )
