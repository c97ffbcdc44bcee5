"""时限: promises ticking on cases. Due days are working-day numbers, so a changed calendar costs nothing here."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """One day of the calendar, and how many working days there are up to and including it.

    ``status`` says whether the holidays of its year were announced, or are forecast from the decree.
    """

    ANNOUNCED, FORECAST = "issuer", "forecast"

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    number = models.PositiveIntegerField(db_index=True)
    status = models.CharField(max_length=8)
    name_zh = models.CharField(max_length=40, blank=True)


class Clock(models.Model):
    """One limit ticking on one subject.

    ``started_at`` is when it began; ``start_number`` is the working day its used days are counted from, which every
    pause moves on together with the due day. ``stood_minutes`` is what pauses of a short limit left over, less than a day.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("计时中")
        PAUSED = "paused", _("暂停")
        KEPT = "kept", _("按时")
        BROKEN = "broken", _("超时")
        CANCELLED = "cancelled", _("取消")

    subject = models.CharField(max_length=32)
    stream = models.CharField(max_length=80)
    ref = models.CharField(max_length=40, blank=True)
    limit_id = models.CharField(max_length=24)
    kind = models.CharField(max_length=8)
    step = models.CharField(max_length=24)
    stops_when = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    start_number = models.PositiveIntegerField()
    due_number = models.PositiveIntegerField(null=True)
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    paused_number = models.PositiveIntegerField(null=True)
    paused_on = models.DateField(null=True)
    paused_at = models.DateTimeField(null=True)
    stood_minutes = models.PositiveIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    warned_percent = models.PositiveSmallIntegerField(default=0)
    is_overdue = models.BooleanField(default=False)

    EXTERNAL = "EXT"
    """The kind of a promise that came with an imported case: a date that was promised, counted in plain days."""

    class Meta:
        indexes = [
            models.Index(fields=["subject", "state"]),
            models.Index(fields=["due_number"], condition=Q(state="running"), name="running_due_number"),
            models.Index(fields=["due_on"], condition=Q(state="running"), name="running_due_on"),
            models.Index(fields=["stopped_at"], condition=Q(stopped_at__isnull=False), name="ended_at"),
            models.Index(
                fields=["subject"],
                condition=Q(state__in=("running", "paused"), ref=""),
                name="live_of_a_case",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_number__isnull=True) ^ Q(due_on__isnull=True), name="clock_has_one_due"
            ),
            models.CheckConstraint(
                condition=~Q(kind="EXT") | Q(due_on__isnull=False, due_at__isnull=False),
                name="an_external_promise_has_its_date",
            ),
            models.UniqueConstraint(
                fields=["subject", "ref", "limit_id"],
                condition=Q(state__in=["running", "paused"]),
                name="one_live_clock_a_limit",
            ),
        ]


class Pause(models.Model):
    """The ball lies with the customer: why, on what evidence, said by whom, from when to when."""

    subject = models.CharField(max_length=32, db_index=True)
    reason = models.CharField(max_length=24)
    evidence = models.CharField(max_length=200)
    is_automatic = models.BooleanField()
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=80)
    started_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(evidence=""), name="a_pause_has_evidence"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="pause_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["subject", "is_automatic"],
                condition=Q(ended_at__isnull=True),
                name="one_open_pause_of_a_sort",
            ),
        ]
