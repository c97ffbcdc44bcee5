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
    rows = in_force(on).filter(user=user)
    duties = {(duty.role, duty.department) for duty in rows if duty.role in user.roles}
    if not duties and user.department:
        duties = {(role, user.department.code) for role in user.roles}
    return {(role, department) for role, department in duties if role not in NO_DESK}


def in_force(on: date) -> QuerySet[Duty]:
    """The duties that hold on a day."""
    return Duty.objects.filter(effective_from__lte=on).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=on)
    )


def may_stand_in(user: User, deputy: User, *, on: date) -> bool:
    """True if a deputy may do all the work of a person: his roles in his departments, or the department's head."""
    if deputy.pk == user.pk or not deputy.is_active or deputy.department is None:
        return False
    work = work_of(user, on=on)
    if not work:
        return bool(set(user.roles) & set(deputy.roles))
    theirs = work_of(deputy, on=on)
    roles, headed = {role for role, _ in theirs}, {code for role, code in theirs if role == "department_head"}
    return all(
        (role, code) in theirs or code in headed or (role in WHOLE_COMPANY and role in roles)
        for role, code in work
    )


def deputies_for(user: User, *, on: date) -> list[Deputy]:
    """Everybody who may stand in for a person on a day, those of the same areas first."""
    people = User.objects.filter(is_active=True, department__isnull=False).exclude(pk=user.pk)
    able = [other for other in people.select_related("department") if may_stand_in(user, other, on=on)]
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


def absences_on(on: date) -> dict[int, Absence]:
    """The absences of a day by the person who is away."""
    rows = Absence.objects.filter(from_on__lte=on, until_on__gte=on, is_called_off=False)
    return {row.user_id: row for row in rows.select_related("user__department", "deputy__department")}


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
