"""Ticket files and scans that came in, as their lists and the receipt show them."""

from dataclasses import dataclass
from datetime import datetime

from jiedian.core.findings import Finding
from jiedian.voice.inbox.models.concerns import Delivery
from jiedian.voice.inbox.models.tellings import Batch, Scan, Telling
from jiedian.voice.inbox.queries.channels import ChannelRow, channel_of

from .services.scans import MORE_PAGES

BATCHES_SHOWN, SCANS_SHOWN = 30, 40


@dataclass(frozen=True)
class ReadBatch:
    """A file of tickets that was read in, and what was wrong in which of its lines."""

    batch: Batch
    channel: ChannelRow | str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class KeptScan:
    """A letter or fax, and the number of the concern that it became."""

    scan: Scan
    channel: ChannelRow | str
    concern: str

    @property
    def is_cut(self) -> bool:
        """True if it has more pages than are read."""
        return self.scan.problem == MORE_PAGES


@dataclass(frozen=True)
class Answer:
    """An answer as the customer reads it."""

    text: str
    written_at: datetime


def read_batches() -> list[ReadBatch]:
    """The files read in last."""
    return [
        ReadBatch(
            batch,
            channel_of(batch.channel),
            tuple(Finding.from_row(row) for row in batch.findings),
        )
        for batch in Batch.objects.all()[:BATCHES_SHOWN]
    ]


def kept_scans() -> list[KeptScan]:
    """The letters and faxes that came last."""
    rows = Scan.objects.select_related("upload", "telling__concern")[:SCANS_SHOWN]
    return [KeptScan(scan, channel_of(scan.channel), concern_of(scan)) for scan in rows]


def concern_of(scan: Scan) -> str:
    """The number of the concern that a scan became, or nothing."""
    return scan.telling.concern.number if scan.telling else ""


def turned_away(telling: Telling) -> list[Finding]:
    """Findings on files that came with a telling and were not taken."""
    return [Finding.from_row(row) for row in telling.refused]


def answers_to_read(deliveries: list[Delivery]) -> list[Answer]:
    """Deliveries as the customer reads them."""
    return [Answer(delivery.reply.text, delivery.reply.written_at) for delivery in deliveries]
