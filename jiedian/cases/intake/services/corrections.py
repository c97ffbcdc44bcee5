"""更正申请: what an application says wrongly is put right on the running case, with who, when, from what to what, and why."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from jiedian.cases.case.models.case import Case, Customer
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.moves import move
from jiedian.cases.case.services.steps import give, profile
from jiedian.cases.papers.services import carry_over
from jiedian.clocks import services as clocks
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.services import blind_index
from jiedian.people.queries import responsible
from jiedian.process.queries import open_steps
from jiedian.process.rows import cards, classes, level_of

from ..calc.application import Application, findings_of, wish_of
from ..calc.corrections import CASE, CUSTOMER, FEED_IN, FIELDS, LOAD, PAPERS_ONLY, Change, changes_of
from ..queries import feed_in_wish, first_facts


@transaction.atomic
def correct(
    case: Case, values: Mapping[str, Any], *, reason: str, actor: Actor, at: datetime
) -> list[Change]:
    """Put an application right. Promises, papers, owners and the way of the case follow from what it says now.

    Raises Refused with every finding, when nothing differs, or when the power is on and the load would change.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("customer").get(pk=case.pk)
    if not case.is_open or case.is_imported:
        raise refuse("case.closed")
    if not reason.strip():
        raise refuse("correction.reason")
    now = _as_applied(case)
    wanted = now | {name: value for name, value in values.items() if name in FIELDS}
    if wanted["case_class"] not in SOLAR:
        wanted |= {name: now[name] for name in FEED_IN}
    changes = changes_of(now, wanted)
    if not changes:
        raise refuse("correction.nothing")
    changed = {change.field for change in changes}
    if case.energised_at and changed & LOAD:
        raise refuse("correction.energised")
    if found := findings_of(_application(case, wanted, changed), classes(), on=local_day(at)):
        raise Refused(found)
    _write(case, wanted, changed)
    told: dict[str, Any] = {
        "changes": [change.masked() for change in changes],
        "reason": reason.strip()[:200],
    }
    if changed & {"case_class", "voltage_kv"}:
        told["classes"] = list(profile(case).classes)
    record("case.corrected", stream=case.stream, actor=actor, at=at, data=told)
    _follow(case, changed, actor=actor, at=at)
    return changes


def _as_applied(case: Case) -> dict[str, Any]:
    """Application of a case as it stands, by the names of its fields."""
    customer = {name: getattr(case.customer, name) for name in CUSTOMER}
    wish = feed_in_wish(case)
    asked = {name: getattr(wish, name, None if name == "module_kwp" else "") for name in FEED_IN}
    return customer | {name: getattr(case, name) for name in CASE} | asked


def _application(case: Case, wanted: Mapping[str, Any], changed: set[str]) -> Application:
    """What the case would say, to be judged as an application is; a wish that was late already is not judged again."""
    others = ("case_class", "kind", "needed_on", *FEED_IN)
    values = {name: wanted[name] for name in FIELDS if name not in others}
    return Application(
        declared_class=wanted["case_class"],
        customer_kind=wanted["kind"],
        needed_on=wanted["needed_on"] if "needed_on" in changed else None,
        title=case.title,
        channel=case.channel,
        feed_in=wish_of(wanted["case_class"], *(wanted[name] for name in FEED_IN)),
        **values,
    )


def _write(case: Case, wanted: Mapping[str, Any], changed: set[str]) -> None:
    customer, before = case.customer, case.customer.name
    for name in changed - set(FEED_IN):
        setattr(customer if name in CUSTOMER else case, name, wanted[name])
    if case.title == before:
        case.title = customer.name
    customer.phone_index = blind_index(customer.phone)
    customer.identity_index = blind_index(customer.identity_number) if customer.identity_number else ""
    customer.email_index = blind_index(customer.email) if customer.email else ""
    if changed & set(CUSTOMER):
        if Case.objects.filter(customer=customer).exclude(pk=case.pk).exists():
            customer.pk = None  # what was said in another application stays as it was said there
            customer._state.adding = True
        customer.save()
        case.customer = Customer.objects.get(pk=customer.pk)
    if "case_class" in changed and not case.accepted_at:
        case.declared_class = case.case_class
    case.save()
    if changed & {*FEED_IN, "address"} and wanted["mode"]:
        said = {name: wanted[name] for name in FEED_IN}
        case.feed_in, _made = FeedIn.objects.update_or_create(case=case, defaults=said)
    for kind in ("needed_on", "capacity", "importance"):
        _say_again(case, kind)


def _say_again(case: Case, kind: str) -> None:
    """A wish that the form carries says what the form says now."""
    texts = {
        "needed_on": case.needed_on.isoformat() if case.needed_on else "",
        "capacity": f"{Decimal(str(case.capacity_kva)).normalize():f}",
        "importance": case.importance,
    }
    if texts[kind]:
        case.points.filter(kind=kind).update(text=texts[kind])


def _follow(case: Case, changed: set[str], *, actor: Actor, at: datetime) -> None:
    if changed & {"case_class", "voltage_kv"}:
        clocks.rederive(subject=case.number, profile=profile(case), at=at, stream=case.stream)
    if changed & LOAD - PAPERS_ONLY:
        key = classes()[case.case_class].process
        if key != case.process_key or _is_past_survey(case):
            move(case, key, first_facts(case), actor=actor, at=at)
    if case.accepted_at and changed & {*LOAD, "kind"}:
        carry_over(case, actor=actor, at=at)
    if changed & {"area", "case_class", "voltage_kv"}:
        _settle_owners(case, actor=actor, at=at)


def _is_past_survey(case: Case) -> bool:
    """True if what was corrected has been worked with already, so that the case has to be looked at again."""
    rows = cards(case.process_key)
    return any(rows[step.code].phase not in ("accept", "survey") for step in open_steps(case.number))


def _settle_owners(case: Case, *, actor: Actor, at: datetime) -> None:
    """Another area, class or voltage has other people: its account manager, and the owners of what is open."""
    found = responsible(
        role="account_manager",
        department="marketing",
        area=case.area,
        voltage=level_of(case.case_class),
        customer_class=case.case_class,
        on=local_day(at),
    )
    manager = found.acting_for or found.user  # a deputy of a day does not become the manager
    if manager.pk != case.account_manager_id:
        given = {"from": case.account_manager_id, "account_manager": manager.pk}
        case.account_manager_id, case.account_manager_name = manager.pk, manager.name_zh
        case.save(update_fields=["account_manager_id", "account_manager_name"])
        record("case.reassigned", stream=case.stream, actor=actor, at=at, data=given)
    for step in open_steps(case.number).select_related("run__definition"):
        owner = owner_of(case, step.code, at=at)
        if owner.user.pk != step.owner_id:
            acting_for = owner.acting_for.pk if owner.acting_for else None
            give(step, case.stream, to=owner.user, actor=actor, at=at, acting_for=acting_for)
