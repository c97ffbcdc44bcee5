"""Undo of the steps from the accepted scheme to the meter: each takes back the row its verb wrote."""

from jiedian.cases.case.services.work import Work

from .models import Contract, Fee, GridWorks, Inspection, Metering


def forget_fee(work: Work) -> None:
    """The charge that was just determined goes; what is paid stays."""
    fee = Fee.objects.filter(case=work.case, paid_at=None).order_by("id").last()
    if fee:
        fee.delete()


def forget_signature(work: Work) -> None:
    """The contract waits for its signature again."""
    Contract.objects.filter(case=work.case).update(signed_at=None, signatory="")


def forget_grid_works(work: Work) -> None:
    """The works are not finished."""
    GridWorks.objects.filter(case=work.case).delete()


def forget_inspection(work: Work) -> None:
    """The round that was just entered goes."""
    last = Inspection.objects.filter(case=work.case, kind=work.step.code).order_by("round").last()
    if last:
        last.delete()


def forget_rectification(work: Work) -> None:
    """The defects wait to be put right again."""
    last = work.case.inspections.filter(rectified_at__isnull=False).order_by("rectified_at", "id").last()
    if last:
        Inspection.objects.filter(pk=last.pk).update(rectified_at=None, rectified_note="")


def forget_allotment(work: Work) -> None:
    """No meter is set aside."""
    Metering.objects.filter(case=work.case).delete()


def forget_installation(work: Work) -> None:
    """The meter does not hang."""
    Metering.objects.filter(case=work.case).update(
        seal_number="", first_reading_kwh=None, installed_at=None, installer=""
    )
