"""供电方案 on the screen of a case: every version, the newest in full, what may be done with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from jiedian.cases.case.models.case import Case
from jiedian.ground.rulebook.services import load
from jiedian.supply.study.calc.menu import BlockRow

from ..models import Outcome, Reply, Scheme


@dataclass(frozen=True)
class Line:
    """One line of a kept version: its words, what it rests on, whether it only advises."""

    words: str
    source: str
    status: str
    is_advice: bool


@dataclass(frozen=True)
class Version:
    """A version of the scheme with its parts, the replies as frozen and what was measured."""

    scheme: Scheme
    blocks: tuple[tuple[BlockRow, tuple[Line, ...]], ...]
    replies: tuple[Reply, ...]
    outcomes: tuple[Outcome, ...]
    is_newest: bool
    is_lapsed: bool
    is_measurable: bool

    @property
    def points(self) -> str:
        """Supply points of a version, main and standby."""
        return " / ".join(filter(None, (self.scheme.supply_point, self.scheme.standby_point)))


@dataclass(frozen=True)
class Panel:
    """Every version of the scheme of a case, the newest first."""

    versions: tuple[Version, ...]


def panel(case: Case, *, at: datetime) -> Panel:
    """Panel of schemes on the case screen."""
    found = case.schemes.prefetch_related("replies", "outcomes").order_by("-version")
    return Panel(tuple(_version(case, scheme, is_newest=n == 0) for n, scheme in enumerate(found)))


def _version(case: Case, scheme: Scheme, *, is_newest: bool) -> Version:
    return Version(
        scheme=scheme,
        blocks=blocks_of(scheme) if is_newest else (),
        replies=tuple(scheme.replies.all()),
        outcomes=tuple(scheme.outcomes.all()),
        is_newest=is_newest,
        is_lapsed=is_newest
        and scheme.state == Scheme.State.LAPSED
        and scheme.accepted_at is not None
        and case.is_open,
        is_measurable=bool(case.energised_at and scheme.state == Scheme.State.ACCEPTED and scheme.predicted),
    )


def blocks_of(scheme: Scheme) -> tuple[tuple[BlockRow, tuple[Line, ...]], ...]:
    """The parts of a kept version in the order of the menu, each with its lines in the reader's language."""
    said = "zh" if (get_language() or "zh").startswith("zh") else "en"
    parts = load("schemes/blocks.csv", BlockRow)
    rows = [(part, tuple(_line(row, said) for row in _of(scheme, part))) for part in parts]
    return tuple(row for row in rows if row[1])


def _of(scheme: Scheme, block: BlockRow) -> list[dict[str, Any]]:
    return [row for row in scheme.modules if row["block"] == block.id]


def _line(row: dict[str, Any], said: str) -> Line:
    return Line(row[said], row.get("source", ""), row.get("status", ""), bool(row.get("is_advice")))
