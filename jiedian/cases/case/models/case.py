"""A case, its customer, and what the customer said he needs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.core.closed import SOLAR
from jiedian.ground.vault.models import EncryptedTextField


class Customer(models.Model):
    """Customer who wants power: a person or an organisation. Phone and identity number are closed with the vault's key."""

    class Kind(models.TextChoices):
        PERSON = "person", _("自然人")
        ORGANISATION = "organisation", _("单位")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80)
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, db_index=True)
    identity_number = EncryptedTextField(blank=True)
    identity_index = models.CharField(max_length=64, db_index=True, blank=True)
    email = EncryptedTextField(blank=True)
    email_index = models.CharField(max_length=64, db_index=True, blank=True)
    language = models.CharField(max_length=7, default="zh-hans")

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """业扩工单: one application, from request to energised and archived."""

    class State(models.TextChoices):
        RUNNING = "running", _("在途")
        FINISHED = "finished", _("已完成")
        WITHDRAWN = "withdrawn", _("客户撤回")
        TERMINATED = "terminated", _("已终止")

    class Class(models.TextChoices):
        RES = "RES", _("低压居民")
        LVN = "LVN", _("低压非居民")
        LV0 = "LV0", _("低压非居民（三零）")
        HV1 = "HV1", _("高压单电源")
        HV2 = "HV2", _("高压双电源")
        PV = "PV", _("低压分布式光伏")
        PVH = "PVH", _("高压分布式光伏")

    class Importance(models.TextChoices):
        ORDINARY = "ordinary", _("普通")
        SPECIAL = "special", _("特级重要")
        FIRST = "first", _("一级重要")
        SECOND = "second", _("二级重要")
        TEMPORARY = "temporary", _("临时重要")

    number = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases")
    process_key = models.CharField(max_length=24)
    declared_class = models.CharField(max_length=4, choices=Class.choices, blank=True)
    case_class = models.CharField(max_length=4, choices=Class.choices, blank=True)
    title = models.CharField(max_length=120)
    address = EncryptedTextField()
    area = models.CharField(max_length=24)
    voltage_kv = models.DecimalField(max_digits=6, decimal_places=2)
    capacity_kva = models.DecimalField(max_digits=10, decimal_places=1)
    importance = models.CharField(max_length=10, choices=Importance.choices, default=Importance.ORDINARY)
    is_special_load = models.BooleanField(default=False)
    is_residential_community = models.BooleanField(default=False)
    needed_on = models.DateField(null=True, blank=True)
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    account_manager_id = models.BigIntegerField(null=True)
    account_manager_name = models.CharField(max_length=80)
    applied_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    energised_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing_reason = models.CharField(max_length=200, blank=True)
    once = models.UUIDField(null=True, unique=True)
    predecessor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    is_simulated = models.BooleanField(default=False)
    batch = models.ForeignKey(
        "files.FileImport", null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    outside_department = models.CharField(max_length=40, blank=True)
    outside_holder = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "case_class"]), models.Index(fields=["account_manager_id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity_kva__gt=0) | Q(capacity_kva=0, batch__isnull=False),
                name="case_capacity_positive",
            ),
            models.CheckConstraint(
                condition=Q(energised_at__isnull=True) | Q(energised_at__gte=models.F("applied_at")),
                name="case_energised_after_applied",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def stream(self) -> str:
        return f"case:{self.number}"

    @property
    def is_solar(self) -> bool:
        """It asks for the connection of PV: feed-in and 并网, not supply and 通电; its words are of that kind."""
        return self.case_class in SOLAR

    @property
    def unit(self) -> str:
        """Unit of ``capacity_kva``: kW of what PV has installed, else kVA."""
        return "kW" if self.is_solar else "kVA"

    @property
    def is_imported(self) -> bool:
        """It came with its history from another system and has no process here."""
        return self.batch_id is not None

    @property
    def is_open(self) -> bool:
        return self.state == self.State.RUNNING


class Point(models.Model):
    """客户要点: one thing the customer said he needs, with its weight (1–5): in his words, or a field of the form.

    ``text`` of a form's field is its bare value: an ISO date, kVA, a code of importance.
    """

    class Kind(models.TextChoices):
        SAID = "said", _("原话")
        NEEDED_ON = "needed_on", _("需要通电")
        CAPACITY = "capacity", _("需要容量")
        IMPORTANCE = "importance", _("重要性")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SAID)
    text = models.CharField(max_length=200)
    weight = models.PositiveSmallIntegerField()
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["-weight", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=5), name="point_weight_1_to_5")
        ]

    @property
    def words(self) -> str:
        """The point as a sentence for the reader."""
        if self.kind == self.Kind.SAID:
            return self.text
        label = (
            _("需要并网")
            if self.kind == self.Kind.NEEDED_ON and self.case.is_solar
            else self.get_kind_display()
        )
        unit = f" {self.case.unit}" if self.kind == self.Kind.CAPACITY else ""
        return f"{label} {self.in_words(self.text)}{unit}"

    def in_words(self, value: str) -> str:
        """A value of the point, the wished one or an answer, as a reader is told it: the grade of importance by its name."""
        return (
            str(dict(Case.Importance.choices).get(value, value))
            if self.kind == self.Kind.IMPORTANCE
            else value
        )


class Handoff(models.Model):
    """A piece of work passing from one person to the next, into which layer, and which points went with it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="handoffs")
    step_id = models.BigIntegerField(unique=True)
    step_code = models.CharField(max_length=24)
    sender_name = models.CharField(max_length=80)
    receiver_id = models.BigIntegerField()
    receiver_name = models.CharField(max_length=80)
    department = models.CharField(max_length=32, blank=True)
    layer = models.CharField(max_length=8, blank=True)
    shown = models.JSONField(default=list)
    acknowledged = models.JSONField(default=list)
    answered = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
