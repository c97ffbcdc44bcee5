"""Concerns a telling may belong to, with score and reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from jiedian.cases.case.models.case import Customer
from jiedian.core.sourced import Sourced
from jiedian.ground.rulebook.services import load

from ..calc.grams import alike, bands, grams
from ..calc.likeness import Evidence, score
from ..models.concerns import Concern
from ..models.tellings import Telling

NEAREST = 200
"""How many alike texts are looked at; the index gives candidates, the cosine decides."""
MOST_WEIGHED = 10_000
"""Of texts that share a sign no more are weighed: a text told a hundred thousand times has enough likenesses among them."""
WEAKEST = 0.2
"""Below this two texts are not called alike."""


@dataclass(frozen=True)
class MergeRow(Sourced):
    """A sign that tellings belong together, and what it counts."""

    id: Literal[
        "same_sender",
        "same_customer",
        "named_customer",
        "same_case",
        "same_place",
        "text",
        "propose_at",
        "window_days",
    ]
    percent: int
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Match:
    """A concern that may be the same, its best score, and the signs with their strength in percent."""

    concern: Concern
    score: float
    reasons: tuple[tuple[str, int], ...]


@cache
def merge_rows() -> dict[str, MergeRow]:
    """The signs, the threshold and the window."""
    return {row.id: row for row in load("voice/merge.csv", MergeRow)}


def weights() -> dict[str, float]:
    """Weight of each sign, as a share."""
    return {name: row.percent / 100 for name, row in merge_rows().items()}


def matches(telling: Telling) -> list[Match]:
    """Concerns of the last days that may be about the same wish, best first, only those above the threshold."""
    best: dict[int, Match] = {}
    mine = grams(telling.words)
    for other in candidates(telling):
        signs = evidence(telling, other, text=alike(mine, grams(other.words)))
        found = score(signs, weights())
        held = best.get(other.concern_id)
        if held is None or found > held.score:
            reasons = tuple((sign.rule_id, round(100 * sign.strength)) for sign in signs)
            best[other.concern_id] = Match(other.concern, found, reasons)
    floor = weights()["propose_at"]
    return sorted((m for m in best.values() if m.score >= floor), key=lambda m: (-m.score, m.concern.pk))


def candidates(telling: Telling) -> Iterable[Telling]:
    """Tellings of the same sender, customer or case, and those whose text shares a sign."""
    since = telling.received_at - timedelta(days=merge_rows()["window_days"].percent)
    recent = Telling.objects.select_related("concern", "concern__customer", "contact").filter(
        received_at__gte=since
    )
    recent = recent.exclude(concern_id=telling.concern_id).exclude(concern__state=Concern.State.MERGED)
    near = Q(pk__in=[])
    if telling.contact_id:
        near |= Q(contact_id=telling.contact_id)
    if customer := telling.concern.customer:
        near |= Q(concern__customer__in=same_person(customer))
    if telling.route.get("cases"):
        near |= Q(concern__case__number__in=telling.route["cases"])
    found = {other.pk: other for other in recent.filter(near).order_by("-received_at")[:NEAREST]}
    for other in recent.filter(pk__in=_signed_alike(telling.bands, since=since)):
        found.setdefault(other.pk, other)
    return found.values()


def is_same_person(one: Customer, other: Customer) -> bool:
    """One record, or one phone number; those who came with an imported table have none and share nothing."""
    return one.pk == other.pk or bool(one.phone_index and one.phone_index == other.phone_index)


def same_person(customer: Customer) -> QuerySet[Customer]:
    """Every record of one customer."""
    is_he = Q(pk=customer.pk)
    if customer.phone_index:
        is_he |= Q(phone_index=customer.phone_index)
    return Customer.objects.filter(is_he)


def _signed_alike(signs: list[int], *, since: datetime | None = None) -> list[int]:
    """Ids of the tellings, since an instant or ever, whose texts share most signs with these."""
    if not signs:
        return []
    agreeing = RawSQL("(SELECT count(*) FROM unnest(bands) AS sign WHERE sign = ANY(%s))", [signs])  # noqa: S611
    span = {"received_at__gte": since} if since else {}
    sharing = Telling.objects.filter(bands__overlap=signs, **span).order_by()[:MOST_WEIGHED]
    found = Telling.objects.filter(pk__in=sharing.values("pk")).order_by(agreeing.desc(), "-pk")
    return list(found.values_list("pk", flat=True)[:NEAREST])


def duplicates(text: str, *, floor: float = 0.5) -> list[tuple[Telling, float]]:
    """Tellings that say the same as a text, with the likeness (0 to 1), the most alike first."""
    mine = grams(text)
    held = Telling.objects.filter(pk__in=_signed_alike(bands(text)))
    scored = [(telling, alike(mine, grams(telling.words))) for telling in held]
    return sorted((pair for pair in scored if pair[1] >= floor), key=lambda pair: -pair[1])


def _is_known(telling: Telling) -> bool:
    """Whether it came from an address known to be the customer's; who merely writes his number may be anybody."""
    return bool(telling.contact and telling.contact.customer_id)


def evidence(one: Telling, other: Telling, *, text: float) -> list[Evidence]:
    """The signs that hold between two tellings."""
    signs: list[Evidence] = []
    mine, theirs = one.concern.customer, other.concern.customer
    if one.contact_id and one.contact_id == other.contact_id:
        signs.append(Evidence("same_sender", 1.0))
    elif mine and theirs and is_same_person(mine, theirs):
        signs.append(
            Evidence("same_customer" if _is_known(one) and _is_known(other) else "named_customer", 1.0)
        )
    if set(one.route.get("cases", ())) & set(other.route.get("cases", ())):
        signs.append(Evidence("same_case", 1.0))
    if one.place and one.place == other.place:
        signs.append(Evidence("same_place", 1.0))
    if text >= WEAKEST:
        signs.append(Evidence("text", text))
    return signs
