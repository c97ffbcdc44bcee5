"""Reactions of the surveys room: invites the customer to a questionnaire after a fact."""

from datetime import timedelta

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.models import Fact

from .queries import triggers
from .services.surveys import invite


def ask_customer(fact: Fact) -> None:
    """A step is over: ask the customer how it was, if he is drawn. What was told long after it happened asks nobody."""
    code = fact.data.get("step", "")
    row = triggers().get(code)
    if row is None or fact.recorded_at - fact.occurred_at > timedelta(days=row.open_days):
        return
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    invite(case, code, at=fact.occurred_at, step_id=fact.data.get("step_id"), cause=fact.uid)
