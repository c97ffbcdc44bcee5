"""A concern's own verbs: open, mark as a complaint, link, close, reopen. Its clocks move with them."""

from datetime import datetime

from django.db import connection, transaction

from jiedian.cases.case.models.case import Case, Customer
from jiedian.clocks import services as clocks
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import Actor, record
from jiedian.people.models import User
from jiedian.people.queries import responsible, stand_in

from ..models.concerns import Concern
from ..models.tellings import Contact

EVERYBODY = clocks.Profile(("ALL",))


def open_concern(
    *,
    title: str,
    case: Case | None,
    customer: Customer | None,
    place: str,
    opened_at: datetime,
    is_simulated: bool,
) -> Concern:
    """A new concern with its number and the person who answers for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Concern._meta.db_table])
        number = cursor.fetchone()[0]
    owner = _owner(case, opened_at)
    first = next((line.strip() for line in title.replace("\x00", "").splitlines() if line.strip()), "—")
    return Concern.objects.create(
        id=number,
        number=f"S-{clocks.local_day(opened_at).year}-{number:06d}",
        title=first[:120],
        customer=customer,
        case=case,
        place=place[:120],
        owner_id=owner.pk,
        owner_name=owner.name_zh,
        opened_at=opened_at,
        is_simulated=is_simulated,
    )


def _owner(case: Case | None, at: datetime) -> User:
    manager = User.objects.filter(pk=(case and case.account_manager_id) or 0, is_active=True).first()
    if manager:
        return stand_in(manager, on=clocks.local_day(at)).user
    return responsible(
        role="clerk",
        department="marketing",
        area=case.area if case else "",
        voltage="",
        customer_class="",
        on=clocks.local_day(at),
    ).user


def living(concern: Concern) -> Concern:
    """The concern that speaks for a merged one."""
    while concern.merged_into is not None:
        concern = concern.merged_into
    return concern


def tick(concern: Concern, event: str, *, at: datetime) -> None:
    """Tell the clocks of a concern what happened."""
    clocks.on_event(subject=concern.number, event=event, profile=EVERYBODY, at=at, stream=concern.stream)


@transaction.atomic
def complain(concern: Concern, *, actor: Actor, at: datetime) -> None:
    """It is a complaint: the promises for complaints run, from the day it came in."""
    if not Concern.objects.filter(pk=concern.pk, is_complaint=False).update(is_complaint=True):
        return
    record("concern.complained", stream=concern.stream, actor=actor, at=at)
    tick(concern, "concern.complained", at=concern.opened_at)


@transaction.atomic
def contacted(concern: Concern, *, note: str, actor: Actor, at: datetime) -> None:
    """Somebody spoke with the customer before the answer; the promise to make contact is met."""
    if not note.strip() or "\x00" in note:
        raise refuse("text.empty")
    record("concern.contacted", stream=concern.stream, actor=actor, at=at, data={"note": note.strip()[:200]})
    tick(concern, "concern.contacted", at=at)


@transaction.atomic
def link(concern: Concern, number: str, *, actor: Actor, at: datetime) -> None:
    """Tie a concern to a case and, where nobody is known yet, to its customer; an empty number unties it."""
    case = Case.objects.select_related("customer").filter(number=number.strip()).first()
    if case is None and number.strip():
        raise refuse("missing.case")
    concern.case = case
    if case and concern.customer is None:
        concern.customer = case.customer
    concern.save(update_fields=["case", "customer"])
    if concern.customer:
        Contact.objects.filter(tellings__concern=concern, customer=None).update(customer=concern.customer)
    record(
        "concern.linked",
        stream=concern.stream,
        actor=actor,
        at=at,
        data={"case": case.number if case else ""},
    )


@transaction.atomic
def close(concern: Concern, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a concern: after its answer, or without one for a stated reason (nothing asked, spam)."""
    if concern.state == Concern.State.OPEN and not reason.strip():
        raise refuse("concern.reason")
    moved = Concern.objects.filter(pk=concern.pk, state__in=["open", "answered"]).update(
        state=Concern.State.CLOSED, closed_at=at
    )
    if not moved:
        raise refuse("concern.state")
    record("concern.closed", stream=concern.stream, actor=actor, at=at, data={"reason": reason.strip()[:200]})
    if concern.answered_at is None:
        clocks.cancel_all(subject=concern.number, at=at)


def reopen(concern: Concern, *, actor: Actor, at: datetime) -> None:
    """The customer spoke again after the answer: the concern is open again and a new answer is promised."""
    moved = Concern.objects.filter(pk=concern.pk, state__in=["answered", "closed"]).update(
        state=Concern.State.OPEN, closed_at=None
    )
    if moved:
        record("concern.reopened", stream=concern.stream, actor=actor, at=at)
        tick(concern, "concern.opened", at=at)


@transaction.atomic
def take_over(concern: Concern, user: User, *, actor: Actor, at: datetime) -> None:
    """Somebody answers for it from now on."""
    Concern.objects.filter(pk=concern.pk).update(owner_id=user.pk, owner_name=user.name_zh)
    record("concern.taken", stream=concern.stream, actor=actor, at=at, data={"owner": user.pk})


def hand_over(*, from_user: int, to_user: int, to_name: str, actor: Actor, at: datetime) -> int:
    """Another answers for what one person answered for and has not closed; returns how many concerns moved.

    Merged ones move too: parted again, they are open.
    """
    held = Concern.objects.filter(owner_id=from_user).exclude(state=Concern.State.CLOSED)
    numbers = list(held.select_for_update().order_by("id").values_list("number", flat=True))
    for number in numbers:
        record("concern.taken", stream=f"concern:{number}", actor=actor, at=at, data={"owner": to_user})
    Concern.objects.filter(number__in=numbers).update(owner_id=to_user, owner_name=to_name)
    return len(numbers)
