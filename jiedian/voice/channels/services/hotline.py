"""Tickets of 95598 and 12345 from a file: good rows become tellings, bad rows findings, and the file can be taken back."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from jiedian.clocks.services import cancel_all
from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import (
    Asked,
    Column,
    Sheet,
    is_cut,
    is_skipped,
    local,
    moment_of,
    order_of,
    read,
    text,
)
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.rulebook.services import load
from jiedian.voice.inbox.calc.grams import plain
from jiedian.voice.inbox.models.concerns import Concern, Proposal
from jiedian.voice.inbox.models.tellings import Batch, Contact, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear

CHANNELS = ("hotline", "city_hotline")
MOST_ROWS = 20_000
SHOWN = 200
CUSTOMER = Actor(None, "客户", "customer")
ZONE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class ColumnRow:
    """A column of a ticket file and the names it goes by."""

    id: Literal["ticket", "text", "phone", "name", "at", "place", "kind", "case"]
    names: tuple[str, ...]
    is_needed: bool
    name_zh: str
    name_en: str
    source: str


def columns() -> list[Column]:
    """The columns of a ticket file and the names they go by."""
    return [
        Column(row.id, row.name_zh, row.name_en, row.names, row.is_needed)
        for row in load("voice/columns.csv", ColumnRow)
    ]


@dataclass(frozen=True)
class Ticket:
    """A good row of a ticket file: its line, its cells as text, and when the customer called."""

    line: int
    values: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class Tickets:
    """A ticket file read: good rows, what is wrong with the others, how many there are, and the sheet they stand in."""

    good: list[Ticket]
    findings: list[Finding]
    rows: int
    sheet: Sheet


def read_tickets(content: bytes, *, name: str, at: datetime, asked: Asked | None = None) -> Tickets:
    """The tickets of a file and every bad row. Raises Refused when it has no table with the needed columns."""
    sheet = read(content, name=name, columns=columns(), asked=asked)
    sheet.refuse_if_lacking()
    if len(sheet.rows) > MOST_ROWS:
        raise refuse("tickets.many", most=MOST_ROWS)
    if not sheet.rows:
        raise refuse("tickets.empty", name=name)
    order = order_of(sheet.column("at"))
    good, findings = [], []
    for line, cells in sheet.records():
        values = {key: "" if is_skipped(cell) else text(cell) for key, cell in cells.items()}
        cut = {key for key in ("ticket", "phone") if is_cut(cells.get(key))}
        moment = local(moment_of(cells.get("at"), epoch=sheet.epoch, order=order), ZONE)
        problems = _problems(values, line, moment, at) + _cut_ticket(values, line, cut)
        findings += problems
        if not problems:
            findings += _cut_phone(values, line, cut)
            good.append(Ticket(line, values, moment or at))
    return Tickets(good, findings, len(sheet.rows), sheet)


def import_tickets(
    content: bytes, *, name: str, channel: str, actor: Actor, at: datetime, asked: Asked | None = None
) -> Batch:
    """Read a file of tickets and take the good ones in. Tickets heard before are counted as repeated.

    Raises Refused with every finding when the file has no table with the needed columns; then nothing is stored.
    """
    if channel not in CHANNELS:
        raise refuse("telling.channel")
    tickets = read_tickets(content, name=name, at=at, asked=asked)
    return take_tickets(tickets, content, name=name, channel=channel, actor=actor, at=at)


@transaction.atomic
def take_tickets(
    tickets: Tickets, content: bytes, *, name: str, channel: str, actor: Actor, at: datetime
) -> Batch:
    """Make tellings of the good rows; what was heard before is counted, and said where its text differs."""
    sha256 = hashlib.sha256(content).hexdigest()
    batch = Batch.objects.create(
        channel=channel, name=name[-120:], sha256=sha256, imported_at=at, imported_by=actor.name
    )
    findings = list(tickets.findings)
    for ticket in tickets.good:
        telling, is_new = hear(_heard(ticket.values, channel, ticket.at, batch), actor=CUSTOMER, at=at)
        batch.taken += is_new
        batch.repeated += not is_new
        if not is_new and plain(telling.text) != plain(ticket.values["text"]):
            findings.append(_finding(ticket.line, "tickets.other_text"))
    batch.findings = [finding.row() for finding in findings[:SHOWN]]
    batch.save()
    data = {"batch": batch.pk, "channel": channel, "taken": batch.taken, "findings": len(findings)}
    record("batch.imported", stream=f"batch:{batch.pk}", actor=actor, at=at, data=data)
    return batch


def _heard(values: dict[str, str], channel: str, moment: datetime, batch: Batch) -> Incoming:
    return Incoming(
        channel=channel,
        external_id=values["ticket"][:120],
        text=values["text"],
        received_at=moment,
        sender=values.get("phone", ""),
        sender_kind=Contact.Kind.PHONE,
        sender_name=values.get("name", ""),
        place=values.get("place", ""),
        case_number=values.get("case", ""),
        is_complaint=is_complaint(values.get("kind", "")),
        route={"ticket": values["ticket"][:120]},
        batch=batch,
    )


NO_COMPLAINT = re.compile(
    r"非投诉|不是投诉|投诉(撤销|撤回|取消|转咨询|不成立)|(撤销|撤回|取消)投诉|表扬|无投诉"
)


def is_complaint(kind: str) -> bool:
    """True if a kind of ticket says that it is a complaint, and not that it is none or none any more.

    >>> [is_complaint(kind) for kind in ("投诉", "服务投诉", "非投诉", "投诉撤销", "咨询")]
    [True, True, False, False, False]
    """
    return "投诉" in kind and not NO_COMPLAINT.search(kind)


def _problems(values: dict[str, str], line: int, moment: datetime | None, at: datetime) -> list[Finding]:
    found = []
    if not values["ticket"]:
        found.append(_finding(line, "tickets.no_number"))
    if not values["text"]:
        found.append(_finding(line, "tickets.no_text"))
    if values.get("at") and moment is None:
        told = values["at"][:40]
        found.append(_finding(line, "tickets.time", at=told))
    if moment and moment > at:
        found.append(_finding(line, "tickets.future"))
    return found


def _cut_ticket(values: dict[str, str], line: int, cut: set[str]) -> list[Finding]:
    if "ticket" not in cut:
        return []
    told = values["ticket"][:24]
    return [_finding(line, "tickets.number_cut", values=told)]


def _cut_phone(values: dict[str, str], line: int, cut: set[str]) -> list[Finding]:
    """A phone number that a spreadsheet cut is left out and said; the ticket is taken all the same."""
    if "phone" not in cut:
        return []
    told = values["phone"]
    values["phone"] = ""
    return [_finding(line, "tickets.caller_cut", values=told)]


def _finding(line: int, code: str, /, **facts: object) -> Finding:
    return Finding(code, str(line), **facts)


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
