"""Ratings by third parties beside those of customers, dimension by dimension, both out of 100."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from jiedian.core.workdays import local_day
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import DepartmentRow
from jiedian.voice.surveys.calc.gaps import Paired, paired
from jiedian.voice.surveys.queries import AnswerFilter, DimensionRow, dimensions, instruments
from jiedian.voice.visits.models import Visit
from jiedian.voice.visits.queries import dimensions as visit_dimensions
from jiedian.voice.visits.queries import scores_of

from .gaps import Line


@dataclass(frozen=True)
class DimensionComparison:
    """One dimension of the surveys: as ``visitors`` judge it (its ``mean_p`` and interval are points), as ``customers`` do."""

    row: DimensionRow
    visitors: Paired
    customers: Line | None
    customer_points: float
    simulated: int
    """How many of the visits are made up."""


def beside_visits(chosen: AnswerFilter, found: list[Line], *, at: datetime) -> list[DimensionComparison]:
    """Accepted visits of the period to the offices chosen. A visit knows neither step, class nor channel: asked for those,
    there is none. Nothing of a plan that still runs is shown."""
    points = _points(chosen, at=at)
    said = {
        line.measure.id: line for line in found if line.measure.level == "dimension" and not line.is_hidden
    }
    scale = next(iter(row for row in instruments().values() if row.kind == "pair"))
    made = []
    for name, row in dimensions().items():
        held = points.get(name, [])
        values = np.array([value for value, _ in held], dtype=float)
        line = said.get(name)
        mean = line.measure.paired.mean_p if line else float("nan")
        share = 100 * (mean - scale.low) / (scale.high - scale.low)
        if len(values):
            made.append(
                DimensionComparison(
                    row, paired(np.zeros(len(values)), values), line, share, sum(s for _, s in held)
                )
            )
    return made


def _points(chosen: AnswerFilter, *, at: datetime) -> dict[str, list[tuple[float, bool]]]:
    """Survey dimension → the weighted points of every visit that judged it, and whether it is made up."""
    if chosen.step or chosen.case_class or chosen.channel or chosen.instrument:
        return {}
    visits = Visit.objects.filter(state=Visit.State.ACCEPTED, plan__until_on__lt=local_day(at))
    visits = visits.select_related("plan")
    if chosen.since:
        visits = visits.filter(planned_on__gte=chosen.since)
    if chosen.until:
        visits = visits.filter(planned_on__lte=chosen.until)
    if chosen.department:
        visits = visits.filter(department=chosen.department)
    if chosen.area:
        rows = load("people/departments.csv", DepartmentRow)
        visits = visits.filter(department__in=[row.id for row in rows if row.area == chosen.area])
    found: dict[str, list[tuple[float, bool]]] = {}
    for visit in visits:
        weighed, scores = visit_dimensions(visit.plan.checklist), scores_of(visit)
        for name in {row.survey_dimension for row in weighed.values()}:
            own = [row for row in weighed.values() if row.survey_dimension == name and row.id in scores]
            total = sum(row.weight for row in own)
            if total:
                points = sum(row.weight * scores[row.id] for row in own) / total
                found.setdefault(name, []).append((points, visit.plan.is_simulated))
    return found
