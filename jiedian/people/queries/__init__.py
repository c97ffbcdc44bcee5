"""Permissions and owners: who may do what and why not; who answers for a piece of work today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from time import monotonic
from typing import Annotated, Any, Literal, Protocol

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language

from jiedian.core.closed import DepartmentId, Role, Words
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sourced import Sourced
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import load

from ..models import Absence, Department, Duty, User
from .deputies import NO_DESK, absences_on, absent, in_force, present_deputy


@dataclass(frozen=True)
class PermissionRow(Sourced):
    """An action, the roles that may do it, and over which cases: all, those of one's department, one's own."""

    id: str
    name_zh: str
    name_en: str
    roles: tuple[Annotated[Role, Words("public", "signed_in")], ...]
    scope: Literal["all", "own"]


@dataclass(frozen=True)
class ResourceRow(Sourced):
    """可调配资源: something of a department that a manager may call on."""

    id: str
    name_zh: str
    name_en: str
    department: DepartmentId


@dataclass(frozen=True)
class RoleRow(Sourced):
    """A role a member of staff may hold."""

    id: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class DepartmentRow(Sourced):
    """A department; a sub-centre names its area."""

    id: str
    name_zh: str
    name_en: str
    area: str


def areas() -> list[tuple[str, str]]:
    """The areas of the city, in the reader's language."""
    is_zh = (get_language() or "zh").startswith("zh")
    rows = [row for row in load("people/departments.csv", DepartmentRow) if row.area]
    return [(row.area, row.name_zh if is_zh else row.name_en) for row in rows]


@dataclass(frozen=True)
class Verdict:
    """Yes, or no with the reason."""

    may: bool
    reason: Finding | None = None


@dataclass(frozen=True)
class Owner:
    """Owner of a piece of work today, for whom he stands in, and why it is him."""

    user: User
    acting_for: User | None
    why_zh: str
    why_en: str


class Owned(Protocol):
    """A subject that somebody owns: staff ids that may act on it, and departments that take part."""

    def owner_ids(self) -> set[int]: ...
    def departments(self) -> set[str]: ...


YES = Verdict(True)
STRICT_ROLES = {"administrator", "auditor"}
"""Roles that need a second factor outside the demo."""


@cache
def permissions() -> dict[str, PermissionRow]:
    """Every action by its name."""
    return {row.id: row for row in load("permissions.csv", PermissionRow)}


def roles() -> tuple[RoleRow, ...]:
    """Every role."""
    return load("people/roles.csv", RoleRow)


def may(user: User | AnonymousUser, action: str, subject: Owned | None = None) -> Verdict:
    """Verdict on a person's right to do an action, to a subject if one is given; a no carries its reason."""
    row = permissions()[action]
    if "public" in row.roles:
        return YES
    if not isinstance(user, User) or not user.is_active:
        return _no("permission.sign_in")
    if lacks_factor(user):
        return _no("permission.mfa")
    if "signed_in" not in row.roles and not set(user.roles) & set(row.roles):
        return _no("permission.role", action=Text(row.name_zh, row.name_en))
    if subject is not None and not _in_scope(user, row.scope, subject):
        return _no("permission.scope")
    return YES


def require(user: User | AnonymousUser, action: str, subject: Owned | None = None) -> None:
    """Go on, or raise the refusal."""
    verdict = may(user, action, subject)
    if verdict.reason:
        raise Refused(verdict.reason)


def leaves_nobody(becomes: Mapping[str, set[str]]) -> bool:
    """True if new roles (by account) would take the right to bring staff from the last who has it."""
    right = set(permissions()["people.bring"].roles)
    now = {user.username: set(user.roles) for user in User.objects.filter(is_active=True)}
    return any(right & held for held in now.values()) and not any(
        right & held for held in (now | dict(becomes)).values()
    )


def lacks_factor(user: User) -> bool:
    """True if a person has a role that needs a second factor, and none is enrolled; the demo asks for none."""
    return bool(STRICT_ROLES & set(user.roles)) and not settings.DEMO and not has_second_factor(user)


def has_second_factor(user: User) -> bool:
    """True if a one-time-password device is enrolled."""
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(user))


def _no(code: str, /, **facts: object) -> Verdict:
    return Verdict(False, Finding(code, **facts))


def _in_scope(user: User, scope: str, subject: Owned) -> bool:
    if scope == "all" or user.pk in subject.owner_ids():
        return True
    department = user.department.code if user.department else ""
    return scope == "department" and department in subject.departments()


def actor(user: User) -> Actor:
    """The snapshot of a person that a fact keeps."""
    return Actor(user.pk, user.name_zh, user.roles[0] if user.roles else "staff")


def responsible(
    *, role: str, department: str, area: str, voltage: str, customer_class: str, on: date
) -> Owner:
    """Owner of a piece of work on a day; there is always somebody.

    The most specific duty, its deputy if the holder is away, a present colleague of the role, then the
    department's head, then the head of marketing; of these ``acting_for`` names whose work it is.
    Raises Refused only if the company has nobody at all.
    """
    fits = {"area": area, "voltage": voltage, "customer_class": customer_class}
    away_then = Exists(absent(on).filter(user=OuterRef("user")))
    duties = in_force(on).filter(role=role, department=department, user__is_active=True)
    held = [
        duty
        for duty in duties.select_related("user__department").annotate(is_away=away_then).order_by("id")
        if all(getattr(duty, name) in ("", value) for name, value in fits.items())
    ]
    held.sort(key=_specificity, reverse=True)
    if held and not held[0].is_away:
        return _by_duty(held[0].user)
    away = absences_on(on)
    for duty in held:
        owner = _present(duty.user, away, on=on)
        if owner:
            return _for(held[0].user, owner)
    owner = _next_best(role, department, away)
    return _for(held[0].user, owner) if held else owner


def _for(holder: User, owner: Owner) -> Owner:
    """The owner, with the holder of the duty where that is another."""
    if owner.acting_for or owner.user.pk == holder.pk:
        return owner
    return Owner(owner.user, holder, owner.why_zh, owner.why_en)


def _next_best(role: str, department: str, away: dict[int, Absence]) -> Owner:
    """Who answers when no duty holder and no deputy is there."""
    peers = User.objects.filter(is_active=True, roles__contains=[role], department__code=department)
    heads = User.objects.filter(is_active=True, roles__contains=["department_head"])
    for people, zh, en in (
        (peers, "职责人缺席，由同岗人员承接", "the duty holder is away; a colleague of the role"),
        (heads.filter(department__code=department), "无人在岗，由部门负责人承接", "nobody present; the head"),
        (heads.filter(department__code="marketing"), "由营销部负责人承接", "the head of marketing"),
        (heads, "由值班负责人承接", "a head on duty"),
    ):
        for person in people.order_by("id"):
            if person.pk not in away:
                return Owner(person, None, zh, en)
    raise refuse("people.nobody")


def stand_in(user: User, *, on: date) -> Owner:
    """Owner of what waits for a person on a day: himself, his deputy, or whoever comes next in his department."""
    away = absences_on(on)
    owner = _present(user, away, on=on) if user.is_active else None
    department = user.department.code if user.department else ""
    return owner or _for(user, _next_best(user.roles[0] if user.roles else "", department, away))


def away_on(on: date) -> set[int]:
    """Everybody who is not there on a day: absent, or gone for good."""
    gone = User.objects.filter(is_active=False).values_list("id", flat=True)
    return {*absences_on(on), *gone}


def stands_in_for(user: User, *, on: date) -> set[int]:
    """People whose work a person does on a day, as their deputy or because no deputy is there."""
    return {pk for pk, row in absences_on(on).items() if _stand_in_id(row.user, on=on) == user.pk}


def deputies_of(user_ids: set[int], *, on: date) -> set[int]:
    """Whoever does the work of any of these people on a day on which they are away."""
    away = absences_on(on)
    return {acting for pk in user_ids if (row := away.get(pk)) and (acting := _stand_in_id(row.user, on=on))}


def _stand_in_id(user: User, *, on: date) -> int | None:
    try:
        return stand_in(user, on=on).user.pk
    except Refused:  # nobody is there at all
        return None


@dataclass(frozen=True)
class Contact:
    """Contact of a customer: his account manager, and who acts for him while he is away."""

    manager: User
    deputy: User | None
    until_on: date | None

    def words(self, language: str) -> str:
        """Name and number in a sentence: ``赵敏（0533-1234567；9月19日前由陈立代办 0533-7654321）``."""
        is_zh = language.startswith("zh")
        parts = [self.manager.phone] if self.manager.phone else []
        if self.deputy and self.until_on:
            day, who = self.until_on, self.deputy
            zh = f"{day.month}月{day.day}日前由{who.name_zh}代办 {who.phone}"
            parts.append(
                (zh if is_zh else f"until {day:%-d %b} {who.name_en} acts for them {who.phone}").strip()
            )
        name = self.manager.name_zh if is_zh else self.manager.name_en
        if not parts:
            return name
        return f"{name}（{'；'.join(parts)}）" if is_zh else f"{name} ({'; '.join(parts)})"


def contact_of(manager_id: int | None, *, on: date) -> Contact | None:
    """Contact of a customer whose case this manager has; None where a case has no manager of ours."""
    manager = User.objects.filter(pk=manager_id or 0).select_related("department").first()
    if manager is None:
        return None
    absence = absences_on(on).get(manager.pk)
    acting = _stand_in_id(manager, on=on) if absence else None
    deputy = User.objects.filter(pk=acting).first() if acting else None
    return Contact(manager, deputy, absence.until_on if absence else None)


def able_to_act(*, without: int | None = None) -> QuerySet[User]:
    """Staff who may be asked for something on a case: whoever may open it, but not the one who asks."""
    seeing = [role for role in permissions()["case.view"].roles if role not in NO_DESK]
    people = User.objects.filter(is_active=True, department__isnull=False, roles__overlap=seeing)
    return people.exclude(pk=without or 0).select_related("department")


LEADS = {"account_manager", "department_head", "quality_manager"}
"""Roles whose start page shows everybody's cases; the others start at their own desk."""


def home_of(user: User) -> str:
    """The URL name of the page a person's day begins on; one he may see."""
    return "today" if LEADS & set(user.roles) else "desk"


def answers_for(user: User) -> QuerySet[User]:
    """Staff whose absence and desk a person may manage: an administrator all, a head his department, else himself."""
    everybody = User.objects.filter(is_active=True)
    if "administrator" in user.roles:
        return everybody
    if "department_head" in user.roles:
        return everybody.filter(department_id=user.department_id or 0)
    return everybody.filter(pk=user.pk)


@dataclass(frozen=True)
class DutyHolder:
    """One of the staff with what he answers for."""

    department: Department
    person: User
    duties: tuple[Duty, ...]


def answering(departments: Iterable[Department]) -> list[DutyHolder]:
    """Everybody by department, as the page of the staff shows them."""
    return [
        DutyHolder(department, who, tuple(who.duties.all()))
        for department in departments
        for who in department.people.all()
    ]


def _specificity(duty: Duty) -> int:
    return sum(bool(value) for value in (duty.area, duty.voltage, duty.customer_class))


def _by_duty(user: User) -> Owner:
    return Owner(user, None, "职责规定", "by duty")


def _present(user: User, away: dict[int, Absence], *, on: date) -> Owner | None:
    if user.pk not in away:
        return _by_duty(user)
    deputy = present_deputy(user, away, on=on)
    if deputy:
        return Owner(deputy, user, f"代{user.name_zh}", f"standing in for {user.name_en}")
    return None


def counterparts(area: str, voltage: str, customer_class: str, *, on: date) -> dict[str, Owner]:
    """The specialist who answers in each department for such a case: the second level of responsibility."""
    departments = Duty.objects.filter(role="specialist").values_list("department", flat=True).distinct()
    return {
        code: responsible(
            role="specialist",
            department=code,
            area=area,
            voltage=voltage,
            customer_class=customer_class,
            on=on,
        )
        for code in sorted(departments)
    }


def person(user_id: int | None) -> User:
    """A member of staff by id, or a refusal."""
    found = User.objects.filter(pk=user_id or 0, is_active=True).select_related("department").first()
    if found is None:
        raise refuse("missing.person")
    return found


_english: list[tuple[float, dict[str, str]]] = []
NAMES_KEPT_S = 60
"""How long a process goes by the names it has read."""


def english_names() -> dict[str, str]:
    """The English names of the staff by the Chinese ones that cases and facts keep; none where two of one name differ."""
    held = _english[:1]
    if held and monotonic() - held[0][0] <= NAMES_KEPT_S:
        return held[0][1]
    told: dict[str, set[str]] = {}
    for name_zh, name_en in User.objects.values_list("name_zh", "name_en"):
        told.setdefault(name_zh, set()).add(name_en)
    names = {name_zh: names.pop() for name_zh, names in told.items() if len(names) == 1}
    _english[:] = [(monotonic(), names)]
    return names


def by_name(users: QuerySet[User]) -> Any:
    """Chinese names in the order people expect; the database has no ICU."""
    return users.extra(select={"gbk": "convert_to(people_user.name_zh, 'GBK')"}, order_by=["gbk"])
