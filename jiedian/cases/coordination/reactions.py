"""Reactions to the facts of a case: word to the customer at every step that concerns him, by the gateways, never twice."""

from dataclasses import dataclass
from typing import Annotated

from django.conf import settings
from django.utils.module_loading import import_string

from jiedian.cases.case.models.case import Case
from jiedian.cases.papers.queries import paper_words
from jiedian.core.closed import Ids, Maybe
from jiedian.core.sourced import Sourced
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.rulebook.services import load
from jiedian.links.services import Message, send
from jiedian.people.models import Absence
from jiedian.people.queries import contact_of
from jiedian.process.models import Step

from .models import Message as Line
from .services.desks import cover, rearrange

LONGEST = 200
"""Letters of a text that somebody wrote, in a message of ours; the whole of it stands on the tracking page."""


@dataclass(frozen=True)
class ToldRow(Sourced):
    """An event the customer is told of, and by which text; by another where he connects PV and its words are not those of supply.

    ``id`` is the kind of a fact, or ``opened`` ``again`` ``passed`` with a step, or ``paid`` with what became of a payment.
    """

    id: str
    message: Annotated[str, Ids("labels/messages.csv")]
    message_pv: Annotated[str, Ids("labels/messages.csv"), Maybe]

    def text_for(self, case: Case) -> str:
        """Text in the words of the kind of case."""
        return (case.is_solar and self.message_pv) or self.message


def texts() -> dict[str, ToldRow]:
    """Every event a customer is told of, with its text."""
    return {row.id: row for row in load("labels/told.csv", ToldRow)}


def event_of(fact: Fact) -> str:
    """The event of a fact as the table names it."""
    data = fact.data
    if fact.kind == "step.opened":
        first = not Step.objects.filter(pk=data["step_id"], round__gt=1).exists()
        again = f"again:{data['step']}"
        return f"opened:{data['step']}" if first or again not in texts() else again
    if fact.kind == "inspection.done":
        return f"passed:{data['kind']}" if data["has_passed"] else ""
    return f"paid:{data['verdict']}" if fact.kind == "payment.taken" else fact.kind


def tell(fact: Fact) -> None:
    """Tell the customer what concerns him, by phone and by mail where he gave an address; once, however often it is run."""
    told = texts().get(event_of(fact))
    if told is None or _is_taken_back(fact):
        return
    case = Case.objects.select_related("customer").get(number=fact.stream.removeprefix("case:"))
    if fact.kind == "case.reassigned" and (not case.is_open or case.batch_id):
        return  # nobody is troubled with a case that is over or was not ours
    customer, words = case.customer, words_of(case, fact)
    for channel, to in (("sms", customer.phone), ("mail", customer.email)):
        if to:
            message = Message(channel, to, told.text_for(case), words, customer.language)
            send(message, idempotency_key=f"{fact.uid}:{channel}", at=fact.occurred_at)


def _is_taken_back(fact: Fact) -> bool:
    """True where the step that this fact tells of, or that opened what it tells of, was undone before anybody was told."""
    causes = [uid for uid in (fact.uid, fact.cause_id) if uid]
    return Fact.objects.filter(stream=fact.stream, kind="step.undone", cause_id__in=causes).exists()


def words_of(case: Case, fact: Fact) -> dict[str, str]:
    """Words a text may use: what every message has, what the fact names, and what rooms above know."""
    data, language = fact.data, case.customer.language
    words = {"number": case.number, "manager": _manager(case, fact, language), "reason": case.closing_reason}
    if "paper" in data:
        words |= paper_words(case, data["paper"], language)
    if "message" in data:
        line = Line.objects.filter(pk=data["message"]).first()
        words["text"] = line.text if line else ""
    for name in import_string(f"{settings.WIRING}.MESSAGE_WORDS"):
        words |= import_string(name)(case, fact)
    return {key: _short(text) for key, text in words.items()}


def _manager(case: Case, fact: Fact, language: str) -> str:
    """His one contact by name and number, and who acts for him these days."""
    contact = contact_of(case.account_manager_id, on=local_day(fact.occurred_at))
    return contact.words(language) if contact else case.account_manager_name


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def cover_changed(fact: Fact) -> None:
    """An absence has other days or another deputy: what was moved follows."""
    absence = Absence.objects.select_related("user__department").get(pk=fact.data["absence"])
    rearrange(absence, at=fact.occurred_at)
    cover(at=fact.occurred_at)


def cover_absent(fact: Fact) -> None:
    """Somebody is away: what waits for him goes to whoever is there."""
    cover(at=fact.occurred_at)
