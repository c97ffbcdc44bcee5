"""客户负担: what a customer of a class meets in a process: steps, contacts, papers, working days, waiting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from jiedian.cases.papers.calc.checklist import PaperRow, assess
from jiedian.clocks.calc.promises import Limit, Profile, Unit, binding
from jiedian.core.findings import Finding
from jiedian.process.calc.bpmn import CUSTOMER_WORDS, Graph, Node
from jiedian.process.calc.flow import Way, ends, longest, way

CONTACTS = ("none", "act", "present", "come")
"""The customer notices nothing; acts from where he is; must be there when the company comes; must come."""
POWER = "energised"
"""The milestone after which the customer has power."""
ARCHIVE = "archived"
"""The milestone with which the article's count of steps ends; a call-back may follow."""
WORKDAYS_A_MONTH = 21.0
"""For the few old limits in months only."""
HOURS_A_DAY = 24.0


@dataclass(frozen=True)
class Work:
    """Burden of one kind of step: who does it, how many working days it usually takes, how it meets the customer."""

    code: str
    name: str
    performer: str
    typical_wd: float
    contact: str = ""
    milestone: str = ""


@dataclass(frozen=True)
class Step:
    """One step that the customer's case passes; ``start`` and ``days`` are working days."""

    code: str
    name: str
    is_customer: bool
    contact: str
    start: float
    days: float
    is_critical: bool
    milestone: str = ""


@dataclass(frozen=True)
class Burden:
    """Counts and working days. ``to_power_wd`` ends with energising; ``limit_wd`` is what the limits in force allow the company, None where none binds."""

    process: str
    case_class: str
    steps: tuple[Step, ...]
    papers: int
    hand_ins: int
    serial_wd: float
    total_wd: float
    to_power_wd: float | None
    limit_wd: float | None
    path: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def n_steps(self) -> int:
        return len(self.steps)

    @property
    def steps_to_archive(self) -> int:
        """Steps from acceptance to archiving, both counted: how the article counts its "at least 16"."""
        reached = [step.milestone for step in self.steps]
        return reached.index(ARCHIVE) + 1 if ARCHIVE in reached else len(reached)

    @property
    def customer_steps(self) -> int:
        """Steps the customer meets: he acts, is present or comes."""
        return sum(step.contact != "none" for step in self.steps)

    @property
    def trips(self) -> int:
        """Times he must come to the company."""
        return sum(step.contact == "come" for step in self.steps)

    @property
    def presences(self) -> int:
        """Times he must be there when the company comes."""
        return sum(step.contact == "present" for step in self.steps)

    @property
    def waiting_wd(self) -> float:
        """Days on the critical path on which the company works and the customer waits."""
        return sum(step.days for step in self.steps if step.is_critical and not step.is_customer)

    @property
    def customer_wd(self) -> float:
        """Days on the critical path that are the customer's own work."""
        return self.total_wd - self.waiting_wd


FIGURES = (
    "n_steps",
    "steps_to_archive",
    "customer_steps",
    "papers",
    "hand_ins",
    "trips",
    "presences",
    "total_wd",
    "waiting_wd",
    "customer_wd",
    "to_power_wd",
    "serial_wd",
    "limit_wd",
)
"""What is compared between two versions, in the order of pages and files."""


@dataclass(frozen=True)
class Typical:
    """A typical case of a class: what it says to the gateways, and the classes whose limits bind it."""

    case_class: str
    facts: Mapping[str, str]
    profile: Profile


@dataclass(frozen=True)
class Ruled:
    """Burdens of the steps of a process: the work of each, the papers asked, the limits the company is given."""

    works: Mapping[str, Work]
    papers: Sequence[PaperRow]
    limits: Iterable[Limit]


def burden_of(graph: Graph, typical: Typical, ruled: Ruled, *, on: date) -> Burden:
    """Walk a class through a process. Steps are known by their id, else by their name, else by their lane."""
    walked = way(graph, typical.facts)
    work_at, unknown = _works_on(graph, walked, ruled.works)
    days = {key: work.typical_wd for key, work in work_at.items()}
    total, path = longest(walked, days)
    when = ends(walked, days)
    steps = tuple(
        _step(graph.nodes[key], work, when[key], key in path)
        for key, work in sorted(work_at.items(), key=lambda pair: when[pair[0]])
    )
    handed_in = papers_of(ruled.papers, typical.facts)
    return Burden(
        graph.key,
        typical.case_class,
        steps,
        len({row.part_of or row.code for row in handed_in}),
        len({row.stage for row in handed_in}),
        sum(step.days for step in steps),
        total,
        _to_power(walked, work_at),
        _allowed(ruled.limits, typical.profile, {step.code for step in steps}, on=on),
        tuple(work_at[key].code for key in path if key in work_at),
        (*walked.findings, *unknown),
    )


def _works_on(graph: Graph, walked: Way, works: Mapping[str, Work]) -> tuple[dict[str, Work], list[Finding]]:
    by_name = {work.name: work for work in works.values()}
    work_at: dict[str, Work] = {}
    findings: list[Finding] = []
    for key in walked.before:
        node = graph.nodes[key]
        if node.is_step:
            known = works.get(key) or by_name.get(node.name)
            if known is None:
                findings.append(Finding("burden.step", key, node=node.name))
            work_at[key] = known or _unknown(node)
    return work_at, findings


def _step(node: Node, work: Work, end: float, is_critical: bool) -> Step:
    is_customer = work.performer == "customer"
    contact = work.contact or ("act" if is_customer else "none")
    start, days = end - work.typical_wd, work.typical_wd
    name = node.name or work.name
    return Step(work.code, name, is_customer, contact, start, days, is_critical, work.milestone)


def _to_power(taken: Way, held: Mapping[str, Work]) -> float | None:
    """Working days until the power is on: archive and call-back come after."""
    key = next((key for key, work in held.items() if work.milestone == POWER), None)
    return longest(taken, {k: work.typical_wd for k, work in held.items()}, to=key)[0] if key else None


def _unknown(node: Node) -> Work:
    is_customer = any(word in f"{node.lane} {node.name}".lower() for word in CUSTOMER_WORDS)
    return Work(node.id, node.name, "customer" if is_customer else "utility", 0)


def papers_of(rows: Sequence[PaperRow], facts: Mapping[str, str]) -> tuple[PaperRow, ...]:
    """Papers that have to be handed in: of a group, one."""
    weighed = assess(rows, facts=facts, held=set())
    return tuple(weighed.owed + weighed.blocking)


def _allowed(limits: Iterable[Limit], profile: Profile, codes: set[str], *, on: date) -> float | None:
    """The tightest limit on the whole, or the tightest of each step added up, whichever is less."""
    held = list(limits)
    events = {limit.starts_when for limit in held if limit.kind in ("STEP", "E2E", "UTIL")}
    bound = [limit for event in events for limit in binding(held, profile, event=event, on=on)]
    whole: list[float] = []
    each: dict[str, float] = {}
    for limit in bound:
        code = limit.stops_when.removeprefix("done:")
        days = _workdays(limit)
        if limit.kind in ("E2E", "UTIL"):
            whole.append(days)
        elif limit.kind == "STEP" and code in codes:
            each[code] = min(days, each.get(code, days))
    sums = [*whole, *([sum(each.values())] if each else [])]
    return min(sums, default=None)


def _workdays(limit: Limit) -> float:
    """A limit in working days, near enough to be added up; of plain days each counts as one."""
    unit = Unit(limit.unit)
    match unit:
        case Unit.MONTH:
            return limit.value * WORKDAYS_A_MONTH
        case Unit.HOUR:
            return limit.value / HOURS_A_DAY
        case Unit.DAY | Unit.WORKING_DAY:
            return float(limit.value)
    assert_never(unit)


def difference(one: Burden, other: Burden) -> dict[str, float | None]:
    """Figure by figure, one minus other; negative is less for the customer to bear."""
    made: dict[str, float | None] = {}
    for name in FIGURES:
        a, b = getattr(one, name), getattr(other, name)
        made[name] = None if a is None or b is None else a - b
    return made
