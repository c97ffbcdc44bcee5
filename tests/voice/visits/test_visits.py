"""Visits are drawn blind and repeatably, handed in exactly once, hidden from those visited, and scored."""

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.ground.journal.models import Fact
from jiedian.people.models import Department, User
from jiedian.people.queries import actor
from jiedian.shell.models import SimulatedTime
from jiedian.voice.gaps.queries.visited import beside_visits
from jiedian.voice.surveys.queries import AnswerFilter
from jiedian.voice.surveys.queries import dimensions as survey_dimensions
from jiedian.voice.visits.calc.visits import Design, assign, commitment
from jiedian.voice.visits.models import Visit, VisitPhoto, VisitPlan
from jiedian.voice.visits.queries import (
    checklist_on,
    checklists,
    dimensions,
    doubts_of,
    is_as_sealed,
    items,
    offices,
    results,
    visits_of_plan,
)
from jiedian.voice.visits.services import (
    Period,
    Photo,
    VisitSheet,
    keep_photo,
    reveal,
    review,
    seal_plan,
    submit,
)
from tests.cast import moment, staff

database = pytest.mark.django_db
AT = moment("2026-03-02 09:00")
AFTER = moment("2026-04-01 09:00")
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 40
DAYS = tuple(date(2026, 3, 2) + timedelta(days=n) for n in range(20))


def plan_of(**changes: object) -> VisitPlan:
    values: dict = {
        "name": "三月走访",
        "from_on": date(2026, 3, 2),
        "until_on": date(2026, 3, 31),
        "open_visits": 1,
        "undercover_visits": 2,
        "double_share": 0.4,
        "visitors": [staff(name) for name in ("visitor", "visitor2", "visitor3")],
        "chosen": list(offices()),
    }
    sealed: dict = {"actor": actor(staff("auditor")), "at": AT, "seed": "5eed5eed5eed"}
    sealed |= {name: changes.pop(name) for name in [*changes] if name not in values}
    return seal_plan(Period(**(values | changes)), **sealed)


def hand_in(visit: Visit, *, value: int | str = 2, changes: dict | None = None, **more: object) -> Visit:
    ratings = {row.id: value for row in items(visit.plan.checklist, visit.kind)} | (changes or {})
    given: dict = {
        "submission": uuid4(),
        "ratings": ratings,
        "notes": {},
        "photos": [],
        "place": {"lat": 36.8, "lon": 118.05, "accuracy_m": 8},
        "seen_at": AT,
    }
    return submit(visit, VisitSheet(**(given | more)), at=AT)


def test_the_checklist_holds_the_articles_twelve_dimensions() -> None:
    for version in checklists():
        rows = dimensions(version)
        assert len(rows) == 12 and sum(row.weight for row in rows.values()) == 100
        for kind in ("open", "undercover"):
            assert {row.dimension for row in items(version, kind)} == set(rows)
        assert all(row.dimension in rows and len(row.id) <= 16 for row in items(version))
        assert {row.survey_dimension for row in rows.values()} <= set(survey_dimensions())
    assert checklist_on(date(2020, 1, 1)).id == "2026_1"


designs = st.builds(
    Design,
    offices=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True).map(tuple),
    open_visits=st.integers(0, 3),
    undercover_visits=st.integers(1, 3),
    visitors=st.integers(2, 5).map(lambda n: tuple(range(1, n + 1))),
    days=st.integers(2, 20).map(lambda n: DAYS[:n]),
    double_share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)


@given(designs, st.text(min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_draw_repeats_itself_is_even_and_doubles_with_another_on_another_day(
    design: Design, seed: str
) -> None:
    drawn = assign(design, seed)
    assert drawn == assign(Design.read(design.plain()), seed)
    assert (
        commitment(design, seed)
        == commitment(Design.read(design.plain()), seed)
        != commitment(design, seed + "x")
    )
    singles = {one.label: one for one in drawn if not one.pair}
    assert len(singles) == len(design.offices) * (design.open_visits + design.undercover_visits)
    doubles = [one for one in drawn if one.pair]
    assert len(singles) * design.double_share <= len(doubles) < len(singles) * design.double_share + 1
    for double in doubles:
        single = singles[double.pair]
        assert (
            double.visitor != single.visitor and double.day != single.day and double.office == single.office
        )
    for office in design.offices:
        loads = [
            sum(o.visitor == v and o.office == office for o in singles.values()) for v in design.visitors
        ]
        assert max(loads) - min(loads) <= 1, "visitors take turns"


def test_a_fixed_seed_gives_a_fixed_draw_on_every_machine() -> None:
    """Worked by SHA-256 alone; a change here breaks every proof already given."""
    design = Design(("hall",), 0, 2, (7, 8), DAYS[:3], 0.0)
    word = hashlib.sha256(b"seed:day:hall/undercover/1").digest()[:8]
    first = next(one for one in assign(design, "seed") if one.label.endswith("/1"))
    assert first.day == DAYS[int.from_bytes(word) % 3]


@pytest.mark.parametrize(
    "changes", [{"visitors": ()}, {"days": ()}, {"offices": ()}, {"open_visits": -1}, {"double_share": 2.0}]
)
def test_a_poor_design_is_refused(changes: dict) -> None:
    values: dict = {
        "offices": ("a",),
        "open_visits": 1,
        "undercover_visits": 1,
        "visitors": (1, 2),
        "days": DAYS,
        "double_share": 0.1,
    }
    with pytest.raises(Refused):
        assign(Design(**(values | changes)), "s")


@database
def test_the_plan_is_sealed_and_any_later_change_shows() -> None:
    plan = plan_of()
    assert plan.visits.count() == 9 + 4 and is_as_sealed(plan)
    fact = Fact.objects.get(kind="visits.planned")
    assert fact.data["commitment"] == plan.commitment and plan.seed not in str(fact.data)
    with pytest.raises(Refused):
        reveal(plan, actor=actor(staff("auditor")), at=AT)
    reveal(plan, actor=actor(staff("auditor")), at=AFTER)
    assert Fact.objects.get(kind="visits.revealed").data["seed"] == plan.seed
    plan.visits.filter(pk=plan.visits.first().pk).update(planned_on=date(2026, 3, 30))
    assert not is_as_sealed(plan)
    plan.seed = "another"
    assert not is_as_sealed(plan)


@database
def test_a_submission_arrives_exactly_once() -> None:
    visit = plan_of().visits.first()
    key = uuid4()
    first = hand_in(visit, submission=key)
    again = hand_in(Visit.objects.get(pk=visit.pk), submission=key, value=0)
    assert first.content_sha256 == again.content_sha256 and again.ratings["VI-1"] == 2
    assert Fact.objects.filter(kind="visit.submitted").count() == 1
    with pytest.raises(Refused):
        hand_in(Visit.objects.get(pk=visit.pk))


@database
def test_an_unfinished_visit_lists_everything_that_is_missing() -> None:
    visit = plan_of().visits.first()
    with pytest.raises(Refused) as refusal:
        submit(visit, VisitSheet(uuid4(), {"VI-1": 5, "MOON": 1}, {}, ["f" * 64], {}, AT), at=AT)
    said = " ".join(refusal.value.words("en"))
    assert "VI-1" in said and "MOON" in said and "COM-2" in said and "Photo has not arrived" in said
    assert Visit.objects.get(pk=visit.pk).state == "planned"


@database
def test_a_photo_is_kept_once_with_hash_time_and_place() -> None:
    visit = plan_of().visits.first()
    sha = hashlib.sha256(JPEG).hexdigest()
    for _ in range(2):
        photo = keep_photo(visit, Photo(JPEG, "VI", sha, AT, {"lat": 36.8, "lon": 999}), at=AT)
    assert VisitPhoto.objects.count() == 1 and photo.sha256 == sha and photo.place == {"lat": 36.8}
    for content, digest in ((JPEG + b"x", sha), (b"GIF89a", hashlib.sha256(b"GIF89a").hexdigest())):
        with pytest.raises(Refused):
            keep_photo(visit, Photo(content, "VI", digest, AT, {}), at=AT)
    hand_in(visit, photos=[sha])
    with pytest.raises(Refused):
        other = JPEG + b"later"
        later = hashlib.sha256(other).hexdigest()
        keep_photo(visit, Photo(other, "VI", later, AT, {}), at=AT)


@database
def test_those_visited_see_neither_who_nor_when() -> None:
    SimulatedTime.objects.create(at=AT)
    plan = plan_of()
    own = User.objects.create(
        username="east_auditor",
        name_zh="东城稽查",
        name_en="East",
        roles=["auditor"],
        department=Department.objects.get(code="subcentre_east"),
    )
    assert not visits_of_plan(own, plan, at=AT).filter(office="hall_east").exists()
    assert visits_of_plan(own, plan, at=AFTER).filter(office="hall_east").exists()
    assert visits_of_plan(staff("auditor"), plan, at=AT).count() == plan.visits.count()
    visit = plan.visits.filter(office="hall_east").first()
    hand_in(visit)
    client = Client()
    for name in ("quality", "head", "clerk", "planner", "process"):
        client.force_login(staff(name))
        for path in (
            "/visits/",
            f"/visits/{plan.pk}/",
            f"/visits/{plan.pk}/{visit.uid}/",
            "/journal/",
            "/visits/mine/",
        ):
            answer = client.get(path)
            text = answer.content.decode().replace(path, "")  # the address he asked for himself
            assert not any(word in text for word in ("方远", "叶青", "白露", str(visit.uid))), (name, path)
            assert plan.seed not in text
    client.force_login(own)
    assert client.get(f"/visits/{plan.pk}/{visit.uid}/").status_code in (403, 404, 422)
    for fact in Fact.objects.filter(stream=f"visits:{plan.pk}"):
        assert "hall" not in str(fact.data)
        assert fact.kind == "visits.planned" or (fact.actor_id is None and fact.actor_name == "访员")


@database
def test_a_visitor_sees_and_hands_in_his_own_alone() -> None:
    plan = plan_of()
    mine = plan.visits.filter(visitor_id=staff("visitor").pk).first()
    other = plan.visits.exclude(visitor_id=staff("visitor").pk).first()
    client = Client()
    client.force_login(staff("visitor"))
    page = client.get("/visits/mine/").content.decode()
    assert str(mine.uid) in page and str(other.uid) not in page
    body = {
        "submission": str(uuid4()),
        "ratings": {row.id: 2 for row in items(plan.checklist, mine.kind)},
        "seen_at": "2026-03-02T09:00:00Z",
    }
    theirs = client.post(f"/visits/mine/{other.uid}/", body, content_type="application/json")
    assert theirs.status_code == 422 and Visit.objects.get(pk=other.pk).state == "planned"
    for bad in ("[]", "{", '{"submission": 1}', '{"submission":"x","ratings":3,"seen_at":"never"}'):
        assert (
            client.post(f"/visits/mine/{mine.uid}/", bad, content_type="application/json").status_code == 422
        )
    for _ in range(2):
        answer = client.post(f"/visits/mine/{mine.uid}/", body, content_type="application/json")
        assert answer.status_code == 200 and answer.json()["state"] == "submitted"
    assert client.get(f"/visits/{plan.pk}/").status_code == 403


@database
def test_only_accepted_visits_count_and_nobody_reviews_his_own() -> None:
    plan = plan_of(visitors=[staff("visitor"), staff("visitor2")])
    auditor = actor(staff("auditor"))
    for visit in plan.visits.all():
        value = 2 if visit.office != "hall_west" else 1
        veto = {"COM-V1": 0} if visit.office == "hall_main" and not visit.pair else {}
        hand_in(visit, value=value, changes=veto)
    visits = list(plan.visits.all())
    with pytest.raises(Refused):
        review(
            visits[0],
            is_accepted=True,
            note="",
            actor=actor(User.objects.get(pk=visits[0].visitor_id)),
            at=AT,
        )
    with pytest.raises(Refused):
        review(visits[0], is_accepted=False, note=" ", actor=auditor, at=AT)
    review(visits[0], is_accepted=False, note="照片与网点不符", actor=auditor, at=AT)
    for visit in visits[1:]:
        review(visit, is_accepted=True, note="", actor=auditor, at=AT)
    found = results(plan)
    assert found.visits == len(visits) - 1
    west, east, main = (found.table["all"][name] for name in ("hall_west", "hall_east", "hall_main"))
    assert (west.mean, east.mean) == (50.0, 100.0) and 80 < main.mean < 100
    assert west.n + east.n + main.n == found.visits
    assert {row.id for _visit, row in found.vetoes} == {"COM-V1"}
    assert found.kappa.n > 0 and found.kappa.value is not None and found.kappa.value > 0.5


@database
def test_visits_stand_beside_what_customers_say_when_the_period_is_over() -> None:
    """West: partly met everywhere, but a veto in COM: assurance = (9·50 + 15·0) / 24 = 18.75; the others 50."""
    plan = plan_of(visitors=[staff("visitor"), staff("visitor2")])
    for visit in plan.visits.all():
        hand_in(visit, value=1, changes={"COM-V1": 0} if visit.office == "hall_west" else {})
        review(visit, is_accepted=True, note="", actor=actor(staff("auditor")), at=AT)
    chosen = AnswerFilter(department="subcentre_west")
    assert beside_visits(chosen, [], at=AT) == [], "the period runs"
    found = {row.row.id: row for row in beside_visits(chosen, [], at=AFTER)}
    assert set(found) == {"tangibles", "reliability", "responsiveness", "assurance", "empathy"}
    assert found["assurance"].visitors.mean_p == pytest.approx(18.75)
    assert found["tangibles"].visitors.mean_p == 50 and found["tangibles"].customers is None
    assert found["assurance"].visitors.n == plan.visits.filter(office="hall_west").count()
    assert beside_visits(AnswerFilter(step="ACCEPT"), [], at=AFTER) == []
    assert beside_visits(AnswerFilter(area="east"), [], at=AFTER)[0].visitors.mean_p == 50


@database
def test_pages_of_plan_review_and_results() -> None:
    client = Client()
    client.force_login(staff("auditor"))
    assert client.get("/visits/").status_code == 200
    SimulatedTime.objects.update_or_create(pk=1, defaults={"at": moment("2026-03-01 09:00")})
    form = {
        "name": "春季",
        "from_on": "2026-03-02",
        "until_on": "2026-03-31",
        "chosen": ["hall_east", "hall_west"],
        "open_visits": 1,
        "undercover_visits": 1,
        "double_share": 0.5,
        "visitors": [staff("visitor").pk, staff("visitor2").pk],
    }
    assert client.post("/visits/new/", form | {"visitors": [staff("visitor").pk]}).status_code == 422
    gone = {"from_on": "2026-01-05", "until_on": "2026-01-30"}
    assert client.post("/visits/new/", form | gone).status_code == 422, "a period that is over"
    assert client.post("/visits/new/", form).status_code == 302
    SimulatedTime.objects.all().delete()
    plan = VisitPlan.objects.get()
    visit = plan.visits.first()
    sha = hashlib.sha256(JPEG).hexdigest()
    photo = keep_photo(visit, Photo(JPEG, "VI", sha, AT, {}), at=AT)
    hand_in(visit, photos=[sha], notes={"VI": "门头完好"})
    page = client.get(f"/visits/{plan.pk}/{visit.uid}/").content.decode()
    assert "门头完好" in page
    assert b"".join(client.get(f"/visits/{plan.pk}/{visit.uid}/{photo.pk}/").streaming_content) == JPEG
    assert client.post(f"/visits/{plan.pk}/{visit.uid}/", {"act": "accept"}).status_code == 302
    page = client.get(f"/visits/{plan.pk}/").content.decode()
    assert plan.seed in page and "加权总分" in page, "the period lies in the past of the wall clock"
    assert client.post(f"/visits/{plan.pk}/reveal/").status_code == 302


@database
def test_times_outside_the_period_are_said_and_accepted_only_with_a_reason() -> None:
    plan, auditor = plan_of(), actor(staff("auditor"))
    late, odd, right = plan.visits.all()[:3]
    sha = hashlib.sha256(JPEG).hexdigest()
    keep_photo(odd, Photo(JPEG, "VI", sha, moment("2026-03-01 10:00"), {}), at=AT)
    hand_in(late, seen_at=moment("2026-04-02 10:00"))
    hand_in(odd, photos=[sha])
    hand_in(right)
    assert [f.code for f in doubts_of(late)] == ["visit.period"] and doubts_of(right) == []
    assert ["照片“VI标示”" in f.zh for f in doubts_of(odd)] == [True]
    client = Client()
    client.force_login(staff("auditor"))
    page = client.get(f"/visits/{plan.pk}/{odd.uid}/").content.decode()
    assert "2026-03-01 10:00" in page and "时间有疑问" in page
    with pytest.raises(Refused):
        review(odd, is_accepted=True, note=" ", actor=auditor, at=AT)
    review(odd, is_accepted=True, note="手机时钟慢一天", actor=auditor, at=AT)
    review(right, is_accepted=True, note="", actor=auditor, at=AT)


@database
def test_a_double_visit_on_which_nothing_could_be_seen_is_no_score_of_zero() -> None:
    plan = plan_of()
    first, *_ = [v for v in plan.visits.all() if v.pair]
    for visit in plan.visits.all():
        hand_in(visit, value="na" if visit == first else 2 if visit.office == "hall_east" else 1)
    plan.visits.update(state=Visit.State.ACCEPTED)
    pairs = plan.visits.exclude(pair="").count()
    assert results(plan).icc.n == pairs - 1


@database
@pytest.mark.parametrize("text", ["门头\x00完好", "门头\x01完好", "\x1b[31m"])
def test_control_characters_are_refused_at_the_door(text: str) -> None:
    plan = plan_of()
    mine = plan.visits.filter(visitor_id=staff("visitor").pk).first()
    client = Client(raise_request_exception=False)
    client.force_login(staff("visitor"))
    ratings = {row.id: 2 for row in items(plan.checklist, mine.kind)}
    body = {"submission": str(uuid4()), "ratings": ratings, "seen_at": "2026-03-02T09:00:00Z"}
    answer = client.post(
        f"/visits/mine/{mine.uid}/", body | {"notes": {"VI": text}}, content_type="application/json"
    )
    assert answer.status_code == 422
    client.force_login(staff("auditor"))
    answer = client.post(f"/visits/{plan.pk}/{mine.uid}/", {"act": "reject", "note": text})
    assert answer.status_code == 422 and "控制字符" in answer.content.decode()
