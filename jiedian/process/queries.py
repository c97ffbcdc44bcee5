"""Questions about processes: where runs stand, which way a case takes, and what a process lacks before it may be published."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils.translation import gettext, gettext_noop

from jiedian.core.findings import Finding, refuse
from jiedian.core.words import Text
from jiedian.shell.kit.names import name_of

from .calc.bpmn import Graph, graph_of
from .calc.flow import ahead as ahead_in
from .calc.flow import onward as arrows_onward
from .calc.flow import optional, steps_before, straight, variables
from .calc.flow import way as way_through
from .models import Definition, Run, Step
from .rows import StepRow, cards, milestones
from .rows import steps as step_rows
from .steps import doing, doings


def open_steps(subject: str) -> QuerySet[Step]:
    """The steps of a case that wait for somebody."""
    return Step.objects.filter(run__subject=subject, state=Step.State.OPEN)


def open_steps_of_owner(owner_id: int) -> QuerySet[Step]:
    """Everything that waits for one person, oldest first."""
    return Step.objects.filter(owner_id=owner_id, state=Step.State.OPEN).select_related("run")


def open_steps_of_owners(owner_ids: set[int]) -> QuerySet[Step]:
    """Everything that waits for any of these people; two who ask at once get different rows."""
    held = Step.objects.filter(owner_id__in=owner_ids, state=Step.State.OPEN)
    return held.select_related("run").defer("run__tokens").select_for_update(of=("self",), skip_locked=True)


def steps_of(subject: str) -> QuerySet[Step]:
    """Every step a case ever opened, in order."""
    return Step.objects.filter(run__subject=subject)


def run_of(subject: str) -> Run:
    """The run of a case, with its definition."""
    return Run.objects.select_related("definition").get(subject=subject)


def processes_of(subjects: Iterable[str]) -> dict[str, str]:
    """Keys of the processes that cases are on, by their numbers; a case without a run is left out."""
    return dict(Run.objects.filter(subject__in=subjects).values_list("subject", "definition__key"))


def definitions() -> QuerySet[Definition]:
    """Every version with the number of runs still on it."""
    return Definition.objects.annotate(run_count=Count("runs")).defer("spec")


def token_counts(definition: Definition) -> dict[str, int]:
    """Step code → how many cases wait there on this version."""
    rows = Step.objects.filter(run__definition=definition, state=Step.State.OPEN)
    return Counter(rows.values_list("code", flat=True))


@dataclass(frozen=True)
class Standing:
    """A step at which cases wait, and the query of the list of cases that shows them."""

    code: str
    name: str
    waiting: int
    query: str


def standings(definition: Definition) -> list[Standing]:
    """Standing of a version: the steps at which its cases wait, the fullest step first."""
    counts = sorted(token_counts(definition).items(), key=lambda item: -item[1])
    version = f"{definition.key}.{definition.version}"
    return [
        Standing(code, name_of(step_rows()[code]), n, urlencode({"step": code, "process": version}))
        for code, n in counts
    ]


DRAWN = (
    *(gettext_noop("申请"), gettext_noop("同时办理"), gettext_noop("汇合"), gettext_noop("办结")),
    *(
        gettext_noop("另拟方案"),
        gettext_noop("容量不足"),
        gettext_noop("会签不同意"),
        gettext_noop("双电源"),
        gettext_noop("客户不同意"),
        gettext_noop("需整改"),
    ),
    *(
        gettext_noop("有业务费用"),
        gettext_noop("须中间检查"),
        gettext_noop("修改设计"),
        gettext_noop("须审核"),
    ),
    *(gettext_noop("需配套工程"), gettext_noop("是否双电源"), gettext_noop("容量是否够")),
    *(gettext_noop("会签是否同意"), gettext_noop("客户是否确认"), gettext_noop("有无业务费用")),
    *(gettext_noop("需否配套工程"), gettext_noop("须否设计审核"), gettext_noop("设计是否通过")),
    *(gettext_noop("须否中间检查"), gettext_noop("中间检查是否合格"), gettext_noop("竣工检验是否合格")),
    *(gettext_noop("是否三零"), gettext_noop("有无受电工程")),
    *(gettext_noop("客户是否同意合同"), gettext_noop("客户是否同意费用")),
)
"""What stands beside gateways and arrows of the diagrams; what is not here stays as it is drawn."""


def drawn_words() -> dict[str, str]:
    """The words of the diagrams in the reader's language: by the code of a step, and by what is drawn."""
    return {code: name_of(row) for code, row in step_rows().items()} | {word: gettext(word) for word in DRAWN}


def drawn(definition: Definition) -> Graph:
    """A version of a process as drawn."""
    held = _DRAWN.get(definition.sha256)
    if held is None:
        held = _DRAWN[definition.sha256] = graph_of(definition.xml.encode())
    return held


def diagram(definition: Definition) -> Graph:
    """A version of a process as drawn, without its ways back."""
    held = _DIAGRAMS.get(definition.sha256)
    if held is None:
        held = _DIAGRAMS[definition.sha256] = straight(drawn(definition))
    return held


_DRAWN: dict[str, Graph] = {}
_DIAGRAMS: dict[str, Graph] = {}
"""Read once a process, by the hash of the file: a published version never changes."""


def newest(key: str) -> Definition:
    """The version of a process that a case starts on today."""
    definition = Definition.objects.filter(key=key).order_by("-version").first()
    if definition is None:
        raise refuse("process.missing", key=key)
    return definition


@dataclass(frozen=True)
class Way:
    """The steps that a case passes, and which of them wait for which: gateways skipped, loops cut."""

    codes: tuple[str, ...]
    arrows: tuple[tuple[str, str], ...]

    def before(self, codes: Collection[str] | None = None) -> dict[str, set[str]]:
        """Each step with those directly before it; of some of the steps, those of them that are nearest."""
        return steps_before(self.arrows, self.codes if codes is None else codes)


def way(definition: Definition, facts: Mapping[str, str], *, seen: Collection[str] = ()) -> Way:
    """The steps on the way a case with these facts takes through a version, and those it has seen.

    Steps that only a loop opens (putting right what failed) are not planned.
    """
    graph = diagram(definition)
    taken = _passed(definition.sha256, frozenset(facts.items()))
    codes = sorted(key for key in graph.codes if key in taken or key in seen)
    return Way(tuple(codes), tuple(graph.arrows))


def onward(definition: Definition, facts: Mapping[str, str], *, standing: Collection[str]) -> Way:
    """The steps a case with these facts still passes from where it stands, the open ones among them.

    What a loop brings again is among them again, although it was done once.
    """
    diagram(definition)
    return _onward(definition.sha256, frozenset(facts.items()), frozenset(standing))


@lru_cache(maxsize=2048)
def _onward(sha256: str, facts: frozenset[tuple[str, str]], standing: frozenset[str]) -> Way:
    """The rest of the way of a case through a diagram that was read; many cases of a list stand at the same steps."""
    graph, begun = _DRAWN[sha256], sorted(standing)
    arrows = arrows_onward(graph, _DIAGRAMS[sha256], _passed(sha256, facts), begun)
    reached = {key for arrow in arrows for key in arrow} | standing
    return Way(tuple(sorted(reached & set(graph.codes))), tuple(sorted(arrows)))


def asks(number: str, name: str, value: str) -> bool:
    """True if a choice on the version a case runs on reads this value: an older one may know no such way."""
    return value in variables(drawn(run_of(number).definition)).get(name, ())


def directly_before(definition: Definition, code: str) -> set[str]:
    """The steps after which a step opens, by every arrow drawn, also those that lead back."""
    graph = drawn(definition)
    return steps_before(graph.arrows, graph.codes).get(code, set())


@lru_cache(maxsize=512)
def _passed(sha256: str, facts: frozenset[tuple[str, str]]) -> frozenset[str]:
    """What a case passes of a diagram that was read; many cases of a list take the same way."""
    return frozenset(way_through(_DIAGRAMS[sha256], dict(facts)).before)


def still_ahead(definition: Definition, codes: Collection[str], *, to: str) -> frozenset[str]:
    """The steps that are open or may still be opened before a step is reached; nothing once it lies behind."""
    arrows = _FLOWS.get(definition.sha256)
    if arrows is None:
        arrows = _FLOWS[definition.sha256] = [(source, target) for source, target in definition.flows]
    return _ahead(definition.sha256, frozenset(codes), to) & step_rows().keys()


@lru_cache(maxsize=2048)
def _ahead(sha256: str, codes: frozenset[str], to: str) -> frozenset[str]:
    """Nodes ahead in a version whose arrows were read; many cases stand at the same steps."""
    return ahead_in(_FLOWS[sha256], codes, to=to)


_FLOWS: dict[str, list[tuple[str, str]]] = {}
"""The arrows of each version, read once a process."""


def only_here(key: str, code: str) -> set[str]:
    """The variables that the newest version of a process reads and that no other step of it but this one sets."""
    graph = graph_of(newest(key).xml.encode())
    others = {name for other in graph.codes if other != code for name in doing(other).outcomes}
    return (variables(graph).keys() & doing(code).outcomes.keys()) - others


def lacking(graph: Graph) -> list[Finding]:
    """Findings on the cards of a process that hold up its publication; each says what to write where."""
    held = cards(graph.key)
    return [
        *(finding for code in graph.codes for finding in _card(code, held.get(code), graph.key)),
        *_milestones(graph, held),
        *_values(graph),
    ]


def _card(code: str, row: StepRow | None, key: str) -> Iterator[Finding]:
    if row is None:
        yield Finding("card.row", code, step=code, key=key)
    elif row.performer == "customer" and not row.wait_reason:
        yield Finding("card.wait", code, step=code)
    if code not in doings():
        yield Finding("card.verb", code, step=code)


FIRST, LAST = "accepted", "energised"
"""Every page counts from the one, which no case leaves out, and towards the other."""


def _milestones(graph: Graph, held: Mapping[str, StepRow]) -> Iterator[Finding]:
    """Each milestone is reached by one step, and those that every page needs are reached."""
    reached: dict[str, list[str]] = {}
    for code in graph.codes:
        if code in held and held[code].milestone:
            reached.setdefault(held[code].milestone, []).append(code)
    for name, codes in reached.items():
        if len(codes) > 1:
            yield Finding("card.twice", graph.key, milestone=_named(name), steps=codes)
    if set(reached.get(FIRST, [])) <= optional(graph):
        yield Finding("card.milestone", graph.key, milestone=_named(FIRST))
    if LAST not in reached:
        yield Finding("card.unreached", graph.key, milestone=_named(LAST))


def _named(milestone: str) -> Text:
    row = milestones()[milestone]
    return Text(row.name_zh, row.name_en)


def _values(graph: Graph) -> Iterator[Finding]:
    """The values that a choice asks for and no step of the process can set."""
    said: dict[str, set[str]] = {}
    for code in graph.codes:
        for name, values in (doings()[code].outcomes if code in doings() else {}).items():
            said.setdefault(name, set()).update(values)
    for name, asked in sorted(variables(graph).items()):
        for value in sorted(asked - said.get(name, set())):
            yield Finding("card.outcome", name, name=name, value=value)


def left_behind(key: str) -> list[Finding]:
    """The steps of versions that cases still run on whose card was taken away: no page could show them."""
    held = cards(key)
    running = Definition.objects.filter(key=key, runs__state=Run.State.RUNNING).distinct()
    lost = {code: d.version for d in running for code in graph_of(d.xml.encode()).codes if code not in held}
    return [Finding("card.running", code, step=code, version=version) for code, version in lost.items()]
