"""Case as its customer sees it: what he has to do, what we are doing, what is late, what he handed in and was told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.undo import SaidNo, said_no
from jiedian.cases.coordination.models import Message
from jiedian.cases.forecast.queries import gateway_facts, teller_of
from jiedian.cases.intake.calc.plausible import kva_of
from jiedian.cases.intake.rows import appliances, usual
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.papers.queries import EarlyPaper, early_papers, not_yet, replaceable
from jiedian.cases.screen.queries.card import FirstCard, first_card
from jiedian.cases.screen.queries.screen import Screen
from jiedian.cases.screen.queries.stages import Stage, stages_of
from jiedian.clocks.models import Pause
from jiedian.clocks.queries import ClockView, clocks_of, reply_limit
from jiedian.core.findings import Refused
from jiedian.core.identity import tidy_power
from jiedian.core.words import is_chinese
from jiedian.core.workdays import local_day
from jiedian.links.models import Outbox
from jiedian.process.models import Step
from jiedian.process.queries import newest, steps_of, way
from jiedian.process.rows import StepRow, cards, classes, milestone_step
from jiedian.process.steps import doing
from jiedian.process.templatetags.process_tags import step_name
from jiedian.shell.kit.names import name_of
from jiedian.shell.templatetags.label_tags import fact_name
from jiedian.supply.menu.calc.voltages import VoltageRow
from jiedian.supply.scheme.models import Reply, Scheme
from jiedian.supply.scheme.templatetags.plans_tags import scheme_blocks
from jiedian.supply.study.queries.answers import answer_of
from jiedian.supply.study.queries.offers import correction_query
from jiedian.supply.study.queries.rules import scheme_rules
from jiedian.works.models import Appointment
from jiedian.works.queries import Dues, dues_of
from jiedian.works.services.appointments import days_to_choose

HIGH_KV = Decimal(35)
"""From here on nobody but a person can answer: the city's network ends below."""


@dataclass(frozen=True)
class Task:
    """One open step as the customer reads it, since when, who does it, and the promise that runs on it."""

    code: str
    words: str
    since: datetime
    owner_name: str
    clock: ClockView | None
    is_scheme: bool
    step_id: int = 0
    is_online: bool = False
    is_visit: bool = False
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Offer:
    """The scheme a customer was answered with, its parts in words, and its form in his language."""

    scheme: Scheme
    parts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    replies: tuple[Reply, ...]
    is_waiting: bool


STOPPED = (Case.State.WITHDRAWN, Case.State.TERMINATED)


@dataclass(frozen=True)
class TrackedCase:
    """One case as its customer sees it: the first card, the tasks by whose they are, the stages, papers and messages."""

    case: Case
    card: FirstCard
    yours: tuple[Task, ...]
    ours: tuple[Task, ...]
    late: ClockView | None
    owed: ClockView | None
    stages: tuple[Stage, ...]
    papers: tuple[Paper, ...]
    not_yet: Mapping[int, str]
    notices: tuple[Notice, ...]
    messages: tuple[Message, ...]
    offer: Offer | None
    dues: Dues
    early: tuple[EarlyPaper, ...]
    days: tuple[date, ...]
    successor: str
    standing: tuple[Pause, ...]
    replaceable: set[int]
    no: SaidNo | None

    @property
    def wanted(self) -> set[int]:
        """Papers (ids) for which a file is taken now: owed ones that can be there already, and those that may be replaced."""
        owed = {paper.pk for paper in self.papers if paper.state != Paper.State.HELD and self.case.is_open}
        return owed - set(self.not_yet) | self.replaceable

    @property
    def lacks_proof(self) -> bool:
        """True while no certificate has come yet with which the application could be accepted."""
        return bool(self.early) and not any(one.paper and one.is_proof for one in self.early)

    @property
    def n_pressing(self) -> int:
        """Number of papers that were sent back, or without which a step that is open now cannot end."""
        now = {task.code for task in (*self.yours, *self.ours)}
        back = Paper.State.REFUSED
        return sum(
            paper.state == back or (paper.state != Paper.State.HELD and paper.due_step in now)
            for paper in self.papers
        )

    @property
    def may_restart(self) -> bool:
        """True if he may apply again as he did: it ended without power, and nobody has applied again yet."""
        return self.case.state in STOPPED and not self.successor and not self.case.is_imported

    @property
    def folded(self) -> tuple[Stage, ...]:
        """Stages that are done and were done in time, put away where there are many; what was late stays in sight."""
        done = tuple(stage for stage in self.stages if stage.state == "done" and not stage.broken)
        return done if self.case.is_open and len(done) > 2 else ()

    @property
    def unfolded(self) -> tuple[Stage, ...]:
        """The other stages."""
        return tuple(stage for stage in self.stages if stage not in self.folded)

    @property
    def n_owed(self) -> int:
        """Number of papers that have not come yet."""
        return sum(paper.state != Paper.State.HELD for paper in self.papers)


def tracked(screen: Screen, *, at: datetime, is_zh: bool, may_accept: bool) -> TrackedCase:
    """Gather what the customer's page shows, from the screen of his case."""
    case = screen.case
    language = "zh-hans" if is_zh else "en"
    chosen = {one.step_id: one for one in case.appointments.all()}
    tasks = [(row.performer == "customer", _task(step, row, screen, chosen)) for step, row in screen.acting]
    card = first_card(screen, at=at)
    bars = screen.gantt.bars if screen.gantt else ()
    papers = tuple(case.papers.all())
    return TrackedCase(
        case=case,
        card=card,
        yours=tuple(task for is_customers, task in tasks if is_customers),
        ours=tuple(task for is_customers, task in tasks if not is_customers),
        late=_late(screen.owed),
        owed=screen.owed,
        stages=tuple(stages_of(bars, case.process_key, card.broken, _stopped(screen))),
        papers=papers,
        not_yet=not_yet(case, papers),
        notices=tuple(notice for notice in case.notices.all() if notice.language == language),
        messages=tuple(case.messages.all()),
        offer=_offer(case, language=language, may_accept=may_accept),
        dues=dues_of(case),
        early=early_papers(case),
        successor=Case.objects.filter(predecessor=case).values_list("number", flat=True).first() or "",
        standing=tuple(one for one in screen.pauses if not one.is_automatic and one.ended_at is None),
        replaceable=replaceable(case),
        no=said_no(case),
        days=tuple(days_to_choose(on=local_day(at))) if any(task.is_visit for _, task in tasks) else (),
    )


def _stopped(screen: Screen) -> set[str]:
    """Steps that were under way when the case ended without power."""
    last = {step.code: step.state for step in screen.steps}
    return (
        {code for code, state in last.items() if state == Step.State.CANCELLED}
        if screen.case.state in STOPPED
        else set()
    )


def _late(owed: ClockView | None) -> ClockView | None:
    """The promise that was not kept: also where its day has passed and nobody has judged it yet."""
    if owed is None or (owed.state != "broken" and owed.left_wd >= 0):
        return None
    return replace(owed, state="broken")


def _task(step: Step, row: StepRow, screen: Screen, chosen: Mapping[int, Appointment]) -> Task:
    """An open step; the clock beside it is a promise to the customer, never one of our own orders."""
    owed = [view for view in screen.clocks if view.limit.is_promise]
    runs = [view for view in owed if view.clock.stopped_at is None and view.limit.step == step.code]
    is_customers = row.performer == "customer"
    return Task(
        code=step.code,
        words=customers_words(step.code, screen.case.process_key) if is_customers else name_of(row),
        since=step.opened_at,
        owner_name=step.owner_name,
        clock=runs[0] if runs else None,
        is_scheme=row.wait_reason == "WAIT_SIGN",
        step_id=step.pk,
        is_online=is_customers and doing(step.code).online is not None,
        is_visit=not is_customers and row.contact == "present",
        appointment=chosen.get(step.pk),
    )


def customers_words(code: str, process: str) -> str:
    """A step of the customer in a process as he would say it."""
    words = fact_name(f"yours.{code}", process)
    return step_name(code, process) if words.startswith("yours.") else words


def code_key(number: str) -> str:
    """The beginning of the key under which every code of a case is sent."""
    return f"code:{number}:"


def demo_code(number: str) -> str:
    """The last code that was sent for a case, which the demo shows because its messages reach no phone."""
    sent = Outbox.objects.filter(
        template__in=("one_time_code", "signing_code"), idempotency_key__startswith=code_key(number)
    ).first()
    found = re.search(r"\d{6}", sent.text) if sent else None
    return found[0] if found else ""


def _offer(case: Case, *, language: str, may_accept: bool) -> Offer | None:
    scheme = case.schemes.exclude(state=Scheme.State.DRAFT).prefetch_related("replies").first()
    if scheme is None:
        return None
    lines = scheme_blocks(scheme)
    return Offer(
        scheme=scheme,
        parts=tuple(
            (name_of(block), tuple((line.label, line.words) for line in rows)) for block, rows in lines
        ),
        replies=tuple(reply for reply in scheme.replies.all() if reply.language == language),
        is_waiting=may_accept and scheme.state == Scheme.State.REPLIED,
    )


def cases_of(index: str) -> list[str]:
    """Numbers of the newest cases that were applied for with the phone of an index, the newest first."""
    found = Case.objects.filter(customer__phone_index=index, batch=None)
    return list(found.order_by("-id").values_list("number", flat=True)[:10])


def instant_answer(case: Case, *, at: datetime) -> dict[str, Any]:
    """Answer of the grid, now, to a customer who has no formal reply yet: an option without conflict; why there is none, and
    which voltage reaches him; else why nobody can answer at once, and when he hears. Nothing where he has his reply.
    """
    if not case.is_open or case.is_imported or case.energised_at:
        return {}
    if case.schemes.exclude(state="draft").exists():
        return {}
    on, has_grid = local_day(at), True
    try:
        found = answer_of(case, at=at)
    except Refused:
        found, has_grid = None, False
    if found and found.way:
        return {"answer": found.way.option, "answer_line": found.way.line}
    told: dict[str, Any] = {
        "told": found,
        "reply": reply_limit(case.case_class, case.voltage_kv, on=on),
        "due_on": _reply_due(case, at=at),
        "is_short": not sends_scheme(case.process_key, case.case_class),
        **_works(case),
    }
    if found is None:  # the survey finds the place, once the case is accepted
        why = "place" if has_grid else "grid"
        return {} if case.accepted_at and not told["due_on"] else told | {"no_word": why}
    if found.is_by_hand:
        return told | {"no_word": "hand"}
    if found.higher_kv and not case.accepted_at:
        told["offer_query"] = correction_query(case, found.higher_kv)
    return told | {"no_answer": True}


def sends_scheme(process_key: str, case_class: str) -> bool:
    """True if a class is sent a scheme of its own; where not, what it would say stands in the contract."""
    replied = milestone_step(process_key, "replied")
    return replied in way(newest(process_key), classes()[case_class].gateway_values()).codes


def _works(case: Case) -> dict[str, str]:
    """Works on the grid as a case was told of them (``decided``: yes or no), and before that who tells (``teller``)."""
    facts = gateway_facts([case])[case.number]
    teller = teller_of(case.process_key, way(newest(case.process_key), facts).codes, "grid_works")
    if steps_of(case.number).filter(code=teller, state=Step.State.DONE).exists():
        return {"decided": facts["grid_works"]}
    return {"teller": "acceptance" if teller == milestone_step(case.process_key, "accepted") else "site"}


def _reply_due(case: Case, *, at: datetime) -> date | None:
    """Day by which the case is to be answered with its scheme; None before it is accepted."""
    replied = {code for code, row in cards(case.process_key).items() if row.milestone == "replied"}
    running = [view for view in clocks_of(case.number, at=at) if view.limit.is_promise]
    days = [view.due_on for view in running if view.limit.step in replied and not view.clock.stopped_at]
    return min(days, default=None)


def high_voltages(on: date) -> list[VoltageRow]:
    """Voltages from 35 kV on that are in force on a day."""
    begun = [row for row in scheme_rules(on).voltages if row.kv >= HIGH_KV]
    return [row for row in begun if (row.effective_from or on) <= on < (row.effective_to or date.max)]


def kva_told(asked: Mapping[str, str]) -> Decimal | None:
    """Capacity (kVA) that a half-filled application tells, by number or by its appliances; None while it tells none."""
    row = usual().get(asked.get("declared_class") or asked.get("case_class", ""))
    numbers = {name: str(value).strip() for name, value in asked.items()}
    typed, counted = tidy_power(numbers.get("capacity_kva", "")), []
    if typed.replace(".", "", 1).isdecimal() and 0 < (kva := Decimal(typed)) < 10**8:
        return kva
    for each in appliances().values():
        n = numbers.get(f"n_{each.id}", "")
        counted.append((each.kw, int(n) if n.isdecimal() and len(n) < 4 else 0))
    found = kva_of(counted, row.coincidence) if row else Decimal(0)
    return max(found, row.start_kva) if row and found else None


def when_answered(on: date) -> str:
    """Words for when an applicant hears: at once, or by whom and how many working days after acceptance at the latest."""
    one, two = (reply_limit(code, HIGH_KV, on=on) for code in ("HV1", "HV2"))
    told = str(_("10 kV 及以下，标出用电的地方就能当场算出能不能接；35 kV 及以上由客户经理人工答复。"))
    if one and two:
        days = {"one": one.value, "two": two.value}
        told += (
            " " * (not is_chinese(get_language() or "zh"))
            + _("供电方案最迟在受理后 %(one)s 个工作日（两路电源 %(two)s 个）内答复。") % days
        )
    return str(told)
