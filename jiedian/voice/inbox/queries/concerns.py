"""One concern as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count

from jiedian.clocks.queries import ClockView, clocks_of
from jiedian.core.findings import Finding, refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.vault.models import Upload
from jiedian.people.models import User
from jiedian.people.queries import stands_in_for

from ..calc.contacts import without_phones
from ..calc.wishes import split
from ..models.concerns import Concern, Delivery, Proposal
from ..models.tellings import Attachment, Contact, Scan, Telling
from .channels import ChannelRow, channel_of, channels
from .leaves import LeafRow, PhaseRow, leaf_of, phase_of
from .likeness import MergeRow, merge_rows


@dataclass(frozen=True)
class TellingView:
    """One telling of a concern, with the rows that its codes stand for, its files and what was turned away."""

    telling: Telling
    channel: ChannelRow | str
    leaf: LeafRow | str
    step: PhaseRow | str
    files: tuple[Upload, ...]
    refused: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """True if it may be taken apart: it is neither a part nor was it cut."""
        return self.telling.part_of_id is None and not self.telling.excerpt

    @property
    def key(self) -> str:
        """Its mark on the page."""
        return f"split-{self.telling.pk}"

    @property
    def lines(self) -> str:
        """Lines it would be taken apart into, a wish a line: as the program would cut it, or as it was told."""
        cut = split(self.telling.text)
        return without_phones("\n".join(cut.excerpts) if cut.score else self.telling.text)


@dataclass(frozen=True)
class Entry:
    """One fact of a concern's history, with the channel or the concern it speaks of."""

    fact: Fact
    channel: ChannelRow | str
    other: str


@dataclass(frozen=True)
class DeliveryView:
    """A reply on its way to one telling, and where it is now."""

    delivery: Delivery
    channel: ChannelRow
    state: str
    problem: str


@dataclass(frozen=True)
class Offer:
    """A proposal with its reasons in words."""

    proposal: Proposal
    other: Concern | None
    reasons: tuple[tuple[MergeRow, int], ...]


@dataclass(frozen=True)
class ConcernScreen:
    """Everything the page of a concern shows."""

    concern: Concern
    tellings: list[TellingView]
    clocks: list[ClockView]
    offers: list[Offer]
    decided: list[Offer]
    replies: list[tuple[object, list[DeliveryView]]]
    facts: list[Entry]


def concern_for(number: str) -> Concern:
    """The concern of a number, or a refusal."""
    rows = Concern.objects.select_related("customer", "case", "merged_into")
    concern = rows.filter(number=number).first()
    if concern is None:
        raise refuse("missing.concern")
    return concern


SHOWN = 12
"""Concerns that stand on a desk; the inbox has all."""


def waiting_for(user: User, *, on: date) -> tuple[list[Concern], int]:
    """The concerns a person has to answer, his own and those of whom he stands in for: the oldest, and how many more there are."""
    ids = {user.pk, *stands_in_for(user, on=on)}
    rows = Concern.objects.filter(owner_id__in=ids, state=Concern.State.OPEN).order_by("opened_at")
    found = list(rows[: SHOWN + 1])
    return found[:SHOWN], rows.count() - SHOWN if len(found) > SHOWN else 0


def screen_of(concern: Concern, *, at: datetime) -> ConcernScreen:
    """Screen of a concern for the person who works on it."""
    tellings = list(
        concern.tellings.select_related("contact", "part_of", "scan")
        .prefetch_related("attachments__upload")
        .order_by("received_at", "id")
    )
    rows = concern.proposals.select_related("into", "concern") | concern.invitations.select_related(
        "into", "concern"
    )
    offers = [_offer(proposal, concern) for proposal in rows.order_by("-score", "-id")]
    replies: list[tuple[object, list[DeliveryView]]] = [
        (reply, [_sent(delivery) for delivery in reply.deliveries.select_related("telling", "outbox")])
        for reply in concern.replies.order_by("-id")
    ]
    return ConcernScreen(
        concern=concern,
        tellings=[_told(telling) for telling in tellings],
        clocks=clocks_of(concern.number, at=at),
        offers=[offer for offer in offers if offer.proposal.state == "open"],
        decided=[offer for offer in offers if offer.proposal.state != "open"],
        replies=replies,
        facts=[_entry(fact) for fact in Fact.objects.filter(stream=concern.stream).order_by("-id")[:60]],
    )


def _told(telling: Telling) -> TellingView:
    return TellingView(
        telling=telling,
        channel=channel_of(telling.channel),
        leaf=leaf_of(telling.leaf),
        step=phase_of(telling.step),
        files=tuple(attachment.upload for attachment in telling.attachments.all()),
        refused=tuple(Finding.from_row(row) for row in telling.refused),
    )


def _entry(fact: Fact) -> Entry:
    gone = fact.data.get("gone")
    return Entry(fact, channel_of(fact.data.get("channel", "")), gone if isinstance(gone, str) else "")


def _offer(proposal: Proposal, concern: Concern) -> Offer:
    other = proposal.into if proposal.concern_id == concern.pk else proposal.concern
    rows = merge_rows()
    reasons = tuple((rows[name], percent) for name, percent in proposal.reasons if name in rows)
    return Offer(proposal, other if proposal.kind == "merge" else None, reasons)


def _sent(delivery: Delivery) -> DeliveryView:
    outbox = delivery.outbox
    state = outbox.state if outbox else str(delivery.state)
    return DeliveryView(delivery, channels()[delivery.channel], state, outbox.last_error if outbox else "")


def upload_for(upload_id: UUID) -> Upload:
    """A kept file that came with a telling or is a page of a scan, or a refusal."""
    upload = Upload.objects.filter(pk=upload_id).first()
    is_ours = upload and (
        Attachment.objects.filter(upload=upload).exists()
        or Scan.objects.filter(upload=upload).exists()
        or Scan.objects.filter(pages__contains=[str(upload.pk)]).exists()
    )
    if upload is None or not is_ours:
        raise refuse("missing.file")
    return upload


@dataclass(frozen=True)
class WaitingAnswer:
    """An answer that a person has to print and post, or to tell."""

    pk: int
    concern: Concern
    channel: ChannelRow | str
    contact: Contact | None
    text: str


@dataclass(frozen=True)
class WaitingExport:
    """Number of answers a hotline has to be given."""

    channel: ChannelRow | str
    n: int


def waiting_by_hand(way: str) -> list[WaitingAnswer]:
    """The answers that wait to be printed or told, oldest first."""
    return [
        WaitingAnswer(d.pk, d.reply.concern, channel_of(d.channel), d.telling.contact, d.reply.text)
        for d in waiting_answers(way)
    ]


def waiting_exports() -> list[WaitingExport]:
    """The hotlines whose answers wait to be exported."""
    rows = Delivery.objects.filter(way="export", state=Delivery.State.WAITING).order_by()
    counted = rows.values_list("channel").annotate(n=Count("pk")).order_by("channel")
    return [WaitingExport(channel_of(channel), n) for channel, n in counted]


def waiting_answers(way: str, channel: str = "") -> list[Delivery]:
    """Answers that a person still has to print, tell or export."""
    rows = Delivery.objects.filter(way=way, state=Delivery.State.WAITING).select_related(
        "reply__concern", "telling__contact", "telling__concern"
    )
    return list((rows.filter(channel=channel) if channel else rows).order_by("id")[:5000])
