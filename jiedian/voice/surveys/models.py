"""问卷: who was asked, what was answered, and what came in as a file. Answers do not know who gave them."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Invitation(models.Model):
    """One person asked once, and at most once reminded. The link's token is not kept: it is made from ``nonce`` with the
    vault's key, and known again by its hash. The draft is erased when it is sent in."""

    class State(models.TextChoices):
        OPEN = "open", _("待答")
        ANSWERED = "answered", _("已答")
        DECLINED = "declined", _("谢绝")

    digest = models.CharField(max_length=64, unique=True)
    instrument = models.CharField(max_length=24)
    case = models.ForeignKey(
        "case.Case", null=True, on_delete=models.CASCADE, related_name="survey_invitations"
    )
    step_code = models.CharField(max_length=24, blank=True)
    case_class = models.CharField(max_length=4, blank=True)
    area = models.CharField(max_length=24, blank=True)
    department = models.CharField(max_length=32, blank=True)
    case_channel = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=16)
    cause_id = models.UUIDField(unique=True, null=True)
    nonce = models.UUIDField(null=True)
    reminded_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    draft = models.JSONField(default=dict)
    is_reusable = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "step_code"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(draft={}), name="a_closed_invitation_keeps_no_answers"
            )
        ]


class QuotaUse(models.Model):
    """Use of a quota row in a week (its Monday): how many were invited."""

    quota = models.CharField(max_length=40)
    week = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quota", "week"], name="one_quota_count_a_week")]


class SurveyFile(models.Model):
    """One file of answers taken in; undoing it removes its answers and keeps this line."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    instrument = models.CharField(max_length=24)
    answers = models.PositiveIntegerField()
    findings = models.JSONField(default=list)
    is_simulated = models.BooleanField(default=False)
    taken_in_at = models.DateTimeField()
    taken_in_by = models.CharField(max_length=80)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "instrument"],
                condition=Q(undone_at__isnull=True),
                name="a_file_is_taken_in_once",
            )
        ]


class Response(models.Model):
    """One person's answers with the groups they are counted in; the case only where he agreed, the day, no instant.

    ``answers`` maps the column names of the file format to numbers: ``E_ac1``, ``P_ac1``, ``B_ac1`` (a manager's
    belief), ``D_scheme`` (days), ``KF_ka1``/``KD_ka1`` (Kano), ``W_ac1``, ``satisfaction``.
    """

    class By(models.TextChoices):
        CUSTOMER = "customer", _("客户")
        MANAGER = "manager", _("管理者")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    instrument = models.CharField(max_length=24)
    by = models.CharField(max_length=10, choices=By.choices, default=By.CUSTOMER)
    step_code = models.CharField(max_length=24, blank=True)
    case_class = models.CharField(max_length=4, blank=True)
    area = models.CharField(max_length=24, blank=True)
    department = models.CharField(max_length=32, blank=True)
    case_channel = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=16)
    answered_on = models.DateField()
    answers = models.JSONField()
    words = models.CharField(max_length=400, blank=True)
    case_number = models.CharField(max_length=16, blank=True)
    file = models.ForeignKey(SurveyFile, null=True, on_delete=models.CASCADE, related_name="responses")
    is_simulated = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["by", "step_code", "answered_on"])]
