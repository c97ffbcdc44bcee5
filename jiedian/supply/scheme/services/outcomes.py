"""精度: what the scheme predicted against what was measured after energising, one by one or by a file of values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, Column, Sheet, amount_of, moment_of, read, text
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import keep_replaced, take_replaced
from jiedian.ground.journal.services import Actor, record

from ..models import Outcome, Scheme

CEILING_BYTES = 2_000_000
"""A file of measured values larger than this is not read."""
COLUMNS = (
    Column("case", "工单", "Case", ("工单号", "工单编号"), True),
    Column("item", "项目", "Item", ("指标",), True),
    Column("value", "实测值", "Measured value", ("数值", "值"), True),
    Column("date", "日期", "Day", ("实测日期",), True),
)


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


@dataclass(frozen=True)
class _Value:
    """One measured value: of which scheme, which figure, on which day."""

    scheme: Scheme
    item: str
    value: float
    on: date


@dataclass(frozen=True)
class _Values:
    sheet: Sheet
    good: list[_Value]
    findings: list[Finding]


def columns_for(options: dict[str, Any]) -> list[Column]:
    return list(COLUMNS)


def read_file(work: Work) -> Told:
    """Content of a file of measured values: every row that cannot be taken is named by its line."""
    found = _read(work.content, work.row.name, work.asked)
    n, good = len(found.sheet.rows), len(found.good)
    return Told(n, good, n - good, found.findings, found.sheet, found.sheet.report)


def take_file(work: Work) -> Kept:
    """Keep the measured values of a file; what they replace is kept beside them for the undo."""
    found = _read(work.content, work.row.name, work.asked)
    if found.findings and not work.row.is_partial:
        raise Refused(found.findings)
    replaced = [_replaced(value, work.at) for value in found.good]
    by_day: dict[tuple[int, date], list[_Value]] = {}
    for value in found.good:
        by_day.setdefault((value.scheme.pk, value.on), []).append(value)
    for (_scheme, on), values in by_day.items():
        told = {value.item: value.value for value in values}
        measure(values[0].scheme, told, measured_on=on, actor=work.actor, at=work.at)
    keep_replaced(work.row, replaced)
    return Kept(len(found.good), facts=len(by_day))


def undo_file(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take the values of a file out again, and put back what they replaced. Refused when a value was changed since."""
    rows = take_replaced(row)
    kept = Outcome.objects.select_for_update().filter(scheme__in={told["scheme"] for told in rows})
    standing = {(outcome.scheme_id, outcome.item): outcome for outcome in kept}
    for told in rows:
        outcome = standing.get((told["scheme"], told["item"]))
        if (
            outcome is None
            or _entry(outcome.measured, outcome.measured_on, outcome.entered_at) != told["wrote"]
        ):
            raise refuse("file.replaced")
        _put_back(outcome, told["before"])
    for scheme in Scheme.objects.filter(pk__in={told["scheme"] for told in rows}).select_related("case"):
        items = sorted(told["item"] for told in rows if told["scheme"] == scheme.pk)
        data = {"version": scheme.version, "items": items}
        record("scheme.measured_undone", stream=scheme.case.stream, actor=actor, at=at, data=data)
    return len(rows)


def _put_back(outcome: Outcome, before: dict[str, Any] | None) -> None:
    if before is None:
        outcome.delete()
    else:
        Outcome.objects.filter(pk=outcome.pk).update(**before)


def _entry(value: float, on: date, at: datetime) -> list[Any]:
    """A value as it was entered, so that the same value entered again is another."""
    return [value, on.isoformat(), at.astimezone(UTC).isoformat()]


def _replaced(value: _Value, at: datetime) -> dict[str, Any]:
    """What stood where a value is written, and what is written."""
    before = (
        Outcome.objects.filter(scheme=value.scheme, item=value.item)
        .values("predicted", "measured", "measured_on", "entered_by", "entered_at")
        .first()
    )
    return {
        "scheme": value.scheme.pk,
        "item": value.item,
        "wrote": _entry(value.value, value.on, at),
        "before": before
        and before
        | {
            "measured_on": before["measured_on"].isoformat(),
            "entered_at": before["entered_at"].isoformat(),
        },
    }


def _read(content: bytes, name: str, asked: Asked) -> _Values:
    if not content or len(content) > CEILING_BYTES:
        raise refuse("outcome.file")
    sheet = read(content, name=name, columns=COLUMNS, asked=asked)
    sheet.refuse_if_lacking()
    good: list[_Value] = []
    findings: list[Finding] = []
    seen: set[tuple[int, str]] = set()
    for line, told in sheet.records():
        try:
            value = _value(told)
            if (value.scheme.pk, value.item) in seen:
                raise refuse("outcome.twice", item=value.item)
            seen.add((value.scheme.pk, value.item))
            good.append(value)
        except Refused as refusal:
            findings += [finding.at(str(line)) for finding in refusal.findings]
    return _Values(sheet, good, findings)


def _value(told: dict[str, Any]) -> _Value:
    """The value of a row. Raises Refused when a cell cannot be read, or the case has nothing to be measured by."""
    amount, on = amount_of(told["value"]), moment_of(told["date"])
    if amount is None or on is None:
        raise refuse("outcome.row")
    number, item = text(told["case"]), text(told["item"])
    schemes = Scheme.objects.filter(case__number=number, state=Scheme.State.ACCEPTED).select_related("case")
    scheme = schemes.first()
    if scheme is None:
        raise refuse("outcome.case")
    refuse_unmeasurable(scheme, [item])
    return _Value(scheme, item, float(amount.value), on.date() if isinstance(on, datetime) else on)
