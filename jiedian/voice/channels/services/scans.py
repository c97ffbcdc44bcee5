"""Letters and faxes: keep the original, read it in a job, let a person confirm; nothing enters unread."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import transaction
from procrastinate.contrib.django import app

from jiedian.core.findings import refuse
from jiedian.ground.journal.queries import LIVING, jobless
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.services import Label, path_of, store, store_bytes
from jiedian.voice.inbox.models.tellings import Contact, Scan, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear

from .. import ocr

CHANNELS = ("letter", "fax")
READ = "voice.read_scan"
"""The job that reads a scan."""
READABLE = (Scan.State.WAITING, Scan.State.FAILED)
MORE_PAGES = "more pages"
"""The problem of a scan that was read, but not to its end; the page says so to whoever confirms it."""


@transaction.atomic
def take_scan(file: IO[bytes], *, name: str, channel: str, actor: Actor, at: datetime) -> Scan:
    """Keep a scanned letter or fax and have it read. The same file again is refused. Raises Refused."""
    if channel not in CHANNELS:
        raise refuse("telling.channel")
    upload = store(file, Label(name, "scan", "scan", actor.id), at=at)
    known = Scan.objects.filter(upload__sha256=upload.sha256).exclude(state=Scan.State.DISMISSED).first()
    if known:
        raise refuse("scan.again")
    scan = Scan.objects.create(channel=channel, upload=upload, received_at=at, taken_in_by=actor.name)
    app.configure_task(READ).defer(scan_id=scan.pk)
    return scan


@transaction.atomic
def read_again() -> int:
    """Give every scan that waits, and whose reading is neither due nor failed, a job again. Returns how many."""
    waiting = Scan.objects.filter(state=Scan.State.WAITING)
    orphans = list(jobless(waiting, task=READ, statuses=(*LIVING, "failed"), scan_id="pk"))
    for scan in orphans:
        app.configure_task(READ).defer(scan_id=scan.pk)
    return len(orphans)


def read_scan(scan_id: int, *, at: datetime) -> None:
    """Read the pages and keep their pictures; what cannot be read waits for a person with the reason."""
    scan = Scan.objects.select_related("upload").get(pk=scan_id)
    if scan.state not in READABLE:
        return
    try:
        pages, is_cut = ocr.read(path_of(scan.upload.sha256).read_bytes(), scan.upload.media_type)
    except ocr.Unreadable as error:
        waiting = Scan.objects.filter(pk=scan.pk, state__in=READABLE)
        waiting.update(state=Scan.State.FAILED, problem=str(error))
        return
    lines = [line for page in pages for line in page.lines]
    known = [page.confidence for page in pages if page.lines]
    with transaction.atomic():
        if not Scan.objects.filter(pk=scan.pk, state__in=READABLE).update(state=Scan.State.READ):
            return  # a person dismissed it while it was being read
        kept = [
            store_bytes(page.png, name=f"page-{n}.png", subject="scan", at=at, purpose="page")
            for n, page in enumerate(pages, start=1)
        ]
        scan.pages = [str(upload.pk) for upload in kept]
        scan.text = "\n".join(lines)
        scan.confidence = sum(known) / len(known) if known else 0.0
        scan.problem = MORE_PAGES if is_cut else ""
        scan.save(update_fields=["pages", "text", "confidence", "problem"])


@dataclass(frozen=True)
class Transcript:
    """Transcript of a scanned letter: its words, and who wrote it about which case."""

    text: str
    phone: str = ""
    name: str = ""
    case_number: str = ""


@transaction.atomic
def confirm_scan(scan: Scan, transcript: Transcript, *, actor: Actor, at: datetime) -> Telling:
    """A person has compared text and picture: the letter becomes a telling, with the original attached."""
    moved = Scan.objects.filter(pk=scan.pk, state__in=[Scan.State.READ, Scan.State.FAILED]).update(
        state=Scan.State.CONFIRMED, confirmed_by=actor.name
    )
    if not moved:
        raise refuse("scan.state")
    upload = scan.upload
    content = path_of(upload.sha256).read_bytes()
    telling, _is_new = hear(
        Incoming(
            channel=scan.channel,
            external_id=hashlib.sha256(f"{scan.pk}:{upload.sha256}".encode()).hexdigest(),
            text=transcript.text,
            received_at=scan.received_at,
            sender=transcript.phone,
            sender_kind=Contact.Kind.PHONE,
            sender_name=transcript.name,
            case_number=transcript.case_number,
            route={"read_confidence": scan.confidence, "scan": scan.pk},
            files=[(upload.name, content)],
        ),
        actor=actor,
        at=at,
    )
    Scan.objects.filter(pk=scan.pk).update(telling=telling)
    return telling


@transaction.atomic
def dismiss_scan(scan: Scan, *, actor: Actor) -> None:
    """Not a customer's letter: it stays in the vault and goes no further."""
    waiting = [Scan.State.WAITING, Scan.State.READ, Scan.State.FAILED]
    moved = Scan.objects.filter(pk=scan.pk, state__in=waiting).update(
        state=Scan.State.DISMISSED, confirmed_by=actor.name
    )
    if not moved:
        raise refuse("scan.state")
