"""The demo city: the real services driven through simulated time. Everything it makes is marked simulated.

When a step is done follows from the case, the step and the seed alone, so seeding and the ticker agree and a
killed ticker goes on where it stopped.
"""

import argparse
import heapq
import sys
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from demo import opinions
from demo.network import found_grid, measure_in_time, publish_in_time
from demo.past import bring_past
from demo.risings import rise
from demo.sites import answered_alone, choice, look_back, put_on_map, site_of
from demo.townsfolk import ERRAND_WORDS, FAMILY, GIVEN, POINTS, SURVEY_SLOW, values_of
from demo.visitors import visit_city
from demo.voices import live_through, speak
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import acknowledge_points, withdraw
from jiedian.cases.case.services.work import Work
from jiedian.cases.coordination.models import Errand
from jiedian.cases.coordination.services import coordination
from jiedian.cases.intake.calc.application import Application
from jiedian.cases.intake.services.intake import apply
from jiedian.cases.papers.models import Paper
from jiedian.cases.papers.services import hand_in
from jiedian.clocks.models import CalendarDay
from jiedian.clocks.queries import calendar
from jiedian.clocks.services import load_calendar, sweep
from jiedian.core.findings import Refused
from jiedian.core.identity import citizen_number, credit_code
from jiedian.core.workdays import local, local_day
from jiedian.grid.capacity.services.standing import settle
from jiedian.grid.network.models import Grid
from jiedian.ground.journal.queries import unsealed_days
from jiedian.ground.journal.services import Actor, seal
from jiedian.people.queries import actor, person, responsible
from jiedian.people.services import load_demo_people
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.process.rows import card, level_of
from jiedian.process.rows import steps as step_rows
from jiedian.process.services import publish_all
from jiedian.process.steps import doing
from jiedian.shell.models import SimulatedTime

SEED = 20191227
DAYS_BACK = 110
CASES_A_DAY = 2.2
PACE = {"residential": 0.2, "low_voltage": 0.3, "high_voltage": 1.0}
"""Small works go faster than the typical working days of a step, which are those of high voltage."""
STUCK_WD = 40
CUSTOMER = Actor(None, "客户（模拟）", "customer")
KINDS = ("RES",) * 9 + ("LV0",) * 6 + ("LVN",) * 4 + ("HV1",) * 6 + ("HV2",) * 3
PAPER = b"%PDF-1.4\n% simulated paper of the demonstration city\n%%EOF\n"


def application(number: int, at: datetime) -> Application:
    """The n-th customer of the city: the same for the same seed."""
    rng = Random(f"{SEED}:{number}")  # noqa: S311 - a simulation, not a secret
    kind = rng.choice(KINDS)
    is_person, is_high = kind == "RES", kind.startswith("HV")
    kva = Decimal(
        rng.choice([315, 630, 800, 1250, 2000]) if is_high else 8 if is_person else rng.choice([20, 50, 80])
    )
    kv = "35" if kind == "HV2" and kva == 2000 else "10" if is_high else "0.22" if is_person else "0.38"
    is_important = kind == "HV2" and kv == "10" and rng.random() < 0.6
    importance = rng.choice(["second", "first"]) if is_important else "ordinary"
    site = site_of(number, kind, is_important=is_important, kv=float(kv))
    name = rng.choice(FAMILY) + rng.choice(GIVEN) if is_person else site.name
    lead_wd = rng.randint(20, 90) if is_high else rng.randint(1, 15)
    return Application(
        declared_class=kind,
        customer_kind="person" if is_person else "organisation",
        name=name,
        phone=f"139{rng.randint(0, 99_999_999):08d}",
        identity_number=citizen_number(
            f"370303{rng.randint(1960, 2004)}0{rng.randint(1, 9)}1{rng.randint(0, 9)}{rng.randint(100, 999)}"
        )
        if is_person
        else credit_code(f"91370303MA3{rng.randint(0, 999_999):06d}"),
        email=f"customer{number}@example.invalid" if rng.random() < 0.5 else "",
        title=f"{name}（{site.address}）" if is_person else name,
        address=site.address,
        area=site.area,
        capacity_kva=kva,
        voltage_kv=Decimal(kv),
        channel=rng.choice(["hall", "web", "hotline", "visit"]),
        importance=importance,
        is_special_load=is_high and rng.random() < 0.12,
        needed_on=calendar().add(local_day(at), lead_wd) if rng.random() < 0.7 else None,
        points=tuple((text, 5 - i) for i, text in enumerate(rng.sample(POINTS, rng.randint(1, 3)))),
        is_simulated=True,
    )


def ripe_at(step: Step) -> datetime:
    """Instant at which the city's people will have done a step: typical time, spread, now and then three times as long.

    One case in three gets stuck at one step drawn for it, so that something waits at every step.
    """
    row, case = card(step.run.definition.key, step.code), Random(f"{SEED}:{step.run.subject}:stuck")  # noqa: S311
    rng = Random(f"{SEED}:{step.run.subject}:{step.code}:{step.round}")  # noqa: S311
    hours = row.typical_wd * 8 * PACE[step.run.definition.key] * rng.uniform(0.35, 1.15)
    hours *= 3 if rng.random() < SURVEY_SLOW else 1
    is_stuck = case.random() < 1 / 3 and case.choice(sorted(step_rows())) == step.code
    return after(step.opened_at, hours + rng.uniform(0.2, 2.5) + (is_stuck and 8 * STUCK_WD))


def after(at: datetime, hours: float) -> datetime:
    """So many working hours later; a working day runs from 8:30 to 16:30."""
    begin = local(at)
    opening = begin.replace(hour=8, minute=30, second=0, microsecond=0)
    done = min(max((begin - opening).total_seconds() / 3600, 0), 8)
    day = begin.date()
    if not calendar().is_working(day):
        day, done = calendar().add(day, 1), 0
    total = done + hours
    day = calendar().add(day, int(total // 8))
    return opening.replace(year=day.year, month=day.month, day=day.day) + timedelta(hours=total % 8)


def act(step: Step, at: datetime) -> list[Step]:
    """Do one step as its owner would; returns the steps that opened."""
    held = Case.objects.select_related("customer").prefetch_related("points")
    case = held.get(number=step.run.subject)
    rng = Random(f"{SEED}:{case.number}:{step.code}:{step.round}:act")  # noqa: S311
    if step.code == "SCHEME_SIGN" and rng.random() < 0.06:
        withdraw(case, reason="投资计划调整（模拟）", actor=CUSTOMER, at=at)
        return []
    row = card(step.run.definition.key, step.code)
    who = CUSTOMER if row.performer == "customer" else actor(person(step.owner_id or 0))
    points = [point.pk for point in case.points.all()]
    if row.performer == "utility" and rng.random() < 0.75:
        acknowledge_points(step, rng.sample(points, rng.randint(0, len(points))), actor=who, at=at)
    for paper in case.papers.exclude(state=Paper.State.HELD):
        if step.code in (paper.due_step, "ARCHIVE"):
            hand_in(paper, BytesIO(PAPER), name="simulated.pdf", actor=CUSTOMER, at=at)
    answered = {str(p): "已落实（模拟）" for p in points if rng.random() < 0.3}
    values = values_of(case, step, at, rng)
    if step.code in ("SCHEME_DRAFT", "SCHEME_REPLY") and not case.schemes.filter(state="draft").exists():
        values |= choice(case, rng, at=at) or {}
    if step.code == "ARCHIVE":
        look_back(case, rng, at=at)
    work = Work(case, step, who, at, values, answered)
    advance = doing(step.code).verb(work)
    step.refresh_from_db(fields=["state", "owner_id", "owner_name"])
    if step.state == Step.State.OPEN:  # it went on to the next department that is asked
        return [step]
    if rng.random() < 0.12 and advance.opened:
        _errand(case, rng, at)
    if step.code in ("ACCEPT", "SURVEY") and answered_alone(case, at=at):
        return list(open_steps(case.number))
    return list(advance.opened)


def _errand(case: Case, rng: Random, at: datetime) -> None:
    if case.account_manager_id:
        owner = responsible(
            role="specialist",
            department=rng.choice(("development", "operation", "dispatch", "metering")),
            area=case.area,
            voltage=level_of(case.case_class),
            customer_class=case.case_class,
            on=local_day(at),
        ).user.pk
        manager = actor(person(case.account_manager_id))
        kind = rng.choice(Errand.Kind.values)
        errand = coordination.send_errand(
            case,
            coordination.ErrandDraft(kind, rng.choice(ERRAND_WORDS), person(owner)),
            actor=manager,
            at=at,
        )
        if rng.random() < 0.85:
            coordination.answer_errand(
                errand,
                answer="agreed",
                text="同意（模拟）",
                actor=actor(person(owner)),
                at=after(at, rng.uniform(1, 14)),
            )


def prepare(*, at: datetime) -> None:
    """Prepare what any city needs first: calendar, departments, people, processes."""
    if not CalendarDay.objects.exists():
        load_calendar()
    load_demo_people(on=date(2015, 1, 1))
    publish_all(at=at)


def grow(*, cases: int, until: datetime) -> int:
    """Live through the days before ``until``; every case and step by the real services. Returns how many cases."""
    begin = after(until - timedelta(days=DAYS_BACK), 0)
    span = calendar().between(local_day(begin), local_day(until))
    queue: list[tuple[datetime, int, Step | None]] = []
    for number in range(cases):
        hours = 8 * span * ((number + 0.5) / cases) ** 0.5  # the city grows: most cases are recent and open
        heapq.heappush(queue, (after(begin, hours), -number - 1, None))
    made, swept = 0, begin
    while queue and queue[0][0] <= until:
        at, key, step = heapq.heappop(queue)
        if at - swept > timedelta(days=1):
            sweep(at=at)
            publish_in_time(on=local_day(at), at=at)
            swept = at
        opened = _one(at, key, step)
        made += step is None
        if step is None and made % 20 == 0:
            print(f"  {made}/{cases}  {local(at):%Y-%m-%d}", file=sys.stderr, flush=True)
        for new in _with_run().filter(pk__in=[step.pk for step in opened]) if opened else ():
            heapq.heappush(queue, (max(ripe_at(new), at), new.pk, new))
    sweep(at=until)
    return made


def _with_run() -> QuerySet[Step]:
    """Steps with the key of their process, without the heavy texts."""
    return Step.objects.select_related("run__definition").only(
        *(field.name for field in Step._meta.fields), "run__subject", "run__definition__key"
    )


def _one(at: datetime, key: int, step: Step | None) -> list[Step]:
    if step is None:
        case = apply(application(-key, at), actor=CUSTOMER, at=at)
        put_on_map(case, Random(f"{SEED}:{case.number}:site"), at=at)
        return list(Step.objects.filter(run__subject=case.number))
    try:
        with transaction.atomic():
            return act(step, at)
    except Refused as refusal:
        print(f"  {step.run.subject} {step.code}: {refusal}", file=sys.stderr)
        return []


def seed(argv: list[str]) -> int:
    """``jiedian demo-seed``: fill an empty city once."""
    parser = argparse.ArgumentParser(prog="jiedian demo-seed", description=seed.__doc__)
    parser.add_argument("--cases", type=int, default=152)
    options = parser.parse_args(argv)
    at = timezone.now()
    prepare(at=at - timedelta(days=DAYS_BACK + 5))
    is_grown, has_grid = SimulatedTime.objects.exists(), Grid.objects.exists()
    if is_grown and has_grid:
        return 0
    if is_grown or has_grid or Case.objects.exists():
        fault = "grew without a grid" if is_grown else "was stopped while it grew"
        print(f"jiedian: this city {fault}; remove its run folder {settings.RUN_DIR}", file=sys.stderr)
        return 1
    begun = time.monotonic()
    with connection.cursor() as cursor:  # a city that is killed while it grows is thrown away, not mended
        cursor.execute("SET synchronous_commit = off")
    found_grid(at=at - timedelta(days=DAYS_BACK + 5), until=local_day(at))
    made = grow(cases=options.cases, until=at)
    settle(at=at)
    bring_past(cases=120, seed=SEED, at=at)
    visit_city(at=at)
    rise(until=at)
    opinions.fill(at=at)
    live_through(until=at)
    SimulatedTime.objects.all().delete()
    SimulatedTime.objects.create(at=at)
    print(f"{made} cases in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return 0


def tick(argv: list[str]) -> int:
    """``jiedian demo-tick``: let simulated time run, a working hour in a few seconds, until killed."""
    parser = argparse.ArgumentParser(prog="jiedian demo-tick", description=tick.__doc__)
    parser.add_argument("--minutes", type=float, default=6, help="simulated minutes a second")
    options = parser.parse_args(argv)
    while True:
        time.sleep(2)
        beat(minutes=2 * options.minutes)


def beat(*, minutes: float) -> datetime:
    """One beat: move the simulated time, do what has become ripe, take in a new customer now and then."""
    row = SimulatedTime.objects.get()
    at = row.at + timedelta(minutes=minutes)
    if local(at).hour >= 17 or local(at).hour < 8:
        at = after(at, 0.01) if local(at).hour < 8 else after(at + timedelta(hours=15), 0.01)
    waiting = _with_run().filter(state=Step.State.OPEN)
    for step in waiting.filter(run__subject__in=Case.objects.filter(is_simulated=True).values("number")):
        if ripe_at(step) <= at:
            _one(at, 0, step)
    number = Case.objects.count()
    if Random(f"{SEED}:{at}").random() < CASES_A_DAY * minutes / 480:  # noqa: S311
        _one(at, -number - 1, None)
    opinions.answer_waiting(at=at)
    speak(at=at, minutes=minutes)
    sweep(at=at)
    measure_in_time(on=local_day(at), at=at)
    today = local_day(timezone.now())
    for day in unsealed_days(before=today):
        seal(day, today=today)
    SimulatedTime.objects.update(at=at)
    return at
