"""Measured load, what is reserved, what can be opened now, and what was published."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .network import Device, Grid, Version


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


class Reservation(models.Model):
    """预留: capacity kept for somebody (``subject`` is his text) at a node. First come, first served: the id is the queue."""

    class State(models.TextChoices):
        HELD = "held", _("已预留")
        QUEUED = "queued", _("排队中")
        CONNECTED = "connected", _("已送电")
        RELEASED = "released", _("已释放")

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="reservations")
    node = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="reservations")
    subject = models.CharField(max_length=60)
    kw = models.FloatField()
    pf = models.FloatField()
    is_generation = models.BooleanField(default=False)
    customer_class = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State.choices)
    until_on = models.DateField(null=True)
    asked_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "subject", "node", "is_generation"],
                condition=Q(state__in=["held", "queued"]),
                name="one_living_reservation",
            ),
            models.CheckConstraint(condition=Q(kw__gt=0), name="reservation_positive"),
        ]


class Standing(models.Model):
    """现状: what physics leaves at every node of one busbar section, as computed last. ``table`` is compressed arrays.

    ``load`` and ``generation`` are separate rows. A section that was refused keeps the reasons and no table.
    Not exact: a reservation came since, and low-voltage buses of other areas were only lowered to what their area has left.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="standings")
    section = models.IntegerField()
    direction = models.CharField(max_length=10)
    table = models.BinaryField(null=True)
    refusals = models.JSONField(default=list)
    computed_at = models.DateTimeField()
    took_ms = models.FloatField()
    is_exact = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "section", "direction"], name="one_standing_a_section"
            ),
        ]


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
