"""The demo's visitors, its second coder and its hand-off file of the time before; by the real services, marked simulated."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from demo.town.ground import lonlat
from jiedian.core.workdays import local, local_day
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.voice.attenuation.queries.attenuation import PointFilter, attenuation_of, tasks_of
from jiedian.voice.attenuation.services import draw_sample, import_file, recode, send_after
from jiedian.voice.visits.models import Visit, VisitPlan
from jiedian.voice.visits.queries import items
from jiedian.voice.visits.services import Period, VisitSheet, review, seal_plan, submit

SEED = "示范城市"
OFFICES = {"hall_main": 0.75, "hall_east": 0.85, "hall_west": 0.6}
"""How often a hall of the made-up city meets an item."""
BEFORE = {"service": 0.8, "support": 0.5, "core": 0.3}
"""Share of points that a made-up case of the time before kept in each layer."""


def visit_city(*, at: datetime) -> None:
    """One plan that is over and reviewed, one that runs; some points sent after, some coded by a second person."""
    today = local_day(at)
    over = _plan("上一期走访（模拟）", at - timedelta(days=75), until_on=today - timedelta(days=8))
    for visit in over.visits.all():
        _hand_in(visit, is_reviewed=True)
    running = _plan("本期走访（模拟）", at - timedelta(days=10), until_on=today + timedelta(days=40))
    for visit in running.visits.filter(planned_on__lt=today):
        _hand_in(visit, is_reviewed=False)
    _look_again(at=at)


def _plan(name: str, at: datetime, *, until_on: date) -> VisitPlan:
    return seal_plan(
        Period(
            name=name,
            from_on=local_day(at),
            until_on=until_on,
            open_visits=2,
            undercover_visits=3,
            double_share=0.3,
            visitors=list(User.objects.filter(roles__contains=["visitor"])),
            chosen=list(OFFICES),
        ),
        actor=actor(User.objects.get(username="auditor")),
        at=at,
        seed=f"{SEED}:{name}",
        is_simulated=True,
    )


def _hand_in(visit: Visit, *, is_reviewed: bool) -> None:
    rng = Random(f"{SEED}:{visit.plan_id}:{visit.label}")  # noqa: S311 - a simulation, not a secret
    twin = Random(f"{SEED}:{visit.plan_id}:{visit.pair or visit.label}:seen")  # noqa: S311
    ratings: dict[str, int] = {}
    for row in items(visit.plan.checklist, visit.kind):
        met = twin.random() < OFFICES[visit.office] or row.is_veto
        ratings[row.id] = 2 if met else twin.choice([0, 1])
        if rng.random() < 0.12 and not row.is_veto:
            ratings[row.id] = rng.choice([1, 2])
    day, hour = visit.planned_on, 10 if visit.part == "am" else 15
    seen_at = local(visit.plan.made_at).replace(
        year=day.year, month=day.month, day=day.day, hour=hour, minute=20
    )
    notes = {"ENV": "等候区整洁（模拟）"} if rng.random() < 0.4 else {}
    lon, lat = lonlat((rng.uniform(1400, 4200), rng.uniform(1800, 3200)))
    place = {"lat": lat, "lon": lon, "accuracy_m": 12}
    seen = VisitSheet(UUID(int=rng.getrandbits(128)), ratings, notes, [], place, seen_at)
    done = submit(visit, seen, at=seen_at + timedelta(hours=2))
    if is_reviewed:
        auditor = actor(User.objects.get(username="auditor"))
        review(done, is_accepted=True, note="", actor=auditor, at=seen_at + timedelta(days=1))


def _look_again(*, at: datetime) -> None:
    """A second coder agrees about four times in five; three lost points are sent after; a file of the time before."""
    quality, auditor = (User.objects.get(username=name) for name in ("quality", "auditor"))
    draw_sample(30, coder=auditor, actor=actor(quality), at=at, seed=SEED)
    rng = Random(SEED)  # noqa: S311
    for task in tasks_of(auditor)[:24]:
        row = task.recoding
        truth = row.is_retained_first if rng.random() < 0.85 else not row.is_retained_first
        recode(row, is_retained=truth, actor=actor(auditor), at=at)
    found = attenuation_of(PointFilter(local_day(at) - timedelta(days=120), local_day(at)))
    for lost in [row for row in found.lost if row.may_send][:3]:
        send_after(lost.point, lost.passage.place, actor=actor(quality), at=at)
    import_file(_before(rng).encode(), name="改革前交接单（模拟）.csv", actor=actor(quality), at=at)


def _before(rng: Random) -> str:
    lines = ["case,point,weight,layer,event,at"]
    for case in range(1, 61):
        for point in range(1, rng.randint(3, 5)):
            said = f"2014-{rng.randint(1, 12):02d}-{rng.randint(1, 20):02d}"
            weight = rng.randint(1, 5)
            lines.append(f"OLD-{case},p{point},{weight},,said,{said}T09:00")
            day = datetime.fromisoformat(said)
            for layer, share in BEFORE.items():
                day += timedelta(days=rng.randint(1, 9))
                if rng.random() < share:
                    lines.append(f"OLD-{case},p{point},{weight},{layer},acknowledged,{day:%Y-%m-%dT15:00}")
    return "\n".join(lines) + "\n"
