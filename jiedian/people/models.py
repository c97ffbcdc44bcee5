"""Departments, people, duties, absences with deputies, and what a manager called on."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Department(models.Model):
    """A department of the company, or a sub-centre of one area."""

    code = models.CharField(max_length=32, unique=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    area = models.CharField(max_length=24, blank=True)

    def __str__(self) -> str:
        return self.name_zh


class User(AbstractUser):
    """A member of staff. Customers have no account: they come with a number and a one-time code."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="people")
    roles = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    phone = models.CharField(max_length=24, blank=True)
    """The number at the office: customers are told it."""

    REQUIRED_FIELDS = ["name_zh", "name_en"]

    def __str__(self) -> str:
        return self.name_zh

    def get_full_name(self) -> str:
        return self.name_zh


class Duty(models.Model):
    """Duty, which says who answers for what. An empty field means any; the most specific duty wins."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duties")
    role = models.CharField(max_length=32)
    department = models.CharField(max_length=32)
    area = models.CharField(max_length=24, blank=True)
    voltage = models.CharField(max_length=4, blank=True)
    customer_class = models.CharField(max_length=4, blank=True)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "duties"
        indexes = [models.Index(fields=["role", "department"])]


class Absence(models.Model):
    """Days on which somebody is away, and who stands in. Both days are included.

    On the day of return what the deputy still holds goes back; what was opened meanwhile only if ``new_stay`` is not chosen.
    One that was called off before it began is kept, and counts for nothing.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in"
    )
    from_on = models.DateField()
    until_on = models.DateField()
    new_stay = models.BooleanField(default=False)
    is_called_off = models.BooleanField(default=False)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("user")), name="nobody_deputises_himself"
            ),
        ]


class Call(models.Model):
    """可调配资源: what an account manager asked a department for, and whether he got it."""

    manager = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calls")
    resource = models.CharField(max_length=32)
    department = models.CharField(max_length=32)
    subject = models.CharField(max_length=32)
    asked_at = models.DateTimeField()
    receiver_id = models.BigIntegerField(null=True)
    receiver_name = models.CharField(max_length=80, blank=True)
    seen_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    @property
    def ref(self) -> str:
        return f"call:{self.pk}"
