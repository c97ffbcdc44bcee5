"""Propose that concerns are one, or that a telling holds several wishes; accept, refuse, undo."""

from datetime import datetime
from typing import assert_never

from django.db import transaction

from jiedian.clocks.services import cancel_all, take_back
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record

from ..calc.grams import bands
from ..calc.wishes import split
from ..models.concerns import Concern, Proposal
from ..models.tellings import Telling
from ..queries.likeness import matches
from .concerns import complain, open_concern, tick
from .guesses import classify_telling

BEST = 3
SURE_ENOUGH = 0.7
"""A cut between sentences without a number or a connecting word is offered on the page, not proposed."""


def propose(telling: Telling, *, at: datetime) -> None:
    """Leave proposals for a person: the likeliest concerns to merge into, and a cut into several wishes."""
    for match in matches(telling)[:BEST]:
        pair = {telling.concern_id, match.concern.pk}
        if Proposal.objects.filter(kind="merge", concern_id__in=pair, into_id__in=pair).exclude(
            state="undone"
        ):
            continue
        Proposal.objects.create(
            kind=Proposal.Kind.MERGE,
            concern=telling.concern,
            into=match.concern,
            telling=telling,
            score=match.score,
            reasons=[list(reason) for reason in match.reasons],
            made_at=at,
        )
    found = split(telling.text)
    if found.score >= SURE_ENOUGH:
        Proposal.objects.create(
            kind=Proposal.Kind.SPLIT,
            concern=telling.concern,
            telling=telling,
            excerpts=list(found.excerpts),
            score=found.score,
            made_at=at,
        )


@transaction.atomic
def accept(proposal: Proposal, *, actor: Actor, at: datetime) -> Concern:
    """Do what was proposed; returns the concern that is left."""
    kind = Proposal.Kind(proposal.kind)
    match kind:
        case Proposal.Kind.MERGE:
            assert proposal.into is not None
            return merge(proposal.concern, into=proposal.into, proposal=proposal, actor=actor, at=at)
        case Proposal.Kind.SPLIT:
            assert proposal.telling is not None
            split_telling(proposal.telling, proposal.excerpts, proposal=proposal, actor=actor, at=at)
            return proposal.concern
    assert_never(kind)


def _decide(proposal: Proposal, state: str, *, actor: Actor, at: datetime, before: str = "open") -> None:
    moved = Proposal.objects.filter(pk=proposal.pk, state=before).update(
        state=state, decided_at=at, decided_by=actor.name
    )
    if not moved:
        raise refuse("proposal.state")


@transaction.atomic
def refuse_proposal(proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """They are not the same, or it is one wish: the proposal does not come back."""
    _decide(proposal, "refused", actor=actor, at=at)
    data = {"proposal": proposal.pk, "kind": proposal.kind, "score": round(proposal.score, 3)}
    record("proposal.refused", stream=proposal.concern.stream, actor=actor, at=at, data=data)


@transaction.atomic
def merge(
    concern: Concern, *, into: Concern, actor: Actor, at: datetime, proposal: Proposal | None = None
) -> Concern:
    """Make two concerns one: the tellings move, the older number stays, the other becomes a signpost.

    Refused when either was merged already or answered on its own.
    """
    rows = (
        Concern.objects.select_for_update().filter(pk__in=[concern.pk, into.pk]).order_by("opened_at", "pk")
    )
    locked = list(rows)
    if len(locked) != 2 or any(row.state == Concern.State.MERGED for row in locked):
        raise refuse("concern.one_merged")
    kept, gone = locked
    if gone.replies.exists():
        raise refuse("concern.answered")
    tellings = list(gone.tellings.values_list("pk", flat=True))
    Telling.objects.filter(pk__in=tellings).update(concern=kept)
    was = {name: getattr(kept, name) for name in ("customer_id", "case_id", "place", "leaf", "step")}
    for name, value in was.items():
        if not value:
            setattr(kept, name, getattr(gone, name))
    kept.save(update_fields=["customer", "case", "place", "leaf", "step"])
    complained = gone.is_complaint and not kept.is_complaint
    moved = {"tellings": tellings, "state": gone.state, "gone": gone.pk, "was": was, "complained": complained}
    Concern.objects.filter(pk=gone.pk).update(state=Concern.State.MERGED, merged_into=kept)
    cancel_all(subject=gone.number, at=at)
    held = proposal or _proposed(gone, kept, at=at)
    _decide(held, "accepted", actor=actor, at=at)
    Proposal.objects.filter(pk=held.pk).update(moved=moved)
    data = {"gone": gone.number, "tellings": tellings, "proposal": held.pk, "score": round(held.score, 3)}
    record("concern.merged", stream=kept.stream, actor=actor, at=at, data=data)
    if gone.is_complaint:
        complain(kept, actor=actor, at=at)
    _repoint(gone, kept)
    return kept


def _proposed(gone: Concern, kept: Concern, *, at: datetime) -> Proposal:
    """The proposal that waits about the two, else one made by hand."""
    kind, state = Proposal.Kind.MERGE, Proposal.State.OPEN
    waiting = Proposal.objects.filter(kind=kind, state=state, concern=gone, into=kept).first()
    return waiting or Proposal.objects.create(
        kind=kind, concern=gone, into=kept, score=1.0, reasons=[["by_hand", 100]], made_at=at
    )


def _repoint(gone: Concern, kept: Concern) -> None:
    """Open proposals about the merged concern now speak of the one that is left."""
    waiting = Proposal.objects.filter(kind="merge", state="open")
    for held in waiting.filter(concern=gone) | waiting.filter(into=gone):
        other = held.into_id if held.concern_id == gone.pk else held.concern_id
        pair = {other or 0, kept.pk}
        if len(pair) == 1 or waiting.filter(concern_id__in=pair, into_id__in=pair).exists():
            held.delete()
        else:
            Proposal.objects.filter(pk=held.pk).update(concern_id=other, into=kept)


@transaction.atomic
def undo(proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """Take an accepted proposal back: everything is where it was. Refused once an answer has left."""
    kind = Proposal.Kind(proposal.kind)
    match kind:
        case Proposal.Kind.MERGE:
            _part(proposal, actor=actor, at=at)
        case Proposal.Kind.SPLIT:
            _rejoin(proposal, actor=actor, at=at)
        case _:
            assert_never(kind)


def _part(proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    _decide(proposal, "undone", actor=actor, at=at, before="accepted")
    moved = proposal.moved
    gone = Concern.objects.select_related("merged_into").get(pk=moved["gone"])
    kept = gone.merged_into
    if kept is None:
        raise refuse("concern.parted")
    if kept.merged_into is not None:
        raise refuse("concern.merged_on")
    if kept.replies.filter(deliveries__telling_id__in=moved["tellings"]).exists():
        raise refuse("concern.replied")
    Telling.objects.filter(pk__in=moved["tellings"], concern=kept).update(concern=gone)
    Concern.objects.filter(pk=gone.pk).update(state=moved["state"], merged_into=None)
    Concern.objects.filter(pk=kept.pk).update(**moved["was"])
    if moved.get("complained"):
        _uncomplain(kept, proposal, at=at)
    record("concern.parted", stream=kept.stream, actor=actor, at=at, data={"gone": gone.number})
    if moved["state"] == Concern.State.OPEN:
        tick(gone, "concern.opened", at=gone.opened_at)
        if gone.is_complaint:
            tick(gone, "concern.complained", at=gone.opened_at)


def _uncomplain(kept: Concern, proposal: Proposal, *, at: datetime) -> None:
    """The mark of a complaint goes with the concern that brought it, unless another complaint was merged or told since."""
    other = Proposal.objects.filter(
        kind=Proposal.Kind.MERGE, state=Proposal.State.ACCEPTED, moved__gone__in=_complaints_in(kept)
    ).first()
    if other:
        Proposal.objects.filter(pk=other.pk).update(moved=other.moved | {"complained": True})
    elif not kept.tellings.filter(received_at__gt=proposal.decided_at).exists():
        Concern.objects.filter(pk=kept.pk).update(is_complaint=False)
        take_back(subject=kept.number, event="concern.complained", at=at)


def _complaints_in(kept: Concern) -> list[int]:
    return list(Concern.objects.filter(merged_into=kept, is_complaint=True).values_list("pk", flat=True))


@transaction.atomic
def split_telling(
    telling: Telling, excerpts: list[str], *, actor: Actor, at: datetime, proposal: Proposal | None = None
) -> list[Concern]:
    """Cut a telling into wishes: the first stays, each other gets a concern of its own. The whole text stays as told."""
    wishes = [text.strip() for text in excerpts if text.strip()]
    if len(wishes) < 2:
        raise refuse("split.one")
    if telling.part_of_id or telling.parts.exists():
        raise refuse("split.again")
    made = []
    for number, wish in enumerate(wishes[1:], start=2):
        concern = open_concern(
            title=wish,
            case=telling.concern.case,
            customer=telling.concern.customer,
            place=telling.place,
            opened_at=telling.received_at,
            is_simulated=telling.is_simulated,
        )
        part = _part_of(telling, number, wish, concern)
        data = {"telling": part.pk, "channel": part.channel, "part_of": telling.pk}
        record("concern.opened", stream=concern.stream, actor=actor, at=at, data=data)
        tick(concern, "concern.opened", at=concern.opened_at)
        classify_telling(part)
        made.append(concern)
    _stays(telling, wishes[0])
    held = proposal or Proposal.objects.create(
        kind=Proposal.Kind.SPLIT,
        concern=telling.concern,
        telling=telling,
        excerpts=wishes,
        score=1.0,
        made_at=at,
    )
    _decide(held, "accepted", actor=actor, at=at)
    Proposal.objects.filter(pk=held.pk).update(moved={"concerns": [concern.pk for concern in made]})
    data = {"telling": telling.pk, "into": [concern.number for concern in made]}
    record("concern.split", stream=telling.concern.stream, actor=actor, at=at, data=data)
    return made


def _stays(telling: Telling, excerpt: str) -> None:
    """The first wish stays where it was told."""
    telling.excerpt = excerpt
    telling.save(update_fields=["excerpt"])
    classify_telling(telling)


def _part_of(telling: Telling, number: int, wish: str, concern: Concern) -> Telling:
    return Telling.objects.create(
        channel=telling.channel,
        external_id=f"{telling.external_id[:110]}#{number}",
        subject=telling.subject,
        text=wish,
        language=telling.language,
        contact=telling.contact,
        place=telling.place,
        concern=concern,
        part_of=telling,
        route=telling.route,
        received_at=telling.received_at,
        is_simulated=telling.is_simulated,
        bands=bands(wish),
    )


def _rejoin(proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """The parts go; the telling is whole again."""
    _decide(proposal, "undone", actor=actor, at=at, before="accepted")
    made = Concern.objects.filter(pk__in=proposal.moved["concerns"])
    telling = proposal.telling
    assert telling is not None
    touched = (
        made.exclude(state="open") | made.filter(replies__isnull=False) | made.filter(merged__isnull=False)
    )
    if touched.exists():
        raise refuse("split.worked")
    for concern in made:
        data = {"gone": True, "into": telling.concern.number}
        record("concern.rejoined", stream=concern.stream, actor=actor, at=at, data=data)
        cancel_all(subject=concern.number, at=at)
    made.delete()
    telling.excerpt = ""
    telling.save(update_fields=["excerpt"])
    record(
        "concern.rejoined", stream=telling.concern.stream, actor=actor, at=at, data={"telling": telling.pk}
    )
