"""Staff files on their way through the one life of imports."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jiedian.core.findings import Finding, Refused
from jiedian.core.sheets import Asked, Column, Sheet, fold, read
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport, Replaced
from jiedian.ground.files.services import keep_replaced, take_replaced
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import load, parse

from .models import User
from .queries import DepartmentRow, leaves_nobody, roles
from .services import Brought, PersonRow, bring_people, undo_brought, wrong

COLUMNS = (
    Column("id", "账号", "Account", ("用户名", "工号", "登录名"), True),
    Column("name_zh", "姓名", "Chinese name", ("中文名",), True),
    Column("name_en", "英文名", "English name", ("拼音", "姓名拼音"), True),
    Column("department", "部门", "Department", ("单位", "所属部门"), True),
    Column("roles", "角色", "Roles", ("岗位", "职责"), True),
    Column("areas", "区域", "Areas", ("片区", "供电区域")),
    Column("voltage", "电压", "Voltage", ("电压等级",)),
    Column("source", "依据", "Source", ("来源",)),
    Column("phone", "办公电话", "Office number", ("电话", "联系电话", "座机")),
)
CLOSED = {
    "department": "people.department",
    "roles": "people.role",
    "areas": "people.area",
    "voltage": "people.voltage",
}
"""The columns in which only what the company knows may stand, and what is said of another word."""


@dataclass(frozen=True)
class Staff:
    """A staff file that was read: the people in it, what is wrong, and the sheet they stand in."""

    people: tuple[PersonRow, ...]
    findings: list[Finding]
    sheet: Sheet

    @property
    def bad(self) -> int:
        """Number of rows that cannot be taken in."""
        return len({finding.where for finding in self.findings})


def columns_for(options: dict[str, Any]) -> list[Column]:
    return list(COLUMNS)


def read_staff(content: bytes, *, name: str, asked: Asked | None = None) -> Staff:
    """Staff of a file: departments, roles and areas by code or name; a file without a column of sources is the source."""
    sheet = read(content, name=name, columns=COLUMNS, asked=asked)
    sheet.refuse_if_lacking()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in COLUMNS])
    at, unknown = 1, []
    for line, cells in sheet.texts():
        told = {"source": name} | cells
        row = {column.key: _cell(column.key, told.get(column.key, "")) for column in COLUMNS}
        unknown += [finding.at(str(line)) for finding in _unknown(row)]
        out.write("\n" * (line - at - 1))  # a bad row is named by its line in the file
        writer.writerow(row.values())
        at = line
    if unknown:
        return Staff((), unknown, sheet)
    try:
        people = parse(out.getvalue(), PersonRow, where="")
    except Refused as refusal:
        return Staff((), [finding.at(finding.where.lstrip(":")) for finding in refusal.findings], sheet)
    return Staff(people, [finding for row in people for finding in wrong(row)], sheet)


def _cell(key: str, said: str) -> str:
    """A cell under the words of the rules, on one line."""
    words = " ".join(said.split())
    known = _known(key)
    if not known or not words:
        return words
    parts = (
        [words]
        if fold(words) in known
        else re.split(r"[、,，;；/]" if re.search(r"[、,，;；/]", words) else " ", words)
    )
    return " ".join(known.get(fold(part), part.strip()) for part in parts if part.strip())


def _unknown(row: dict[str, str]) -> Iterator[Finding]:
    """Words of a row that name nothing in the company."""
    for key, code in CLOSED.items():
        known = set(_known(key).values())
        yield from (Finding(code, word=word) for word in row[key].split() if word not in known)


def _known(key: str) -> dict[str, str]:
    """What departments, roles and areas go by: name → code."""
    departments = _departments()
    named: dict[str, Iterable[tuple[str, tuple[str, ...]]]] = {
        "department": [(row.id, (row.name_zh, row.name_en)) for row in departments],
        "roles": [(row.id, (row.name_zh, row.name_en)) for row in roles()],
        "areas": [(row.area, (row.name_zh, row.name_en)) for row in departments if row.area],
        "voltage": [("HV", ("高压",)), ("LV", ("低压",))],
    }
    return {fold(name): code for code, names in named.get(key, ()) for name in (code, *names)}


def read_file(work: Work) -> Told:
    """Content of a staff file: a person who is lacking would leave his work to others, so all or nothing."""
    staff = read_staff(work.content, name=work.row.name, asked=work.asked)
    n, findings = len(staff.sheet.rows), list(staff.findings)
    if not findings and leaves_nobody({row.id: set(row.roles) for row in staff.people}):
        findings.append(Finding("people.last"))
    report = [*staff.sheet.report, *changes(staff.people)]
    return Told(n, 0 if findings else n, staff.bad or len(findings), findings, staff.sheet, report)


def changes(people: Iterable[PersonRow]) -> Iterator[Finding]:
    """Accounts a staff file would change: who, from which department and roles to which."""
    rows = {row.id: row for row in people}
    for user in User.objects.filter(username__in=rows).select_related("department").order_by("username"):
        row = rows[user.username]
        before, after = {*user.roles}, {*row.roles}
        if before != after:
            yield Finding("people.roles_change", row.id, before=_role_names(before), after=_role_names(after))
        code = user.department.code if user.department else ""
        if code != row.department:
            names = {named.id: Text(named.name_zh, named.name_en) for named in _departments()}
            none = Text("—", "—")
            yield Finding(
                "people.department_changes",
                row.id,
                before=names.get(code, none),
                after=names.get(row.department, none),
            )


def _role_names(codes: set[str]) -> Text:
    named = [row for row in roles() if row.id in codes]
    return Text(
        "、".join(row.name_zh for row in named) or "—", ", ".join(row.name_en for row in named) or "—"
    )


def _departments() -> tuple[DepartmentRow, ...]:
    return load("people/departments.csv", DepartmentRow)


def take_file(work: Work) -> Kept:
    """Make the accounts and duties of a staff file; first passwords are handed out afterwards."""
    staff = read_staff(work.content, name=work.row.name, asked=work.asked)
    if staff.findings:
        raise Refused(staff.findings)
    on = local_day(work.at)
    brought = bring_people(staff.people, actor=work.actor, at=work.at, on=on)
    keep_replaced(work.row, [_kept(row, on) for row in brought])
    changed = sum(row.is_change for row in brought)
    return Kept(changed, repeated=len(brought) - changed, facts=len(brought))


def undo_file(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take a staff file back: new accounts go, changed ones are as before."""
    rows = take_replaced(row)
    users = User.objects.select_for_update().in_bulk([told["user"] for told in rows])
    gone = 0
    for told in reversed(rows):
        user = users.get(told["user"])
        if user is None:
            continue
        brought = Brought(user, told["before"], told["wrote"], told["begun"], told["ended"])
        undo_brought(user, brought, on=date.fromisoformat(told["on"]), actor=actor, at=at)
        gone += brought.is_change
    return gone


def made_by(*files: FileImport) -> dict[int, list[User]]:
    """File → the accounts it made to which nobody has signed in yet; files that wait for nobody are left out."""
    made = {
        held.batch_id: [told["user"] for told in held.rows if told["before"] is None]
        for held in Replaced.objects.filter(batch__in=[file.pk for file in files])
    }
    wanted = [user for users in made.values() for user in users]
    waiting = User.objects.filter(last_login=None, is_active=True).in_bulk(wanted)
    by_file = {file: [waiting[user] for user in users if user in waiting] for file, users in made.items()}
    return {file: users for file, users in by_file.items() if users}


def _kept(row: Brought, on: date) -> dict[str, Any]:
    told = {"before": row.before, "wrote": row.wrote, "begun": row.begun, "ended": row.ended}
    return {"user": row.user.pk, "on": on.isoformat(), **told}
