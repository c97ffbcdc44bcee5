"""供电方案: the versions of a scheme, the reply form as frozen, and what was measured later."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case


class Scheme(models.Model):
    """One version of the supply scheme of a case. ``modules``, ``sources``, ``costs`` and ``conflicts`` are kept as composed,
    each with its rules, so that the version answers for itself after the rules have changed. ``content`` are the lists of the
    reply form (``supply.scheme.calc.sheet``): sources, metering points, fees, whose each piece is. ``why`` is why its option was
    taken, as it was that day (``supply.bench.queries.why``); empty where nothing was compared."""

    class Metering(models.TextChoices):
        HV_HV = "hv_hv", _("高供高计")
        HV_LV = "hv_lv", _("高供低计")
        LV_LV = "lv_lv", _("低供低计")

    class State(models.TextChoices):
        DRAFT = "draft", _("拟定中")
        REPLIED = "replied", _("已答复")
        ACCEPTED = "accepted", _("客户已确认")
        DECLINED = "declined", _("客户要求另拟")
        LAPSED = "lapsed", _("已失效")
        REFUSED = "refused", _("会签未同意")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="schemes")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    supply_point = models.CharField(max_length=120)
    standby_point = models.CharField(max_length=120, blank=True)
    voltage_kv = models.DecimalField(max_digits=6, decimal_places=2)
    capacity_kva = models.DecimalField(max_digits=10, decimal_places=1)
    boundary = models.CharField(max_length=400)
    metering = models.CharField(max_length=8, choices=Metering.choices)
    ct_ratio = models.CharField(max_length=24, blank=True)
    meter_class = models.CharField(max_length=12)
    tariff = models.CharField(max_length=400)
    protection = models.CharField(max_length=800, blank=True)
    power_quality = models.CharField(max_length=800, blank=True)
    duties = models.CharField(max_length=800)
    valid_until_on = models.DateField(null=True)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    is_automatic = models.BooleanField(default=False)
    option_key = models.CharField(max_length=300, blank=True)
    modules = models.JSONField(default=list)
    content = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    conflicts = models.JSONField(default=list)
    costs = models.JSONField(default=list)
    considered = models.JSONField(default=list)
    why = models.JSONField(default=dict)
    ticked = models.JSONField(default=dict)
    predicted = models.JSONField(default=dict)
    depth = models.FloatField(default=0)
    missing = models.JSONField(default=list)
    exception_reason = models.CharField(max_length=300, blank=True)
    customer_words = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="one_scheme_a_version"),
            models.CheckConstraint(condition=Q(capacity_kva__gt=0), name="scheme_capacity_positive"),
            models.CheckConstraint(condition=Q(depth__gte=0, depth__lte=1), name="scheme_depth_share"),
        ]
        indexes = [models.Index(fields=["state", "valid_until_on"])]

    @property
    def accuracy(self) -> float | None:
        """The mean accuracy of what was measured; none before anything was."""
        scores = [row.accuracy for row in self.outcomes.all()]
        return sum(scores) / len(scores) if scores else None


class Countersign(models.Model):
    """会签意见: what a department said to a version of the scheme before it went to the customer, and why."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="countersigns")
    department = models.CharField(max_length=32, blank=True)
    signed_by = models.CharField(max_length=80)
    has_agreed = models.BooleanField()
    text = models.CharField(max_length=400, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class Reply(models.Model):
    """供电方案答复单, frozen: the PDF the customer was shown, and its hash."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="replies")
    language = models.CharField(max_length=7)
    upload = models.ForeignKey("vault.Upload", on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "language"], name="one_reply_a_language")]


class Outcome(models.Model):
    """实测: one figure the scheme predicted, as it was measured after energising."""

    scheme = models.ForeignKey(Scheme, on_delete=models.CASCADE, related_name="outcomes")
    item = models.CharField(max_length=16)
    predicted = models.FloatField()
    measured = models.FloatField()
    measured_on = models.DateField()
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["item"]
        constraints = [models.UniqueConstraint(fields=["scheme", "item"], name="one_outcome_an_item")]

    @property
    def accuracy(self) -> float:
        """One minus the relative error, never below zero."""
        if self.predicted == self.measured:
            return 1.0
        if not self.measured:
            return 0.0
        return max(0.0, 1 - abs(self.predicted - self.measured) / abs(self.measured))
