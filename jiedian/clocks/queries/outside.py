"""Outside promises: those that came with an imported case, and where they stand."""

from datetime import date, datetime

from ..models import Clock
from . import is_past


def external(
    subject: str, limit_id: str, *, stream: str, started_at: datetime, due_at: datetime, due_on: date
) -> Clock:
    """A promise that came with an imported case, not stored yet: a date somebody gave, which needs no calendar."""
    return Clock(
        subject=subject,
        stream=stream,
        limit_id=limit_id,
        kind=Clock.EXTERNAL,
        step="",
        stops_when="case.closed",
        started_at=started_at,
        start_number=0,
        due_on=due_on,
        due_at=due_at,
    )


def judge(clock: Clock, *, closed_at: datetime | None, is_cancelled: bool, at: datetime) -> Clock:
    """Put an external promise where it stands: kept or broken when the case was closed, else running, late or not.

    Cancelled where the case came to nothing, or where nobody knows when it ended.
    """
    clock.stopped_at = closed_at
    clock.is_overdue = not is_cancelled and is_past(clock, at=closed_at or at)
    ended = Clock.State.BROKEN if clock.is_overdue else Clock.State.KEPT
    clock.state = (
        Clock.State.CANCELLED if is_cancelled else Clock.State.RUNNING if closed_at is None else ended
    )
    clock.warned_percent = 100 if clock.is_overdue else 0
    return clock
