"""Way of a case through its process, as far as that is known by now."""

from collections.abc import Collection

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.queries import first_facts
from jiedian.ground.journal.models import Fact


def gateway_facts(cases: Collection[Case]) -> dict[str, dict[str, str]]:
    """Case number → what its gateways read: what the application says, then what every finished step found.

    One query, however many cases.
    """
    known = {case.number: first_facts(case) for case in cases}
    numbers = {case.stream: case.number for case in cases}
    held = Fact.objects.filter(stream__in=numbers, data__has_key="outcome").exclude(data__outcome={})
    for stream, outcome in held.order_by("id").values_list("stream", "data__outcome"):
        known[numbers[stream]] |= outcome
    return known
