"""What the customer's voice does when it reads a fact."""

from jiedian.cases.models import Case
from jiedian.journal.models import Fact

from .services.surveys import invite


def ask_customer(fact: Fact) -> None:
    """A step is over: ask the customer how it was, if he is drawn."""
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    invite(case, fact.data["step"], at=fact.occurred_at, step_id=fact.data["step_id"], cause=fact.uid)
