"""Hear a customer, by whatever channel: one telling, once, with its concern, its attachments and its clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import IntegrityError, transaction

from jiedian.cases.case.models.case import Case, Customer
from jiedian.core.findings import Refused, refuse
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.services import Label, blind_index, store
from jiedian.links.models import Outbox

from ..calc.contacts import case_numbers, phones
from ..calc.grams import bands, tokens
from ..models.concerns import Concern
from ..models.tellings import Attachment, Batch, Contact, Telling
from ..queries.channels import channels
from .concerns import complain, living, open_concern, reopen, tick
from .guesses import classify_telling
from .proposals import propose

LONGEST = 20_000
"""Characters of a telling that are kept; a mail can bring megabytes."""
ONLY_FILES = "（见附件）"


@dataclass(frozen=True)
class Incoming:
    """Telling of a channel. ``external_id`` is the channel's own name for it; ``sender`` is a phone, mailbox or openid."""

    channel: str
    external_id: str
    text: str
    received_at: datetime
    sender: str = ""
    sender_kind: str = Contact.Kind.PHONE
    sender_name: str = ""
    subject: str = ""
    place: str = ""
    language: str = "zh-hans"
    case_number: str = ""
    thread: str = ""
    is_complaint: bool = False
    is_simulated: bool = False
    route: dict[str, Any] = field(default_factory=dict)
    files: Sequence[tuple[str, bytes]] = ()
    batch: Batch | None = None


@transaction.atomic
def hear(heard: Incoming, *, actor: Actor, at: datetime) -> tuple[Telling, bool]:
    """Keep a telling and open its concern; the second delivery of the same thing returns the first and False.

    A telling that answers one of our replies (``thread``) joins that concern. Raises Refused without text.
    """
    if heard.channel not in channels():
        raise refuse("telling.channel")
    heard = replace(heard, external_id=heard.external_id[:120])
    known = Telling.objects.filter(channel=heard.channel, external_id=heard.external_id).first()
    if known:
        return known, False
    text = heard.text.replace("\x00", "").strip()[:LONGEST]
    if not text and not heard.files:
        raise refuse("text.empty")
    try:
        with transaction.atomic():
            telling = _keep(heard, text or ONLY_FILES, actor=actor, at=at)
    except IntegrityError:  # another worker kept it between our look and our insert
        return Telling.objects.get(channel=heard.channel, external_id=heard.external_id), False
    classify_telling(telling)
    propose(telling, at=at)
    return telling, True


def _keep(heard: Incoming, text: str, *, actor: Actor, at: datetime) -> Telling:
    contact = _contact(heard.sender_kind, heard.sender, name=heard.sender_name)
    said = list(dict.fromkeys([heard.case_number, *case_numbers(f"{heard.subject}\n{text}")]))
    numbers = [number for number in said if number]
    case = Case.objects.filter(number__in=numbers).select_related("customer").order_by("-id").first()
    customer = _customer(contact, text) or (case.customer if case else None)
    if contact and customer and contact.customer_id is None and _is_his(contact, customer):
        Contact.objects.filter(pk=contact.pk).update(customer=customer)
        contact.customer = customer
    concern = Concern.objects.filter(number=heard.thread).first() if heard.thread else None
    concern = living(concern) if concern else None
    is_new = concern is None
    if concern is None:
        concern = open_concern(
            title=heard.subject or text,
            case=case or _running(customer),
            customer=customer,
            place=heard.place,
            opened_at=heard.received_at,
            is_simulated=heard.is_simulated,
        )
    telling = Telling.objects.create(
        channel=heard.channel,
        external_id=heard.external_id,
        subject=heard.subject.replace("\x00", "")[:200],
        text=text,
        language=heard.language,
        contact=contact,
        place=heard.place[:120],
        concern=concern,
        batch=heard.batch,
        route=heard.route | {"cases": numbers},
        received_at=heard.received_at,
        is_simulated=heard.is_simulated,
        grams=tokens(f"{heard.subject} {text} {heard.place}"),
        bands=bands(text),
    )
    _attach(telling, heard.files, at=at, actor=actor)
    _record(telling, concern, is_new=is_new, actor=actor, at=at, is_complaint=heard.is_complaint)
    return telling


def _record(
    telling: Telling, concern: Concern, *, is_new: bool, actor: Actor, at: datetime, is_complaint: bool
) -> None:
    cause = None
    if is_new:
        data = {"owner": concern.owner_id, "case": concern.case.number if concern.case else ""}
        cause = record("concern.opened", stream=concern.stream, actor=actor, at=at, data=data).uid
        tick(concern, "concern.opened", at=telling.received_at)
        if is_complaint:
            complain(concern, actor=actor, at=at)
    data = {"telling": telling.pk, "channel": telling.channel}
    record("concern.told", stream=concern.stream, actor=actor, at=at, cause=cause, data=data)
    if not is_new:
        reopen(concern, actor=actor, at=at)


def _contact(kind: str, address: str, *, name: str = "") -> Contact | None:
    """The contact of an address, made when it is new; None without an address.

    An account is kept and known letter by letter: in an openid "A" and "a" are two people's. A mailbox is known in any
    case and keeps the latest spelling.
    """
    exact = next(iter(phones(address)), "") if kind == Contact.Kind.PHONE else address.strip()[:200]
    if not exact:
        return None
    index = blind_index(exact, folds_case=kind != Contact.Kind.ACCOUNT)
    if kind == Contact.Kind.ACCOUNT:
        _unfold(exact, index)
    contact, _new = Contact.objects.get_or_create(
        kind=kind, index=index, defaults={"address": exact, "name": name[:80]}
    )
    if contact.address != exact:
        contact.address = exact
        contact.save(update_fields=["address"])
    return contact


def _unfold(exact: str, index: str) -> None:
    """Accounts used to be kept in small letters: when such a one writes again, it and what waits for it get their case."""
    accounts = Contact.objects.filter(kind=Contact.Kind.ACCOUNT)
    folded = accounts.filter(index=blind_index(exact)).first()
    if folded is None or folded.address != exact.lower():
        return
    if folded.index == blind_index(folded.address, folds_case=False):
        return  # it has no letters with a case and was kept as it came
    if accounts.filter(index=index).exclude(pk=folded.pk).exists():
        return
    Contact.objects.filter(pk=folded.pk).update(address=exact, index=index)
    unsent = [Outbox.State.QUEUED, Outbox.State.DOUBT, Outbox.State.DEAD]
    Outbox.objects.filter(delivery__telling__contact=folded, state__in=unsent).update(to=exact)


def _customer(contact: Contact | None, text: str) -> Customer | None:
    """Who it is: by the contact, else by a phone number in the text."""
    if contact and contact.customer_id:
        return contact.customer
    found = None
    if contact and contact.kind == Contact.Kind.PHONE:
        found = Customer.objects.filter(phone_index=contact.index).order_by("-id").first()
    elif contact and contact.kind == Contact.Kind.MAIL:
        found = Customer.objects.filter(email_index=contact.index).order_by("-id").first()
    if found is None and (said := phones(text)):
        indexes = [blind_index(phone) for phone in said]
        found = Customer.objects.filter(phone_index__in=indexes).order_by("-id").first()
    return found


def _is_his(contact: Contact, customer: Customer) -> bool:
    """Whether the customer gave this address himself. Who merely names his number or case is not he; a person links that."""
    return contact.index in (customer.phone_index, customer.email_index)


def _running(customer: Customer | None) -> Case | None:
    """The customer's one running case; none when there are several, because that would be a guess."""
    if customer is None or not customer.phone_index:
        return None
    cases = Case.objects.filter(customer__phone_index=customer.phone_index, state=Case.State.RUNNING)[:2]
    return cases[0] if len(cases) == 1 else None


def _attach(telling: Telling, files: Sequence[tuple[str, bytes]], *, at: datetime, actor: Actor) -> None:
    """Keep what the vault takes; what it turns away is said on the telling, by name and reason."""
    refused: list[dict[str, str]] = []
    for name, content in files:
        try:
            label = Label(name, telling.concern.number, "telling", actor.id)
            upload = store(BytesIO(content), label, at=at)
        except Refused as refusal:
            refused.append(refusal.findings[0].at(name[-120:]).row())
        else:
            Attachment.objects.create(telling=telling, upload=upload)
    if refused:
        telling.refused = telling.refused + refused
        telling.save(update_fields=["refused"])
