"""``jiedian bring-people STAFF.csv``: the company's people, their roles, and what they answer for."""

import argparse
import csv
import io
import sys
from pathlib import Path

from jiedian.core.findings import Refused
from jiedian.core.sheets import Asked, Column, read
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import parse
from jiedian.shell.shell import business_now

from .services import PersonRow, bring_people

COMMAND = Actor(None, "命令行", "administrator")
EPILOG = """\
columns:  id,name_zh,name_en,department,roles,areas,voltage,source
example:  zhao,赵敏,Zhao Min,marketing,account_manager,east west,HV,staff list 2026
          jiedian bring-people staff.csv > passwords.csv
Several roles or areas are divided by blanks; an empty area or voltage means any. The same file again changes
only what differs; a duty that is no longer named ends today. The first account has the role administrator.
0 done, 2 nothing was done."""


def main(argv: list[str]) -> int:
    """Read the table whole or not at all; print the first password of every new account."""
    parser = argparse.ArgumentParser(
        prog="jiedian bring-people",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", help="CSV or workbook with one person a line")
    parser.add_argument("--sheet", default="", help="which sheet of a workbook: its name or number")
    options, at = parser.parse_args(argv), business_now()
    try:
        rows = parse(_csv(Path(options.file).read_bytes(), options), PersonRow, where=Path(options.file).name)
        made = bring_people(rows, actor=COMMAND, at=at, on=local_day(at))
    except Refused as refusal:
        for finding in refusal.findings:
            print(f"{finding.words('zh')} / {finding.words('en')}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"不能读取文件 / cannot read the file: {error}", file=sys.stderr)
        return 2
    csv.writer(sys.stdout).writerows([("username", "first_password"), *made])
    print(f"{len(rows)} 人 / people, {len(made)} 新 / new", file=sys.stderr)
    return 0


NAMES = {
    "id": ("账号", "用户名", "工号"),
    "name_zh": ("姓名", "中文名"),
    "name_en": ("英文名", "拼音"),
    "department": ("部门",),
    "roles": ("角色", "岗位"),
    "areas": ("区域", "片区"),
    "voltage": ("电压", "电压等级"),
    "source": ("依据", "来源"),
}
"""What the columns may be called."""


def _csv(content: bytes, options: argparse.Namespace) -> str:
    """The table of a file under the names of the contract, whatever kind of file it is."""
    columns = [Column(key, names[0], key, names) for key, names in NAMES.items()]
    sheet = read(content, name=Path(options.file).name, columns=columns, asked=Asked(sheet=options.sheet))
    for note in sheet.report:
        print(f"{note.words('zh')} / {note.words('en')}", file=sys.stderr)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.taken.places)
    line = 1
    for row, cells in sheet.texts():
        out.write("\n" * (row - line - 1))  # a bad row is named by its line in the file
        writer.writerow(cells.values())
        line = row
    return out.getvalue()
