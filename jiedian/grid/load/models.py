"""Measured load of a device, month by month."""

from django.db import models
from django.db.models import Q

from jiedian.grid.network.models import Device


class Measured(models.Model):
    """实测负荷: the highest load of a device in a month, in kVA, from how many quarter-hours."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="measured")
    month_on = models.DateField()
    peak_kva = models.FloatField()
    points = models.PositiveIntegerField()
    source = models.CharField(max_length=120)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["month_on"]
        constraints = [
            models.UniqueConstraint(fields=["device", "month_on"], name="one_peak_a_month"),
            models.CheckConstraint(condition=Q(peak_kva__gte=0), name="peak_not_negative"),
        ]
