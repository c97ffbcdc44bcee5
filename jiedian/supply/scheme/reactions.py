"""Reactions of a scheme to the facts of its case: an answer without a person, capacity let go or connected."""

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import SYSTEM, record

from .models import Scheme
from .services.automatic import answer_alone
from .services.validity import connect, release


def _case(fact: Fact) -> Case:
    return Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))


def answer(fact: Fact) -> None:
    """A small case within open capacity is answered at once, where the rows allow it."""
    try:
        answer_alone(_case(fact), at=fact.occurred_at)
    except Refused:
        return


def let_go(fact: Fact) -> None:
    """A case that is over holds no capacity."""
    release(_case(fact), reason=fact.kind, actor=SYSTEM, at=fact.occurred_at)


def set_aside(fact: Fact) -> None:
    """A case that goes another way needs another scheme: what was drafted or sent before holds no more, nor its capacity."""
    case = _case(fact)
    living = (Scheme.State.DRAFT, Scheme.State.REPLIED, Scheme.State.ACCEPTED)
    before = case.schemes.filter(state__in=living, drafted_at__lte=fact.occurred_at)
    if before.update(state=Scheme.State.LAPSED, ended_at=fact.occurred_at):
        release(case, reason=fact.kind, actor=SYSTEM, at=fact.occurred_at)


def connected(fact: Fact) -> None:
    """Turn what was kept for a customer into load from now on."""
    connect(_case(fact), actor=SYSTEM, at=fact.occurred_at)


def room_came(fact: Fact) -> None:
    """Room came for who signed and waited, all of it: the case says so, and its customer is told."""
    case = Case.objects.filter(number=fact.data["subject"], state=Case.State.RUNNING).first()
    if case is None or not fact.data.get("waited") or waiting_kw(case.number):
        return
    if Fact.objects.filter(stream=case.stream, kind="scheme.room_came", cause_id=fact.uid).exists():
        return
    data = {"kw": fact.data["kw"]}
    record(
        "scheme.room_came", stream=case.stream, actor=SYSTEM, at=fact.occurred_at, data=data, cause=fact.uid
    )
