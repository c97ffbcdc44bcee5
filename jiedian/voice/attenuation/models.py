"""信息衰减: points sent after, the blind second coding, and hand-off files of the time before."""

from django.db import models
from django.db.models import Q

from jiedian.cases.case.models.case import Handoff, Point
from jiedian.cases.coordination.models import Errand


class SentAfter(models.Model):
    """A point that a layer had lost, sent after with a work notice; the errand's acknowledgement is its receipt."""

    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="sent_after")
    layer = models.CharField(max_length=8)
    errand = models.OneToOneField(Errand, on_delete=models.CASCADE, related_name="point_sent")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["point", "layer"], name="a_point_is_sent_after_once_a_layer")
        ]


class Recoding(models.Model):
    """One (hand-off, point) of the blind sample: the first coding as it stood when drawn, the second still open or given."""

    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, related_name="recodings")
    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="recodings")
    seed = models.CharField(max_length=64)
    is_retained_first = models.BooleanField()
    is_retained_second = models.BooleanField(null=True)
    coder_id = models.BigIntegerField()
    coder_name = models.CharField(max_length=80)
    drawn_at = models.DateTimeField()
    coded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["coder_id", "coded_at"])]
        constraints = [
            models.UniqueConstraint(fields=["handoff", "point", "coder_id"], name="coded_once_by_a_person"),
            models.CheckConstraint(
                condition=Q(is_retained_second__isnull=True, coded_at__isnull=True)
                | Q(is_retained_second__isnull=False, coded_at__isnull=False),
                name="a_second_coding_has_its_instant",
            ),
        ]


class HandoffFile(models.Model):
    """A hand-off file of the time before jiedian, kept to compare; undone, its rows are gone and the line stays."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    touches = models.JSONField(default=list)
    rows = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(undone_at__isnull=True), name="a_handoff_file_is_imported_once"
            )
        ]
