"""Case as its customer sees it: what he has to do, what we are doing, what is late, what he handed in and was told."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Message
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.screen.calc.gantt import Bar
from jiedian.cases.screen.queries.gantt import CaseGantt
from jiedian.cases.screen.queries.screen import Screen
from jiedian.clocks.queries import ClockView
from jiedian.process.models import Step
from jiedian.process.rows import StepRow
from jiedian.shell.kit.names import name_of
from jiedian.shell.templatetags.label_tags import fact_name
from jiedian.supply.scheme.models import Reply, Scheme
from jiedian.supply.scheme.templatetags.plans_tags import scheme_blocks


@dataclass(frozen=True)
class Task:
    """One open step as the customer reads it, since when, who does it, and the promise that runs on it."""

    words: str
    since: datetime
    owner_name: str
    clock: ClockView | None
    is_scheme: bool


@dataclass(frozen=True)
class Offer:
    """The scheme a customer was answered with, its parts in words, and its form in his language."""

    scheme: Scheme
    parts: tuple[tuple[str, str], ...]
    replies: tuple[Reply, ...]
    is_waiting: bool


@dataclass(frozen=True)
class TrackedCase:
    """One case as its customer sees it. ``expected_on`` has passed when ``is_behind``; then it is no expectation any more.

    ``ours_wd`` are the company's own working days within its limit, ``over_wd`` those beyond it.
    """

    case: Case
    yours: tuple[Task, ...]
    ours: tuple[Task, ...]
    late: ClockView | None
    owed: ClockView | None
    bars: tuple[Bar, ...]
    expected_on: date | None
    is_behind: bool
    ours_wd: int
    over_wd: int
    papers: tuple[Paper, ...]
    notices: tuple[Notice, ...]
    messages: tuple[Message, ...]
    offer: Offer | None

    @property
    def n_owed(self) -> int:
        """Number of papers that have not come yet."""
        return sum(paper.state != Paper.State.HELD for paper in self.papers)


def tracked(screen: Screen, *, on: date, is_zh: bool, may_accept: bool) -> TrackedCase:
    """Gather what the customer's page shows, from the screen of his case."""
    case, gantt = screen.case, screen.gantt
    language = "zh-hans" if is_zh else "en"
    tasks = [(row.performer == "customer", _task(step, row, screen)) for step, row in screen.acting]
    owed = screen.owed
    util = next((view for view in screen.clocks if view.limit.kind == "UTIL"), None)
    expected_on = gantt.plan.finish_on if gantt and gantt.plan else None
    return TrackedCase(
        case=case,
        yours=tuple(task for is_customers, task in tasks if is_customers),
        ours=tuple(task for is_customers, task in tasks if not is_customers),
        late=_late(owed),
        owed=owed,
        bars=customers_bars(gantt),
        expected_on=expected_on,
        is_behind=bool(expected_on and expected_on <= on and case.is_open),
        ours_wd=min(util.used_wd, util.limit.value) if util else 0,
        over_wd=max(util.used_wd - util.limit.value, 0) if util else 0,
        papers=tuple(case.papers.all()),
        notices=tuple(notice for notice in case.notices.all() if notice.language == language),
        messages=tuple(case.messages.all()),
        offer=_offer(case, language=language, may_accept=may_accept),
    )


def customers_bars(gantt: CaseGantt | None) -> tuple[Bar, ...]:
    """The bars of the drawing; what is the customer's is named as he would say it, and is never the red of our delay."""
    return tuple(_customers(bar) if bar.is_customer else bar for bar in (gantt.bars if gantt else ()))


def _customers(bar: Bar) -> Bar:
    return replace(bar, label=_yours(bar.code, bar.label), state="open" if bar.state == "late" else bar.state)


def _late(owed: ClockView | None) -> ClockView | None:
    """The promise that was not kept: also where its day has passed and nobody has judged it yet."""
    if owed is None or (owed.state != "broken" and owed.left_wd >= 0):
        return None
    return replace(owed, state="broken")


def _task(step: Step, row: StepRow, screen: Screen) -> Task:
    """An open step; the clock beside it is a promise to the customer, never one of our own orders."""
    owed = [view for view in screen.clocks if view.limit.is_promise]
    runs = [view for view in owed if view.clock.stopped_at is None and view.limit.step == step.code]
    is_customers = row.performer == "customer"
    return Task(
        words=_yours(step.code, name_of(row)) if is_customers else name_of(row),
        since=step.opened_at,
        owner_name=step.owner_name,
        clock=runs[0] if runs else None,
        is_scheme=row.wait_reason == "WAIT_SIGN",
    )


def _yours(code: str, otherwise: str) -> str:
    words = fact_name(f"yours.{code}")
    return otherwise if words.startswith("yours.") else words


def _offer(case: Case, *, language: str, may_accept: bool) -> Offer | None:
    scheme = case.schemes.exclude(state=Scheme.State.DRAFT).prefetch_related("replies").first()
    if scheme is None:
        return None
    lines = scheme_blocks(scheme)
    return Offer(
        scheme=scheme,
        parts=tuple((name_of(block), " ".join(line.words for line in rows)) for block, rows in lines),
        replies=tuple(reply for reply in scheme.replies.all() if reply.language == language),
        is_waiting=may_accept and scheme.state == Scheme.State.REPLIED,
    )
