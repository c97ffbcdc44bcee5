"""Monthly publications of open capacity, and their lines."""

from django.db import models

from jiedian.grid.network.models import Device, Grid, Version


class Publication(models.Model):
    """公布: one issue of the open capacity. ``late_days`` counts from the day it was due."""

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    due_on = models.DateField()
    published_at = models.DateTimeField()
    late_days = models.PositiveIntegerField(default=0)
    version = models.ForeignKey(Version, on_delete=models.PROTECT)
    formula = models.CharField(max_length=24)
    operator = models.CharField(max_length=80)

    class Meta:
        ordering = ["-due_on"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "due_on"], name="one_publication_a_due_day"),
        ]


class Published(models.Model):
    """One published figure with what it was made of; null means: to be checked by hand."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="rows")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="published")
    open_kw = models.FloatField(null=True)
    formula_kva = models.FloatField(null=True)
    physical_kw = models.FloatField(null=True)
    binding = models.CharField(max_length=24, blank=True)
    element = models.CharField(max_length=120, blank=True)
    inputs = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
