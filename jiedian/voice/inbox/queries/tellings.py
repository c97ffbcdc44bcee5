"""Find tellings: by words, numbers and phones, over every channel."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.functional import cached_property

from jiedian.ground.vault.services import blind_index

from ..calc.contacts import phones
from ..calc.grams import tokens
from ..models.concerns import Concern, Proposal
from ..models.tellings import Contact, Telling
from .channels import ChannelRow, channel_of
from .leaves import LeafRow, leaf_of

COUNTED = 1000
"""Beyond so many hits a page says "1000+"; counting a million on every page would cost more than it tells."""
WINDOW = 4000
"""So many of the newest tellings are looked through first for what is found often."""
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


def with_open_proposals(rows: QuerySet[Telling]) -> QuerySet[Telling]:
    """Only those whose concern has a proposal that waits for a person."""
    waiting = Proposal.objects.filter(state=Proposal.State.OPEN)
    return rows.filter(concern__in=waiting.values("concern"))


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


class Hits:
    """The ids found, newest first, for a pager: read no further than a page needs, counted no further than COUNTED.

    What is found seldom is fetched whole and sorted here. What is found often is taken from the newest WINDOW tellings
    where these hold enough of it; the database would rather fetch and sort every hit, for it thinks that
    neighbouring pairs of characters do not depend on each other.
    """

    def __init__(self, rows: QuerySet[Telling]) -> None:
        self.rows = rows

    @cached_property
    def some(self) -> list[tuple[datetime, int]]:
        """Up to one more than are counted, in no order."""
        return list(self.rows.order_by().values_list("received_at", "pk")[: COUNTED + 1])

    @property
    def is_many(self) -> bool:
        return len(self.some) > COUNTED

    def count(self) -> int:
        return min(len(self.some), COUNTED)

    def __getitem__(self, span: slice) -> list[int]:
        if not self.is_many:
            return [pk for _at, pk in sorted(self.some, reverse=True)[span]]
        ids = self.rows.values_list("pk", flat=True)
        floor = Telling.objects.values_list("received_at", flat=True)[WINDOW : WINDOW + 1]
        newest = list(ids.filter(received_at__gte=floor[0])[: span.stop]) if floor else []
        return newest[span] if len(newest) == span.stop else list(ids[span])


@dataclass(frozen=True)
class InboxLine:
    """One row of the inbox: a telling, its concern, how often the concern was told, and proposals that wait."""

    telling: Telling
    n_tellings: int
    proposals: int
    channel: ChannelRow | str
    leaf: LeafRow | str


def lines(tellings: Iterable[int]) -> list[InboxLine]:
    """Tellings as inbox rows, newest first; three queries, however many rows."""
    rows = Telling.objects.filter(pk__in=list(tellings))
    held = list(rows.select_related("contact", "concern", "concern__case", "concern__customer"))
    ids = {telling.concern_id for telling in held}
    counted = Telling.objects.filter(concern__in=ids).order_by().values("concern").annotate(n=Count("id"))
    told = dict(counted.values_list("concern", "n"))
    waiting = Proposal.objects.filter(state="open", concern__in=ids)
    proposed = dict(waiting.order_by().values("concern").annotate(n=Count("id")).values_list("concern", "n"))
    return [
        InboxLine(
            telling,
            told[telling.concern_id],
            proposed.get(telling.concern_id, 0),
            channel_of(telling.channel),
            leaf_of(telling.leaf),
        )
        for telling in held
    ]
