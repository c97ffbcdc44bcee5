"""Verbs around attenuation: send a lost point after, draw and code the blind sample, take in a file and undo it."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path

from django.db import transaction

from jiedian.cases.case.models.case import Handoff, Point
from jiedian.cases.coordination.services.coordination import ErrandDraft, send_errand
from jiedian.core.findings import Refused, refuse
from jiedian.core.sheets import Asked
from jiedian.ground.journal.services import Actor, record
from jiedian.people.models import User
from jiedian.people.queries import person
from jiedian.process.models import Step

from .calc.handoffs import BACKWARDS, read_handoffs
from .models import HandoffFile, Recoding, SentAfter

CEILING_BYTES = 20_000_000


@transaction.atomic
def send_after(point: Point, layer: str, *, actor: Actor, at: datetime) -> SentAfter:
    """Send a lost point after to the one who last had the case in that layer, as a work notice with clocks."""
    case = point.case
    if not case.is_open:
        raise refuse("case.closed")
    handoff = Handoff.objects.filter(case=case, layer=layer).order_by("-id").first()
    if handoff is None:
        raise refuse("attenuation.layer")
    if handoff.receiver_id == actor.id:
        raise refuse("attenuation.own")
    if SentAfter.objects.filter(point=point, layer=layer).exists():
        raise refuse("attenuation.sent")
    errand = send_errand(
        case,
        ErrandDraft(
            "notice",
            f"补送客户要点（权重 {point.weight}）：{point.words}",
            person(handoff.receiver_id),
            step_code=handoff.step_code,
        ),
        actor=actor,
        at=at,
    )
    record(
        "point.sent_after",
        stream=case.stream,
        actor=actor,
        at=at,
        data={"point": point.pk, "layer": layer, "errand": errand.pk, "receiver": handoff.receiver_id},
    )
    return SentAfter.objects.create(point=point, layer=layer, errand=errand, sent_at=at)


@transaction.atomic
def draw_sample(n: int, *, coder: User, actor: Actor, at: datetime, seed: str = "") -> list[Recoding]:
    """Draw (hand-off, point) pairs at random for a second coder; those he had a hand in himself are left out.

    The seed is kept, so the draw can be repeated: pairs are ranked by the SHA-256 of seed, hand-off and point.
    """
    seed = seed or secrets.token_hex(16)
    done = Step.objects.filter(state=Step.State.DONE).values("pk")
    rows = Handoff.objects.filter(step_id__in=done).exclude(layer="").exclude(receiver_id=coder.pk)
    drawn = set(Recoding.objects.values_list("handoff_id", "point_id"))
    pairs = [
        (_rank(seed, handoff.pk, point), handoff, point)
        for handoff in rows.exclude(sender_name=coder.name_zh)
        for point in handoff.shown
        if (handoff.pk, point) not in drawn
    ]
    if not pairs:
        raise refuse("attenuation.sample")
    known = set(Point.objects.values_list("pk", flat=True))
    made = [
        Recoding(
            handoff=handoff,
            point_id=point,
            seed=seed,
            is_retained_first=point in handoff.acknowledged or str(point) in handoff.answered,
            coder_id=coder.pk,
            coder_name=coder.name_zh,
            drawn_at=at,
        )
        for _rank_, handoff, point in sorted(pairs, key=lambda pair: pair[0])[: max(1, min(n, 500))]
        if point in known
    ]
    data = {"seed": seed, "items": len(made), "coder": coder.pk}
    record("attenuation.sampled", stream="attenuation", actor=actor, at=at, data=data)
    return Recoding.objects.bulk_create(made)


def _rank(seed: str, handoff: int, point: int) -> str:
    return hashlib.sha256(f"{seed}:{handoff}:{point}".encode()).hexdigest()


@transaction.atomic
def recode(row: Recoding, *, is_retained: bool, actor: Actor, at: datetime) -> None:
    """The second coder's word; it is given once."""
    if actor.id != row.coder_id:
        raise refuse("permission.coder")
    moved = Recoding.objects.filter(pk=row.pk, coded_at=None).update(
        is_retained_second=is_retained, coded_at=at
    )
    if not moved:
        raise refuse("attenuation.coded")
    record("attenuation.recoded", stream="attenuation", actor=actor, at=at, data={"recoding": row.pk})


@transaction.atomic
def import_file(
    content: bytes, *, name: str, actor: Actor, at: datetime, asked: Asked | None = None
) -> HandoffFile:
    """Take in a hand-off file of the time before. Raises Refused with every bad row; then nothing is kept."""
    if len(content) > CEILING_BYTES:
        raise refuse("upload.too_large")
    digest = hashlib.sha256(content).hexdigest()
    if HandoffFile.objects.filter(sha256=digest, undone_at=None).exists():
        raise refuse("handoffs.again")
    read = read_handoffs(content, name=name, asked=asked)
    touches, found = read.touches, read.findings
    unread = [finding for finding in found if finding.code not in BACKWARDS]
    if unread:
        raise Refused(unread[:200])
    if not touches:
        raise refuse("handoffs.empty")
    rows = [
        [t.case, t.point, t.event, t.at.isoformat() if t.at else "", t.layer, t.weight, t.department]
        for t in touches
    ]
    file = HandoffFile.objects.create(
        name=Path(name).name[-120:],
        sha256=digest,
        touches=rows,
        rows=len(rows),
        imported_by=actor.name,
        imported_at=at,
    )
    backwards = len(found) - len(unread)
    data = {"file": file.pk, "sha256": digest, "touches": len(rows), "backwards": backwards}
    record("handoffs.imported", stream="attenuation", actor=actor, at=at, data=data)
    return file


@transaction.atomic
def undo_import(file: HandoffFile, *, actor: Actor, at: datetime) -> None:
    """Take an import back: its rows are gone, the line and the fact stay."""
    moved = HandoffFile.objects.filter(pk=file.pk, undone_at=None).update(undone_at=at, touches=[])
    if not moved:
        raise refuse("handoffs.undone")
    record("handoffs.undone", stream="attenuation", actor=actor, at=at, data={"file": file.pk})
