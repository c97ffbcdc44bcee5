"""Facts of a case by its class, for the gateways of its process."""

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.process.rows import classes


def first_facts(case: Case) -> dict[str, str]:
    """Facts the gateways read of a case by its class until a step says otherwise, and whether its design is reviewed."""
    row = classes().get(case.case_class)
    return (row.gateway_values() if row else {}) | {"review": _yes(review_reasons(case))}


def _yes(holds: object) -> str:
    return "yes" if holds else "no"
