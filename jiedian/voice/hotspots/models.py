"""热点: a rise somebody has looked into, with the figures as they stood and the cause a person confirmed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class HotSpot(models.Model):
    """A cell of leaf, place, step, customer class and feeder (empty: any) in the week that ended before ``until_on``.

    ``feeder`` is the id of the feeder's device, which outlives versions of the grid; 0 is any.
    """

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("已确认原因")
        DISMISSED = "dismissed", _("不是问题")

    until_on = models.DateField()
    leaf = models.CharField(max_length=16)
    place = models.CharField(max_length=24, blank=True)
    step = models.CharField(max_length=16, blank=True)
    customer_class = models.CharField(max_length=4, blank=True)
    feeder = models.BigIntegerField(default=0)
    new = models.PositiveIntegerField()
    old = models.PositiveIntegerField()
    ratio = models.FloatField(null=True)
    p = models.FloatField()
    q = models.FloatField()
    state = models.CharField(max_length=9, choices=State.choices)
    cause_branch = models.CharField(max_length=12, blank=True)
    cause_value = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=400)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-until_on", "p"]
        constraints = [
            models.UniqueConstraint(
                fields=["until_on", "leaf", "place", "step", "customer_class", "feeder"],
                name="a_hot_spot_is_decided_once",
            ),
            models.CheckConstraint(
                condition=Q(state="dismissed") | ~Q(cause_branch=""), name="a_confirmed_hot_spot_has_a_cause"
            ),
        ]
