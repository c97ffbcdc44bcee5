"""Search of the whole house: cases, concerns, people and devices by what one remembers of them; only what the reader may see."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.screen.queries.cases import search as cases_by_text
from jiedian.grid.network.models import Device
from jiedian.ground.vault.services import blind_index
from jiedian.people.models import User
from jiedian.people.queries import may
from jiedian.shell.kit.names import name_of
from jiedian.voice.inbox.models.concerns import Concern

SHOWN = 10
FEWEST_DIGITS, WHOLE_PHONE = 4, 11
SCANNED = 2000
"""Running cases, the newest first, whose phones are opened to compare their last digits: they lie encrypted."""


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, what tells it from others, and where its page is."""

    title: str
    sub: str
    view: str
    args: tuple[object, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.view, args=self.args)


@dataclass(frozen=True)
class HitGroup:
    """The hits of one kind; ``more`` is true where the list of that kind holds others."""

    title: str
    hits: list[Hit]
    more: bool


def search(user: User, text: str) -> list[HitGroup]:
    """Things that are called so, or have such a number or phone, kind by kind; a kind the reader may not see is left out."""
    asked = unicodedata.normalize("NFKC", text).strip()[:80]
    if len(asked) < 2:
        return []
    found = []
    for title, permission, look in KINDS:
        if may(user, permission).may and (hits := look(asked)):
            found.append(HitGroup(_(title), hits[:SHOWN], len(hits) > SHOWN))
    return found


def _cases(text: str) -> list[Hit]:
    rows = list(cases_by_text(text).order_by("-id")[: SHOWN + 1])
    known = {case.pk for case in rows}
    rows += [case for case in _by_phone(text) if case.pk not in known]
    return [
        Hit(
            case.title,
            f"{case.number} · {case.customer.name} · {case.get_state_display()}",
            "case",
            (case.number,),
        )
        for case in rows
    ]


def _by_phone(text: str) -> list[Case]:
    digits = text.replace(" ", "").replace("-", "")
    if not digits.isdecimal() or len(digits) < FEWEST_DIGITS:
        return []
    rows = Case.objects.select_related("customer").order_by("-id")
    if len(digits) >= WHOLE_PHONE:
        return list(rows.filter(customer__phone_index=blind_index(digits))[: SHOWN + 1])
    running = rows.filter(state=Case.State.RUNNING)[:SCANNED]
    return [case for case in running if case.customer.phone.endswith(digits)][: SHOWN + 1]


def _concerns(text: str) -> list[Hit]:
    rows = Concern.objects.filter(
        Q(number__icontains=text) | Q(title__icontains=text) | Q(place__icontains=text)
    )
    return [
        Hit(row.number, f"{row.get_state_display()} · {row.owner_name}", "concern", (row.number,))
        for row in rows[: SHOWN + 1]
    ]


def _people(text: str) -> list[Hit]:
    rows = User.objects.filter(is_active=True).select_related("department")
    named = rows.filter(Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(username__icontains=text))
    return [
        Hit(name_of(row), name_of(row.department) if row.department else "", "people")
        for row in named.order_by("id")[: SHOWN + 1]
    ]


def _devices(text: str) -> list[Hit]:
    rows = Device.objects.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(pole__icontains=text))
    return [
        Hit(row.name, f"{row.get_kind_display()} · {row.code}", "grid_device", (row.pk,))
        for row in rows.order_by("name")[: SHOWN + 1]
    ]


KINDS: tuple[tuple[str, str, Callable[[str], list[Hit]]], ...] = (
    ("工单", "case.view", _cases),
    ("诉求", "voice.view", _concerns),
    ("人员", "people.view", _people),
    ("设备", "grid.view", _devices),
)
"""Kinds of things, the permission to see them, and what finds them."""
