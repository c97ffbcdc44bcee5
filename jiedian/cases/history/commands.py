"""``jiedian import-history FILE --map MAP``: bring past and running cases from a table, or take a batch back."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, decode
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import undo
from jiedian.ground.journal.services import Actor
from jiedian.shell.shell import business_now

from . import services as history
from .calc.history import CaseTable
from .queries import mappings, summary

COMMAND = Actor(None, "命令行", "administrator")
EPILOG = """\
example:  jiedian import-history receipt.csv --map receipt --dry-run
          jiedian import-history past.xlsx --map past.yaml --skip-bad
          jiedian import-history --undo 3
--map is a file (YAML or CSV) or the name of one that came with the system: cases, events, receipt, iso-ne, nyiso.
0 done, 1 there were findings, 2 nothing was done."""


def main(argv: list[str]) -> int:
    """Check a table, and without --dry-run import it; or take back a batch. Example: see ``--help``."""
    options = _options(argv)
    try:
        if options.undo:
            return _undo(options.undo)
        reading = _import(options)
    except Refused as refusal:
        _say(refusal.findings)
        return 2
    except OSError as error:
        _say([Finding("file.access", error=error)])
        return 2
    return 1 if reading.findings else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jiedian import-history",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", help="CSV or XLSX, one row a case or a step")
    parser.add_argument("--map", default="cases", help="which column is what")
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    parser.add_argument("--heading", type=int, default=0, metavar="LINE", help="the line of the heading")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")
    parser.add_argument("--skip-bad", action="store_true", help="leave out cases with a bad row")
    parser.add_argument("--undo", type=int, metavar="BATCH", help="take a batch back")
    options = parser.parse_args(argv)
    if not options.file and not options.undo:
        parser.error("FILE or --undo BATCH")
    return options


def _import(options: argparse.Namespace) -> CaseTable:
    data, mapping = Path(options.file).read_bytes(), _mapping(options.map)
    name, now = Path(options.file).name, timezone.now()
    asked = Asked(sheet=options.sheet, heading=options.heading)
    if options.dry_run:
        reading = history.read(data, name=name, mapping=mapping, at=now, asked=asked)
        _report(reading)
        return reading
    with transaction.atomic():
        batch, reading = history.check(
            history.Table(data, name, mapping, asked), actor=COMMAND, at=business_now(), now=now
        )
        _report(reading)
        if reading.left_out and not options.skip_bad:
            raise refuse("history.bad")
        facts = history.bring(batch, reading.cases, actor=COMMAND, at=business_now(), progress=_progress)
    print(f"批次 / batch {batch.pk}: {len(reading.cases)} 件 / cases, {facts} 条事实 / facts")
    return reading


def _mapping(name: str) -> str:
    ready = mappings()
    return ready[name] if name in ready else decode(Path(name).read_bytes())


def _undo(batch_id: int) -> int:
    batch = FileImport.objects.filter(pk=batch_id, kind="history").first()
    if batch is None:
        raise refuse("history.batch", batch=batch_id)
    gone = undo(batch, actor=COMMAND, at=business_now())
    print(f"已撤销 / taken back: {gone} 件 / cases")
    return 0


def _report(reading: CaseTable) -> None:
    _say([*reading.report, *reading.findings])
    told = summary(reading.cases, at=business_now())
    states = ", ".join(f"{label} {n}" for label, n in told.states)
    print(
        f"{reading.rows} 行 / rows → {len(reading.cases)} 件 / cases ({states}; 超期 / late {told.late}), "
        f"略去 / left out {len(reading.left_out)}",
        file=sys.stderr,
    )


def _progress(done: int, total: int) -> None:
    print(f"  {done}/{total}", file=sys.stderr, flush=True)


def _say(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
