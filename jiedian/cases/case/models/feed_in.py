"""Feed-in of a customer who installs PV: how, and on whose roof."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jiedian.core.closed import SOLAR

from .case import Case


class FeedIn(models.Model):
    """上网: what a case of distributed PV wants beside its installed capacity, which is the case's own ``capacity_kva``."""

    class Mode(models.TextChoices):
        SELF = "self", _("全部自用，不上网")
        SURPLUS = "surplus", _("自发自用，余电上网")
        FULL = "full", _("全额上网")

    class Roof(models.TextChoices):
        OWN = "own", _("自己的")
        SHARED = "shared", _("与他人共有（楼顶等）")
        LEASED = "leased", _("租来的")

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="feed_in")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    roof = models.CharField(max_length=8, choices=Roof.choices)


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
