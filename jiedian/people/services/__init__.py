"""The verbs of the staff: accounts and duties from a table, first passwords, and the demo's people."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.db.models import ProtectedError, Q, RestrictedError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jiedian.core.closed import DepartmentId, Ids, Role
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.rulebook.services import load
from jiedian.ground.throttle.queries import asker_of

from ..models import Department, Duty, User
from ..queries import DepartmentRow, areas, home_of, lacks_factor, leaves_nobody, person, roles
from .absences import be_absent
from .calls import answer_call, call_on
from .desks import hand_over

__all__ = [
    "Brought",
    "PersonRow",
    "StaffAdapter",
    "answer_call",
    "be_absent",
    "bring_people",
    "call_on",
    "hand_out_passwords",
    "hand_over",
    "load_demo_people",
    "load_departments",
    "undo_brought",
    "wrong",
]


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Staff accounts are made by an administrator; nobody signs himself up. Wrong passwords and codes are counted by asker and account."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("错得太多，先停一停：请 5 分钟后再登录；忘了密码，请系统管理员发新的。")
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return asker_of(request) or "-"

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        me = person(request.user.pk)
        return reverse("mfa_index" if lacks_factor(me) else home_of(me))


@dataclass(frozen=True)
class PersonRow:
    """A member of staff, and what he answers for: his roles in each area, at a voltage; empty means any."""

    id: str
    name_zh: str
    name_en: str
    department: DepartmentId
    roles: tuple[Role, ...]
    areas: tuple[Annotated[str, Ids("people/departments.csv", "area")], ...]
    voltage: Literal["", "LV", "HV"]
    source: str
    phone: str = ""


@transaction.atomic
def load_departments() -> None:
    """Bring the departments of the rules into the database."""
    for row in load("people/departments.csv", DepartmentRow):
        Department.objects.update_or_create(
            code=row.id, defaults={"name_zh": row.name_zh, "name_en": row.name_en, "area": row.area}
        )


@transaction.atomic
def load_demo_people(*, on: date) -> None:
    """The demo's people, with duties over every area; they have no password and exist only there."""
    load_departments()
    departments = {d.code: d for d in Department.objects.all()}
    for row in load("people/demo_people.csv", PersonRow):
        user, before = _member(row, departments[row.department])
        if before is None:
            _answer(user, row, on=on)


TOLD = ("name_zh", "name_en", "department_id", "roles", "phone")
"""What a staff table says of an account, besides its duties."""


@dataclass(frozen=True)
class Brought:
    """Change a row of a staff table made: the account as it was (None: there was none) and is, duties begun and ended."""

    user: User
    before: dict[str, Any] | None
    wrote: dict[str, Any]
    begun: list[int]
    ended: list[int]

    @property
    def is_change(self) -> bool:
        return self.before != self.wrote or bool(self.begun or self.ended)


def _member(row: PersonRow, department: Department) -> tuple[User, dict[str, Any] | None]:
    """The account of a row, made without a password or brought up to date, and what it said before."""
    before = User.objects.filter(username=row.id).values(*TOLD).first()
    told = {"name_zh": row.name_zh, "name_en": row.name_en, "department": department, "roles": [*row.roles]}
    told |= {"phone": row.phone} if row.phone else {}
    user, is_new = User.objects.update_or_create(username=row.id, defaults=told)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user, before


def _answer(user: User, row: PersonRow, *, on: date) -> tuple[list[int], list[int]]:
    """Duties as a row says: those it adds begin on a day, those it no longer names end there."""
    wanted = {(role, row.department, area, row.voltage) for area in row.areas or ("",) for role in row.roles}
    ended = []
    for duty in user.duties.filter(effective_to=None):
        said = (duty.role, duty.department, duty.area, duty.voltage)
        if said in wanted:
            wanted.discard(said)
        else:
            Duty.objects.filter(pk=duty.pk).update(effective_to=on)
            ended.append(duty.pk)
    begun = [
        Duty.objects.create(
            user=user, role=role, department=department, area=area, voltage=voltage, effective_from=on
        ).pk
        for role, department, area, voltage in sorted(wanted)
    ]
    return begun, ended


@transaction.atomic
def bring_people(rows: Iterable[PersonRow], *, actor: Actor, at: datetime, on: date) -> list[Brought]:
    """Staff and their duties from a table; new accounts have no password yet.

    Raises Refused with every finding; then nothing is stored.
    """
    held = list(rows)
    if found := [finding for row in held for finding in wrong(row)]:
        raise Refused(found)
    if leaves_nobody({row.id: set(row.roles) for row in held}):
        raise refuse("people.last")
    load_departments()
    departments, made = {d.code: d for d in Department.objects.all()}, []
    for row in held:
        user, before = _member(row, departments[row.department])
        wrote = {name: getattr(user, name) for name in TOLD}
        begun, ended = _answer(user, row, on=on)
        made.append(Brought(user, before, wrote, begun, ended))
        data = {"roles": [*row.roles], "department": row.department, "areas": [*row.areas]}
        record("people.brought", stream=f"person:{user.pk}", actor=actor, at=at, data=data)
    return made


@transaction.atomic
def hand_out_passwords(users: Iterable[User], *, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Name and first password of accounts nobody has signed in to yet; they are shown once and kept nowhere."""
    made = []
    for user in User.objects.select_for_update().filter(pk__in=[user.pk for user in users]).order_by("pk"):
        if user.last_login is not None or not user.is_active:
            continue
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save(update_fields=["password"])
        made.append((user.username, password))
        record("people.password_given", stream=f"person:{user.pk}", actor=actor, at=at, data={})
    return made


@transaction.atomic
def undo_brought(user: User, told: Brought, *, on: date, actor: Actor, at: datetime) -> None:
    """Undo what a row of a staff table changed. Refused when the account was changed, used or given work since."""
    begun = user.duties.filter(pk__in=told.begun, effective_to=None)
    ended = user.duties.filter(pk__in=told.ended, effective_to=on)
    is_same = {name: getattr(user, name) for name in TOLD} == told.wrote
    if not is_same or begun.count() != len(told.begun) or ended.count() != len(told.ended):
        raise refuse("people.changed", name=user.username)
    if told.before is None and _has_begun(user):
        raise refuse("people.worked", name=user.username)
    begun.delete()
    ended.update(effective_to=None)
    record("people.brought_undone", stream=f"person:{user.pk}", actor=actor, at=at, data={})
    if told.before is not None:
        User.objects.filter(pk=user.pk).update(**told.before)
        return
    try:
        user.delete()
    except (ProtectedError, RestrictedError) as error:
        raise refuse("people.worked", name=told.wrote["name_zh"]) from error


def _has_begun(user: User) -> bool:
    """Whether somebody has signed in to an account, or the journal names him since it was made."""
    born = Fact.objects.filter(stream=f"person:{user.pk}").order_by("seq").values("pk")[:1]
    named = Q(actor_id=user.pk) | Q(data__receiver=user.pk)
    return user.last_login is not None or Fact.objects.filter(named, pk__gt=born).exists()


def wrong(row: PersonRow) -> Iterator[Finding]:
    """Findings on a row of a staff table: the words that name nothing in the company."""
    known = {
        "people.role": ({held.id for held in roles()}, row.roles),
        "people.department": (
            {held.id for held in load("people/departments.csv", DepartmentRow)},
            [row.department],
        ),
        "people.area": ({code for code, _name in areas()}, row.areas),
        "people.voltage": ({"", "LV", "HV"}, [row.voltage]),
    }
    for code, (right, said) in known.items():
        for word in said:
            if word not in right:
                yield Finding(code, row.id, word=word)
    if not row.roles:
        yield Finding("people.no_role", row.id)
