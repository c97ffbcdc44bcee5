"""The demo's own time, which sessions and tokens never see; the filters people keep, and up to when they saw their news."""

from django.db import models


class SimulatedTime(models.Model):
    """One row: the business instant the ticker has reached. Unused outside the demo."""

    at = models.DateTimeField()


class LastLook(models.Model):
    """The business instant up to which somebody has seen his news."""

    user_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()


class SavedFilter(models.Model):
    """A search of a list that somebody gave a name; seen by nobody else."""

    user_id = models.BigIntegerField(db_index=True)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user_id", "page", "name"], name="one_saved_filter_a_name")
        ]
