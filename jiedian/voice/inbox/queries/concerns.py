"""One concern as its page shows it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiedian.clocks.queries import ClockView, clocks_of
from jiedian.core.findings import refuse
from jiedian.ground.journal.models import Fact
from jiedian.ground.vault.models import Upload

from ..calc.wishes import Split, split
from ..models.concerns import Concern, Delivery, Proposal
from ..models.tellings import Attachment, Scan, Telling
from .channels import ChannelRow, channels
from .likeness import merge_rows


@dataclass(frozen=True)
class Sent:
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
    reasons: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class ConcernScreen:
    """Everything the page of a concern shows."""

    concern: Concern
    tellings: list[Telling]
    clocks: list[ClockView]
    offers: list[Offer]
    decided: list[Offer]
    replies: list[tuple[object, list[Sent]]]
    cut: Split
    facts: list[Fact]


def concern_for(number: str) -> Concern:
    """The concern of a number, or a refusal."""
    rows = Concern.objects.select_related("customer", "case", "merged_into")
    concern = rows.filter(number=number).first()
    if concern is None:
        raise refuse("missing.concern")
    return concern


def waiting_for(user_id: int) -> list[Concern]:
    """The concerns a person has to answer, oldest first."""
    return list(Concern.objects.filter(owner_id=user_id, state=Concern.State.OPEN).order_by("opened_at")[:12])


def screen_of(concern: Concern, *, at: datetime) -> ConcernScreen:
    """What a person who works on a concern needs to see."""
    tellings = list(
        concern.tellings.select_related("contact", "part_of", "scan")
        .prefetch_related("attachments__upload")
        .order_by("received_at", "id")
    )
    rows = concern.proposals.select_related("into", "concern") | concern.invitations.select_related(
        "into", "concern"
    )
    offers = [_offer(proposal, concern) for proposal in rows.order_by("-score", "-id")]
    replies: list[tuple[object, list[Sent]]] = [
        (reply, [_sent(delivery) for delivery in reply.deliveries.select_related("telling", "outbox")])
        for reply in concern.replies.order_by("-id")
    ]
    whole = [telling for telling in tellings if telling.part_of_id is None and not telling.excerpt]
    return ConcernScreen(
        concern=concern,
        tellings=tellings,
        clocks=clocks_of(concern.number, at=at),
        offers=[offer for offer in offers if offer.proposal.state == "open"],
        decided=[offer for offer in offers if offer.proposal.state != "open"],
        replies=replies,
        cut=split(whole[0].text) if whole else Split((), 0.0),
        facts=list(Fact.objects.filter(stream=concern.stream).order_by("-id")[:60]),
    )


def _offer(proposal: Proposal, concern: Concern) -> Offer:
    other = proposal.into if proposal.concern_id == concern.pk else proposal.concern
    rows = merge_rows()
    reasons = tuple(
        (rows[name].name_zh, rows[name].name_en, percent)
        for name, percent in proposal.reasons
        if name in rows
    )
    return Offer(proposal, other if proposal.kind == "merge" else None, reasons)


def _sent(delivery: Delivery) -> Sent:
    outbox = delivery.outbox
    state = outbox.state if outbox else str(delivery.state)
    return Sent(delivery, channels()[delivery.channel], state, outbox.last_error if outbox else "")


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


def waiting_answers(way: str, channel: str = "") -> list[Delivery]:
    """Answers that a person still has to print, tell or export."""
    rows = Delivery.objects.filter(way=way, state=Delivery.State.WAITING).select_related(
        "reply__concern", "telling__contact", "telling__concern"
    )
    return list((rows.filter(channel=channel) if channel else rows).order_by("id")[:5000])
