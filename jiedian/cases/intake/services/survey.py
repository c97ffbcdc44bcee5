"""Verbs of the steps of the case itself: the class the survey fixes, the call-back; and starting again."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.case.services.moves import move_on
from jiedian.cases.case.services.steps import finish_step, profile
from jiedian.cases.case.services.work import Work, keep_row
from jiedian.cases.papers.queries import name_of
from jiedian.cases.papers.services import carry_over, inherit
from jiedian.clocks import services as clocks
from jiedian.core.closed import SOLAR
from jiedian.core.findings import refuse
from jiedian.ground.journal.queries import facts_of
from jiedian.ground.journal.services import Actor, record
from jiedian.process.rows import classes
from jiedian.process.services import Advance

from ..calc.application import Application
from ..models import Callback
from ..queries import feed_in_wish
from .intake import apply

FOUND = ("case_class", "voltage_kv", "capacity_kva", "importance", "is_special_load")
"""What a survey settles."""
ASKED_OF_PV = ("mode", "roof")
"""What it settles of PV beside: how it feeds in, on whose roof; the modules where somebody counted them."""


def fix_class(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Write what the survey found, and derive the promises from it. Refused when class and voltage do not fit, or PV does not say how it feeds in."""
    row, voltage_kv = classes()[values["case_class"]], Decimal(values.get("voltage_kv") or case.voltage_kv)
    if not row.from_kv <= voltage_kv < row.below_kv:
        raise refuse("application.voltage")
    before = (case.case_class, case.voltage_kv)
    old = {name: str(getattr(case, name)) for name in FOUND} | _feed_in_said(case)
    if row.id in SOLAR:
        _say_feed_in(case, values)
    case.case_class, case.voltage_kv = row.id, voltage_kv
    case.capacity_kva = Decimal(values["capacity_kva"])
    case.importance = values.get("importance") or case.importance
    case.is_special_load = bool(values.get("is_special_load"))
    case.save(update_fields=["case_class", "voltage_kv", "capacity_kva", "importance", "is_special_load"])
    record(
        "case.surveyed",
        stream=case.stream,
        actor=actor,
        at=at,
        data={
            "declared": case.declared_class,
            "found": case.case_class,
            "kva": str(case.capacity_kva),
            "before": old,
            "classes": list(profile(case).classes),
        },
    )
    if before != (case.case_class, case.voltage_kv):
        clocks.rederive(subject=case.number, profile=profile(case), at=at, stream=case.stream)


def _feed_in_said(case: Case) -> dict[str, str]:
    """How a case feeds in and on whose roof, as it stands; empty words where nobody said."""
    kept: FeedIn | None = getattr(case, "feed_in", None)
    modules = str(kept.module_kwp) if kept and kept.module_kwp else ""
    return {name: getattr(kept, name) if kept else "" for name in ASKED_OF_PV} | {"module_kwp": modules}


def _keep_feed_in(case: Case, said: Mapping[str, Any]) -> None:
    """Keep what is said of how a case feeds in. Refused where mode or roof is missing."""
    if not all(said[name] for name in ASKED_OF_PV):
        raise refuse("application.solar")
    kwp = said.get("module_kwp")
    defaults = {name: said[name] for name in ASKED_OF_PV} | {"module_kwp": Decimal(kwp) if kwp else None}
    case.feed_in, _made = FeedIn.objects.update_or_create(case=case, defaults=defaults)


def _say_feed_in(case: Case, values: Mapping[str, Any]) -> None:
    """Keep how PV feeds in and on whose roof, as found or as it was said before. Refused where neither is known."""
    _keep_feed_in(case, {name: values.get(name) or now for name, now in _feed_in_said(case).items()})


def forget_survey(work: Work) -> None:
    """Undo of a survey: the case says again what it said before, and so do its promises."""
    case = work.case
    old = facts_of(case.stream).filter(kind="case.surveyed").order_by("-seq")[0].data["before"]
    case.case_class, case.importance = old["case_class"], old["importance"]
    case.voltage_kv, case.capacity_kva = Decimal(old["voltage_kv"]), Decimal(old["capacity_kva"])
    case.is_special_load = old["is_special_load"] == "True"
    case.save(update_fields=list(FOUND))
    if all(old.get(name) for name in ASKED_OF_PV):
        _keep_feed_in(case, old)
    else:
        FeedIn.objects.filter(case=case).delete()
    work.record("case.survey_undone", classes=list(profile(case).classes))
    clocks.rederive(subject=case.number, profile=profile(case), at=work.at, stream=case.stream)
    carry_over(case, actor=work.actor, at=work.at)


def go_on(work: Work, facts: Mapping[str, str]) -> Advance:
    """Advance of a survey: behind it in the same process, or in the one that fits what was found, with everything the case has."""
    key = classes()[work.case.case_class].process
    stays = key == work.case.process_key
    advance = finish_step(work, facts) if stays else move_on(work, key, facts)
    carry_over(work.case, actor=work.actor, at=work.at)
    return advance


def no_paper_owed(case: Case) -> None:
    """Refused while any paper of a case is owed."""
    owed = [name_of(paper) for paper in case.papers.exclude(state="held")]
    if owed:
        raise refuse("paper.outstanding", papers=owed)


@transaction.atomic
def keep_callback(work: Work) -> None:
    """Keep the call-back: the customer's words on the telephone, and the breaches he tells of."""
    said = {name: work.values[name] for name in ("score", "text", "was_asked_twice", "was_sent_on")}
    keep_row(Callback, work.case, said | {"asked_at": work.at, "asked_by": work.actor.name})
    for kind, flag in ((Breach.Kind.SECOND_NOTICE, "was_asked_twice"), (Breach.Kind.SENT_ON, "was_sent_on")):
        if work.values[flag]:
            _believe(kind, work)


def _believe(kind: str, work: Work) -> None:
    """What the customer himself says was broken counts, once, also where the system had seen nothing."""
    if work.case.breaches.filter(kind=kind).exists():
        return
    Breach.objects.create(
        case=work.case,
        kind=kind,
        text=work.values["text"][:300],
        rule_id=work.step.code,
        actor_name="",
        found_at=work.at,
    )
    work.record(f"breach.{kind}", rule=work.step.code)


@transaction.atomic
def restart(case: Case, *, actor: Actor, at: datetime, declared_class: str = "") -> Case:
    """Apply again after a withdrawal or termination: the new case keeps the old one as its predecessor, and its papers."""
    if case.state not in (Case.State.WITHDRAWN, Case.State.TERMINATED):
        raise refuse("case.running")
    Case.objects.select_for_update().get(pk=case.pk)  # of two who restart it, the second waits and is refused
    if Case.objects.filter(predecessor=case).exists():
        raise refuse("case.restarted")
    customer = case.customer
    again = apply(
        Application(
            declared_class=declared_class or case.case_class,
            customer_kind=customer.kind,
            name=customer.name,
            phone=customer.phone,
            identity_number=customer.identity_number,
            email=customer.email,
            language=customer.language,
            title=case.title,
            address=case.address,
            area=case.area,
            capacity_kva=case.capacity_kva,
            voltage_kv=case.voltage_kv,
            importance=case.importance,
            is_special_load=case.is_special_load,
            is_residential_community=case.is_residential_community,
            needed_on=case.needed_on if case.needed_on and case.needed_on >= clocks.local_day(at) else None,
            channel=case.channel,
            points=tuple(case.points.filter(kind="said").values_list("text", "weight")),
            is_simulated=case.is_simulated,
            feed_in=feed_in_wish(case),
        ),
        actor=actor,
        at=at,
        predecessor=case,
    )
    inherit(again, case, actor=actor, at=at)
    return again
