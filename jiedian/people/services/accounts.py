"""The verbs of an administrator: add a person, change or close an account, give a password, begin and end a duty."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.rulebook.services import load

from ..models import Department, Duty, User
from ..queries import DepartmentRow, roles
from ..queries.deputies import alone_in, in_force


@dataclass(frozen=True)
class Account:
    """Account as an administrator writes it: name at sign-in, names, department, roles, number at the office."""

    username: str
    name_zh: str
    name_en: str
    department: Department
    roles: tuple[str, ...]
    phone: str = ""


@dataclass(frozen=True)
class DutyDraft:
    """A duty to begin: of which role, and for which area, voltage and class; empty means any."""

    role: str
    area: str = ""
    voltage: str = ""
    customer_class: str = ""


@transaction.atomic
def add_person(
    account: Account, duties: Sequence[DutyDraft], *, actor: Actor, at: datetime
) -> tuple[User, str]:
    """Make an account with its duties and its first password, which is told once and kept nowhere.

    Whoever is added may sign in and be given work at once.
    """
    name = account.username.strip()
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise refuse("people.username") from error
    if User.objects.filter(username__iexact=name).exists():
        raise refuse("people.taken", name=name)
    _check(account)
    user = User(username=name, is_active=True, **_values(account))
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save()
    data = {"department": account.department.code, "roles": [*account.roles]}
    record("people.added", stream=f"person:{user.pk}", actor=actor, at=at, data=data)
    for draft in duties or [DutyDraft(role) for role in account.roles]:
        begin_duty(user, draft, actor=actor, at=at)
    return user, password


@transaction.atomic
def change_person(user: User, account: Account, *, is_sure: bool = False, actor: Actor, at: datetime) -> None:
    """Other names, roles, department or number. Duties of roles and departments that are gone end today.

    Refused once, to be confirmed, when work would be left that nobody else does.
    """
    held, on = _held(user), local_day(at)
    _check(account)
    if actor.id == user.pk and "administrator" in held.roles and "administrator" not in account.roles:
        raise refuse("people.self")
    is_moved = held.department_id != account.department.pk
    gone = set(held.roles) if is_moved else set(held.roles) - set(account.roles)
    _warn(held, gone, is_sure=is_sure, on=on)
    before = {"roles": [*held.roles], "department": held.department.code if held.department else ""}
    ended = _end(held, gone, on=on)
    for name, value in _values(account).items():
        setattr(held, name, value)
    held.save(update_fields=[*_values(account)])
    data = {"was": before, "roles": [*account.roles], "department": account.department.code}
    _changed(held, data | {"duties": ended}, actor=actor, at=at)
    new = set(account.roles) if is_moved else set(account.roles) - set(before["roles"])
    for role in sorted(new):
        begin_duty(held, DutyDraft(role), actor=actor, at=at)


@transaction.atomic
def close_account(user: User, *, is_sure: bool = False, actor: Actor, at: datetime) -> None:
    """Somebody left: he signs in no more, his duties end today, and his open work goes to those who follow."""
    held, on = _held(user), local_day(at)
    if actor.id == user.pk:
        raise refuse("people.self")
    if not held.is_active:
        raise refuse("people.closed")
    _warn(held, set(held.roles), is_sure=is_sure, on=on)
    held.is_active = False
    held.save(update_fields=["is_active"])
    ended = _end(held, set(held.roles), on=on)
    _changed(held, {"transition": "close", "duties": ended}, actor=actor, at=at)


@transaction.atomic
def open_account(user: User, *, actor: Actor, at: datetime) -> None:
    """Somebody is back: he may sign in again; his roles hold again as duties from today."""
    held = _held(user)
    if held.is_active:
        raise refuse("people.open")
    held.is_active = True
    held.save(update_fields=["is_active"])
    _changed(held, {"transition": "open"}, actor=actor, at=at)
    for role in held.roles:
        begin_duty(held, DutyDraft(role), actor=actor, at=at)


@transaction.atomic
def give_password(user: User, *, actor: Actor, at: datetime) -> str:
    """A new password for somebody who has none or forgot his; told once, and the one before is void."""
    held = _held(user)
    if not held.is_active:
        raise refuse("people.closed")
    password = secrets.token_urlsafe(12)
    held.set_password(password)
    held.save(update_fields=["password"])
    record("people.password_given", stream=f"person:{held.pk}", actor=actor, at=at, data={})
    return password


@transaction.atomic
def begin_duty(user: User, draft: DutyDraft, *, actor: Actor, at: datetime) -> Duty:
    """A duty that holds from today; one that he has already is not written twice."""
    on = local_day(at)
    if draft.role not in user.roles or user.department is None:
        raise refuse("people.duty_role", name=Text(user.name_zh, user.name_en))
    said = {
        "user": user,
        "role": draft.role,
        "department": user.department.code,
        "area": draft.area,
        "voltage": draft.voltage,
        "customer_class": draft.customer_class,
    }
    User.objects.select_for_update().get(pk=user.pk)
    if held := in_force(on).filter(**said, effective_to=None).first():
        return held
    duty = Duty.objects.create(**said, effective_from=on)
    data = {"role": draft.role, "area": draft.area, "class": draft.customer_class}
    record("people.duty_begun", stream=f"person:{user.pk}", actor=actor, at=at, data=data)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, is_sure: bool = False, actor: Actor, at: datetime) -> None:
    """A duty ends today and stays on record. Refused once, to be confirmed, when it is the last of its kind."""
    on = local_day(at)
    user = _held(duty.user)
    others = in_force(on).filter(user=user, role=duty.role, department=duty.department).exclude(pk=duty.pk)
    if not others.exists():
        _warn(user, {duty.role}, is_sure=is_sure, on=on)
    if not Duty.objects.filter(pk=duty.pk, effective_to=None).update(effective_to=on):
        raise refuse("people.duty_over")
    data = {"role": duty.role, "area": duty.area, "class": duty.customer_class}
    record("people.duty_ended", stream=f"person:{user.pk}", actor=actor, at=at, data=data)


def _held(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _values(account: Account) -> dict[str, Any]:
    return {
        "name_zh": account.name_zh.strip(),
        "name_en": account.name_en.strip(),
        "department": account.department,
        "roles": [*account.roles],
        "phone": account.phone.strip(),
    }


def _check(account: Account) -> None:
    known = {row.id for row in roles()}
    if not account.roles:
        raise refuse("people.no_role")
    for role in account.roles:
        if role not in known:
            raise refuse("people.role", word=role)


def _warn(user: User, gone: set[str], *, is_sure: bool, on: date) -> None:
    """Ask once whether it is meant, when nobody else does that work."""
    lonely = [row for row in alone_in(user, on=on) if row[0] in gone]
    if not lonely or is_sure:
        return
    names = {row.id: Text(row.name_zh, row.name_en) for row in roles()}
    places = {row.id: Text(row.name_zh, row.name_en) for row in load("people/departments.csv", DepartmentRow)}
    role, department = lonely[0]
    raise refuse(
        "people.only",
        name=Text(user.name_zh, user.name_en),
        role=names.get(role, role),
        department=places.get(department, department),
    )


def _end(user: User, gone: set[str], *, on: date) -> int:
    """End the duties of roles that are gone, and forget those that have not begun; returns how many ended."""
    Duty.objects.filter(user=user, role__in=gone, effective_from__gt=on).delete()
    return in_force(on).filter(user=user, role__in=gone).update(effective_to=on)


def _changed(user: User, data: dict[str, Any], *, actor: Actor, at: datetime) -> None:
    record("people.changed", stream=f"person:{user.pk}", actor=actor, at=at, data=data)
