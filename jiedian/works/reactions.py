"""Reactions of works to the facts of a case."""

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.models import Fact
from jiedian.process.queries import open_steps
from jiedian.process.steps import codes_of

from .services.contracts import contract_of
from .steps import sign_contract


def draft_contract(fact: Fact) -> None:
    """A contract that is to be signed lies there to be read, also where no step drafted it."""
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    if fact.data["step"] in codes_of(sign_contract) and open_steps(case.number).filter(
        pk=fact.data["step_id"]
    ):
        contract_of(case, at=fact.occurred_at)
