"""分类版本: what the classifier learnt, how well it did on the frozen texts, who let it into use; and staff's own labels."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.voice.inbox.models.tellings import Telling


class Version(models.Model):
    """One trained classifier. ``figures`` were measured on texts it had not read; ``packed`` has read those too."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("待决定")
        IN_USE = "in_use", _("在用")
        RETIRED = "retired", _("已替换")
        REFUSED = "refused", _("未采用")

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.CANDIDATE)
    fingerprint = models.CharField(max_length=16, unique=True)
    n_corpus = models.PositiveIntegerField()
    n_labels = models.PositiveIntegerField()
    figures = models.JSONField()
    against = models.JSONField(default=dict)
    packed = models.BinaryField()
    trained_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="in_use"), name="one_version_in_use"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="candidate"), name="one_version_waits"
            ),
        ]


class Label(models.Model):
    """Label, a word of the staff on what a telling is; the next version learns from it. Phone numbers are left out."""

    telling = models.ForeignKey(Telling, on_delete=models.CASCADE, related_name="labels")
    text = models.TextField()
    leaf = models.CharField(max_length=16)
    step = models.CharField(max_length=16)
    guessed_leaf = models.CharField(max_length=16, blank=True)
    guessed_step = models.CharField(max_length=16, blank=True)
    version = models.PositiveIntegerField()
    labelled_by_id = models.BigIntegerField(null=True)
    labelled_by = models.CharField(max_length=80)
    labelled_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
