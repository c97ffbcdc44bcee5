"""失效: let schemes lapse when their day has passed, and say who has to see to it."""

from datetime import datetime

from django.db import transaction

from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.services.coordination import ErrandDraft, send_errand
from jiedian.cases.forecast.queries import gateway_facts
from jiedian.clocks.services import local_day
from jiedian.core.closed import SOLAR
from jiedian.core.findings import Finding, Refused
from jiedian.ground.journal.services import SYSTEM, record
from jiedian.process.models import Step
from jiedian.process.queries import run_of, way
from jiedian.process.steps import codes_of
from jiedian.supply.study.queries.rules import amounts

from ..models import Scheme
from ..steps import accept, send_back
from .validity import release


def lapse(*, at: datetime) -> int:
    """Let every scheme lapse whose day has passed; returns how many. Safe to run again and by several workers.

    One that cannot lapse stays as it was and keeps nobody else back; raises Refused with all of those at the end.
    """
    today, lapsed = local_day(at), 0
    due = Scheme.objects.filter(
        state__in=(Scheme.State.REPLIED, Scheme.State.ACCEPTED),
        valid_until_on__lt=today,
        case__state="running",
    )
    stuck: list[Finding] = []
    for scheme in due.select_related("case"):
        try:
            lapsed += _lapse(scheme, at=at)
        except Refused as refusal:
            stuck += [found.at(scheme.case.number) for found in refusal.findings]
    if stuck:
        raise Refused(stuck)
    return lapsed


@transaction.atomic
def _lapse(scheme: Scheme, *, at: datetime) -> bool:
    was = scheme.state
    if was == Scheme.State.ACCEPTED and _works_begun(scheme):
        return False
    moved = Scheme.objects.filter(pk=scheme.pk, state=was).update(state=Scheme.State.LAPSED, ended_at=at)
    if not moved:
        return False
    record(
        "scheme.lapsed",
        stream=scheme.case.stream,
        actor=SYSTEM,
        at=at,
        data={"version": scheme.version, "valid_until": str(scheme.valid_until_on), "was": was},
    )
    if was == Scheme.State.ACCEPTED:
        release(scheme.case, reason="lapsed", actor=SYSTEM, at=at)
        _ask_manager(scheme, at=at)
    else:
        send_back(scheme, at=at)
    return True


def _works_begun(scheme: Scheme) -> bool:
    """Whether the customer began his receiving works, by the steps that a row names, or has none to begin.

    Neither a fee nor a meter nor works on the grid count (供电营业规则 art. 23). The step stands open from the day the works may
    begin; no other day is known, and a doubt must not take a scheme from somebody who builds.
    """
    number, codes = scheme.case.number, amounts()["VALIDITY-ENDS"].value.split()
    planned = way(run_of(number).definition, gateway_facts([scheme.case])[number]).codes
    return not set(codes) & set(planned) or Step.objects.filter(run__subject=number, code__in=codes).exists()


def _ask_manager(scheme: Scheme, *, at: datetime) -> None:
    """A signed scheme that lapsed is void (供电营业规则 art. 23; of PV by our own order): somebody has to talk to the customer.

    The branches behind the signature are under way, so the process cannot go back by itself.
    """
    owner = owner_of(scheme.case, *codes_of(accept), at=at).user
    until = f"{scheme.valid_until_on:%F}"
    law = "" if scheme.case.case_class in SOLAR else "（供电营业规则第二十三条）"
    text = (
        f"已签方案（第 {scheme.version} 版）{until} 期满失效{law}，预留容量已释放；逾期不开工的须重新申请。"
        f"请联系客户，在工单上“失效重办”，或终止。 / The signed scheme (v{scheme.version}) lapsed after {until}, its capacity is free again. "
        "Talk to the customer, then redo the case or end it."
    )
    send_errand(scheme.case, ErrandDraft(Errand.Kind.TASK, text, owner), actor=SYSTEM, at=at)
