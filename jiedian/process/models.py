"""Definitions of processes, runs of cases on them, and the steps that were opened."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Definition(models.Model):
    """One version of a process: the file as published and the spec compiled from it. Never changed."""

    key = models.CharField(max_length=24)
    version = models.PositiveIntegerField()
    xml = models.TextField()
    sha256 = models.CharField(max_length=64)
    spec = models.TextField()
    flows = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="one_definition_a_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Run(models.Model):
    """One case on one version of a process. ``tokens`` belong to the engine alone."""

    class State(models.TextChoices):
        RUNNING = "running", _("在途")
        FINISHED = "finished", _("已完成")
        WITHDRAWN = "withdrawn", _("已撤回")
        TERMINATED = "terminated", _("已终止")

    subject = models.CharField(max_length=32, unique=True)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    tokens = models.TextField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Step(models.Model):
    """环节: one piece of work of a run. A loop opens the same code again with the next round.

    ``appointed_on`` is the day the customer chose for it, where we come to him.
    """

    class State(models.TextChoices):
        OPEN = "open", _("办理中")
        DONE = "done", _("已办")
        CANCELLED = "cancelled", _("已取消")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    code = models.CharField(max_length=24)
    task_uid = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    owner_id = models.BigIntegerField(null=True)
    owner_name = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    appointed_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["owner_id", "state"]),
            models.Index(fields=["code"], condition=Q(state="open"), name="open_step_code"),
        ]
        constraints = [models.UniqueConstraint(fields=["run", "task_uid"], name="one_step_a_task")]
