"""Past cases of another system, as a table tells of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class PastEvent:
    """A step of the other system: its name there, when, what happened to it, and who did it."""

    step: str
    at: datetime
    transition: str
    actor: str


@dataclass(frozen=True)
class PastCase:
    """One case of another system. ``planned_end`` and ``deadline`` are the promises it carried.

    A promise given as a day holds until the end of that day where the table comes from; ``zone`` is that place.
    ``capacity_kva`` is zero where the table does not say.
    """

    number: str
    title: str
    customer: str
    case_class: str
    channel: str
    department: str
    holder: str
    area: str
    capacity_kva: Decimal
    applied_at: datetime
    accepted_at: datetime | None
    energised_at: datetime | None
    needed_on: date | None
    planned_end: datetime | None
    deadline: datetime | None
    closed_at: datetime | None
    state: str
    events: tuple[PastEvent, ...] = ()

    @property
    def is_end_unknown(self) -> bool:
        """True if it ended at a time the table does not say."""
        return self.state != "running" and self.closed_at is None

    @property
    def last_known(self) -> datetime:
        """The last instant of which the table says something."""
        known = (self.applied_at, self.accepted_at, self.energised_at, *(event.at for event in self.events))
        return max(at for at in known if at)
