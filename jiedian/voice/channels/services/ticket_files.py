"""Ticket files on their way through the one life of imports."""

from datetime import datetime
from typing import Any

from jiedian.core.findings import Finding, refuse
from jiedian.core.sheets import Column
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import became_of, remember
from jiedian.ground.journal.services import Actor
from jiedian.voice.inbox.models.tellings import Batch

from .hotline import CHANNELS, columns, read_tickets, take_tickets, undo_import


def columns_for(options: dict[str, Any]) -> list[Column]:
    return columns()


def read_file(work: Work) -> Told:
    """Ticket file as the worker reads it: the good rows come in, the bad ones are named."""
    tickets = read_tickets(work.content, name=work.row.name, at=work.at, asked=work.asked)
    good = len(tickets.good)
    sheet = tickets.sheet
    return Told(tickets.rows, good, tickets.rows - good, tickets.findings, sheet, sheet.report)


def take_file(work: Work) -> Kept:
    """Make tellings of the good rows."""
    channel = str(work.row.options.get("channel", ""))
    if channel not in CHANNELS:
        raise refuse("telling.channel")
    tickets = read_tickets(work.content, name=work.row.name, at=work.at, asked=work.asked)
    batch = take_tickets(
        tickets, work.content, name=work.row.name, channel=channel, actor=work.actor, at=work.at
    )
    remember(work.row, batch.pk)
    known = len(tickets.findings)
    more = [Finding.from_row(told) for told in batch.findings[known:]]
    return Kept(batch.taken, batch.repeated, findings=more)


def undo_file(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take the tellings of a file back, while nobody has worked on one."""
    return undo_import(Batch.objects.get(pk=became_of(row)), actor=actor, at=at)
