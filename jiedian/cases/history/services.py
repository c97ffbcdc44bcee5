"""Bring the cases of another system: check a table, take it in whole, take it back."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from jiedian.cases.case.models.batch import Batch, Progress
from jiedian.cases.case.models.case import Case, Customer
from jiedian.clocks import services as clocks
from jiedian.clocks.calc.promises import profile_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import external, judge
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.tables import read_table
from jiedian.core.workdays import local_day
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import VOIDED
from jiedian.ground.journal.services import Actor, Past, record, record_past
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import TABLES, forget, path_of, store
from jiedian.people.models import User
from jiedian.people.queries import areas, responsible
from jiedian.process.rows import level_of

from .calc.history import PastCase, Reading, read_history
from .calc.mapping import read_mapping

CHUNK = 500
KEPT_FINDINGS = 5000
Tell = Callable[[int, int], None]


def read(data: bytes, *, name: str, mapping: str, at: datetime) -> Reading:
    """What a table holds under a mapping; numbers and areas are held against what the company has.

    Raises Refused when table or mapping cannot be read at all.
    """
    reading = read_history(read_table(data, name), read_mapping(mapping, name=name), at=at)
    taken = set(
        Case.objects.filter(number__in=[case.number for case in reading.cases]).values_list(
            "number", flat=True
        )
    )
    known = {code for code, _name in areas()} | {""}
    wrong = {case.number: found for case in reading.cases if (found := list(_outside(case, taken, known)))}
    return Reading(
        [case for case in reading.cases if case.number not in wrong],
        (*reading.left_out, *wrong),
        reading.rows,
        [*reading.findings, *(finding for found in wrong.values() for finding in found)],
    )


def _outside(case: PastCase, taken: set[str], known: set[str]) -> Iterator[Finding]:
    where = case.number
    if case.number in taken:
        yield Finding("history.taken", where)
    if case.area not in known:
        yield Finding("history.area", where, area=case.area)


@transaction.atomic
def check(
    data: bytes,
    *,
    name: str,
    mapping: str,
    actor: Actor,
    at: datetime,
    now: datetime,
    is_simulated: bool = False,
) -> tuple[Batch, Reading]:
    """Read a table, keep it with everything found in it, and import nothing yet.

    ``at`` is the business's time, ``now`` the real one the findings are judged by.
    """
    reading = read(data, name=name, mapping=mapping, at=now)
    batch = Batch.objects.create(
        name=(read_mapping(mapping, name=name).name or name)[:80],
        mapping=mapping,
        rows=reading.rows,
        good=len(reading.cases),
        left_out=len(reading.left_out),
        findings=[[f.code, f.zh, f.en, f.where] for f in reading.findings[:KEPT_FINDINGS]],
        is_simulated=is_simulated,
        checked_at=at,
        asked_by_id=actor.id,
        asked_by_name=actor.name,
    )
    batch.upload = store(
        BytesIO(data),
        name=name,
        subject=batch.stream,
        at=at,
        actor_id=actor.id,
        purpose="history",
        kinds=TABLES,
    )
    batch.save(update_fields=["upload"])
    return batch, reading


@transaction.atomic
def ask(batch: Batch, *, without_bad: bool, actor: Actor, at: datetime) -> Fact:
    """Order the import of a checked table; the worker does it. Refused while rows are bad unless they are left out."""
    if batch.left_out and not without_bad:
        raise refuse("history.left_out", count=batch.left_out)
    if not batch.good:
        raise refuse("history.nothing")
    moved = Batch.objects.filter(pk=batch.pk, state=Batch.State.CHECKED).update(
        state=Batch.State.ASKED, is_partial=bool(batch.left_out)
    )
    if not moved:
        raise refuse("history.dealt_with")
    Progress.objects.create(batch=batch)
    data = {"batch": batch.pk, "cases": batch.good, "left_out": batch.left_out}
    return record("history.asked", stream=batch.stream, actor=actor, at=at, data=data)


@transaction.atomic
def take_in(fact: Fact) -> None:
    """Import the batch a fact asks for, in the transaction it is read in; run twice it does nothing more.

    What lies ahead is judged by the real time, as it was when the table was checked.
    """
    batch = Batch.objects.select_for_update().get(pk=fact.data["batch"])
    if batch.state != Batch.State.ASKED or batch.upload is None:
        return
    actor = Actor(fact.actor_id, fact.actor_name, fact.actor_role)
    try:
        with transaction.atomic():
            reading = read(
                _bytes(batch.upload), name=batch.upload.name, mapping=batch.mapping, at=fact.recorded_at
            )
            if reading.left_out and not batch.is_partial:
                raise Refused(reading.findings)
            bring(batch, reading.cases, actor=actor, at=fact.occurred_at, progress=_say(batch.pk))
    except Refused as refusal:
        Batch.objects.filter(pk=batch.pk).update(
            state=Batch.State.REFUSED,
            findings=[[f.code, f.zh, f.en, f.where] for f in refusal.findings[:KEPT_FINDINGS]],
        )


def _bytes(upload: Upload) -> bytes:
    return path_of(upload.sha256).read_bytes()


def _say(batch_id: int) -> Tell:
    """Tell how far the import is from outside its transaction, so that the page can show it."""

    def say(done: int, total: int) -> None:
        outside = connections.create_connection(DEFAULT_DB_ALIAS)
        try:
            with outside.cursor() as cursor:
                cursor.execute("UPDATE case_progress SET done = %s WHERE batch_id = %s", [done, batch_id])
        finally:
            outside.close()

    return say


@transaction.atomic
def bring(
    batch: Batch, cases: list[PastCase], *, actor: Actor, at: datetime, progress: Tell | None = None
) -> int:
    """Store cases, promises and facts with their true times; all of them or none. Returns how many facts."""
    cause = record(
        "history.imported",
        stream=batch.stream,
        actor=actor,
        at=at,
        data={"batch": batch.pk, "cases": len(cases)},
    ).uid
    managers = _managers(cases, at=at)
    rest, facts, done = iter(cases), 0, 0
    while chunk := list(islice(rest, CHUNK)):
        stored = _stored(batch, chunk, managers)
        Clock.objects.bulk_create(
            [clock for case, past in stored for clock in _promises(case, past, at=at)], batch_size=1000
        )
        facts += record_past(
            (fact for case, past in stored for fact in _facts(case, past, batch)), cause=cause, at=at
        )
        done += len(chunk)
        if progress:
            progress(done, len(cases))
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.IMPORTED, good=len(cases), facts=facts, imported_at=at
    )
    return facts


def _managers(cases: Iterable[PastCase], *, at: datetime) -> dict[tuple[str, str], User]:
    """Who answers for the running ones from today on, by area and class: no case is without a present owner."""
    return {
        (area, kind): responsible(
            role="account_manager",
            department="marketing",
            area=area,
            voltage=level_of(kind),
            customer_class=kind,
            on=local_day(at),
        ).user
        for area, kind in {(case.area, case.case_class) for case in cases if case.state == "running"}
    }


def _stored(
    batch: Batch, pasts: list[PastCase], managers: dict[tuple[str, str], User]
) -> list[tuple[Case, PastCase]]:
    customers = Customer.objects.bulk_create(
        [Customer(kind="organisation", name=past.customer or past.title[:80], phone="") for past in pasts]
    )
    cases = [
        _case(batch, past, customer, managers.get((past.area, past.case_class)))
        for past, customer in zip(pasts, customers, strict=True)
    ]
    return list(zip(Case.objects.bulk_create(cases), pasts, strict=True))


def _case(batch: Batch, past: PastCase, customer: Customer, manager: User | None) -> Case:
    is_ours = manager is not None and past.state == "running"
    return Case(
        number=past.number,
        customer=customer,
        process_key="",
        declared_class=past.case_class,
        case_class=past.case_class,
        title=past.title,
        address="",
        area=past.area,
        voltage_kv=Decimal(0),
        capacity_kva=past.capacity_kva,
        needed_on=past.needed_on,
        channel=past.channel,
        state=past.state,
        account_manager_id=manager.pk if is_ours and manager else None,
        account_manager_name=manager.name_zh if is_ours and manager else past.holder,
        applied_at=past.applied_at,
        accepted_at=past.accepted_at,
        energised_at=past.energised_at,
        closed_at=past.closed_at,
        is_simulated=batch.is_simulated,
        batch=batch,
        outside_department=past.department,
        outside_holder=past.holder,
    )


def _promises(case: Case, past: PastCase, *, at: datetime) -> Iterator[Clock]:
    for limit_id, due_at in (("EXT-PLAN", past.planned_end), ("EXT-LAW", past.deadline)):
        if due_at:
            clock = external(
                case.number,
                limit_id,
                stream=case.stream,
                started_at=past.applied_at,
                due_at=due_at,
                due_on=due_at.date(),
            )
            gone = past.state in (Case.State.WITHDRAWN, Case.State.TERMINATED)
            yield judge(clock, closed_at=past.closed_at, is_cancelled=gone, at=at)


OUTSIDE = Actor(None, "原系统", "imported")
"""Who said it where the table does not name anybody."""


def _facts(case: Case, past: PastCase, batch: Batch) -> Iterator[Past]:
    """What the table tells of a case as facts, in the order it happened."""
    classes = list(profile_of(past.case_class, voltage_kv=Decimal(0)).classes)
    told = {"imported": batch.pk, "class": past.case_class, "classes": classes, "area": past.area}
    told |= {"channel": past.channel, "department": past.department, "capacity_kva": str(past.capacity_kva)}
    yield Past("case.applied", case.stream, past.applied_at, OUTSIDE, told)
    for limit_id, due_at in (("EXT-PLAN", past.planned_end), ("EXT-LAW", past.deadline)):
        if due_at:
            promise = {"limit": limit_id, "due_on": due_at.date().isoformat(), "due_at": due_at.isoformat()}
            yield Past(
                "promise.given", case.stream, past.applied_at, OUTSIDE, promise | {"imported": batch.pk}
            )
    yield from sorted(_later(case, past, batch), key=lambda fact: fact.at)


def _later(case: Case, past: PastCase, batch: Batch) -> Iterator[Past]:
    mark = {"imported": batch.pk}
    for kind, at in (("case.accepted", past.accepted_at), ("case.energised", past.energised_at)):
        if at:
            yield Past(kind, case.stream, at, OUTSIDE, mark)
    for event in past.events:
        who = Actor(None, event.actor, "imported") if event.actor else OUTSIDE
        data = {"step": event.step, "transition": event.transition}
        yield Past("history.step", case.stream, event.at, who, mark | data)
    if past.closed_at:
        end = mark | {"event": "case.closed"}
        yield Past(f"case.{past.state}", case.stream, past.closed_at, OUTSIDE, end)


@transaction.atomic
def undo(batch: Batch, *, actor: Actor, at: datetime) -> int:
    """Take a batch back: its cases, promises, customers and the table go; the facts stay and are marked as void.

    Refused while somebody has worked on one of its cases here. Returns how many cases went.
    """
    moved = Batch.objects.filter(pk=batch.pk, state=Batch.State.IMPORTED).update(
        state=Batch.State.UNDONE, undone_at=at
    )
    if not moved:
        raise refuse("history.not_imported")
    cases = list(Case.objects.filter(batch=batch).order_by("id"))
    streams = [case.stream for case in cases]
    touched = worked_on(streams)
    if touched:
        raise Refused([Finding("history.worked", stream) for stream in touched[:50]])
    cause = record("history.undone", stream=batch.stream, actor=actor, at=at, data={"batch": batch.pk}).uid
    void = {"batch": batch.pk}
    record_past((Past(VOIDED, stream, at, actor, void) for stream in streams), cause=cause, at=at)
    Clock.objects.filter(subject__in=[case.number for case in cases]).delete()
    customers = [case.customer_id for case in cases]
    Case.objects.filter(batch=batch).delete()
    Customer.objects.filter(pk__in=customers).delete()
    if upload := batch.upload:
        Batch.objects.filter(pk=batch.pk).update(upload=None)
        forget(upload)
    return len(cases)


def worked_on(streams: list[str]) -> list[str]:
    """Streams where a person did something after the import; what the system said by itself does not count."""
    ours = Fact.objects.filter(stream__in=streams).exclude(actor_role__in=["system", "imported"])
    return sorted(set(ours.exclude(kind=VOIDED).values_list("stream", flat=True)))


@transaction.atomic
def conclude(case: Case, *, actor: Actor, at: datetime) -> None:
    """An imported case that was still running has come to its end."""
    if not case.is_imported:
        raise refuse("history.process")
    moved = Case.objects.filter(pk=case.pk, state=Case.State.RUNNING).update(
        state=Case.State.FINISHED, closed_at=at
    )
    if not moved:
        raise refuse("case.closed")
    clocks.stop(subject=case.number, ref="", event="case.closed", at=at)
    record("case.finished", stream=case.stream, actor=actor, at=at, data={"event": "case.closed"})
