"""The demo's own time. Sessions and tokens never see it."""

from django.db import models


class SimulatedTime(models.Model):
    """One row: the business instant the ticker has reached. Unused outside the demo."""

    at = models.DateTimeField()
