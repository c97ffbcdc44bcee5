"""Outbox: messages to the outside, written in the transaction that sends them; wordings of their texts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiedian.ground.vault.models import EncryptedTextField


class Outbox(models.Model):
    """One message to one person by one gateway. Address and text are closed with the vault's key."""

    class State(models.TextChoices):
        QUEUED = "queued", _("待发")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发")
        DOUBT = "doubt", _("不确定是否已发")
        BOUNCED = "bounced", _("被退回")
        DEAD = "dead", _("死信")
        CALLED_OFF = "off", _("已收回，未发")

    channel = models.CharField(max_length=8)
    to = EncryptedTextField()
    text = EncryptedTextField()
    template = models.CharField(max_length=32, blank=True)
    meta = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state"])]


class Wording(models.Model):
    """A text for customers as an administrator worded it: the newest of a template goes out instead of the table's."""

    template = models.CharField(max_length=32)
    zh = models.TextField()
    en = models.TextField()
    reason = models.CharField(max_length=200)
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["template"])]
