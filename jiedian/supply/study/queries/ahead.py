"""下一步: what a case still passes after its scheme is answered, by its own process, as its customer is told."""

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from django.utils.translation import gettext as _

from jiedian.cases.case.models.case import Case
from jiedian.cases.forecast.queries import gateway_facts
from jiedian.process.models import Run
from jiedian.process.queries import newest, way
from jiedian.process.rows import StepRow, cards, milestone_step
from jiedian.shell.kit.names import name_of

SHOWN = ("works", "inspection", "power", "meter")
"""What is delivered by steps of the company that a customer is told of, beside those in which he takes part."""


Steps = tuple[Sequence[StepRow], Sequence[StepRow]]
"""The longest chain up to power in its order, and what is done beside it."""


def steps_after_reply(case: Case, facts: Mapping[str, str]) -> Steps:
    """Steps of a case after its reply that its customer is told of; of a process without one, those after the acceptance.

    ``facts`` are what its gateways read.
    """
    run = Run.objects.select_related("definition").filter(subject=case.number).first()
    definition = run.definition if run else newest(case.process_key)
    rows = cards(definition.key)
    before = way(definition, facts).before()
    since = next(
        code for name in ("replied", "accepted") if (code := milestone_step(definition.key, name)) in before
    )
    power = milestone_step(definition.key, "energised")
    after = [code for code in TopologicalSorter(before).static_order() if since in _above(code, before)]
    told = [
        code
        for code in after
        if _is_told(rows[code]) and (code == power or power not in _above(code, before))
    ]
    chain = _longest(told, before, power)
    beside = [code for code in told if code not in chain]
    return [rows[code] for code in chain], [rows[code] for code in beside]


def _is_told(row: StepRow) -> bool:
    return (
        row.performer == "customer" or row.contact in ("come", "act", "present") or row.deliverable in SHOWN
    )


def _above(code: str, before: Mapping[str, set[str]]) -> set[str]:
    """Every step that comes before one."""
    found: set[str] = set()
    todo = list(before[code])
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += before[each]
    return found


def _longest(told: list[str], before: Mapping[str, set[str]], last: str) -> list[str]:
    """The chain of most steps that ends with ``last``; ``told`` comes in an order in which nothing stands before what it waits for."""
    best: dict[str, list[str]] = {}
    for code in told:
        above = _above(code, before)
        best[code] = max((best[each] for each in best if each in above), key=len, default=[]) + [code]
    return best.get(last, [])


def next_words(steps: Steps) -> tuple[str, str]:
    """The steps after the reply in one sentence of each language."""
    chain, beside = steps
    zh, en = (" → ".join(getattr(row, name) for row in chain) for name in ("name_zh", "name_en"))
    if beside:
        zh += f"；其间办理：{'、'.join(row.name_zh for row in beside)}"
        en += f"; meanwhile: {', '.join(row.name_en for row in beside)}"
    return zh, en


def steps_of(case: Case) -> list[list[str]]:
    """Steps after the reply as a table in the reader's language: what, by whom, after what.

    No day is told: the limits of PV stand in papers that newer ones have replaced.
    """
    chain, beside = steps_after_reply(case, gateway_facts([case])[case.number])
    found, before = [], _("有效期内")
    for row in chain:
        found.append([name_of(row), _who(row), before])
        before = _("“%(step)s”之后") % {"step": name_of(row)}
    return found + [[name_of(row), _who(row), _("其间办理")] for row in beside]


def _who(row: StepRow) -> str:
    return _("您") if row.performer == "customer" else _("供电企业")


def is_inspected(steps: Steps) -> bool:
    """True if a completion inspection is among the steps."""
    chain, beside = steps
    return any(row.milestone == "inspected" for row in [*chain, *beside])
