"""The daily sheet: what each person has to move today, and what was moved, counted."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count

from jiedian.cases.coordination.models import Errand, Urging
from jiedian.core.workdays import local
from jiedian.ground.journal.models import Fact
from jiedian.process.models import Step
from jiedian.process.rows import steps as step_rows

from .cases import Line
from .standing import DayRows

COUNTED = (
    "case.applied",
    "case.accepted",
    "case.scheme_replied",
    "case.inspected",
    "case.energised",
    "clock.broken",
)
"""What a day is measured by, in the order of the process."""


@dataclass(frozen=True)
class SheetRow:
    """One thing to move: the case, the step that is open (None for an imported case), and whether the customer acts."""

    line: Line
    step: Step | None
    is_customer: bool


@dataclass(frozen=True)
class DaySheet:
    """Day sheet: steps moved yesterday and so far today, steps to move by person, and what is still asked or ordered."""

    moved: list[tuple[str, int, int]]
    people: list[tuple[str, list[SheetRow]]]
    errands: list[Errand]
    orders: list[Urging]


@dataclass(frozen=True)
class Load:
    """Load of one person: the steps he has open, and how many of them are in cases that are late."""

    owner_name: str
    n: int
    late: int


def loads(owners: Collection[int], rows: DayRows) -> list[Load]:
    """The loads of some people, of whose cases the rows of the day are known; the fullest desk first."""
    late = {row.number for row in rows.standings if row.is_late}
    open_now = Step.objects.filter(owner_id__in=owners, state=Step.State.OPEN).order_by()
    held = list(open_now.values_list("owner_name", "run__subject"))
    lates = Counter(name for name, number in held if number in late)
    return [Load(name, n, lates[name]) for name, n in Counter(name for name, _number in held).most_common()]


def day_sheet(lines: Iterable[Line], *, at: datetime) -> DaySheet:
    """The sheet of a day from the list rows it is about, each person's most pressing first."""
    held = list(lines)
    people: dict[str, list[SheetRow]] = {}
    rows = step_rows()
    for line in held:
        for step in line.steps:
            is_customer = rows[step.code].performer == "customer"
            people.setdefault(step.owner_name, []).append(SheetRow(line, step, is_customer))
        if not line.steps:
            people.setdefault(line.case.account_manager_name, []).append(SheetRow(line, None, False))
    ids = [line.case.pk for line in held]
    return DaySheet(
        _moved(at=at),
        sorted(people.items(), key=lambda pair: (-sum(row.line.is_late for row in pair[1]), pair[0])),
        list(
            Errand.objects.filter(case_id__in=ids).exclude(state=Errand.State.ANSWERED).select_related("case")
        ),
        list(
            Urging.objects.filter(case_id__in=ids, kind="supervised", verified_at=None).select_related("case")
        ),
    )


def _moved(*, at: datetime) -> list[tuple[str, int, int]]:
    """How often each counted thing happened yesterday and today, the company over; imported history is not news."""
    today = datetime.combine(local(at).date(), time.min, local(at).tzinfo)
    news = Fact.objects.filter(kind__in=COUNTED, occurred_at__lte=at).exclude(actor_role="imported")

    def count(since: datetime, until: datetime) -> dict[str, int]:
        rows = news.filter(occurred_at__gte=since, occurred_at__lt=until).order_by().values("kind")
        return {row["kind"]: row["n"] for row in rows.annotate(n=Count("id"))}

    before, now = count(today - timedelta(days=1), today), count(today, at + timedelta(seconds=1))
    return [(kind, before.get(kind, 0), now.get(kind, 0)) for kind in COUNTED]
