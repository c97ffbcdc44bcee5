"""Works of a case: what is built, paid, signed, inspected, metered and energised for a case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case


class Fee(models.Model):
    """One line of 业务费用. Money is exact; the basis is the document that allows the charge.

    ``ended_at`` is when the customer objected to it: from then on nobody owes it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="fees")
    name = models.CharField(max_length=60)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit_price_cny = models.DecimalField(max_digits=12, decimal_places=4)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    basis = models.CharField(max_length=120)
    determined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    receipt_number = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_cny__gte=0), name="fee_not_negative")]


class PaymentOrder(models.Model):
    """One bill as the payment port knows it: the sum of what was owed when it was written. A newer one closes it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payment_orders")
    number = models.CharField(max_length=40, unique=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    ordered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at__isnull=True), name="one_open_order_a_case"
            )
        ]


class Payment(models.Model):
    """One payment that the port told of, once by its own number, and whether it settled the bill."""

    class Verdict(models.TextChoices):
        SETTLED = "settled", _("已到账")
        WRONG = "wrong", _("金额不符，待处理")
        DOUBLE = "double", _("重复缴费，待退")
        LATE = "late", _("账单已关闭，待处理")

    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="payments")
    transaction = models.CharField(max_length=40, unique=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    paid_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    receipt = models.ForeignKey("vault.Upload", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class Contract(models.Model):
    """供用电合同: its number, and who signed which text (by its hash), how and when.

    The signature is a name and a code to the phone on record; sealed electronic signatures are not here yet.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="contract")
    number = models.CharField(max_length=40)
    signatory = models.CharField(max_length=80, blank=True)
    drafted_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    is_signed_by_code = models.BooleanField(default=False)


class ContractText(models.Model):
    """A contract as it was frozen, in one language; the hash is of the file the customer reads."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="texts")
    version = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=7)
    upload = models.ForeignKey("vault.Upload", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class Objection(models.Model):
    """客户不同意: what a customer said against a version of his contract or of his fee, and what was answered with the next.

    One a step: sent twice it is one.
    """

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("供用电合同")
        FEE = "fee", _("业务费用")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="objections")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    step_id = models.BigIntegerField(unique=True)
    version = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=300)
    said_by = models.CharField(max_length=80)
    how = models.CharField(max_length=16, blank=True)
    said_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]


class GridWorks(models.Model):
    """电网配套工程 of a case: the project that brings the grid to the property boundary."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="grid_works")
    project_number = models.CharField(max_length=40)
    scope = models.CharField(max_length=300)
    completed_on = models.DateField()


class CustomerWorks(models.Model):
    """The customer's own works and who he freely chose for them. The company never proposes a name."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="customer_works")
    designer = models.CharField(max_length=120, blank=True)
    designer_licence = models.CharField(max_length=60, blank=True)
    contractor = models.CharField(max_length=120, blank=True)
    contractor_licence = models.CharField(max_length=60, blank=True)
    completed_on = models.DateField(null=True)


class Inspection(models.Model):
    """A review of drawings, of concealed works, or of the completed works; each round is a row.

    ``kind`` is the code of the step that inspected.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=24)
    round = models.PositiveSmallIntegerField()
    has_passed = models.BooleanField()
    defects = models.CharField(max_length=600, blank=True)
    inspected_at = models.DateTimeField()
    inspector = models.CharField(max_length=80)
    rectified_at = models.DateTimeField(null=True)
    rectified_note = models.CharField(max_length=300, blank=True)
    rectified_upload = models.ForeignKey(
        "vault.Upload", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "round"], name="one_inspection_a_round"),
            models.CheckConstraint(condition=Q(has_passed=True) | ~Q(defects=""), name="a_failure_says_why"),
        ]


class Metering(models.Model):
    """电能计量装置: what was allotted and what was installed."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="metering")
    meter_number = models.CharField(max_length=40)
    ct_ratio = models.CharField(max_length=24, blank=True)
    allotted_at = models.DateTimeField()
    seal_number = models.CharField(max_length=40, blank=True)
    first_reading_kwh = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    installed_at = models.DateTimeField(null=True)
    installer = models.CharField(max_length=80, blank=True)


class Energising(models.Model):
    """送电: the moment power flows, and how the connection was made."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="energising")
    is_live_line = models.BooleanField()
    reading_kwh = models.DecimalField(max_digits=12, decimal_places=2)
    energised_at = models.DateTimeField()
    operator = models.CharField(max_length=80)


class Appointment(models.Model):
    """预约: the half-day the customer chose for a step at which we come to him. Chosen anew it replaces the first."""

    class Half(models.TextChoices):
        MORNING = "morning", _("上午")
        AFTERNOON = "afternoon", _("下午")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="appointments")
    step_id = models.BigIntegerField(unique=True)
    step_code = models.CharField(max_length=24)
    day = models.DateField()
    half = models.CharField(max_length=10, choices=Half.choices)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
