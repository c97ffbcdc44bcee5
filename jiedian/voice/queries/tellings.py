"""Find tellings: by words, numbers and phones, over every channel."""

import re
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from jiedian.core.voice.contacts import phones
from jiedian.core.voice.grams import tokens
from jiedian.vault.services import blind_index

from ..models import Concern, Contact, Proposal, Telling

COUNTED = 1000
"""Beyond so many hits a page says "1000+"; counting a million on every page would cost more than it tells."""
NUMBER = re.compile(r"[CS]-\d{4}-\d{6,}", re.IGNORECASE)


def search(
    text: str = "", *, channel: str = "", leaf: str = "", state: str = "", owner_id: int | None = None
) -> QuerySet[Telling]:
    """Tellings that hold every word, newest first. A word may be a concern's or case's number, or a phone.

    Words are found by their pairs of characters, so 停电 finds 停电了 without a dictionary; a single character
    is looked for as it stands.
    """
    rows = Telling.objects.order_by("-received_at", "-id")
    for word in text.split()[:8]:
        rows = rows.filter(_holds(word[:80]))
    exact = {"channel": channel, "leaf": leaf, "concern__state": state, "concern__owner_id": owner_id}
    return rows.filter(**{name: value for name, value in exact.items() if value})


def _holds(word: str) -> Q:
    if NUMBER.fullmatch(word):
        return Q(concern_id__in=_concerns_of(word.upper()))
    if found := phones(word):
        contacts = list(Contact.objects.filter(index=blind_index(found[0])).values_list("pk", flat=True))
        return Q(contact_id__in=contacts) | Q(grams__contains=tokens(word))
    signs = tokens(word)
    return Q(grams__contains=signs) if len(word) > 1 and signs else Q(text__contains=word)


def _concerns_of(number: str) -> list[int]:
    """The concerns a number names, looked up first: joined with "or", the database would walk every telling."""
    name = "number" if number.startswith("S") else "case__number"
    return list(Concern.objects.filter(**{name: number}).values_list("pk", flat=True)[:500])


def count_of(rows: QuerySet[Telling]) -> int:
    """How many there are, up to one more than are counted."""
    return len(rows.order_by().values_list("pk", flat=True)[: COUNTED + 1])


@dataclass(frozen=True)
class InboxLine:
    """One row of the inbox: a telling, its concern, how often the concern was told, and proposals that wait."""

    telling: Telling
    told: int
    proposals: int


def lines(rows: QuerySet[Telling]) -> list[InboxLine]:
    """Tellings as inbox rows; four queries, however many rows."""
    held = list(rows.select_related("contact", "concern", "concern__case", "concern__customer"))
    ids = {telling.concern_id for telling in held}
    told = dict(
        Concern.objects.filter(pk__in=ids).annotate(n=Count("tellings")).order_by().values_list("pk", "n")
    )
    waiting = Proposal.objects.filter(state="open", concern__in=ids)
    proposed = dict(waiting.order_by().values("concern").annotate(n=Count("id")).values_list("concern", "n"))
    return [
        InboxLine(telling, told[telling.concern_id], proposed.get(telling.concern_id, 0)) for telling in held
    ]
