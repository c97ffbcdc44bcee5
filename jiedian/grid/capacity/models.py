"""Reservations of capacity, and the open capacity stored per section."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.grid.network.models import Device, Grid, Version


class Reservation(models.Model):
    """预留: capacity kept for somebody (``subject`` is his text) at a node. First come, first served: the id is the queue.

    ``beside_kw`` is what the network had at the place without it: of generation when it was asked for, of load when it was
    energised (``calc.drawn``). ``drawn_in`` is the version that has it, because somebody says so.
    """

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
    beside_kw = models.FloatField(default=0)
    drawn_in = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")

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

    ``load`` and ``generation`` are separate rows. ``refusals`` is what is over its limit already (kind, element, margin).
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
