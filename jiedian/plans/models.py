"""供电方案: the company's answer on how power will be supplied."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.cases.models import Case


class Scheme(models.Model):
    """One version of the supply scheme of a case. Figures are what the planner entered; their check by power flow is not here yet."""

    class Metering(models.TextChoices):
        HV_HV = "hv_hv", _("高供高计")
        HV_LV = "hv_lv", _("高供低计")
        LV_LV = "lv_lv", _("低供低计")

    class State(models.TextChoices):
        DRAFT = "draft", _("拟定中")
        REPLIED = "replied", _("已答复")
        ACCEPTED = "accepted", _("客户已确认")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="schemes")
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    supply_point = models.CharField(max_length=120)
    standby_point = models.CharField(max_length=120, blank=True)
    voltage_kv = models.DecimalField(max_digits=6, decimal_places=2)
    capacity_kva = models.DecimalField(max_digits=10, decimal_places=1)
    boundary = models.CharField(max_length=200)
    metering = models.CharField(max_length=8, choices=Metering.choices)
    ct_ratio = models.CharField(max_length=24, blank=True)
    meter_class = models.CharField(max_length=12)
    tariff = models.CharField(max_length=60)
    protection = models.CharField(max_length=200, blank=True)
    power_quality = models.CharField(max_length=200, blank=True)
    duties = models.CharField(max_length=400)
    valid_until_on = models.DateField(null=True)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="one_scheme_a_version"),
            models.CheckConstraint(condition=Q(capacity_kva__gt=0), name="scheme_capacity_positive"),
        ]
