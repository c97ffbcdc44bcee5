"""Stop the clocks of a case by hand: for a reason that holds where the case stands, on a document that is kept or can be found."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction

from jiedian.clocks import services as clocks
from jiedian.clocks.queries import pause_reasons
from jiedian.core.findings import refuse
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.services import Label, store

from ..models.case import Case
from ..queries.waits import fitting_reasons


@dataclass(frozen=True)
class Plea:
    """Plea for a pause: a reason, and the document that proves it by its number or as a file."""

    reason: str
    evidence: str = ""
    file: IO[bytes] | None = None
    file_name: str = ""


@transaction.atomic
def pause_case(case: Case, plea: Plea, *, actor: Actor, at: datetime) -> None:
    """Pause by hand. Refused when the reason does not hold where the case stands, or nothing proves it."""
    fitting = fitting_reasons(case)
    if plea.reason in pause_reasons() and plea.reason not in fitting:
        raise refuse("pause.unfit", reason=_name(plea.reason), fitting=[_name(code) for code in fitting])
    evidence = plea.evidence.strip()
    if plea.file is not None:
        upload = store(plea.file, Label(plea.file_name, case.number, "paper", actor.id), at=at)
        evidence = f"{evidence} {plea.file_name[:80]} ({upload.sha256[:12]})".strip()
    clocks.suspend(
        subject=case.number, reason=plea.reason, evidence=evidence, actor=actor, at=at, stream=case.stream
    )


def _name(code: str) -> Text:
    row = pause_reasons()[code]
    return Text(row.name_zh, row.name_en)
