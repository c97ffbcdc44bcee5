"""业务事实: what happened, in the past tense, never edited. The database numbers, dates and chains the rows."""

from django.db import models


class Fact(models.Model):
    """One thing that happened. Written only by ``journal.services.record``; the hash is set by the database."""

    uid = models.UUIDField(unique=True)
    stream = models.CharField(max_length=80)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=60, db_index=True)
    occurred_at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    actor_role = models.CharField(max_length=32)
    cause_id = models.UUIDField(null=True)
    data = models.JSONField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="fact_seq_once_a_stream")]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.kind}"


class Stream(models.Model):
    """Length of a stream and the end of its chain; kept by the trigger alone."""

    name = models.CharField(max_length=80, primary_key=True)
    length = models.PositiveIntegerField()
    head = models.CharField(max_length=64)


class Reaction(models.Model):
    """Reaction to a fact that has not run yet: written with the fact, gone with what the reaction does."""

    fact_uid = models.UUIDField()
    function = models.CharField(max_length=120)
    renewals = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact_uid", "function"], name="a_reaction_waits_once")]

    def __str__(self) -> str:
        return f"{self.function} of {self.fact_uid}"


class DailyRoot(models.Model):
    """All facts recorded on a day under one hash, chained to the day before."""

    day = models.DateField(primary_key=True)
    facts = models.PositiveIntegerField()
    last_fact_id = models.BigIntegerField()
    prev_root = models.CharField(max_length=64)
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(auto_now_add=True)
