"""Cases brought from another system, a table at a time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Batch(models.Model):
    """导入批次: one table of past and running cases, what was found in it, and whether it was taken in or back."""

    class State(models.TextChoices):
        CHECKED = "checked", _("已检查")
        ASKED = "asked", _("导入中")
        IMPORTED = "imported", _("已导入")
        REFUSED = "refused", _("已退回")
        UNDONE = "undone", _("已撤销")

    name = models.CharField(max_length=80)
    upload = models.ForeignKey("vault.Upload", null=True, on_delete=models.PROTECT)
    mapping = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    rows = models.PositiveIntegerField()
    good = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    facts = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    is_partial = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    checked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField(null=True)
    asked_by_name = models.CharField(max_length=80)
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    @property
    def stream(self) -> str:
        return f"history:{self.pk}"


class Progress(models.Model):
    """How many cases of a batch are stored so far; written from outside the import's transaction."""

    batch = models.OneToOneField(Batch, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    done = models.PositiveIntegerField(default=0)
