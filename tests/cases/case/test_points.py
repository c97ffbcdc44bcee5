"""The wishes of the form become points, and the figures of a step meet them or do not."""

from datetime import date
from decimal import Decimal

import pytest

from jiedian.cases.case.models.case import Case, Point
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.points import kept_wishes, say_wishes
from jiedian.cases.case.services.work import Work
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def wishes(case: Case) -> dict[str, str]:
    return dict(case.points.exclude(kind="said").values_list("kind", "text"))


def test_what_the_form_asks_for_is_said_as_points_and_what_is_ordinary_is_none() -> None:
    case = lodge("HV1")
    case.points.all().delete()
    case.needed_on, case.importance, case.capacity_kva = date(2025, 12, 1), "first", Decimal("1260.00")
    say_wishes(case, at=AT)
    assert wishes(case) == {"needed_on": "2025-12-01", "capacity": "1260", "importance": "first"}
    assert set(case.points.values_list("said_at", flat=True)) == {AT} and all(
        p.weight for p in case.points.all()
    )
    case.points.all().delete()
    case.needed_on, case.importance = None, "ordinary"
    say_wishes(case, at=AT)
    assert wishes(case) == {"capacity": "1260"}


def test_the_same_figure_meets_a_wish_and_another_is_no_answer() -> None:
    case = lodge("HV1", importance="first")
    step, who = open_steps(case.number)[0], actor(staff("manager"))
    points = list(case.points.all())
    own = {point.kind: str(point.pk) for point in points}
    same = Work(case, step, who, AT, {"capacity_kva": Decimal("1260.0"), "importance": "first"})
    assert kept_wishes(same, points) == {own["capacity"]: "1260 kVA", own["importance"]: "first"}
    assert (
        kept_wishes(Work(case, step, who, AT, {"capacity_kva": "800", "importance": "second"}), points) == {}
    )
    assert kept_wishes(Work(case, step, who, AT, {"capacity_kva": "a lot"}), points) == {}


def test_what_a_step_says_to_a_point_stands_with_the_hand_off_that_brought_it() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00")
    step = open_steps(case.number).get(code="SURVEY")
    point = case.points.filter(kind="said").first()
    assert point
    do(case, "SURVEY", "2025-09-16 10:00", answered={str(point.pk): "已约停电窗口", "999999": "别人的"})
    handoff = case.handoffs.get(step_id=step.pk)
    assert handoff.answered[str(point.pk)] == "已约停电窗口" and "999999" not in handoff.answered


def test_every_step_of_a_case_has_somebody_of_its_role_who_answers() -> None:
    case = lodge("HV1")
    owner = owner_of(case, "SCHEME_DRAFT", at=AT)
    assert owner.user.is_active and owner.user.roles and owner.acting_for is None


def test_an_answer_to_the_wish_for_importance_is_told_by_its_name() -> None:
    assert Point(kind=Point.Kind.IMPORTANCE).in_words("first") == "一级重要"
    assert Point(kind=Point.Kind.NEEDED_ON).in_words("2025-12-01") == "2025-12-01"
