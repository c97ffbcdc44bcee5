"""Counts of what somebody asked for lately, shared by every process, and what the sign-in keeps of its own counting."""

from django.db import models


class Tally(models.Model):
    """Count of what one asker asked for since his window began. The key is a keyed hash: it tells nobody's address."""

    key = models.CharField(max_length=64, primary_key=True)
    asked = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)


class CacheRow(models.Model):
    """A row of Django's cache, in which the library of the sign-in counts wrong passwords and codes."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "throttle_cache"
