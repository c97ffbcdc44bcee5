"""Decide about a hot spot: confirm its cause, or say that it is none."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from math import isfinite

from django.db import IntegrityError, transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.services import Actor, record

from .calc.hotspots import Change
from .models import HotSpot
from .queries.hotspots import BRANCHES, Cell


@dataclass(frozen=True)
class Verdict:
    """Verdict of a person on a hot spot: its state, and for a confirmed one the branch and value of its cause."""

    state: str
    branch: str
    value: str
    words: str

    def problems(self) -> list[Finding]:
        """Everything that is missing."""
        found = []
        if not self.words.strip():
            found.append(Finding("text.empty"))
        if self.state not in HotSpot.State.values:
            found.append(Finding("hotspot.state"))
        is_confirmed = self.state == HotSpot.State.CONFIRMED
        if is_confirmed and (self.branch not in BRANCHES or not self.value.strip()):
            found.append(Finding("hotspot.cause"))
        return found


def decide(change: Change[Cell], verdict: Verdict, *, until_on: date, actor: Actor, at: datetime) -> HotSpot:
    """Keep the figures as they stood with what a person says about them. A confirmed hot spot names its cause.

    Raises Refused without words, without a cause to confirm, or when it has been decided on.
    """
    if problems := verdict.problems():
        raise Refused(problems)
    is_confirmed = verdict.state == HotSpot.State.CONFIRMED
    row = HotSpot(
        until_on=until_on,
        **asdict(change.key),
        new=change.new,
        old=change.old,
        ratio=change.ratio if isfinite(change.ratio) else None,
        p=change.p,
        q=change.q,
        state=verdict.state,
        cause_branch=verdict.branch if is_confirmed else "",
        cause_value=verdict.value.strip()[:120] if is_confirmed else "",
        words=verdict.words.strip()[:400],
        decided_by_id=actor.id,
        decided_by=actor.name,
        decided_at=at,
    )
    data = asdict(change.key) | {
        "until": until_on.isoformat(),
        "branch": row.cause_branch,
        "value": row.cause_value,
    }
    try:
        with transaction.atomic():
            row.save()
            record(f"hotspot.{row.state}", stream=f"hotspot:{row.pk}", actor=actor, at=at, data=data)
    except IntegrityError as error:
        raise refuse("hotspot.decided") from error
    return row
