"""精度: what the scheme predicted against what was measured after energising."""

import math
from datetime import date, datetime

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import sheet_of
from jiedian.ground.journal.services import Actor, record

from ..models import Outcome, Scheme


def predicted_value(scheme: Scheme, item: str) -> float | None:
    """The middle of what a scheme predicted."""
    value = scheme.predicted.get(item)
    if isinstance(value, list):
        return float(value[1])
    return None if value is None else float(value)


@transaction.atomic
def measure(
    scheme: Scheme, values: dict[str, float], *, measured_on: date, actor: Actor, at: datetime
) -> list[Outcome]:
    """Enter measured values of a scheme whose customer has power; a second entry replaces the first.

    Raises Refused for items that were never predicted.
    """
    if scheme.case.energised_at is None:
        raise refuse("outcome.early")
    said = {item: predicted_value(scheme, item) for item in values}
    unknown = [item for item, value in said.items() if value is None]
    if unknown:
        raise Refused([Finding("outcome.item", item=item) for item in unknown])
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


CEILING_BYTES = 2_000_000
"""A file of measured values larger than this is not read."""


@transaction.atomic
def read_measured(content: bytes, *, actor: Actor, at: datetime) -> int:
    """Take in ``case,item,value,date`` rows (UTF-8 or GBK); returns how many values were kept.

    Raises Refused with every bad line; then nothing is kept.
    """
    found: list[Finding] = []
    kept = 0
    for line, row in _rows(content):
        try:
            scheme = Scheme.objects.filter(
                case__number=row["case"].strip(), state=Scheme.State.ACCEPTED
            ).first()
            if scheme is None:
                raise refuse("outcome.case")
            value, on = float(row["value"]), date.fromisoformat(row["date"].strip())
            if not math.isfinite(value):
                raise ValueError
            measure(scheme, {row["item"].strip(): value}, measured_on=on, actor=actor, at=at)
            kept += 1
        except Refused as refusal:
            found += [f.at(f"{line}") for f in refusal.findings]
        except (ValueError, AttributeError, TypeError):
            found.append(Finding("outcome.row", f"{line}"))
    if found:
        raise Refused(found)
    return kept


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    if not content or len(content) > CEILING_BYTES:
        raise refuse("outcome.file")
    header, rows = sheet_of(content, where="")
    wanted = {"case", "item", "value", "date"}
    if not wanted <= set(header):
        raise refuse("outcome.columns")
    return rows
