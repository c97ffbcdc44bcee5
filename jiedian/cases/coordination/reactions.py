"""Reactions to the facts of a case: word to the customer, by the gateways, never twice."""

from jiedian.cases.case.models.case import Case
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.links.services import Message, send
from jiedian.people.models import Absence
from jiedian.people.queries import contact_of

from .services.desks import cover, rearrange


def _tell(fact: Fact, template: str) -> None:
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    customer = case.customer
    routes = [("sms", customer.phone), ("mail", customer.email)]
    for channel, to in routes:
        if to:
            words = {"number": case.number, "manager": _manager(case, fact, customer.language)}
            message = Message(channel, to, template, words, customer.language)
            send(message, idempotency_key=f"{fact.uid}:{channel}", at=fact.occurred_at)


def _manager(case: Case, fact: Fact, language: str) -> str:
    """His one contact by name and number, and who acts for him these days."""
    contact = contact_of(case.account_manager_id, on=local_day(fact.occurred_at))
    return contact.words(language) if contact else case.account_manager_name


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


def tell_new_manager(fact: Fact) -> None:
    """Somebody else is the customer's one contact from now on; nothing is said of a case that is over."""
    number = fact.stream.removeprefix("case:")
    if Case.objects.filter(number=number, state=Case.State.RUNNING, batch=None).exists():
        _tell(fact, "new_manager")


def cover_changed(fact: Fact) -> None:
    """An absence has other days or another deputy: what was moved follows."""
    absence = Absence.objects.select_related("user__department").get(pk=fact.data["absence"])
    rearrange(absence, at=fact.occurred_at)
    cover(at=fact.occurred_at)


def cover_absent(fact: Fact) -> None:
    """Somebody is away: what waits for him goes to whoever is there."""
    cover(at=fact.occurred_at)
