"""Feed-in of a customer who installs PV: how, and on whose roof."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiedian.core.closed import SOLAR
from jiedian.core.identity import tidy_address
from jiedian.ground.vault.services import blind_index

from .case import Case


class FeedIn(models.Model):
    """上网: what a case of distributed PV wants beside its installed capacity, which is the case's own ``capacity_kva``.

    That capacity is the power of the inverters (kW, AC), which is all the grid sees; the modules (kWp, DC) may be more.
    """

    class Mode(models.TextChoices):
        SELF = "self", _("全部自用，不上网")
        SURPLUS = "surplus", _("自发自用，余电上网")
        FULL = "full", _("全额上网")

    class Roof(models.TextChoices):
        OWN = "own", _("自己的")
        SHARED = "shared", _("与他人共有（楼顶等）")
        LEASED = "leased", _("租来的")
        LENT = "lent", _("别人的，房主同意用")

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="feed_in")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    roof = models.CharField(max_length=8, choices=Roof.choices)
    module_kwp = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    roof_index = models.CharField(max_length=64, blank=True, db_index=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the roof so that another application for it can be found, without opening an address."""
        self.roof_index = roof_index(self.case.address)
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, "roof_index"}
        super().save(*args, **kwargs)


def roof_index(address: str) -> str:
    """Keyed hash of the place of a roof; nothing for an address without a letter."""
    return blind_index(tidy) if (tidy := tidy_address(address)) else ""


def feed_in_mode(case: Case) -> str:
    """Mode of feed-in of a case of PV: a ``FeedIn.Mode``; empty where nobody said, and for any case but PV.

    Of who only thinks of applying and says nothing of it the surplus is asked for him: the most he may feed in.
    """
    if case.case_class not in SOLAR:
        return ""
    kept: FeedIn | None = getattr(case, "feed_in", None)
    return kept.mode if kept else "" if case.pk else FeedIn.Mode.SURPLUS


def feed_in_kw(case: Case) -> float:
    """Most a case may feed in (kW): its installed capacity, nothing where all is used on the spot; 0 for any case but PV.

    A surplus counts whole: on a holiday nobody uses any of it; so does what nobody spoke of.
    """
    if case.case_class not in SOLAR or feed_in_mode(case) == FeedIn.Mode.SELF:
        return 0.0
    return float(case.capacity_kva)
