"""One-time codes by which a customer opens and signs, which live by real time, and what he began to fill in."""

from django.db import models

from jiedian.ground.vault.models import EncryptedTextField


class OneTimeCode(models.Model):
    """A code sent to the phone on record; only its keyed hash is kept. One to sign with opens nothing, and the other way round."""

    number = models.CharField(max_length=16, db_index=True)
    purpose = models.CharField(max_length=8, default="open")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    is_used = models.BooleanField(default=False)


class StepDraft(models.Model):
    """Half-finished answers of a customer to one of his steps, until he sends them."""

    step_id = models.BigIntegerField(unique=True)
    values = EncryptedTextField()
    saved_at = models.DateTimeField()
