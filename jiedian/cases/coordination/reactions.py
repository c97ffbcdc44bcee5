"""Reactions to the facts of a case: word to the customer, by the gateways, never twice."""

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.models import Fact
from jiedian.links.services import Message, send

from .services.desks import cover


def _tell(fact: Fact, template: str) -> None:
    if Fact.objects.filter(stream=fact.stream, kind="step.undone", cause_id=fact.uid).exists():
        return  # taken back before anybody was told
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    customer = case.customer
    routes = [("sms", customer.phone), ("mail", customer.email)]
    for channel, to in routes:
        if to:
            words = {"number": case.number, "manager": case.account_manager_name}
            message = Message(channel, to, template, words, customer.language)
            send(message, idempotency_key=f"{fact.uid}:{channel}", at=fact.occurred_at)


def tell_accepted(fact: Fact) -> None:
    """The application is accepted, and the notice is there to read."""
    _tell(fact, "receipt")


def tell_scheme_ready(fact: Fact) -> None:
    """The supply scheme is waiting for the customer."""
    _tell(fact, "scheme_ready")


def tell_energised(fact: Fact) -> None:
    """Power is on."""
    _tell(fact, "energised")


def tell_paper_asked(fact: Fact) -> None:
    """A paper is needed that the notice did not name."""
    _tell(fact, "owed_paper_reminder")


def tell_moved(fact: Fact) -> None:
    """The case goes on as another kind of supply, under the same number."""
    _tell(fact, "moved")


def cover_absent(fact: Fact) -> None:
    """Somebody is away: what waits for him goes to whoever is there."""
    cover(at=fact.occurred_at)
