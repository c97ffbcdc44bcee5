"""Numbers given to new cases, and call-backs to customers."""

from django.db import models
from django.db.models import Q

from jiedian.cases.case.models.case import Case


class NumberSeries(models.Model):
    """The last case number given in a year; one row is locked while a number is taken."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Callback(models.Model):
    """客户回访: what the customer said after the power was on."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="callback")
    score = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=400, blank=True)
    was_asked_twice = models.BooleanField(default=False)
    was_sent_on = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="callback_score_1_to_5")
        ]
