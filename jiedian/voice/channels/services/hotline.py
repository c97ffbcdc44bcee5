"""Tickets of 95598 and 12345 from a file: good rows become tellings, bad rows findings, and the file can be taken back."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from jiedian.clocks.services import cancel_all
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import decode, numbered
from jiedian.core.tables import read_table
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.rulebook.services import load
from jiedian.voice.inbox.calc.grams import plain
from jiedian.voice.inbox.models.concerns import Concern, Proposal
from jiedian.voice.inbox.models.tellings import Batch, Contact, Telling
from jiedian.voice.inbox.services.channels import Heard, hear

CHANNELS = ("hotline", "city_hotline")
MOST_ROWS = 20_000
SHOWN = 200
CUSTOMER = Actor(None, "客户", "customer")
MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d%H%M%S",
)


@dataclass(frozen=True)
class ColumnRow:
    """A column of a ticket file and the names it goes by."""

    id: Literal["ticket", "text", "phone", "name", "at", "place", "kind", "case"]
    names: tuple[str, ...]
    is_needed: bool
    name_zh: str
    name_en: str
    source: str


def import_tickets(content: bytes, *, name: str, channel: str, actor: Actor, at: datetime) -> Batch:
    """Read a CSV or XLSX of tickets. Tickets heard before are counted as repeated.

    Raises Refused with every finding when the file has no table with the needed columns; then nothing is stored.
    """
    if channel not in CHANNELS:
        raise refuse("telling.channel")
    table = _table(content, name)
    columns, rows = _columns(table)
    return _take(
        rows,
        columns,
        channel=channel,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        actor=actor,
        at=at,
    )


@transaction.atomic
def _take(
    rows: list[tuple[int, list[str]]],
    columns: dict[str, int],
    *,
    channel: str,
    name: str,
    sha256: str,
    actor: Actor,
    at: datetime,
) -> Batch:
    batch = Batch.objects.create(
        channel=channel, name=name[-120:], sha256=sha256, imported_at=at, imported_by=actor.name
    )
    findings: list[Finding] = []
    for line, cells in rows:
        values = {key: cells[i].strip() if i < len(cells) else "" for key, i in columns.items()}
        problems, moment = _problems(values, line, at)
        findings += problems
        if problems:
            continue
        telling, is_new = hear(_heard(values, channel, moment, batch), actor=CUSTOMER, at=at)
        batch.taken += is_new
        batch.repeated += not is_new
        if not is_new and plain(telling.text) != plain(values["text"]):
            findings.append(_finding(line, "tickets.other_text"))
    batch.findings = [finding.row() for finding in findings[:SHOWN]]
    batch.save()
    data = {"batch": batch.pk, "channel": channel, "taken": batch.taken, "findings": len(findings)}
    record("batch.imported", stream=f"batch:{batch.pk}", actor=actor, at=at, data=data)
    return batch


def _heard(values: dict[str, str], channel: str, moment: datetime, batch: Batch) -> Heard:
    return Heard(
        channel=channel,
        external_id=values["ticket"][:120],
        text=values["text"],
        received_at=moment,
        sender=values.get("phone", ""),
        sender_kind=Contact.Kind.PHONE,
        sender_name=values.get("name", ""),
        place=values.get("place", ""),
        case_number=values.get("case", ""),
        is_complaint="投诉" in values.get("kind", ""),
        route={"ticket": values["ticket"][:120]},
        batch=batch,
    )


def _problems(values: dict[str, str], line: int, at: datetime) -> tuple[list[Finding], datetime]:
    found = []
    if not values["ticket"]:
        found.append(_finding(line, "tickets.no_number"))
    if not values["text"]:
        found.append(_finding(line, "tickets.no_text"))
    moment = _moment(values.get("at", ""))
    if values.get("at") and moment is None:
        found.append(_finding(line, "tickets.time", at=values["at"][:40]))
    if moment and moment > at:
        found.append(_finding(line, "tickets.future"))
    return found, moment or at


def _finding(line: int, code: str, /, **facts: object) -> Finding:
    return Finding(code, str(line), **facts)


def _moment(text: str) -> datetime | None:
    for pattern in MOMENTS:
        try:
            return datetime.strptime(text.strip()[:19], pattern).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
        except ValueError:
            continue
    return None


def _table(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """The rows that hold something, with their line numbers, whatever the encoding. Raises Refused."""
    rows = _book(content) if content[:4] == b"PK\x03\x04" else numbered(decode(content))
    held = [(n, cells) for n, cells in islice(rows, MOST_ROWS + 2) if any(cell.strip() for cell in cells)]
    if len(held) > MOST_ROWS + 1:
        raise refuse("tickets.many", most=MOST_ROWS)
    if not held:
        raise refuse("tickets.empty", name=name)
    return held


def _book(content: bytes) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(read_table(content, ".xlsx"), start=1):
        yield number, [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _columns(table: list[tuple[int, list[str]]]) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    """Where each column stands; the head may come after some lines of title."""
    wanted = load("voice/columns.csv", ColumnRow)
    for index, (_line, cells) in enumerate(table[:10]):
        heads = [re.sub(r"[\s*＊（(].*$", "", cell.strip()).lower() for cell in cells]
        found = {row.id: heads.index(name) for row in wanted for name in row.names if name in heads}
        if all(row.id in found for row in wanted if row.is_needed):
            return found, table[index + 1 :]
    raise Refused(
        [
            Finding("tickets.column", column=Text(row.name_zh, row.name_en), names=row.names)
            for row in wanted
            if row.is_needed and not any(name in cells for name in row.names for _line, cells in table[:10])
        ]
        or [Finding("tickets.no_head")]
    )


@transaction.atomic
def undo_import(batch: Batch, *, actor: Actor, at: datetime) -> int:
    """Take a file back: its tellings and concerns go. Refused when somebody has worked on one. Returns how many went."""
    if not Batch.objects.filter(pk=batch.pk, undone_at=None).update(undone_at=at):
        raise refuse("batch.undone")
    concerns = Concern.objects.filter(tellings__batch=batch).distinct()
    others = Telling.objects.filter(concern__in=concerns).exclude(batch=batch)
    touched = concerns.filter(replies__isnull=False) | concerns.exclude(state="open")
    decided = Proposal.objects.filter(concern__in=concerns, state="accepted")
    if touched.exists() or others.exists() or decided.exists():
        raise refuse("batch.worked")
    for number in concerns.values_list("number", flat=True):
        cancel_all(subject=number, at=at)
    ids = list(concerns.values_list("pk", flat=True))
    gone = Telling.objects.filter(batch=batch).count()
    Telling.objects.filter(batch=batch).delete()
    Concern.objects.filter(pk__in=ids).delete()
    record(
        "batch.undone", stream=f"batch:{batch.pk}", actor=actor, at=at, data={"batch": batch.pk, "gone": gone}
    )
    return gone
