"""Opinions of the demo's made-up customers and managers: from what their own case went through, marked simulated."""

from datetime import datetime, timedelta
from random import Random

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.clocks.models import Clock
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.voice.surveys.models import Invitation
from jiedian.voice.surveys.queries import ItemRow, columns, invitation_by, items, triggers
from jiedian.voice.surveys.services.imports import answers_of_file
from jiedian.voice.surveys.services.surveys import (
    AnswerSheet,
    believe,
    invite,
    open_kiosk,
    send_in,
    sit_down,
    take_down,
    take_in,
)

SEED = 20191227
CUSTOMER = Actor(None, "客户（模拟）", "customer")
ANSWERS, AGREES, SPEAKS = 0.66, 0.4, 0.35
"""Shares of those invited who answer, of answers linked to the case, and of answers with words."""
SINCE_DAYS = 75
"""How long ago the made-up city began to ask."""
TROUBLED = (
    "比说好的晚了，也没人先打电话（模拟）",
    "同样的资料跑了两趟（模拟）",
    "方案看不太懂，问了几次才明白（模拟）",
    "等得太久，生意耽误了（模拟）",
)
PLEASED = (
    "很快，客户经理一直跟着（模拟）",
    "一次就办好了（模拟）",
    "师傅讲得清楚，现场也干净（模拟）",
    "比想的省心（模拟）",
)
WEIGHS = 0.7
"""How many share out the points; the others leave them empty."""
WISHED_WD = {"RES": 2, "LV0": 5, "LVN": 5, "HV1": 14, "HV2": 20}


def ask_all(*, until: datetime) -> int:
    """Invite after every milestone since surveys began and answer what would be answered by now; returns answers."""
    kinds = [row.fact for row in triggers().values()]
    begun, answered = until - timedelta(days=SINCE_DAYS), 0
    facts = Fact.objects.filter(kind__in=kinds, data__has_key="step_id", occurred_at__gte=begun)
    for fact in facts.order_by("occurred_at", "id"):
        number = fact.stream.removeprefix("case:")
        case = Case.objects.select_related("customer").get(number=number)
        made = invite(
            case, fact.data["step"], at=fact.occurred_at, step_id=fact.data["step_id"], cause=fact.uid
        )
        if made and answer(made[0], until=until):
            answered += 1
    return answered


def answer_waiting(*, at: datetime, most: int = 3) -> int:
    """A few simulated customers answer what they were asked lately; returns how many."""
    waiting = Invitation.objects.filter(
        state=Invitation.State.OPEN, is_simulated=True, case__isnull=False, sent_at__gt=at - timedelta(days=6)
    )
    return sum(answer(found, until=at) for found in waiting.select_related("case").order_by("?")[:most])


def answer(found: Invitation, *, until: datetime) -> bool:
    """One made-up customer: the same answer for the same case and step, given a few days after the question."""
    case = found.case
    assert case is not None
    rng = Random(f"{SEED}:{case.number}:{found.step_code}:opinion")  # noqa: S311 - a simulation, not a secret
    at = found.sent_at + timedelta(hours=rng.uniform(2, 120))
    if rng.random() > ANSWERS or at > until:
        return False
    mood = experience(case, found.step_code) + rng.gauss(0, 0.55)
    take_down(found, marks(found.instrument, case.case_class, mood, rng))
    words = rng.choice(TROUBLED if mood < -0.4 else PLEASED) if rng.random() < SPEAKS else ""
    send_in(found, words=words, may_link=rng.random() < AGREES, actor=CUSTOMER, at=at)
    return True


def experience(case: Case, step_code: str) -> float:
    """Experience of a case up to the step: late clocks, asked twice and sent on pull down, keeping time lifts."""
    row = triggers()[step_code]
    clocks = Clock.objects.filter(subject=case.number, step__in=[step_code, *row.clock_steps])
    stopped = [clock.is_overdue for clock in clocks if clock.stopped_at]
    late = sum(stopped) / len(stopped) if stopped else 0.25
    breaches = Breach.objects.filter(case=case).count()
    return 0.7 - 2.2 * late - 0.6 * min(breaches, 2)


def marks(instrument: str, case_class: str, mood: float, rng: Random) -> dict[str, str]:
    """The answers to every item; time and reliability follow the mood most, image least."""
    weight = {"responsiveness": 1.3, "reliability": 1.2, "tangibles": 0.5, "supply": 0.4}
    found: dict[str, str] = {}
    for row in items(instrument):
        if row.kind == "pair":
            pull = 0.6 if row.aspect == "image" else weight.get(row.dimension, 0.9)
            found[f"E_{row.item}"] = _mark(6.1 + _more(row), rng, 0.6)
            found[f"P_{row.item}"] = _mark(5.1 + pull * mood, rng, 0.8)
        elif row.kind == "days":
            found[f"D_{row.item}"] = str(max(1, round(rng.gauss(1, 0.3) * WISHED_WD[case_class])))
        elif row.kind == "importance" and rng.random() < WEIGHS:
            found |= _points(columns(row), weight, rng)
        elif row.kind == "satisfaction":
            found[row.item] = _mark(5.0 + 1.1 * mood, rng, 0.7)
    return found


def _points(names: tuple[str, ...], weight: dict[str, float], rng: Random) -> dict[str, str]:
    """A hundred points in fives, more for what follows the mood; the last dimension takes what is left."""
    pull = [weight.get(name.removeprefix("WD_"), 0.9) * rng.uniform(0.6, 1.4) for name in names]
    shares = [5 * round(20 * one / sum(pull)) for one in pull]
    shares[shares.index(max(shares))] += 100 - sum(shares)
    return {name: str(share) for name, share in zip(names, shares, strict=True)}


def _more(row: ItemRow) -> float:
    """Reliability is expected most, tangibles least."""
    return {"reliability": 0.4, "tangibles": -0.6}.get(row.dimension, 0.0)


def _mark(centre: float, rng: Random, spread: float) -> str:
    return str(min(7, max(1, round(rng.gauss(centre, spread)))))


def ask_managers(*, at: datetime) -> int:
    """Every manager says what he believes customers expect: rather less of time, rather more of tangibles."""
    count = 0
    wanted = {"department_head", "quality_manager", "process_owner", "account_manager"}
    for user in User.objects.filter(is_active=True).order_by("id"):
        if not wanted & set(user.roles):
            continue
        for row in triggers().values():
            rng = Random(f"{SEED}:{user.username}:{row.instrument}")  # noqa: S311
            told = {
                f"B_{item.item}": _mark(
                    5.9 - 0.7 * (item.dimension == "responsiveness") + 0.2 * _more(item), rng, 0.7
                )
                for item in items(row.instrument)
                if item.kind == "pair"
            }
            believe(user, row.instrument, told, actor=actor(user), at=at)
            count += 1
    return count


def ask_in_the_hall(*, at: datetime, people: int = 40) -> int:
    """Ask in the hall: answers that came in on the hall's screen during the last weeks: the short form and Kano's pairs."""
    clerk = User.objects.filter(roles__contains=["clerk"]).order_by("id").first()
    assert clerk is not None
    for key in ("short", "kano"):
        kiosk, _token = open_kiosk(
            key, area="east", department="marketing", days=90, actor=actor(clerk), at=at
        )
        Invitation.objects.filter(pk=kiosk.pk).update(is_simulated=True)
        kiosk.is_simulated = True
        for number in range(people):
            rng = Random(f"{SEED}:{key}:{number}")  # noqa: S311
            then = at - timedelta(days=rng.randint(1, 60))
            sitting = invitation_by(sit_down(kiosk, at=then), at=then)
            told = kano_marks(rng) if key == "kano" else marks(key, "RES", rng.gauss(0.2, 0.6), rng)
            take_down(sitting, told)
            send_in(sitting, words="", may_link=False, actor=CUSTOMER, at=then)
    return 2 * people


def kano_marks(rng: Random) -> dict[str, str]:
    """Being told and being live is liked, keeping the day is taken for granted."""
    wanted = {"ka1": (1, 5), "ka2": (2, 5), "ka3": (1, 4), "ka4": (1, 3), "ka5": (1, 5), "ka6": (3, 3)}
    found = {}
    for item, (with_it, without) in wanted.items():
        found[f"KF_{item}"] = str(min(5, max(1, with_it + rng.choice((0, 0, 0, 1)))))
        found[f"KD_{item}"] = str(min(5, max(1, without - rng.choice((0, 0, 1)))))
    return found


def bring_old_survey(*, at: datetime, people: int = 90) -> int:
    """A paper survey of the year before, taken in as a file through the same import that staff use."""
    names = [row.item for row in items("servqual22") if row.kind == "pair"]
    head = ["answered_on", "case_class", "is_simulated", "satisfaction"]
    lines = [",".join([*head, *(f"{half}_{name}" for name in names for half in "EP")])]
    for number in range(people):
        rng = Random(f"{SEED}:paper:{number}")  # noqa: S311
        day = (at - timedelta(days=rng.randint(150, 330))).date()
        mood = rng.gauss(-0.5, 0.8)
        told = marks("servqual22", "RES", mood, rng)
        cells = [str(day), rng.choice(("RES", "LVN", "HV1")), "yes", told["satisfaction"]]
        halves = [told[f"{half}_{name}"] if rng.random() > 0.02 else "" for name in names for half in "EP"]
        lines.append(",".join([*cells, *halves]))
    content = "\n".join(lines).encode()
    rows, findings = answers_of_file(content, "servqual22", on=at.date())
    quality = User.objects.filter(roles__contains=["quality_manager"]).order_by("id").first()
    assert quality is not None
    sheet = AnswerSheet("servqual22", "去年纸质问卷（模拟）.csv", content, rows, findings)
    take_in(sheet, actor=actor(quality), at=at)
    return len(rows)


def fill(*, at: datetime) -> int:
    """Everything that was asked and answered up to now; returns how many answers there are."""
    told = ask_all(until=at) + ask_in_the_hall(at=at) + bring_old_survey(at=at)
    return told + ask_managers(at=at)
