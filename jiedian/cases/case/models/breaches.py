"""Breaches: what was promised to the customer and not kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .case import Case


class Breach(models.Model):
    """A promise to the customer that was not kept: asked twice, or sent on to another office.

    What the detector took wrongly is cleared with a reason: it stays with the case and counts no more.
    """

    class Kind(models.TextChoices):
        SECOND_NOTICE = "second_notice", _("二次告知")
        SENT_ON = "sent_on", _("内转外转")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="breaches")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    text = models.CharField(max_length=300)
    rule_id = models.CharField(max_length=40, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=80, blank=True, default="")
    cleared_reason = models.CharField(max_length=200, blank=True, default="")
