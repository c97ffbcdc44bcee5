"""The versions of every grid as a list shows them, and the effect of a next one before it stands."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from jiedian.core.findings import Finding, Refused
from jiedian.grid.circuit.calc.changes import supplied_kw
from jiedian.grid.circuit.calc.packing import unpack

from ..models import Device, Grid, Import, Version
from .basemap import grid_title
from .network import network_of, version_now

SHOWN = 60
SHARE = 0.5
"""A grid that loses more than this share of its buses or its supplied load is hardly the same grid."""


@dataclass(frozen=True)
class VersionRow:
    """A version: of which grid, since when and why, what changed, and whether it is in force, waits or was undone."""

    grid: str
    number: int
    effective_at: datetime
    reason: str
    made_by: str
    changes: dict[str, Any]
    state: str
    word: str


def versions() -> list[VersionRow]:
    """The latest versions first."""
    found = Version.objects.defer("snapshot").select_related("grid").order_by("-made_at")[:SHOWN]
    return [_row(version) for version in found]


def _row(v: Version) -> VersionRow:
    if v.undone_at:
        state, word = "plain", _("已撤销")
    elif v.entered_at:
        state, word = "done", _("已生效")
    else:
        state, word = "wait", _("待生效")
    return VersionRow(
        grid_title(v.grid.name), v.number, v.effective_at, v.reason, v.made_by, v.changes, state, word
    )


@dataclass(frozen=True)
class Effect:
    """Effect of an import on the grid of its code: buses and supplied load before and after, and what loses its bus."""

    version: int
    buses_before: int
    buses_after: int
    buses_lost: int
    before_kw: float
    after_kw: float
    devices: tuple[tuple[str, int], ...]
    """Kind of device (as a word) → how many of them stand at a bus that goes."""
    reserved: tuple[str, ...]
    """For whom capacity is reserved or waits at such a bus, or who feeds in there."""
    measured: int
    """How many of those devices have measured load."""

    @property
    def is_grave(self) -> bool:
        """True if somebody must say that he has seen it."""
        is_less = self.after_kw < (1 - SHARE) * self.before_kw
        return bool(self.reserved) or is_less or self.buses_lost > SHARE * self.buses_before

    def finding(self) -> Finding:
        """The effect in one sentence."""
        return Finding(
            "grid.take_unseen", buses=self.buses_before, lost=self.buses_lost, after=self.buses_after,
            before_kw=round(self.before_kw), after_kw=round(self.after_kw), reserved=len(self.reserved),
        )  # fmt: skip


def effect_of(done: Import) -> Effect | None:
    """Effect of an import that was read; None where its code has no grid in force, or nothing was read."""
    grid = Grid.objects.filter(code=done.grid_code).first()
    if grid is None or done.snapshot is None:
        return None
    try:
        version = version_now(grid)
    except Refused:
        return None
    before, after = network_of(version.pk), unpack(bytes(done.snapshot))
    lost = set(before.buses.id) - set(after.buses.id)
    standing = Device.objects.filter(grid=grid, is_retired=False)
    gone = [d for d in standing.only("id", "kind", "at_bus") if d.at_bus in lost]
    counted = Q(state__in=["held", "queued"]) | Q(state="connected", is_generation=True, drawn_in=None)
    living = grid.reservations.filter(counted, node__in=[d.pk for d in gone])
    words = Counter(str(d.get_kind_display()) for d in gone)
    return Effect(
        version.number, len(before.buses.id), len(after.buses.id), len(lost), supplied_kw(before),
        supplied_kw(after), tuple(words.most_common()),
        tuple(living.order_by("id").values_list("subject", flat=True)),
        Device.objects.filter(pk__in=[d.pk for d in gone]).exclude(measured=None).distinct().count(),
    )  # fmt: skip
