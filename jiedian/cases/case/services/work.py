"""Work: one step of a case being finished, by whom and when, as its verbs pass it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.process.models import Step

from ..models.case import Case


@dataclass(frozen=True)
class Work:
    """One open step being done: by whom, when, with which form values, and what was done for which point.

    ``taken_up`` are the points that the receiver ticks with it; None where nobody was asked. ``at`` is when it happened,
    which may lie before it is recorded. ``entered`` says how the customer's word came where staff enter it for him.
    """

    case: Case
    step: Step
    actor: Actor
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    answered: Mapping[str, str] = field(default_factory=dict)
    taken_up: Sequence[int] | None = None
    entered: Mapping[str, str] = field(default_factory=dict)

    def record(self, kind: str, /, **data: Any) -> Fact:
        """Write a fact of this case, said by the one who does the step."""
        return record(kind, stream=self.case.stream, actor=self.actor, at=self.at, data=data)


def keep_row(
    model: type[Model], case: Case, values: Mapping[str, Any], *, first: Mapping[str, Any] | None = None
) -> None:
    """The one row that a table has of a case, written or written over by one statement; ``first`` only a new row takes."""
    row = model(case=case, **values, **(first or {}))
    model._default_manager.bulk_create(
        [row], update_conflicts=True, unique_fields=["case"], update_fields=[*values]
    )
