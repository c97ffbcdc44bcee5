"""Panel of the customer's voice on the screen of a case."""

from dataclasses import dataclass
from datetime import datetime

from jiedian.cases.case.models.case import Case

from ..models.concerns import Concern


@dataclass(frozen=True)
class Panel:
    """The concerns of a case, the newest first; one that was merged speaks through the other."""

    concerns: tuple[Concern, ...]


def panel_of(case: Case, *, at: datetime) -> Panel:
    """Panel of what customers told about a case; said also when there is nothing yet."""
    return Panel(tuple(case.concerns.exclude(state=Concern.State.MERGED)))
