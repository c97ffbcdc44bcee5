"""Errands and urgings between departments about a case, and messages of the company to the customer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case


class Errand(models.Model):
    """工作通知, 协同会签 or 工作任务: something one person asks another department's person to do."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("工作通知")
        COUNTERSIGN = "countersign", _("协同会签")
        TASK = "task", _("工作任务")

    class State(models.TextChoices):
        SENT = "sent", _("待签收")
        ACKNOWLEDGED = "acknowledged", _("已签收")
        ANSWERED = "answered", _("已答复")

    class Answer(models.TextChoices):
        NONE = "", "—"
        AGREED = "agreed", _("同意")
        REFUSED = "refused", _("不同意")
        DONE = "done", _("已办")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="errands")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.CharField(max_length=400)
    step_code = models.CharField(max_length=24, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.SENT)
    answer = models.CharField(max_length=8, choices=Answer.choices, default="", blank=True)
    answer_text = models.CharField(max_length=400, blank=True)
    sender_id = models.BigIntegerField(null=True)
    sender_name = models.CharField(max_length=80)
    receiver_id = models.BigIntegerField()
    receiver_name = models.CharField(max_length=80)
    receiver_department = models.CharField(max_length=32)
    sent_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    asked_of_id = models.BigIntegerField(null=True)
    """Who was asked, while a deputy answers for him."""
    seen_at = models.DateTimeField(null=True)
    """When the sender took note of the answer."""

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["receiver_id", "state"]),
            models.Index(fields=["sender_id"], condition=Q(seen_at=None), name="errand_answer_unseen"),
            models.Index(fields=["receiver_department"]),
        ]

    @property
    def ref(self) -> str:
        return f"errand:{self.pk}"


class Urging(models.Model):
    """催办 (expedite) or 督办 (supervised order): pressing for something that is due or late."""

    class Kind(models.TextChoices):
        EXPEDITE = "expedite", _("催办")
        SUPERVISED = "supervised", _("督办")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="urgings")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    target = models.CharField(max_length=40)
    text = models.CharField(max_length=400)
    due_on = models.DateField(null=True, blank=True)
    sender_id = models.BigIntegerField(null=True)
    sender_name = models.CharField(max_length=80)
    receiver_id = models.BigIntegerField()
    receiver_name = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    answer_text = models.CharField(max_length=400, blank=True)
    answered_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=80, blank=True)
    asked_of_id = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="expedite") | Q(due_on__isnull=False), name="supervised_order_has_a_date"
            )
        ]


class Question(models.Model):
    """A question between the two levels of responsibility; the answer stays with the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=400)
    asker_id = models.BigIntegerField()
    asker_name = models.CharField(max_length=80)
    answerer_id = models.BigIntegerField()
    answerer_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    answer_text = models.CharField(max_length=600, blank=True)
    answered_at = models.DateTimeField(null=True)
    asked_of_id = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    @property
    def ref(self) -> str:
        return f"question:{self.pk}"


class Message(models.Model):
    """A line between the customer and the one contact he has."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    is_from_customer = models.BooleanField()
    text = models.CharField(max_length=600)
    author_name = models.CharField(max_length=80)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
