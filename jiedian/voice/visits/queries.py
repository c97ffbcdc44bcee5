"""明察暗访 read: what a visitor, a reviewer, a head may see, and what the accepted visits say.

While a period runs nobody of the visited department sees who comes or when, whatever his role.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from math import isfinite
from typing import Annotated, Any, Literal
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from jiedian.core.agreement import Icc, Kappa, icc, kappa
from jiedian.core.closed import DepartmentId, Ids, SurveyDimension
from jiedian.core.findings import Finding, refuse
from jiedian.core.sourced import Sourced
from jiedian.core.words import Text
from jiedian.core.workdays import local, local_day
from jiedian.ground.rulebook.services import load
from jiedian.people.models import User
from jiedian.voice.surveys.calc.gaps import Shrunk, shrink

from .calc.visits import RATINGS, Design, Item, assign, commitment, score
from .models import Visit, VisitPlan

CLOCKS_APART = timedelta(minutes=10)
"""So much a phone may be ahead of us before it is said."""


@dataclass(frozen=True)
class DimensionRow(Sourced):
    """One of the article's twelve dimensions, its weight, and the dimension of the surveys it speaks of."""

    id: str
    name_zh: str
    name_en: str
    weight: int
    survey_dimension: SurveyDimension


@dataclass(frozen=True)
class ItemRow(Sourced):
    """Something a visitor can observe, openly or undercover."""

    id: str
    dimension: Annotated[str, Ids("visits/dimensions_*.csv")]
    name_zh: str
    name_en: str
    kinds: tuple[Literal["open", "undercover"], ...]
    is_veto: bool


@dataclass(frozen=True)
class OfficeRow(Sourced):
    """A place that is visited, and the department it belongs to."""

    id: str
    name_zh: str
    name_en: str
    department: DepartmentId


@dataclass(frozen=True)
class ChecklistRow(Sourced):
    """A version of the checklist."""

    id: str
    effective_from: date
    name_zh: str
    name_en: str


def checklists() -> dict[str, ChecklistRow]:
    """Every version of the checklist."""
    return {row.id: row for row in load("visits/versions.csv", ChecklistRow)}


def checklist_on(day: date) -> ChecklistRow:
    """The newest version in force on a day; before the first one, the first."""
    rows = sorted(checklists().values(), key=lambda row: row.effective_from)
    return [row for row in rows if row.effective_from <= day or row is rows[0]][-1]


@cache
def dimensions(version: str) -> dict[str, DimensionRow]:
    """The dimensions of a version."""
    return {row.id: row for row in load(f"visits/dimensions_{version}.csv", DimensionRow)}


@cache
def items(version: str, kind: str = "") -> tuple[ItemRow, ...]:
    """The items of a version; of an open or undercover visit alone where that is said."""
    rows = load(f"visits/checklist_{version}.csv", ItemRow)
    return tuple(row for row in rows if not kind or kind in row.kinds)


def offices() -> dict[str, OfficeRow]:
    """The places that are visited."""
    return {row.id: row for row in load("visits/offices.csv", OfficeRow)}


def is_over(plan: VisitPlan, *, at: datetime) -> bool:
    """True if the period has ended; only then is anything told to those visited."""
    return plan.until_on < local_day(at)


def plan_of(pk: int) -> VisitPlan:
    """A plan, or a refusal."""
    plan = VisitPlan.objects.filter(pk=pk).first()
    if plan is None:
        raise refuse("missing.plan")
    return plan


def plans() -> QuerySet[VisitPlan]:
    """Every plan with how far it is; counts only."""
    return VisitPlan.objects.annotate(
        n=Count("visits"),
        n_submitted=Count("visits", filter=~Q(visits__state="planned")),
        n_accepted=Count("visits", filter=Q(visits__state="accepted")),
    )


@dataclass(frozen=True)
class PlanShown:
    """One line of the list of plans; how far it is only for planners and after its end, else None."""

    id: int
    name: str
    from_on: date
    until_on: date
    commitment: str
    n: int
    n_submitted: int | None
    n_accepted: int | None
    is_over: bool


def plans_shown(*, may_plan: bool, at: datetime) -> list[PlanShown]:
    """Every plan as a reader may see it."""
    shown = []
    for plan in plans():
        over = is_over(plan, at=at)
        is_told = over or may_plan
        counts: dict[str, int] = {key: getattr(plan, key) for key in ("n", "n_submitted", "n_accepted")}
        shown.append(
            PlanShown(
                id=plan.pk,
                name=plan.name,
                from_on=plan.from_on,
                until_on=plan.until_on,
                commitment=plan.commitment,
                n=counts["n"],
                n_submitted=counts["n_submitted"] if is_told else None,
                n_accepted=counts["n_accepted"] if is_told else None,
                is_over=over,
            )
        )
    return shown


def visits_of_plan(user: User | AnonymousUser, plan: VisitPlan, *, at: datetime) -> QuerySet[Visit]:
    """The visits a planner may see: never those to his own department before the period is over."""
    rows = plan.visits.prefetch_related("photos")
    if is_over(plan, at=at):
        return rows
    department = user.department.code if isinstance(user, User) and user.department else ""
    return rows.exclude(department=department)


def visits_of(user: User | AnonymousUser) -> QuerySet[Visit]:
    """A visitor's own visits."""
    return Visit.objects.filter(visitor_id=user.pk or 0).select_related("plan").prefetch_related("photos")


def visit_for(user: User | AnonymousUser, uid: UUID) -> Visit:
    """One of a visitor's own visits, or the same refusal whether it is another's or none."""
    visit = visits_of(user).filter(uid=uid).first()
    if visit is None:
        raise refuse("missing.visit")
    return visit


def visit_to_review(user: User | AnonymousUser, plan: VisitPlan, uid: UUID, *, at: datetime) -> Visit:
    """A visit a planner may see, or a refusal."""
    visit = visits_of_plan(user, plan, at=at).filter(uid=uid).first()
    if visit is None:
        raise refuse("missing.visit")
    return visit


def scores_of(visit: Visit) -> dict[str, float]:
    """Points out of 100 by dimension and in all, of what a visitor saw."""
    version = visit.plan.checklist
    held = [Item(row.id, row.dimension, row.is_veto) for row in items(version)]
    weights = {row.id: float(row.weight) for row in dimensions(version).values()}
    return score(held, weights, visit.ratings)


def doubts_of(visit: Visit) -> list[Finding]:
    """Instants that do not go with the plan: seen or photographed outside its period, later than handed in, or a photo
    of another day than the visit. A phone's clock may be wrong, so they are shown and a person decides."""
    if visit.seen_at is None or visit.submitted_at is None:
        return []
    plan, seen_on = visit.plan, local_day(visit.seen_at)
    instants = [(Text("走访", "Visit"), visit.seen_at)]
    names = dimensions(plan.checklist)
    for photo in visit.photos.all():
        zh, en = (_name(names.get(photo.item), is_zh) or photo.item for is_zh in (True, False))
        instants.append((Text(f"照片“{zh}”", f"Photo of “{en}”"), photo.taken_at))
    found = []
    for what, at in instants:
        on, told = local_day(at), local(at).strftime("%Y-%m-%d %H:%M")
        if not plan.from_on <= on <= plan.until_on:
            period = f"{plan.from_on}–{plan.until_on}"
            found.append(Finding("visit.period", what=what, told=told, period=period))
        elif at > visit.submitted_at + CLOCKS_APART:
            found.append(Finding("visit.later", what=what, told=told))
        elif on != seen_on:
            found.append(Finding("visit.day", what=what, told=told))
    return found


@dataclass(frozen=True)
class Results:
    """Accepted visits of a plan: by dimension and office with n and interval, and how far double visits agree."""

    visits: int
    table: dict[str, dict[str, Shrunk]]
    kappa: Kappa
    icc: Icc
    is_as_sealed: bool
    vetoes: list[tuple[Visit, ItemRow]]


def results(plan: VisitPlan) -> Results:
    """Results of accepted visits: the measurement model of the surveys, small offices drawn towards the mean of all."""
    import numpy as np

    accepted = list(plan.visits.filter(state=Visit.State.ACCEPTED))
    for visit in accepted:
        visit.plan = plan
    values: dict[str, dict[str, list[float]]] = {}
    for visit in accepted:
        for dimension, points in scores_of(visit).items():
            values.setdefault(dimension, {}).setdefault(visit.office, []).append(points)
    table = {
        dimension: _clipped(shrink({office: np.array(found) for office, found in groups.items()}))
        for dimension, groups in values.items()
    }
    pairs = _pairs(accepted)
    return Results(
        len(accepted),
        {name: table[name] for name in (*dimensions(plan.checklist), "all") if name in table},
        _item_agreement(pairs),
        icc([scored for pair in pairs if len(scored := _scored(pair)) == 2]),
        is_as_sealed(plan),
        _vetoes(accepted, plan.checklist),
    )


def _scored(pair: Iterable[Visit]) -> list[float]:
    """The scores of both visits; a visit on which nothing could be judged has none, which is not 0."""
    return [scores["all"] for visit in pair if "all" in (scores := scores_of(visit))]


def _clipped(groups: dict[str, Shrunk]) -> dict[str, Shrunk]:
    """Intervals within the scale of 0 to 100."""
    return {
        name: replace(one, low=max(one.low, 0.0), high=min(one.high, 100.0)) if isfinite(one.low) else one
        for name, one in groups.items()
    }


def _pairs(accepted: Iterable[Visit]) -> list[tuple[Visit, Visit]]:
    by_label = {visit.label: visit for visit in accepted}
    return [(by_label[v.pair], v) for v in by_label.values() if v.pair in by_label]


def _item_agreement(pairs: Iterable[tuple[Visit, Visit]]) -> Kappa:
    """Quadratic kappa over every item that both visitors judged."""
    both = [
        (a.ratings[item], b.ratings[item])
        for a, b in pairs
        for item in a.ratings
        if a.ratings[item] in RATINGS and b.ratings.get(item) in RATINGS
    ]
    first, second = [a for a, _ in both], [b for _, b in both]
    return kappa(first, second, categories=RATINGS, weights="quadratic")


def _vetoes(accepted: Iterable[Visit], version: str) -> list[tuple[Visit, ItemRow]]:
    vetoes = [row for row in items(version) if row.is_veto]
    return [(visit, row) for visit in accepted for row in vetoes if visit.ratings.get(row.id) == 0]


def is_as_sealed(plan: VisitPlan) -> bool:
    """True if seed and design still give the hash told before the period, and the visits that were drawn."""
    design = Design.read(plan.design)
    if commitment(design, plan.seed) != plan.commitment:
        return False
    drawn = {(a.label, a.office, a.kind, a.visitor, a.day, a.part, a.pair) for a in assign(design, plan.seed)}
    names = ("label", "office", "kind", "visitor_id", "planned_on", "part", "pair")
    return drawn == set(plan.visits.values_list(*names))


def sheet_for(visits: Iterable[Visit], *, is_zh: bool) -> dict[str, Any]:
    """Sheet the phone keeps to work without a network: visits and their checklists, in the visitor's language."""
    held = sorted(visits, key=lambda visit: (visit.state != Visit.State.PLANNED, visit.planned_on))
    return {
        "visits": [
            {
                "uid": str(visit.uid),
                "office": _name(offices().get(visit.office), is_zh) or visit.office,
                "kind": visit.get_kind_display(),
                "day": visit.planned_on.isoformat(),
                "part": visit.get_part_display(),
                "state": visit.state,
                "checklist": f"{visit.plan.checklist}/{visit.kind}",
            }
            for visit in held
        ],
        "checklists": {
            f"{version}/{kind}": _sheet(version, kind, is_zh)
            for version, kind in {(visit.plan.checklist, visit.kind) for visit in held}
        },
    }


def _sheet(version: str, kind: str, is_zh: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": dimension.id,
            "name": _name(dimension, is_zh),
            "items": [
                {"id": row.id, "name": _name(row, is_zh), "veto": row.is_veto}
                for row in items(version, kind)
                if row.dimension == dimension.id
            ],
        }
        for dimension in dimensions(version).values()
    ]


def _name(row: Any, is_zh: bool) -> str:
    return "" if row is None else str(row.name_zh if is_zh else row.name_en)


def rating_findings(visit: Visit, ratings: Mapping[str, object]) -> list[str]:
    """The items of a visit that have no proper rating."""
    asked = {row.id for row in items(visit.plan.checklist, visit.kind)}
    proper: set[object] = {*RATINGS, "na"}
    bad = {name for name, value in ratings.items() if name not in asked or value not in proper}
    return sorted(bad | (asked - set(ratings)))
