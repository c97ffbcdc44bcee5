"""Papers of a case, and the one-time notice that names those still missing."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case


class Paper(models.Model):
    """One paper of the checklist: held, owed (一证办理), asked for, or refused with a reason.

    What is held has a file, or was seen in the original at the counter by somebody at an instant.
    """

    class State(models.TextChoices):
        OWED = "owed", _("待补")
        HELD = "held", _("已收")
        REFUSED = "refused", _("退回")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="papers")
    code = models.CharField(max_length=40)
    rule_id = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices)
    due_step = models.CharField(max_length=24, blank=True)
    basis = models.CharField(max_length=200)
    owner_id = models.BigIntegerField(null=True)
    owner_name = models.CharField(max_length=80)
    upload = models.ForeignKey("vault.Upload", null=True, on_delete=models.PROTECT)
    reason = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField(null=True)
    in_notice = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="one_paper_of_a_code_per_case")]


class Notice(models.Model):
    """一次告知书 or a receipt, frozen: the PDF the customer was shown, and its hash."""

    class Kind(models.TextChoices):
        ONE_TIME = "one_time", _("一次告知书")
        RECEIPT = "receipt", _("受理回执")
        SUPPLEMENT = "supplement", _("补充告知书")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    language = models.CharField(max_length=7)
    items = models.JSONField()
    upload = models.ForeignKey("vault.Upload", on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "language"],
                condition=models.Q(kind__in=["one_time", "receipt"]),
                name="a_notice_is_given_once",
            )
        ]
