"""How long a completed step takes: over the web with everything it brings, in services, and by the engine alone.

The peer is the same BPMN engine with its run and steps stored by Django's ORM (process.start / process.complete):
no facts, owners, hand-offs, clocks, papers or forms. The ratio is what the honest part costs. Neither side counts looking up
which step is next, nor making up what a person would enter.
"""

import sys
from functools import partial
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django.setup()

from _measure import say, seconds  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from demo.life import prepare
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.services.intake import apply
from jiedian.people.models import User
from jiedian.people.queries import actor, person
from jiedian.process import services as process
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from jiedian.process.steps import doing
from tests.cast import CUSTOMER, application, form_of
from tests.deeds import values_of

ROUNDS = 12


def lodge() -> Case:
    return apply(application("RES"), actor=CUSTOMER, at=timezone.now())


def by_service() -> list[float]:
    """One residential case to its end, a time a step: from the work as a page hands it over to what its verb has written."""
    case, times = lodge(), []
    while held := open_steps(case.number).order_by("id").first():
        case = Case.objects.select_related("customer").get(pk=case.pk)
        at = timezone.now()
        who = actor(person(held.owner_id))
        work = Work(case, held, who, at, values_of(case, held, at))
        times.append(seconds(partial(doing(held.code).verb, work)))
    return times


def by_web(client: Client) -> list[float]:
    """The same over the web, up to where files would have to be sent: acceptance and what follows it as its owner."""
    case, times = lodge(), []
    for _ in range(3):
        held = open_steps(case.number).order_by("id").first()
        if held is None:
            break
        form = form_of(case, held, timezone.now())
        client.force_login(User.objects.get(pk=held.owner_id))
        url = reverse("step", args=[case.number, held.pk])
        times.append(seconds(lambda: client.post(url, form)))  # noqa: B023
        held.refresh_from_db()
        assert held.state == Step.State.DONE, (held.code, form)
    return times


def by_engine(number: int) -> list[float]:
    """The same process moved by the engine and the ORM alone."""
    subject, at = f"bench-{number}", timezone.now()
    process.start(
        key="residential", subject=subject, data={"open_capacity": "yes", "grid_works": "no"}, at=at
    )
    times, outcome = [], {"result": "pass", "is_accepted": "yes"}
    while held := open_steps(subject).order_by("id").first():
        end = partial(process.complete, subject=subject, step_id=held.pk, outcome=outcome, at=at)
        times.append(seconds(end))
    return times


def median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def main() -> None:
    prepare(at=timezone.now())
    client = Client()
    web: list[float] = []
    service: list[float] = []
    engine: list[float] = []
    first = Step.objects.count()
    for number in range(ROUNDS):
        service += by_service()
        engine += by_engine(first + number)
        web += by_web(client)
    say(
        "steps",
        f"residential, services with facts and clocks, n={len(service)}",
        median(service),
        median(engine),
        unit="s/step",
    )
    say(
        "steps",
        f"residential, over the web (test client), n={len(web)}",
        median(web),
        median(engine),
        unit="s/step",
    )


main()
