"""明察暗访: the plan with its sealed seed, the visits it drew, what was seen, and the review."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jiedian.ground.vault.models import Upload


class VisitPlan(models.Model):
    """A sampling design over a period. ``commitment`` is the hash of seed and design, told at once; the seed after the end."""

    name = models.CharField(max_length=80)
    checklist = models.CharField(max_length=16)
    from_on = models.DateField()
    until_on = models.DateField()
    design = models.JSONField()
    seed = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="visit_plan_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """One visit: to which office, by whom, open or undercover; what was seen is written once."""

    class Kind(models.TextChoices):
        OPEN = "open", _("明察")
        UNDERCOVER = "undercover", _("暗访")

    class State(models.TextChoices):
        PLANNED = "planned", _("待走访")
        SUBMITTED = "submitted", _("待复核")
        ACCEPTED = "accepted", _("已采纳")
        REJECTED = "rejected", _("不采纳")

    plan = models.ForeignKey(VisitPlan, on_delete=models.PROTECT, related_name="visits")
    uid = models.UUIDField(unique=True, default=uuid4)
    label = models.CharField(max_length=60)
    office = models.CharField(max_length=32)
    department = models.CharField(max_length=32)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    visitor_id = models.BigIntegerField()
    planned_on = models.DateField()
    part = models.CharField(max_length=2, choices=[("am", _("上午")), ("pm", _("下午"))])
    pair = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    ratings = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    place = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)
    submission = models.UUIDField(null=True, unique=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True)
    reviewed_by_id = models.BigIntegerField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["planned_on", "id"]
        indexes = [models.Index(fields=["visitor_id", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["plan", "label"], name="one_visit_a_label"),
            models.CheckConstraint(
                condition=Q(reviewed_by_id__isnull=True) | ~Q(reviewed_by_id=F("visitor_id")),
                name="nobody_reviews_his_own_visit",
            ),
        ]


class VisitPhoto(models.Model):
    """Photo evidence: the bytes as taken, their hash, when and where."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="photos")
    item = models.CharField(max_length=16)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    place = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "sha256"], name="one_photo_of_a_hash_a_visit")
        ]
