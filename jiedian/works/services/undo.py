"""Undo of the steps from the accepted scheme to the meter: each takes back the row its verb wrote."""

from jiedian.cases.case.services.work import Work

from ..models import Contract, Fee, GridWorks, Inspection, Metering, Objection, PaymentOrder
from ..queries import unpaid_cny
from .objections import forget_answer
from .payments import write_bill


def forget_fee(work: Work) -> None:
    """The charge that was just determined goes, and its bill is closed; what is paid stays."""
    fee = Fee.objects.filter(case=work.case, paid_at=None, ended_at=None).order_by("id").last()
    if fee:
        fee.delete()
    forget_answer(work, Objection.Kind.FEE)
    if unpaid_cny(work.case):
        write_bill(work.case, actor=work.actor, at=work.at)
    else:
        PaymentOrder.objects.filter(case=work.case, closed_at=None).update(closed_at=work.at)


def forget_draft(work: Work) -> None:
    """Undo of a draft: the objection of the customer waits for an answer again; the text stays, the next one replaces it."""
    forget_answer(work, Objection.Kind.CONTRACT)


def forget_signature(work: Work) -> None:
    """The contract waits for its signature again; a no that was said instead is not said."""
    Objection.objects.filter(step_id=work.step.pk).delete()
    Contract.objects.filter(case=work.case).update(
        signed_at=None, signatory="", signed_sha256="", is_signed_by_code=False
    )


def forget_objection(work: Work) -> None:
    """A customer's no to his contract or his fee is not said: the charge is owed again, under a bill of its own."""
    said = Objection.objects.filter(step_id=work.step.pk).first()
    if said is None:
        return
    said.delete()
    if said.kind == Objection.Kind.FEE:
        Fee.objects.filter(case=work.case, paid_at=None, ended_at=said.said_at).update(ended_at=None)
        if unpaid_cny(work.case):
            write_bill(work.case, actor=work.actor, at=work.at)


def forget_grid_works(work: Work) -> None:
    """The works are not finished."""
    GridWorks.objects.filter(case=work.case).delete()


def forget_inspection(work: Work) -> None:
    """The round that was just entered goes."""
    last = Inspection.objects.filter(case=work.case, kind=work.step.code).order_by("round").last()
    if last:
        last.delete()


def forget_design(work: Work) -> None:
    """The defects of the last review wait for another design again."""
    work.case.inspections.filter(rectified_at=work.step.done_at, rectified_note="").update(rectified_at=None)


def forget_rectification(work: Work) -> None:
    """The defects wait to be put right again."""
    last = work.case.inspections.filter(rectified_at__isnull=False).order_by("rectified_at", "id").last()
    if last:
        Inspection.objects.filter(pk=last.pk).update(
            rectified_at=None, rectified_note="", rectified_upload=None
        )


def forget_allotment(work: Work) -> None:
    """No meter is set aside."""
    Metering.objects.filter(case=work.case).delete()


def forget_installation(work: Work) -> None:
    """The meter does not hang."""
    Metering.objects.filter(case=work.case).update(
        seal_number="", first_reading_kwh=None, installed_at=None, installer=""
    )
