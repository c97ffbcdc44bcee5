"""Verbs of 明察暗访: seal a plan, take in photos and what was seen exactly once, review, reveal the seed."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiedian.clocks.queries import calendar
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.services import Label, store
from jiedian.people.models import User

from .calc.visits import Design, assign, commitment
from .models import Visit, VisitPhoto, VisitPlan
from .queries import checklist_on, doubts_of, is_over, offices, rating_findings

UNNAMED = Actor(None, "访员", "visitor")
"""The journal is read by those who are visited; it never says who came."""
LONGEST_DAYS = 400


@dataclass(frozen=True)
class Period:
    """Plan to be sealed: a period under a name, its visits an office by kind, the offices and who may be sent."""

    name: str
    from_on: date
    until_on: date
    open_visits: int
    undercover_visits: int
    double_share: float
    visitors: list[User]
    chosen: list[str]


@transaction.atomic
def seal_plan(
    period: Period, *, actor: Actor, at: datetime, seed: str = "", is_simulated: bool = False
) -> VisitPlan:
    """Draw the visits of a period and tell the hash of seed and design at once. Refused if the design has errors."""
    if not period.name.strip():
        raise refuse("visits.name")
    design = _design(period, at=at)
    seed = seed or secrets.token_hex(32)
    drawn = assign(design, seed)
    plan = VisitPlan.objects.create(
        name=period.name.strip()[:80],
        checklist=checklist_on(period.from_on).id,
        from_on=period.from_on,
        until_on=period.until_on,
        design=design.plain(),
        seed=seed,
        commitment=commitment(design, seed),
        made_by=actor.name,
        made_at=at,
        is_simulated=is_simulated,
    )
    Visit.objects.bulk_create(_visit(plan, one) for one in drawn)
    data = {"commitment": plan.commitment, "visits": len(drawn), "checklist": plan.checklist}
    record("visits.planned", stream=f"visits:{plan.pk}", actor=actor, at=at, data=data)
    return plan


def _design(period: Period, *, at: datetime) -> Design:
    ids = tuple(sorted(user.pk for user in period.visitors if "visitor" in user.roles))
    if period.until_on < local_day(at):
        raise refuse("visits.past", today=local_day(at))
    days = _working_days(period.from_on, period.until_on)
    counts = (period.open_visits, period.undercover_visits)
    return Design(_known(period.chosen), *counts, ids, days, period.double_share)


def _working_days(from_on: date, until_on: date) -> tuple[date, ...]:
    if not from_on <= until_on or (until_on - from_on).days > LONGEST_DAYS:
        raise refuse("visits.period")
    days = [date.fromordinal(n) for n in range(from_on.toordinal(), until_on.toordinal() + 1)]
    return tuple(day for day in days if calendar().is_working(day))


def _known(chosen: list[str]) -> tuple[str, ...]:
    if set(chosen) - set(offices()):
        raise refuse("visits.office")
    return tuple(sorted(set(chosen)))


def _visit(plan: VisitPlan, one: Any) -> Visit:
    return Visit(
        plan=plan,
        label=one.label,
        office=one.office,
        department=offices()[one.office].department,
        kind=one.kind,
        visitor_id=one.visitor,
        planned_on=one.day,
        part=one.part,
        pair=one.pair,
    )


@dataclass(frozen=True)
class Photo:
    """A picture as the phone sends it: what it shows of the checklist, the hash made there, when and where it was taken."""

    content: bytes
    item: str
    sha256: str
    taken_at: datetime
    place: Mapping[str, Any]


def keep_photo(visit: Visit, photo: Photo, *, at: datetime) -> VisitPhoto:
    """Keep a photo of a visit; the same photo again is the same row. Refused when the bytes are not those hashed on the phone."""
    content = photo.content
    if hashlib.sha256(content).hexdigest() != photo.sha256.lower():
        raise refuse("visit.hash")
    held = VisitPhoto.objects.filter(visit=visit, sha256=photo.sha256.lower()).first()
    if held:
        return held
    _still_planned(visit)
    suffix = "png" if content[:4] == b"\x89PNG" else "jpg"
    if content[:4] != b"\x89PNG" and content[:3] != b"\xff\xd8\xff":
        raise refuse("visit.photo")
    with transaction.atomic():
        label = Label(f"{photo.item}.{suffix}", f"visit:{visit.pk}", "visit")
        upload = store(BytesIO(content), label, at=at)
        kept, _ = VisitPhoto.objects.get_or_create(
            visit=visit,
            sha256=upload.sha256,
            defaults={
                "item": photo.item[:16],
                "upload": upload,
                "taken_at": photo.taken_at,
                "place": _place(photo.place),
            },
        )
    return kept


def _still_planned(visit: Visit) -> None:
    if visit.state != Visit.State.PLANNED:
        raise refuse("visit.submitted")


def _place(place: Mapping[str, Any]) -> dict[str, float]:
    """Latitude, longitude and accuracy in metres, where the phone knew them."""
    kept = {}
    for name, ceiling in (("lat", 90.0), ("lon", 180.0), ("accuracy_m", 1e6)):
        value = place.get(name)
        if isinstance(value, int | float) and abs(value) <= ceiling:
            kept[name] = round(float(value), 6)
    return kept


@dataclass(frozen=True)
class VisitSheet:
    """Sheet a visitor hands in: a rating an item, notes a dimension, hashes of photos, where and when."""

    submission: UUID
    ratings: Mapping[str, Any]
    notes: Mapping[str, Any]
    photos: list[str]
    place: Mapping[str, Any]
    seen_at: datetime

    def plain(self) -> dict[str, Any]:
        """The content that is kept and hashed."""
        notes = {
            str(key)[:16]: str(text)[:400] for key, text in sorted(self.notes.items()) if str(text).strip()
        }
        return {
            "ratings": dict(sorted(self.ratings.items())),
            "notes": notes,
            "photos": sorted(self.photos),
            "place": _place(self.place),
            "seen_at": self.seen_at.isoformat(),
        }


@transaction.atomic
def submit(visit: Visit, seen: VisitSheet, *, at: datetime) -> Visit:
    """Write what was seen, exactly once: the same submission again changes nothing, another one is refused.

    Every item of the visit's kind needs a rating, and every photo named must have arrived. Raises Refused.
    """
    if visit.submission == seen.submission:
        return visit
    _still_planned(visit)
    _complete(visit, seen.ratings, seen.photos)
    said = seen.plain()
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    moved = _write(visit, seen, said, digest, at=at)
    visit.refresh_from_db()
    if not moved and visit.submission != seen.submission:
        raise refuse("visit.submitted")
    if moved:
        stream = f"visits:{visit.plan_id}"
        record("visit.submitted", stream=stream, actor=UNNAMED, at=at, data={"sha256": digest})
    return visit


def _write(visit: Visit, seen: VisitSheet, said: dict[str, Any], digest: str, *, at: datetime) -> int:
    """One row moves, or none: another one was faster, or the submission number belongs to another visit."""
    try:
        with transaction.atomic():
            return Visit.objects.filter(pk=visit.pk, state=Visit.State.PLANNED).update(
                state=Visit.State.SUBMITTED,
                submission=seen.submission,
                ratings=said["ratings"],
                notes=said["notes"],
                place=said["place"],
                seen_at=seen.seen_at,
                content_sha256=digest,
                submitted_at=at,
            )
    except IntegrityError:
        return 0


def _complete(visit: Visit, ratings: Mapping[str, Any], photos: list[str]) -> None:
    found = [Finding("visit.rating", name=name) for name in rating_findings(visit, ratings)]
    held = set(visit.photos.values_list("sha256", flat=True))
    found += [Finding("visit.photo_missing", photo=sha[:12]) for sha in photos if sha not in held]
    if found:
        raise Refused(found)


@transaction.atomic
def review(visit: Visit, *, is_accepted: bool, note: str, actor: Actor, at: datetime) -> None:
    """Accept a submitted visit into the results, or reject it with the reason. Nobody reviews his own."""
    if actor.id == visit.visitor_id:
        raise refuse("permission.own_visit")
    if not is_accepted and not note.strip():
        raise refuse("visit.reason")
    if is_accepted and not note.strip() and (doubts := doubts_of(visit)):
        raise Refused([*doubts, Finding("visit.doubts")])
    moved = Visit.objects.filter(pk=visit.pk, state=Visit.State.SUBMITTED).update(
        state=Visit.State.ACCEPTED if is_accepted else Visit.State.REJECTED,
        review_note=note.strip()[:300],
        reviewed_by_id=actor.id,
        reviewed_at=at,
    )
    if not moved:
        raise refuse("visit.state")
    data = {"sha256": visit.content_sha256, "is_accepted": is_accepted}
    record("visit.reviewed", stream=f"visits:{visit.plan_id}", actor=actor, at=at, data=data)


@transaction.atomic
def reveal(plan: VisitPlan, *, actor: Actor, at: datetime) -> None:
    """After the period the seed goes into the journal: now anybody can repeat the draw. Refused before."""
    if not is_over(plan, at=at):
        raise refuse("visits.running")
    data = {"seed": plan.seed, "commitment": plan.commitment, "on": local_day(at).isoformat()}
    record("visits.revealed", stream=f"visits:{plan.pk}", actor=actor, at=at, data=data)
