"""Where runs stand."""

from collections import Counter

from django.db.models import Count, QuerySet

from .models import Definition, Run, Step


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


def predecessors(definition: Definition, codes: set[str]) -> dict[str, set[str]]:
    """Step code → the steps directly before it, gateways skipped and loops cut, for planning."""
    before: dict[str, set[str]] = {}
    for source, target in definition.flows:
        before.setdefault(target, set()).add(source)
    return {code: _steps_before(code, before, codes) for code in codes}


def _steps_before(node: str, before: dict[str, set[str]], codes: set[str]) -> set[str]:
    found: set[str] = set()
    todo, seen = list(before.get(node, ())), {node}
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in codes:
            found.add(current)
        else:
            todo += before.get(current, ())
    return found
