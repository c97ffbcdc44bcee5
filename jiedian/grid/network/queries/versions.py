"""The versions of every grid as a list shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ..models import Version

SHOWN = 60


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
    return VersionRow(v.grid.name, v.number, v.effective_at, v.reason, v.made_by, v.changes, state, word)
