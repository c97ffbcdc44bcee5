"""Bring the cases of another system: check a table, take it in whole, take it back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any

from django.db import transaction

from jiedian.cases.case.models.case import Case, Customer
from jiedian.clocks import services as clocks
from jiedian.clocks.calc.promises import profile_of
from jiedian.clocks.models import Clock
from jiedian.clocks.queries.outside import external, judge
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.sheets import Asked, Column
from jiedian.core.workdays import local_day
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import keep_told, put
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.queries import VOIDED
from jiedian.ground.journal.services import Actor, Past, record, record_past
from jiedian.people.models import User
from jiedian.people.queries import areas, responsible
from jiedian.process.rows import level_of

from .calc.history import CaseTable, columns_of, read_history
from .calc.mapping import read_mapping
from .calc.past import PastCase

CHUNK = 500
Tell = Callable[[int, int], None]


def read(data: bytes, *, name: str, mapping: str, at: datetime, asked: Asked | None = None) -> CaseTable:
    """Cases of a table read under a mapping; numbers and areas are held against what the company has.

    Raises Refused when table or mapping cannot be read at all.
    """
    reading = read_history(data, read_mapping(mapping, name=name), at=at, name=name, asked=asked)
    taken = set(
        Case.objects.filter(number__in=[case.number for case in reading.cases]).values_list(
            "number", flat=True
        )
    )
    known = {code for code, _name in areas()} | {""}
    wrong = [case.number for case in reading.cases if case.number in taken]
    placed = [
        case if case.area in known else replace(case, area="")
        for case in reading.cases
        if case.number not in taken
    ]
    nowhere = [
        Finding("history.area", case.number, area=case.area)
        for case in reading.cases
        if case.area not in known
    ]
    return replace(
        reading,
        cases=placed,
        left_out=(*reading.left_out, *wrong),
        findings=[*reading.findings, *(Finding("history.taken", number) for number in wrong)],
        report=(*reading.report, *nowhere),
    )


def read_file(work: Work) -> Told:
    """Table of cases as the worker reads it."""
    row = work.row
    reading = read(work.content, name=row.name, mapping=row.mapping, at=work.now, asked=work.asked)
    return told_of(reading, read_mapping(row.mapping, name=row.name).name)


def told_of(reading: CaseTable, title: str) -> Told:
    return Told(
        reading.rows,
        len(reading.cases),
        len(reading.left_out),
        reading.findings,
        reading.sheet,
        reading.report,
        title,
    )


def columns_for(options: dict[str, Any]) -> list[Column]:
    """The columns a table of cases may have under its mapping."""
    return columns_of(read_mapping(options.get("mapping", ""), name="mapping"))


@dataclass(frozen=True)
class Table:
    """A table of another system: its bytes and name, the text of its mapping, and what a person said of its sheet."""

    data: bytes
    name: str
    mapping: str
    asked: Asked | None = None


@transaction.atomic
def check(
    table: Table, *, actor: Actor, at: datetime, now: datetime, is_simulated: bool = False
) -> tuple[FileImport, CaseTable]:
    """Read a table at once, keep it with everything found in it, and import nothing yet.

    ``at`` is the business's time, ``now`` the real one the findings are judged by.
    """
    name, mapping = table.name, table.mapping
    reading = read(table.data, name=name, mapping=mapping, at=now, asked=table.asked)
    options = {"mapping": mapping}
    row = put(
        "history",
        BytesIO(table.data),
        name=name,
        options=options,
        actor=actor,
        at=at,
        is_simulated=is_simulated,
    )
    keep_told(row, told_of(reading, read_mapping(mapping, name=name).name))
    return row, reading


def take_file(work: Work) -> Kept:
    """Import the table that the worker takes over.

    What lies ahead is judged by the real time, as it was when the table was checked.
    """
    row = work.row
    reading = read(work.content, name=row.name, mapping=row.mapping, at=work.now, asked=work.asked)
    if reading.left_out and not row.is_partial:
        raise Refused(reading.findings)
    facts = bring(row, reading.cases, actor=work.actor, at=work.at, progress=work.tell)
    return Kept(len(reading.cases), facts=facts)


@transaction.atomic
def bring(
    batch: FileImport, cases: list[PastCase], *, actor: Actor, at: datetime, progress: Tell | None = None
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
    FileImport.objects.filter(pk=batch.pk).update(
        state=FileImport.State.IMPORTED, good=len(cases), facts=facts, imported_at=at
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
    batch: FileImport, pasts: list[PastCase], managers: dict[tuple[str, str], User]
) -> list[tuple[Case, PastCase]]:
    customers = Customer.objects.bulk_create(
        [Customer(kind="organisation", name=past.customer or past.title[:80], phone="") for past in pasts]
    )
    cases = [
        _case(batch, past, customer, managers.get((past.area, past.case_class)))
        for past, customer in zip(pasts, customers, strict=True)
    ]
    return list(zip(Case.objects.bulk_create(cases), pasts, strict=True))


def _case(batch: FileImport, past: PastCase, customer: Customer, manager: User | None) -> Case:
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
            gone = past.state in (Case.State.WITHDRAWN, Case.State.TERMINATED) or past.is_end_unknown
            yield judge(clock, closed_at=past.closed_at, is_cancelled=gone, at=at)


OUTSIDE = Actor(None, "原系统", "imported")
"""Who said it where the table does not name anybody."""


def _facts(case: Case, past: PastCase, batch: FileImport) -> Iterator[Past]:
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


def _later(case: Case, past: PastCase, batch: FileImport) -> Iterator[Past]:
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
    elif past.is_end_unknown:
        unknown = mark | {"is_time_unknown": True}
        yield Past(f"case.{past.state}", case.stream, past.last_known, OUTSIDE, unknown)


@transaction.atomic
def undo_file(batch: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take a batch back: its cases, promises and customers go; the facts stay and are marked as void.

    Refused while somebody has worked on one of its cases here. Returns how many cases went.
    """
    cases = list(Case.objects.filter(batch=batch).order_by("id"))
    streams = [case.stream for case in cases]
    touched = _worked_on(streams)
    if touched:
        raise Refused([Finding("history.worked", stream) for stream in touched[:50]])
    cause = record("history.undone", stream=batch.stream, actor=actor, at=at, data={"batch": batch.pk}).uid
    void = {"batch": batch.pk}
    record_past((Past(VOIDED, stream, at, actor, void) for stream in streams), cause=cause, at=at)
    Clock.objects.filter(subject__in=[case.number for case in cases]).delete()
    customers = [case.customer_id for case in cases]
    Case.objects.filter(batch=batch).delete()
    Customer.objects.filter(pk__in=customers).delete()
    return len(cases)


def _worked_on(streams: list[str]) -> list[str]:
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
    clocks.cancel_all(subject=case.number, at=at)
    record("case.finished", stream=case.stream, actor=actor, at=at, data={"event": "case.closed"})
