"""``jiedian bring-people STAFF.csv``: the company's people, their roles, and what they answer for."""

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.files import services as files
from jiedian.ground.files.importers import Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.services import Actor
from jiedian.shell.shell import business_now

from .imports import made_by, read_file
from .services import hand_out_passwords

COMMAND = Actor(None, "命令行", "administrator")
EPILOG = """\
columns:  id,name_zh,name_en,department,roles[,areas,voltage,source]; Chinese headings and names are understood
example:  zhao,赵敏,Zhao Min,marketing,account_manager,east west,HV,staff list 2026
          jiedian bring-people staff.csv > passwords.csv
          jiedian bring-people --undo 12
Several roles or areas are divided by blanks; an empty area or voltage means any. The same file again changes
only what differs; a duty that is no longer named ends today. The first account has the role administrator.
0 done, 2 nothing was done."""


def main(argv: list[str]) -> int:
    """Read the table whole or not at all; print the first password of every new account."""
    options = _options(argv)
    try:
        return _undo(options.undo) if options.undo else _bring(Path(options.file), options)
    except Refused as refusal:
        _say(refusal.findings)
    except OSError as error:
        print(f"不能读取文件 / cannot read the file: {error}", file=sys.stderr)
    return 2


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jiedian bring-people",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", help="CSV or workbook with one person a line")
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    parser.add_argument("--dry-run", action="store_true", help="only say what is wrong")
    parser.add_argument("--undo", type=int, metavar="BATCH", help="take a file back that was brought")
    options = parser.parse_args(argv)
    if not options.file and not options.undo:
        parser.error("FILE or --undo BATCH")
    return options


@transaction.atomic
def _bring(file: Path, options: argparse.Namespace) -> int:
    """One file on its whole way at once, in one transaction."""
    content, at = file.read_bytes(), business_now()
    asked = {"asked": {"sheet": options.sheet}} if options.sheet else {}
    row = files.put("people", io.BytesIO(content), name=file.name, options=asked, actor=COMMAND, at=at)
    work = Work(row, content, files.asked_of(row), COMMAND, at, timezone.now())
    told = _checked(work)
    if options.dry_run:
        transaction.set_rollback(True)
        print(f"{told.good} 人可以登记 / people can be brought", file=sys.stderr)
        return 0
    files.keep_told(row, told)
    done = files.take_now(row, work)
    made = hand_out_passwords(made_by(row).get(row.pk, []), actor=COMMAND, at=at)
    csv.writer(sys.stdout).writerows([("username", "first_password"), *made])
    print(
        f"批次 / batch {row.pk}: {done.taken + done.repeated} 人 / people, {len(made)} 新 / new",
        file=sys.stderr,
    )
    return 0


def _checked(work: Work) -> Told:
    """What stands in the file. Raises Refused when a row is bad."""
    told = read_file(work)
    _say(told.report)
    if told.findings:
        raise Refused([finding.at(f"{work.row.name}:{finding.where}") for finding in told.findings])
    return told


def _undo(batch_id: int) -> int:
    row = FileImport.objects.filter(pk=batch_id, kind="people").first()
    if row is None:
        raise refuse("history.batch", batch=batch_id)
    gone = files.undo(row, actor=COMMAND, at=business_now())
    print(f"已撤销 / taken back: {gone} 人 / people")
    return 0


def _say(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
