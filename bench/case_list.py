"""How long one page of the list takes among ten thousand cases: 95th percentile, against a plain Django list view.

The peer is Django's own ListView over the same rows with the same search, showing the same columns by the ORM as it comes
(owner, open steps and promise asked for row by row). Both go through the test client, signed in, alternating.
"""

import statistics
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django.setup()

from _measure import say, seconds  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.generic import ListView  # noqa: E402

from demo.life import CUSTOMER, application, prepare
from jiedian.cases.case.models.case import Case
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import due_day
from jiedian.people.models import User
from jiedian.process.models import Run, Step

CASES, SEEDS, ROUNDS = 10_000, 12, 12
ASKED = ("", "?page=40", "?q=面馆", "?state=running&area=east", "?sort=-capacity", "?late=1", "?sort=title")
PEER_PAGE = """<table>{% for row in rows %}<tr><td>{{ row.0.number }} {{ row.0.title }}</td><td>{% for s in row.1 %}
{{ s.code }} {{ s.owner_name }}{% endfor %}</td><td>{{ row.2 }}</td></tr>{% endfor %}</table>"""


def fill() -> None:
    """A few real cases, copied with their runs, steps and clocks until there are ten thousand."""
    from jiedian.cases.intake.services.intake import apply
    from tests.cast import do

    at = timezone.now()
    prepare(at=at)
    if Case.objects.count() >= CASES:
        return
    made = [apply(application(10_000 + n, at), actor=CUSTOMER, at=at) for n in range(SEEDS)]
    for case in made:
        do(case, "ACCEPT", at)
    for start in range(0, CASES - SEEDS, SEEDS * 100):
        copy(made, range(start, min(start + SEEDS * 100, CASES - SEEDS)))


def copy(made: list[Case], numbers: range) -> None:
    """Rows of one block of copies."""
    cases, runs, steps, clocks = [], [], [], []
    for number in numbers:
        case, subject = made[number % SEEDS], f"B-{number:07}"
        fields = {f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields if f.name != "id"}
        shop = "面馆" if number % 7 == 0 else "工厂"
        cases.append(Case(**fields | {"number": subject, "title": f"{shop}{number % 997}"}))
        run = Run.objects.get(subject=case.number)
        copied = Run(
            subject=subject,
            definition_id=run.definition_id,
            state=run.state,
            tokens=run.tokens,
            started_at=run.started_at,
        )
        runs.append(copied)
        clocks += [
            Clock(
                **{f.attname: getattr(c, f.attname) for f in Clock._meta.concrete_fields if f.name != "id"}
                | {"subject": subject}
            )
            for c in Clock.objects.filter(subject=case.number)
        ]
        steps += [(copied, step) for step in Step.objects.filter(run=run)]
    Case.objects.bulk_create(cases)
    Run.objects.bulk_create(runs)
    Step.objects.bulk_create(
        Step(run=run, code=s.code, task_uid=s.task_uid, state=s.state, owner_id=s.owner_id, owner_name=s.owner_name,
             opened_at=s.opened_at, done_at=s.done_at)
        for run, s in steps
    )  # fmt: skip
    Clock.objects.bulk_create(clocks)


class Plain(ListView):  # type: ignore[type-arg]
    """The peer."""

    model, paginate_by = Case, 30

    def get_queryset(self) -> object:
        rows = Case.objects.select_related("customer").order_by("-id")
        text = self.request.GET.get("q")
        return rows.filter(title__icontains=text) if text else rows

    def render_to_response(self, context: dict[str, object], **kwargs: object) -> HttpResponse:
        rows = []
        for case in context["object_list"]:  # type: ignore[attr-defined]
            steps = list(Step.objects.filter(run__subject=case.number, state="open"))
            clocks = Clock.objects.filter(subject=case.number, state__in=["running", "paused"], ref="")
            rows.append((case, steps, min((due_day(clock) for clock in clocks), default="")))
        return HttpResponse(engines["django"].from_string(PEER_PAGE).render({"rows": rows}))


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def main() -> None:
    fill()
    client, factory, plain = Client(), RequestFactory(), Plain.as_view()
    client.force_login(User.objects.get(username="clerk"))
    for asked in ASKED:
        assert client.get(f"/cases/{asked}").status_code == 200
    ours: dict[str, list[float]] = {asked: [] for asked in ASKED}
    theirs: dict[str, list[float]] = {asked: [] for asked in ASKED}
    for _ in range(ROUNDS):
        for asked in ASKED:
            ours[asked].append(seconds(lambda: client.get(f"/cases/{asked}")))  # noqa: B023
            theirs[asked].append(seconds(lambda: plain(factory.get(f"/cases/{asked}"))))  # noqa: B023
    for asked in ASKED:
        words = f"{Case.objects.count()} cases, /cases/{asked}, p95"
        say("case_list", words, p95(ours[asked]), p95(theirs[asked]), unit="s")
    everything = (
        [t for times in ours.values() for t in times],
        [t for times in theirs.values() for t in times],
    )
    say(
        "case_list",
        "all of these, p95 (peer: plain ListView, no sort, no filters)",
        p95(everything[0]),
        p95(everything[1]),
        unit="s",
    )


main()
