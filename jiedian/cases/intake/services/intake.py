"""From a customer's wish to a case that runs."""

from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from jiedian.cases.case.models.case import Case, Customer, Point
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.case.services.points import say_wishes
from jiedian.cases.case.services.steps import open_steps, profile, tick
from jiedian.clocks.services import local_day
from jiedian.core.findings import Refused
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.services import blind_index
from jiedian.people.queries import responsible
from jiedian.process import services as process
from jiedian.process.rows import classes, level_of

from ..calc.application import Application, findings_of
from ..models import NumberSeries
from ..queries import first_facts


def apply(application: Application, *, actor: Actor, at: datetime, predecessor: Case | None = None) -> Case:
    """Take an application in: the case gets its number, its account manager and its first step.

    Sent twice it is taken in once. Raises Refused with every finding; then nothing is stored.
    """
    sent = Case.objects.filter(once=application.once) if application.once else Case.objects.none()
    try:
        with transaction.atomic():
            return sent.first() or _take_in(application, actor=actor, at=at, predecessor=predecessor)
    except IntegrityError:  # the other of the two was quicker
        if found := sent.first():
            return found
        raise


def _take_in(application: Application, *, actor: Actor, at: datetime, predecessor: Case | None) -> Case:
    found = findings_of(application, classes(), on=local_day(at))
    if found:
        raise Refused(found)
    case = _case(application, _customer(application), at=at, predecessor=predecessor)
    if application.feed_in:
        FeedIn.objects.create(case=case, **asdict(application.feed_in))
    for text, weight in application.points:
        Point.objects.create(case=case, text=text, weight=weight, said_at=at)
    say_wishes(case, at=at)
    advance = process.start(key=case.process_key, subject=case.number, data=first_facts(case), at=at)
    fact = record(
        "case.applied",
        stream=case.stream,
        actor=actor,
        at=at,
        data={
            "event": "case.applied",
            "class": case.declared_class,
            "classes": list(profile(case).classes),
            "area": case.area,
            "channel": case.channel,
            "capacity_kva": str(case.capacity_kva),
            "feed_in": application.feed_in.mode if application.feed_in else "",
            "points": list(case.points.values_list("id", flat=True)),
            "predecessor": predecessor.number if predecessor else "",
            "account_manager": case.account_manager_id,
        },
    )
    tick(case, "case.applied", at=at)
    open_steps(case, advance, sender=actor, at=at, cause=fact.uid)
    return case


def _customer(application: Application) -> Customer:
    return Customer.objects.create(
        kind=application.customer_kind,
        name=application.name.strip(),
        phone=application.phone,
        phone_index=blind_index(application.phone),
        identity_number=application.identity_number,
        identity_index=blind_index(application.identity_number) if application.identity_number else "",
        email=application.email,
        email_index=blind_index(application.email) if application.email else "",
        language=application.language,
    )


def _case(application: Application, customer: Customer, *, at: datetime, predecessor: Case | None) -> Case:
    owner = responsible(
        role="account_manager",
        department="marketing",
        area=application.area,
        voltage=level_of(application.declared_class),
        customer_class=application.declared_class,
        on=local_day(at),
    )
    manager = owner.acting_for or owner.user  # a deputy of a day acts, but is nobody's account manager
    return Case.objects.create(
        number=_next_number(at),
        customer=customer,
        process_key=classes()[application.declared_class].process,
        declared_class=application.declared_class,
        case_class=application.declared_class,
        title=application.title or application.name,
        address=application.address,
        area=application.area,
        voltage_kv=application.voltage_kv,
        capacity_kva=application.capacity_kva,
        importance=application.importance,
        is_special_load=application.is_special_load,
        is_residential_community=application.is_residential_community,
        needed_on=application.needed_on,
        channel=application.channel,
        account_manager_id=manager.id,
        account_manager_name=manager.name_zh,
        applied_at=at,
        predecessor=predecessor,
        is_simulated=application.is_simulated,
        once=application.once or None,
    )


def _next_number(at: datetime) -> str:
    year = local_day(at).year
    NumberSeries.objects.get_or_create(year=year)
    NumberSeries.objects.filter(year=year).update(last=F("last") + 1)
    return f"C-{year}-{NumberSeries.objects.get(year=year).last:06d}"
