"""Draft, countersign, reply and accept a supply scheme. Each verb ends its step."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from jiedian.cases.models import Case
from jiedian.cases.services.steps import Work, finish_step
from jiedian.clocks.services import local_day
from jiedian.core.decisions import AmountRow
from jiedian.core.findings import refuse
from jiedian.core.workdays import add_months
from jiedian.journal.services import Actor
from jiedian.process.services import Advance
from jiedian.rulebook.services import load

from ..models import Scheme

FIELDS = (
    "supply_point",
    "standby_point",
    "capacity_kva",
    "boundary",
    "metering",
    "ct_ratio",
    "meter_class",
    "tariff",
    "protection",
    "power_quality",
    "duties",
)


def _draft(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Scheme:
    last = case.schemes.aggregate(last=Max("version"))["last"] or 0
    return Scheme.objects.create(
        case=case,
        version=last + 1,
        voltage_kv=case.voltage_kv,
        drafted_by=actor.name,
        drafted_at=at,
        **{name: values.get(name, "") for name in FIELDS},
    )


@transaction.atomic
def draft(work: Work) -> Advance:
    """SCHEME_DRAFT: write a version of the scheme."""
    scheme = _draft(work.case, work.values, actor=work.actor, at=work.at)
    work.record("scheme.drafted", version=scheme.version)
    return finish_step(work)


@transaction.atomic
def countersign(work: Work) -> Advance:
    """COUNTERSIGN: the departments agree. Disagreement stays with the case as a question, not as a silent stop."""
    if work.values["agreed"] != "yes":
        raise refuse(
            "scheme.disagreed",
            "不同意时请向客户经理提出问题，方案修改后再会签",
            "If you disagree, put a question to the account manager; sign when the scheme is changed",
        )
    work.record("scheme.countersigned")
    return finish_step(work)


def _valid_until(case: Case, replied_on: date) -> date:
    wanted = "SCHEME_VALID_HV" if case.voltage_kv >= 10 else "SCHEME_VALID_LV"
    row = next(row for row in load("decisions/amounts.csv", AmountRow) if row.id == wanted)
    return add_months(replied_on, int(row.value))


@transaction.atomic
def reply(work: Work) -> Advance:
    """SCHEME_REPLY: the scheme goes to the customer, with the date until which it holds."""
    scheme = work.case.schemes.first() or _draft(work.case, work.values, actor=work.actor, at=work.at)
    Scheme.objects.filter(pk=scheme.pk).update(
        state=Scheme.State.REPLIED,
        replied_at=work.at,
        valid_until_on=_valid_until(work.case, local_day(work.at)),
    )
    work.record("scheme.replied", version=scheme.version)
    return finish_step(work)


@transaction.atomic
def accept(work: Work) -> Advance:
    """SCHEME_SIGN: the customer accepts the scheme that was sent to him."""
    moved = Scheme.objects.filter(case=work.case, state=Scheme.State.REPLIED).update(
        state=Scheme.State.ACCEPTED, accepted_at=work.at
    )
    if not moved:
        raise refuse("scheme.none", "没有待确认的供电方案", "There is no scheme waiting for acceptance")
    work.record("scheme.accepted")
    return finish_step(work)
