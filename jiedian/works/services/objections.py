"""Verbs of a no: a customer objects to his contract or his fee, and who drafts the next version answers him."""

from jiedian.cases.case.services.work import Work
from jiedian.core.findings import refuse
from jiedian.process.queries import asks

from ..models import Contract, ContractText, Fee, Objection, PaymentOrder
from ..queries import REFUSED, waiting_objection


def object_to(work: Work, kind: Objection.Kind) -> Objection:
    """Keep what the customer has against the version he was asked about; a fee he objects to is owed no more.

    Raises Refused without a reason, and where the case runs on a version of the process that knows no way back.
    """
    words = str(work.values.get("words", "")).strip()
    if not words:
        raise refuse("objection.words")
    if not asks(work.case.number, f"{kind}_answer", REFUSED):
        raise refuse("objection.version")
    kept = {
        "case": work.case,
        "kind": kind,
        "version": _version(work, kind),
        "words": words[:300],
        "said_by": work.actor.name,
        "how": work.entered.get("how", ""),
        "said_at": work.at,
    }
    objection, _is_new = Objection.objects.get_or_create(step_id=work.step.pk, defaults=kept)
    if kind == Objection.Kind.FEE:
        owed = Fee.objects.filter(case=work.case, paid_at=None, ended_at=None)
        owed.update(ended_at=work.at)
        PaymentOrder.objects.filter(case=work.case, closed_at=None).update(closed_at=work.at)
    work.record(f"{kind}.declined", version=objection.version)
    return objection


def _version(work: Work, kind: Objection.Kind) -> int:
    """Version of the text he was shown; of a fee, the round in which he was asked."""
    if kind == Objection.Kind.FEE:
        return work.step.round
    text = ContractText.objects.filter(contract__in=Contract.objects.filter(case=work.case)).first()
    return text.version if text else work.step.round


def answer_objection(work: Work, kind: Objection.Kind) -> None:
    """Answer what the customer has against the last version, with the next one. Raises Refused without a word to him."""
    waiting = waiting_objection(work.case, kind)
    if waiting is None:
        return
    reply = str(work.values.get("reply", "")).strip()
    if not reply:
        raise refuse("objection.answer")
    Objection.objects.filter(pk=waiting.pk).update(
        answer=reply[:300], answered_by=work.actor.name, answered_at=work.at
    )
    work.record("objection.answered", kind=str(kind))


def forget_answer(work: Work, kind: Objection.Kind) -> None:
    """Undo of an answer: the objection waits for one again."""
    said = Objection.objects.filter(case=work.case, kind=kind, answered_at=work.step.done_at)
    said.exclude(answered_at=None).update(answer="", answered_by="", answered_at=None)
