"""信息衰减 read from the hand-offs of the cases, and from hand-off files of the time before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from jiedian.cases.case.models.case import Handoff, Point
from jiedian.cases.coordination.models import Errand
from jiedian.core.agreement import Kappa, kappa
from jiedian.core.findings import Finding, refuse
from jiedian.core.workdays import local
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.rows import steps
from jiedian.supply.scheme.models import Scheme

from ..calc.attenuation import Passage, Result, Touch, lost_at, lost_passages, measure, passages
from ..calc.handoffs import backwards
from ..models import HandoffFile, Recoding, SentAfter


@dataclass(frozen=True)
class PointFilter:
    """Filter of points: said between two days (both included), of a class, an area; empty means any. One case has no dates."""

    from_on: date
    until_on: date
    case_class: str = ""
    area: str = ""
    number: str = ""


@dataclass(frozen=True)
class LostPoint:
    """A point that a layer lost: where it first got lost, who had it last in that layer, and what was sent after."""

    passage: Passage
    point: Point
    first_lost_in: str
    handoff: Handoff | None
    sent: SentAfter | None

    @property
    def may_send(self) -> bool:
        return self.sent is None and self.handoff is not None and self.point.case.is_open


@dataclass(frozen=True)
class Attenuation:
    """Attenuation of the points asked for, by layer, by department, by month."""

    layers: tuple[Result, ...]
    departments: tuple[Result, ...]
    months: list[tuple[str, tuple[Result, ...]]]
    lost: list[LostPoint]
    n_points: int
    n_cases: int
    arrived: int
    """Points that every layer they reached has kept."""


def attenuation_of(asked: PointFilter) -> Attenuation:
    """Measure the points asked for. A hand-off that is still open and not taken up is under way, not lost."""
    points = {str(point.pk): point for point in _points(asked)}
    handoffs = _handoffs(points.values())
    touches = [*_said(points.values()), *_touched(handoffs, points), *_sent_after(points)]
    held = passages(touches, is_reached_only=True)
    by_department = passages(
        touches,
        place=lambda touch: touch.department,
        places=sorted({touch.department for touch in touches} - {""}),
        is_reached_only=True,
    )
    first = lost_at(held)
    return Attenuation(
        measure(held),
        measure(by_department, places=sorted({p.place for p in by_department})),
        _months(held),
        _lost(held, first, points, handoffs),
        len(points),
        len({point.case_id for point in points.values()}),
        len({(p.case, p.point) for p in held} - set(first)),
    )


def _points(asked: PointFilter) -> QuerySet[Point]:
    rows = Point.objects.select_related("case")
    if not asked.number:
        rows = rows.filter(said_at__date__gte=asked.from_on, said_at__date__lte=asked.until_on)
    exact = {"case__case_class": asked.case_class, "case__area": asked.area, "case__number": asked.number}
    return rows.filter(**{name: value for name, value in exact.items() if value}).order_by("id")


def _handoffs(points: Iterable[Point]) -> list[Handoff]:
    cases = {point.case_id for point in points}
    rows = Handoff.objects.filter(case_id__in=cases).exclude(layer="").select_related("case").order_by("id")
    still_open = Step.objects.filter(state=Step.State.OPEN).values("pk")
    return list(rows.exclude(Q(step_id__in=still_open) & Q(acknowledged_at=None)))


def _said(points: Iterable[Point]) -> list[Touch]:
    return [Touch(p.case.number, str(p.pk), "said", p.said_at, weight=float(p.weight)) for p in points]


def _touched(handoffs: Iterable[Handoff], points: dict[str, Point]) -> list[Touch]:
    touches = []
    for handoff in handoffs:
        happened: tuple[tuple[str, Iterable[Any], datetime | None], ...] = (
            ("shown", handoff.shown, handoff.made_at),
            ("acknowledged", handoff.acknowledged, handoff.acknowledged_at),
            ("answered", handoff.answered, handoff.answered_at),
        )
        for event, keys, at in happened:
            for key in map(str, keys):
                if key in points:
                    touches.append(_touch(handoff.case.number, points[key], event, at, handoff))
    return touches


def _touch(number: str, point: Point, event: str, at: datetime | None, handoff: Handoff) -> Touch:
    weight = float(point.weight)
    return Touch(number, str(point.pk), event, at, handoff.layer, weight, handoff.department)


def _sent_after(points: dict[str, Point]) -> list[Touch]:
    touches = []
    for row in SentAfter.objects.filter(point_id__in=points).select_related("errand", "point__case"):
        errand, point = row.errand, row.point
        happened = [("shown", errand.sent_at), ("acknowledged", errand.acknowledged_at)]
        if errand.answer in (Errand.Answer.AGREED, Errand.Answer.DONE):
            happened.append(("answered", errand.answered_at))
        touches += [
            Touch(
                point.case.number,
                str(point.pk),
                event,
                at,
                row.layer,
                float(point.weight),
                errand.receiver_department,
            )
            for event, at in happened
            if at
        ]
    return touches


def _months(held: Iterable[Passage]) -> list[tuple[str, tuple[Result, ...]]]:
    groups: dict[str, list[Passage]] = {}
    for passage in held:
        if passage.said_at:
            groups.setdefault(f"{local(passage.said_at):%Y-%m}", []).append(passage)
    return [(month, measure(group, rounds=0)) for month, group in sorted(groups.items())]


def _lost(
    held: Iterable[Passage],
    first: dict[tuple[str, str], str],
    points: dict[str, Point],
    handoffs: Iterable[Handoff],
) -> list[LostPoint]:
    last = {(handoff.case_id, handoff.layer): handoff for handoff in handoffs}
    sent = {(str(row.point_id), row.layer): row for row in SentAfter.objects.filter(point_id__in=points)}
    return [
        LostPoint(
            passage,
            points[passage.point],
            first[passage.case, passage.point],
            last.get((points[passage.point].case_id, passage.place)),
            sent.get((passage.point, passage.place)),
        )
        for passage in lost_passages(held)
    ]


def before(file: HandoffFile) -> tuple[Result, ...]:
    """The same figures of a hand-off file of the time before; every point said counts in every layer."""
    return measure(passages(_touches(file)))


def out_of_order(file: HandoffFile) -> list[Finding]:
    """Points of a file that were taken up before they were said or shown."""
    return backwards(_touches(file))


def _touches(file: HandoffFile) -> list[Touch]:
    return [
        Touch(case, point, event, datetime.fromisoformat(at) if at else None, layer, weight, department)
        for case, point, event, at, layer, weight, department in file.touches
    ]


def files() -> QuerySet[HandoffFile]:
    """Imported hand-off files, without their rows."""
    return HandoffFile.objects.defer("touches")


@dataclass(frozen=True)
class Task:
    """Drawn point as a second coder sees it: the step and what was written there, never the first coding."""

    recoding: Recoding
    written: list[str]


def tasks_of(user: User | AnonymousUser) -> list[Task]:
    """The points somebody has still to code, with the evidence."""
    rows = Recoding.objects.filter(coder_id=user.pk or 0, coded_at=None)
    return [Task(row, evidence(row.handoff)) for row in rows.select_related("handoff__case", "point")]


def evidence(handoff: Handoff) -> list[str]:
    """Evidence that a step left behind: answers without the points they were given to, the scheme, answers to errands."""
    written = sorted(set(handoff.answered.values()))
    row = steps().get(handoff.step_code)
    if row and row.deliverable == "scheme":
        scheme = Scheme.objects.filter(case_id=handoff.case_id).first()
        if scheme:
            written.append(f"{scheme.supply_point} · {scheme.capacity_kva} kVA · {scheme.duties}")
    errands = Errand.objects.filter(case_id=handoff.case_id, step_code=handoff.step_code)
    return written + [text for text in errands.values_list("answer_text", flat=True) if text]


def recoding_for(user: User | AnonymousUser, pk: int) -> Recoding:
    """An open coding of one's own, or a refusal."""
    row = Recoding.objects.filter(pk=pk, coder_id=user.pk or 0, coded_at=None).first()
    if row is None:
        raise refuse("missing.recoding")
    return row


def agreement() -> Kappa:
    """Agreement of the second codings with the receivers' own word."""
    rows = Recoding.objects.exclude(coded_at=None).values_list("is_retained_first", "is_retained_second")
    held = list(rows)
    return kappa([a for a, _ in held], [b for _, b in held], categories=[False, True])
