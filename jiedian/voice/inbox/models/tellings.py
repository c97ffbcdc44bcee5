"""Tellings, by whatever channel, from whom, with what attached; batches of hotline tickets; scans of letters."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from jiedian.ground.vault.models import EncryptedTextField

from .concerns import Concern


class Contact(models.Model):
    """One address by which somebody reaches us: a phone, a mailbox, an openid. Closed with the vault's key."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("电话")
        MAIL = "mail", _("电子邮箱")
        ACCOUNT = "account", _("平台账号")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = EncryptedTextField()
    index = models.CharField(max_length=64)
    name = models.CharField(max_length=80, blank=True)
    customer = models.ForeignKey("case.Customer", null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "index"], name="a_contact_is_kept_once")]


class Batch(models.Model):
    """A file of hotline tickets that was read in; it can be taken back while nobody has worked on its concerns."""

    channel = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    taken = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class Telling(models.Model):
    """One incoming thing. ``external_id`` is the channel's own name for it, so a second delivery is known.

    A telling with several wishes stays whole; each further wish is a telling of its own with ``part_of``, and
    ``excerpt`` says which words of the whole belong to this concern. ``grams`` and ``bands`` are for searching.
    ``version`` is the classifier's version that guessed leaf and step; 0 waits for one.
    """

    channel = models.CharField(max_length=16)
    external_id = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    excerpt = models.TextField(blank=True)
    language = models.CharField(max_length=7, default="zh-hans")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="tellings")
    place = models.CharField(max_length=120, blank=True)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="tellings")
    part_of = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parts")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="tellings")
    route = models.JSONField(default=dict)
    refused = models.JSONField(default=list)
    received_at = models.DateTimeField()
    key = models.UUIDField(default=uuid4, unique=True)
    leaf = models.CharField(max_length=16, blank=True)
    step = models.CharField(max_length=16, blank=True)
    confidence = models.FloatField(null=True)
    is_trusted = models.BooleanField(default=False)
    corrected_by = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=0, db_default=0)
    is_simulated = models.BooleanField(default=False)
    grams = ArrayField(models.IntegerField(), default=list)
    bands = ArrayField(models.IntegerField(), default=list)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="a_telling_is_heard_once")
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="telling_newest"),
            models.Index(fields=["channel", "-received_at"], name="telling_channel"),
            models.Index(fields=["leaf", "-received_at"], name="telling_leaf"),
            models.Index(fields=["version", "-id"], name="telling_version"),
            GinIndex(fields=["grams", "channel", "leaf"], name="telling_found", fastupdate=False),
            GinIndex(fields=["bands"], name="telling_bands", fastupdate=False),
        ]

    @property
    def words(self) -> str:
        """Words of the text that belong to this concern."""
        return self.excerpt or self.text


class Attachment(models.Model):
    """A file that came with a telling, checked and kept by the vault."""

    telling = models.ForeignKey(Telling, on_delete=models.CASCADE, related_name="attachments")
    upload = models.ForeignKey("vault.Upload", on_delete=models.PROTECT)


class Scan(models.Model):
    """A letter or fax on its way through the reader: the file as it came, its pages, the text read, and who confirmed it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待识别")
        READ = "read", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        FAILED = "failed", _("无法识别")
        DISMISSED = "dismissed", _("不予收录")

    channel = models.CharField(max_length=16)
    upload = models.ForeignKey("vault.Upload", on_delete=models.PROTECT, related_name="+")
    pages = models.JSONField(default=list)
    text = EncryptedTextField(blank=True)
    confidence = models.FloatField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    telling = models.OneToOneField(Telling, null=True, on_delete=models.SET_NULL, related_name="scan")
    received_at = models.DateTimeField()
    taken_in_by = models.CharField(max_length=80)
    confirmed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
