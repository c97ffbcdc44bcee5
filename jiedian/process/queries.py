"""Where runs stand."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils.translation import gettext, gettext_noop

from jiedian.shell.kit.names import name_of

from .calc.flow import Graph, graph_of, steps_before, straight, way
from .models import Definition, Run, Step
from .rows import steps as step_rows


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
    """Where the cases on a version wait, the fullest step first."""
    counts = sorted(token_counts(definition).items(), key=lambda item: -item[1])
    version = f"{definition.key}.{definition.version}"
    return [
        Standing(code, name_of(step_rows()[code]), n, urlencode({"step": code, "process": version}))
        for code, n in counts
    ]


DRAWN = (
    *(gettext_noop("申请"), gettext_noop("同时办理"), gettext_noop("汇合"), gettext_noop("办结")),
    *(gettext_noop("另拟方案"), gettext_noop("容量不足"), gettext_noop("双电源"), gettext_noop("需整改")),
    *(
        gettext_noop("有业务费用"),
        gettext_noop("须中间检查"),
        gettext_noop("修改设计"),
        gettext_noop("须审核"),
    ),
    gettext_noop("需配套工程"),
)
"""What stands beside gateways and arrows of the diagrams; what is not here stays as it is drawn."""


def drawn_words() -> dict[str, str]:
    """The words of the diagrams in the reader's language: by the code of a step, and by what is drawn."""
    return {code: name_of(row) for code, row in step_rows().items()} | {word: gettext(word) for word in DRAWN}


def diagram(definition: Definition) -> Graph:
    """A version of a process as drawn, without its ways back."""
    held = _DIAGRAMS.get(definition.sha256)
    if held is None:
        held = _DIAGRAMS[definition.sha256] = straight(graph_of(definition.xml.encode()))
    return held


_DIAGRAMS: dict[str, Graph] = {}
"""Read once a process, by the hash of the file: a published version never changes."""


def predecessors(definition: Definition, codes: Collection[str]) -> dict[str, set[str]]:
    """Step code → the steps directly before it, gateways skipped and loops cut, for planning."""
    return steps_before([(flow.source, flow.target) for flow in diagram(definition).flows], codes)


def planned_codes(definition: Definition, facts: Mapping[str, str], seen: Collection[str]) -> list[str]:
    """The steps that a plan counts on: those on the way a case with these facts takes, and those it has seen.

    Steps that only a loop opens (putting right what failed) are not planned.
    """
    graph = diagram(definition)
    taken = way(graph, facts).before
    return sorted(key for key, node in graph.nodes.items() if node.is_step and (key in taken or key in seen))
