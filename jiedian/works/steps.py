"""Steps from the accepted scheme to the energised meter. Each verb writes its row and ends its step."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Max

from jiedian.cases.case.services.steps import finish_step, leave_step
from jiedian.cases.case.services.work import Work, keep_row
from jiedian.clocks.services import local_day
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import CUSTOMER, together
from jiedian.ground.vault.services import Label, store
from jiedian.process.services import Advance
from jiedian.process.steps import answer, no, no_rows, step

from .forms import (
    PAID,
    PASS,
    PAYINGS,
    RESULTS,
    SIGNED,
    SIGNINGS,
    AllocationForm,
    CompletionForm,
    ContractForm,
    CustomerWorksForm,
    DesignForm,
    EnergiseForm,
    FeeForm,
    GridWorksForm,
    InspectionForm,
    InstallationForm,
    PaymentForm,
    RectifyForm,
    SignatureForm,
    SignForm,
)
from .models import CustomerWorks, Energising, Fee, GridWorks, Inspection, Metering, Objection, PaymentOrder
from .queries import REFUSED
from .services import undo
from .services.contracts import contract_of, draft_text, sign
from .services.objections import answer_objection, object_to
from .services.payments import write_bill

CENT = Decimal("0.01")


OBJECTED = ("jiedian.works.queries.objected", "works/_objected.html")

OLDEST_WORKS = timedelta(days=5 * 365)
"""Works may be older than the application, but not by more."""


for _code in ("FEE_COLLECT", "CONTRACT_SIGN"):
    no(_code, REFUSED)(undo.forget_objection)


@step("FEE_DETERMINE", form=FeeForm, beside=OBJECTED, undo=undo.forget_fee)
@transaction.atomic
def determine_fee(work: Work) -> Advance:
    """Quantity times unit price, rounded to the cent, with its basis; after a no with an answer to the customer."""
    values = work.values
    answer_objection(work, Objection.Kind.FEE)
    amount = (values["quantity"] * values["unit_price_cny"]).quantize(CENT, ROUND_HALF_UP)
    Fee.objects.create(
        case=work.case,
        name=values["name"],
        quantity=values["quantity"],
        unit_price_cny=values["unit_price_cny"],
        amount_cny=amount,
        basis=values["basis"],
        determined_at=work.at,
    )
    work.record("fee.determined", amount_cny=str(amount), basis=values["basis"])
    if amount:
        write_bill(work.case, actor=work.actor, at=work.at)
    return finish_step(work)


@step(
    "FEE_COLLECT",
    form=PaymentForm,
    outcomes={"fee_answer": PAYINGS},
    beside=OBJECTED,
    online="pay",
)
@transaction.atomic
def collect_fee(work: Work) -> Advance:
    """Every open charge is paid under one receipt; with ``answer`` = refused the fee goes back, with the customer's reason."""
    if work.values.get("answer") == REFUSED:
        return _declined(work, Objection.Kind.FEE)
    paid = Fee.objects.filter(case=work.case, paid_at=None, ended_at=None).update(
        paid_at=work.at, receipt_number=work.values["receipt_number"]
    )
    if not paid:
        raise refuse("fee.none")
    PaymentOrder.objects.filter(case=work.case, closed_at=None).update(closed_at=work.at)
    work.record("fee.paid", charges=paid)
    return finish_step(work, answer(work.step.code, PAID))


def _declined(work: Work, kind: Objection.Kind) -> Advance:
    """The customer says no and why; the case goes back to who drafts."""
    object_to(work, kind)
    return leave_step(work, answer(work.step.code, REFUSED))


@step("CONTRACT_DRAFT", form=ContractForm, beside=OBJECTED, undo=undo.forget_draft)
@transaction.atomic
def draft_contract(work: Work) -> Advance:
    """The contract gets its number. Drafted again after a no it answers the customer and waits for a signature anew."""
    answer_objection(work, Objection.Kind.CONTRACT)
    draft_text(work.case, number=work.values["number"], at=work.at)
    return finish_step(work)


@step(
    "CONTRACT_SIGN",
    form=SignatureForm,
    outcomes={"contract_answer": SIGNINGS},
    beside=OBJECTED,
    online=SignForm,
    undo=undo.forget_signature,
)
@transaction.atomic
@together()
def sign_contract(work: Work) -> Advance:
    """The contract is signed, online by a code to the phone on record; a resident's is drafted with it.

    With ``answer`` = refused it goes back to the draft, with the customer's reason.
    """
    if work.values.get("answer") == REFUSED:
        return _declined(work, Objection.Kind.CONTRACT)
    is_by_code = work.actor.role == CUSTOMER.role
    contract = (
        contract_of(work.case, at=work.at)
        if hasattr(work.case, "contract")
        else draft_text(work.case, number=work.values.get("number", ""), at=work.at)
    )
    sign(contract, signatory=work.values["signatory"], is_by_code=is_by_code, at=work.at)
    work.record("contract.signed", is_by_code=is_by_code)
    return finish_step(work, answer(work.step.code, SIGNED))


def _completed(work: Work) -> None:
    """Refused for works completed in the future, or so long before the application that the year is a slip."""
    day, applied_on = work.values["completed_on"], local_day(work.case.applied_at)
    if day > local_day(work.at):
        raise refuse("works.future")
    if day < applied_on - OLDEST_WORKS:
        raise refuse("works.long_ago", applied_on=applied_on)


@step("GRID_WORKS", form=GridWorksForm, undo=undo.forget_grid_works)
@transaction.atomic
def finish_grid_works(work: Work) -> Advance:
    """The grid supporting works are complete."""
    values = work.values
    _completed(work)
    keep_row(GridWorks, work.case, values)
    work.record("grid_works.completed", completed_on=values["completed_on"].isoformat())
    return finish_step(work)


@step("CUSTOMER_DESIGN", form=DesignForm, online=DesignForm, undo=undo.forget_design)
@transaction.atomic
def hand_in_design(work: Work) -> Advance:
    """The customer names the designer he chose; handed in again, it answers the defects of the last review."""
    work.case.inspections.filter(has_passed=False, rectified_at=None).update(rectified_at=work.at)
    keep_row(CustomerWorks, work.case, work.values)
    return finish_step(work)


@step("CUSTOMER_WORKS", form=CustomerWorksForm, online=CustomerWorksForm, undo=no_rows)
@transaction.atomic
def finish_customer_works(work: Work) -> Advance:
    """The customer's contractor is done."""
    _completed(work)
    keep_row(CustomerWorks, work.case, work.values)
    return finish_step(work)


@step("COMPLETION_APPLY", form=CompletionForm, online=CompletionForm, undo=no_rows)
@transaction.atomic
def report_completion(work: Work) -> Advance:
    """The customer asks for the inspection."""
    return finish_step(work)


@step("DESIGN_REVIEW", form=InspectionForm, outcomes={"design_review": RESULTS}, undo=undo.forget_inspection)
@step(
    "MID_INSPECTION", form=InspectionForm, outcomes={"mid_inspection": RESULTS}, undo=undo.forget_inspection
)
@step("COMPLETION_CHECK", form=InspectionForm, outcomes={"inspection": RESULTS}, undo=undo.forget_inspection)
@transaction.atomic
def inspect(work: Work) -> Advance:
    """Pass, or all defects named at once; a review of papers and an inspection on site alike."""
    kind, result = work.step.code, work.values["result"]
    has_passed = result == PASS
    last = work.case.inspections.filter(kind=kind).aggregate(last=Max("round"))["last"] or 0
    Inspection.objects.create(
        case=work.case,
        kind=kind,
        round=last + 1,
        has_passed=has_passed,
        defects="" if has_passed else work.values["defects"],
        inspected_at=work.at,
        inspector=work.actor.name,
    )
    work.record("inspection.done", kind=kind, round=last + 1, has_passed=has_passed)
    return finish_step(work, answer(kind, result))


@step("MID_RECTIFY", form=RectifyForm, online=RectifyForm, undo=undo.forget_rectification)
@step("RECTIFY", form=RectifyForm, online=RectifyForm, undo=undo.forget_rectification)
@transaction.atomic
def rectify(work: Work) -> Advance:
    """The customer says what he put right; the next round follows."""
    failed = work.case.inspections.filter(has_passed=False, rectified_at=None).order_by("id").last()
    if failed is None:
        raise refuse("inspection.none")
    file = work.values.get("photo")
    label = Label(file.name or "", work.case.number, "rectified", work.actor.id) if file else None
    Inspection.objects.filter(pk=failed.pk).update(
        rectified_at=work.at,
        rectified_note=work.values["note"],
        rectified_upload=store(file, label, at=work.at) if file and label else None,
    )
    return finish_step(work)


def _free_meter(work: Work) -> None:
    """Refused for a meter that is allotted to, or hangs at, another customer."""
    number = str(work.values.get("meter_number", "")).strip()
    other = (
        Metering.objects.filter(meter_number__iexact=number)
        .exclude(case=work.case)
        .select_related("case")
        .first()
    )
    if number and other:
        raise refuse("meter.taken", number=number, case=other.case.number)


@step("METER_ALLOC", form=AllocationForm, undo=undo.forget_allotment)
@transaction.atomic
def allot_meter(work: Work) -> Advance:
    """A meter is set aside for the case."""
    _free_meter(work)
    keep_row(Metering, work.case, {"allotted_at": work.at, **work.values})
    return finish_step(work)


@step("METER_INSTALL", form=InstallationForm, undo=undo.forget_installation)
@transaction.atomic
@together()
def install_meter(work: Work) -> Advance:
    """The meter hangs, sealed, with its first reading."""
    _free_meter(work)
    values = work.values
    hung = {
        "seal_number": values["seal_number"],
        "first_reading_kwh": values["first_reading_kwh"],
        "installed_at": work.at,
        "installer": work.actor.name,
    }
    allotted = {"meter_number": values.get("meter_number", ""), "allotted_at": work.at}
    keep_row(Metering, work.case, hung, first=allotted)
    work.record("meter.installed")
    return finish_step(work)


@step("ENERGISE", form=EnergiseForm)
@transaction.atomic
def energise(work: Work) -> Advance:
    """Power flows; the reading may not lie below the first one."""
    first = work.case.metering.first_reading_kwh
    if first is not None and work.values["reading_kwh"] < first:
        raise refuse("energise.reading")
    done = {"energised_at": work.at, "operator": work.actor.name, **work.values}
    keep_row(Energising, work.case, done)
    return finish_step(work)
