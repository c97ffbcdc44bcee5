"""Monthly publications of open capacity, and their lines."""

from django.db import models

from jiedian.grid.network.models import Device, Grid, Version

FULL = 2
"""The edition in which an issue says what it knows: reserved, queued, feed-in, what binds, place."""


class Publication(models.Model):
    """公布: one issue of the open capacity. ``late_days`` counts from the day it was due.

    ``parameters`` are the figures it was computed with; ``measured_on`` is the newest month that was measured. An issue of
    ``edition`` 1 kept fewer facts: what it did not keep stays unsaid.
    """

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    due_on = models.DateField()
    published_at = models.DateTimeField()
    late_days = models.PositiveIntegerField(default=0)
    version = models.ForeignKey(Version, on_delete=models.PROTECT)
    formula = models.CharField(max_length=24)
    operator = models.CharField(max_length=80)
    edition = models.PositiveSmallIntegerField(default=1)
    parameters = models.JSONField(default=dict)
    measured_on = models.DateField(null=True)

    class Meta:
        ordering = ["-due_on"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "due_on"], name="one_publication_a_due_day"),
        ]


class Published(models.Model):
    """One published figure with what it was made of; null means: to be checked by hand.

    ``inputs`` are the formula's devices and why a person must answer; ``facts`` what the device was called and where it
    stood that day, what is reserved and waits, and what binds.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="rows")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="published")
    kind = models.CharField(max_length=8, choices=Device.Kind.choices, default="")
    open_kw = models.FloatField(null=True)
    formula_kva = models.FloatField(null=True)
    physical_kw = models.FloatField(null=True)
    feed_in_kw = models.FloatField(null=True)
    binding = models.CharField(max_length=24, blank=True)
    element = models.CharField(max_length=120, blank=True)
    inputs = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["publication", "kind", "id"])]
