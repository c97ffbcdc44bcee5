"""Files that people hand in to be taken over as rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileImport(models.Model):
    """导入: one file, what was read in it and what is wrong, and whether it was taken in or back.

    ``kind`` names the importer; ``options`` is what was chosen for it (a mapping, a channel, the columns);
    ``columns`` is the heading that was read with the first rows, and which column was taken for what.
    """

    class State(models.TextChoices):
        READING = "reading", _("读取中")
        CHECKED = "checked", _("已检查")
        ASKED = "asked", _("导入中")
        IMPORTED = "imported", _("已导入")
        REFUSED = "refused", _("已退回")
        UNDONE = "undone", _("已撤销")

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    upload = models.ForeignKey("vault.Upload", null=True, on_delete=models.PROTECT)
    options = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    rows = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    facts = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    report = models.JSONField(default=list)
    is_partial = models.BooleanField(default=False)
    is_simulated = models.BooleanField(default=False)
    checked_at = models.DateTimeField()
    asked_by_id = models.BigIntegerField(null=True)
    asked_by_name = models.CharField(max_length=80)
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "-id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def stream(self) -> str:
        return f"{self.kind}:{self.pk}"

    @property
    def mapping(self) -> str:
        """The mapping the file was read by, where the importer has one."""
        return str(self.options.get("mapping", ""))


class Progress(models.Model):
    """Progress of the taking over of a file; written from outside its transaction."""

    batch = models.OneToOneField(
        FileImport, primary_key=True, on_delete=models.CASCADE, related_name="progress"
    )
    done = models.PositiveIntegerField(default=0)


class Replaced(models.Model):
    """Rows that stood where a file wrote, and what it wrote, as its importer understands them; the undo puts them back."""

    batch = models.OneToOneField(
        FileImport, primary_key=True, on_delete=models.CASCADE, related_name="replaced"
    )
    rows = models.JSONField(default=list)
