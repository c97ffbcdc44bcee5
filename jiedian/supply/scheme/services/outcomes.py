"""精度: what the scheme predicted against what was measured after energising."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.services import Actor, record

from ..models import Outcome, Scheme


def predicted_value(scheme: Scheme, item: str) -> float | None:
    """The middle of what a scheme predicted."""
    value = scheme.predicted.get(item)
    if isinstance(value, list):
        return float(value[1])
    return None if value is None else float(value)


def refuse_unmeasurable(scheme: Scheme, items: Iterable[str]) -> None:
    """Raises Refused before the customer has power, and for items that the scheme never predicted."""
    if scheme.case.energised_at is None:
        raise refuse("outcome.early")
    if unknown := [item for item in items if predicted_value(scheme, item) is None]:
        raise Refused([Finding("outcome.item", item=item) for item in unknown])


@transaction.atomic
def measure(
    scheme: Scheme, values: dict[str, float], *, measured_on: date, actor: Actor, at: datetime
) -> list[Outcome]:
    """Enter measured values of a scheme whose customer has power; a second entry replaces the first.

    Raises Refused for items that were never predicted.
    """
    refuse_unmeasurable(scheme, values)
    said = {item: predicted_value(scheme, item) for item in values}
    kept = [
        Outcome.objects.update_or_create(
            scheme=scheme,
            item=item,
            defaults={
                "predicted": said[item] or 0.0,
                "measured": value,
                "measured_on": measured_on,
                "entered_by": actor.name,
                "entered_at": at,
            },
        )[0]
        for item, value in values.items()
    ]
    scored = {row.item: round(row.accuracy, 4) for row in kept}
    data = {"version": scheme.version, "accuracy": scored}
    record("scheme.measured", stream=scheme.case.stream, actor=actor, at=at, data=data)
    return kept
