"""Deputies: who may do somebody's work while he is away, and who does it on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from ..models import Absence, Duty, User

NO_DESK = {"visitor", "administrator"}
"""Roles without steps: nobody with these alone is asked for a piece of work or stands in for one who has some."""
WHOLE_COMPANY = {"department_head", "quality_manager", "auditor", "process_owner"}
"""Roles whose work is the same in every department."""


@dataclass(frozen=True)
class Deputy:
    """One who may stand in for somebody, and whether he answers for the same areas himself."""

    user: User
    is_same_area: bool


def work_of(user: User, *, on: date) -> set[tuple[str, str]]:
    """The work of a person on a day: role and department of each duty in force; without duties what his account says."""
    return _works([user], on=on)[user.pk]


def _works(users: Iterable[User], *, on: date) -> dict[int, set[tuple[str, str]]]:
    """The work of many people on a day by one query."""
    known = {user.pk: user for user in users}
    works: dict[int, set[tuple[str, str]]] = {pk: set() for pk in known}
    for pk, role, department in (
        in_force(on).filter(user__in=known).values_list("user_id", "role", "department")
    ):
        if role in known[pk].roles:
            works[pk].add((role, department))
    for pk, user in known.items():
        if not works[pk] and user.department:
            works[pk] = {(role, user.department.code) for role in user.roles}
    return {pk: {row for row in rows if row[0] not in NO_DESK} for pk, rows in works.items()}


def in_force(on: date) -> QuerySet[Duty]:
    """The duties that hold on a day."""
    return Duty.objects.filter(effective_from__lte=on).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=on)
    )


def may_stand_in(user: User, deputy: User, *, on: date) -> bool:
    """True if a deputy may do all the work of a person: his roles in his departments, or the department's head."""
    return _fits(user, deputy, _works([user, deputy], on=on))


def _fits(user: User, deputy: User, works: dict[int, set[tuple[str, str]]]) -> bool:
    if deputy.pk == user.pk or not deputy.is_active or deputy.department is None:
        return False
    work, theirs = works[user.pk], works[deputy.pk]
    if not work:
        return bool(set(user.roles) & set(deputy.roles))
    roles, headed = {role for role, _ in theirs}, {code for role, code in theirs if role == "department_head"}
    return all(
        (role, code) in theirs or code in headed or (role in WHOLE_COMPANY and role in roles)
        for role, code in work
    )


def missing_roles(from_user: User, to_user: User, *, on: date) -> list[str]:
    """Roles of a person's duties of today that another lacks."""
    held = in_force(on).filter(user=from_user).values_list("role", flat=True)
    return sorted(set(held) - set(to_user.roles))


def deputies_for(user: User, *, on: date) -> list[Deputy]:
    """Everybody who may stand in for a person on a day, those of the same areas first."""
    others = User.objects.filter(is_active=True, department__isnull=False).exclude(pk=user.pk)
    people = list(others.select_related("department"))
    works = _works([user, *people], on=on)
    able = [other for other in people if _fits(user, other, works)]
    ours = _areas([user.pk], on=on).get(user.pk, set())
    areas = _areas([other.pk for other in able], on=on)
    found = [Deputy(other, _covers(areas.get(other.pk, set()), ours)) for other in able]
    return sorted(found, key=lambda row: (not row.is_same_area, row.user.pk))


def _areas(user_ids: Iterable[int], *, on: date) -> dict[int, set[str]]:
    areas: dict[int, set[str]] = {}
    for user_id, area in in_force(on).filter(user__in=list(user_ids)).values_list("user_id", "area"):
        areas.setdefault(user_id, set()).add(area)
    return areas


def _covers(theirs: set[str], ours: set[str]) -> bool:
    """True if areas hold all of others; the empty area is every area."""
    return "" in theirs or (bool(ours) and ours <= theirs)


def absent(on: date) -> QuerySet[Absence]:
    """The absences of a day."""
    return Absence.objects.filter(from_on__lte=on, until_on__gte=on, is_called_off=False)


def absences_on(on: date) -> dict[int, Absence]:
    """The absences of a day by the person who is away."""
    rows = absent(on).select_related("user__department", "deputy__department")
    return {row.user_id: row for row in rows}


def present_deputy(user: User, away: dict[int, Absence], *, on: date) -> User | None:
    """The deputy of somebody who is away; of one who is away himself his deputy, as long as he may do the work."""
    seen, current = {user.pk}, user
    while (absence := away.get(current.pk)) and (deputy := absence.deputy):
        if deputy.pk in seen or not deputy.is_active:
            return None
        if deputy.pk not in away:
            is_named = current.pk == user.pk
            return deputy if is_named or may_stand_in(user, deputy, on=on) else None
        seen.add(deputy.pk)
        current = deputy
    return None


def alone_in(user: User, *, on: date) -> list[tuple[str, str]]:
    """Role and department of the work that nobody but this person does: without him it goes to a head."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk).select_related("department")
    elsewhere = set().union(*_works(others, on=on).values())
    return sorted(work_of(user, on=on) - elsewhere)
