"""用电地点: where the customer of a case is on the grid."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case


class Site(models.Model):
    """用电地点: where power is wanted, by what it was found, and what a scheme must know of the load (kW, kVA)."""

    class Use(models.TextChoices):
        INDUSTRY = "industry", _("工业")
        BUSINESS = "business", _("商业及其他")
        AGRICULTURE = "agriculture", _("农业")
        RESIDENTIAL = "residential", _("居民")

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="site")
    grid_code = models.CharField(max_length=60)
    how = models.CharField(max_length=8)
    reference = models.CharField(max_length=60, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    use = models.CharField(max_length=12, choices=Use.choices, default=Use.BUSINESS)
    is_use_told = models.BooleanField(default=False)
    """False while the use is only guessed from a name."""
    is_within_red_line = models.BooleanField(default=False)
    security_kw = models.FloatField(default=0)
    generator_kw = models.FloatField(default=0)
    rectifier_kva = models.FloatField(default=0)
    step_kva = models.FloatField(default=0)
    steps_per_hour = models.FloatField(default=0)
    single_phase_kva = models.FloatField(default=0)
    feed_in_kw = models.FloatField(default=0)
    search_m = models.FloatField(default=0)
    """Radius in which the planner looks for supply points at least (m); 0: as far as the rule says."""
    added = models.JSONField(default=list)
    """Supply points the planner added, by the bus they hang at."""
    located_by = models.CharField(max_length=80)
    located_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="site_on_earth"
            )
        ]
