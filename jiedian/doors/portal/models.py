"""One-time codes by which a customer opens his own case. They live by real time, never by the demo's."""

from django.db import models


class OneTimeCode(models.Model):
    """A code sent to the phone on record; only its keyed hash is kept."""

    number = models.CharField(max_length=16, db_index=True)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    is_used = models.BooleanField(default=False)
