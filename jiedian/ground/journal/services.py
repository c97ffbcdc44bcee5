"""Write a fact, and defer what follows from it in the same transaction."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from jiedian.core.findings import refuse
from jiedian.core.masking import PERSONAL

from .models import DailyRoot, Fact, Reaction
from .queries import day_root, jobless, latest_root

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Actor:
    """Actor of a fact: an id and a snapshot of name and role, not a foreign key."""

    id: int | None
    name: str
    role: str


WRITING = 7120911
"""The lock that every writer of facts holds with the others, and whoever seals a day holds alone."""

SYSTEM = Actor(None, "系统", "system")
CUSTOMER = Actor(None, "客户", "customer")
"""The customer acts without an account; his name stays out of the facts."""


def record(
    kind: str,
    *,
    stream: str,
    actor: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    cause: UUID | None = None,
) -> Fact:
    """Write what happened, inside the caller's transaction; reactions become jobs that vanish with it.

    Under ``together`` it is written at the end of that. Raises Refused when the values look like personal data.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a fact is written inside the transaction of its verb")
    values = dict(data or {})
    _no_personal_data(values)
    fact = Fact(
        uid=uuid4(),
        stream=stream,
        seq=0,
        kind=kind,
        occurred_at=at,
        recorded_at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_role=actor.role,
        cause_id=cause,
        data=values,
        prev_hash="",
        hash="",
    )
    gathered = _gathered.get()
    if gathered is None:
        _write([fact])
    else:
        gathered.append(fact)
    return fact


_gathered: ContextVar[list[Fact] | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Write the facts of one event in one go, in their order, when it ends well; none when it fails.

    Until then nobody can read them. An error within must be let pass: one that is caught would leave its facts behind.
    """
    if _gathered.get() is not None:
        yield
        return
    facts: list[Fact] = []
    mark = _gathered.set(facts)
    try:
        yield
    finally:
        _gathered.reset(mark)
    _write(facts)


def _write(facts: Sequence[Fact]) -> None:
    """Keep facts with the jobs that follow from them: a statement for each sort of row."""
    Fact.objects.bulk_create(facts)
    waiting = [
        Reaction(fact_uid=fact.uid, function=name)
        for fact in facts
        for name in reactions_of(fact.kind, fact.data)
    ]
    if waiting:
        Reaction.objects.bulk_create(waiting)
        jobs: list[dict[str, Any]] = [
            {"fact_uid": str(row.fact_uid), "function": row.function} for row in waiting
        ]
        react.batch_defer(*jobs)


@dataclass(frozen=True)
class Past:
    """A fact of another system: what happened there, in which stream, when, by whom, with which values."""

    kind: str
    stream: str
    at: datetime
    actor: Actor
    data: Mapping[str, Any]


def record_past(facts: Iterable[Past], *, cause: UUID, at: datetime) -> int:
    """Write many facts of the past in their order. Nothing follows from them: they are not news.

    Returns how many were written. Raises Refused when one looks like personal data; then none is kept.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a fact is written inside the transaction of its verb")
    rows = [
        Fact(
            uid=uuid4(),
            stream=past.stream,
            seq=0,
            kind=past.kind,
            occurred_at=past.at,
            recorded_at=at,
            actor_id=past.actor.id,
            actor_name=past.actor.name,
            actor_role=past.actor.role,
            cause_id=cause,
            data=dict(past.data),
            prev_hash="",
            hash="",
        )
        for past in facts
    ]
    for row in rows:
        _no_personal_data([row.data, row.stream, row.actor_name])
    Fact.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def reactions_of(kind: str, data: Mapping[str, Any] | None = None) -> list[str]:
    """The dotted names wired to a fact: to its kind, or as ``kind?name`` to those of the kind whose value ``name`` is true.

    So that a reaction to few of the facts of a frequent kind costs no job for the others.
    """
    wired: dict[str, list[str]] = import_string(f"{settings.WIRING}.REACTIONS")
    marked = [f"{kind}?{name}" for name, value in (data or {}).items() if value is True]
    return [name for key in (kind, *marked) for name in wired.get(key, [])]


@app.task(name="journal.react", queue="reactions", retry=5)
def react(fact_uid: str, function: str) -> None:
    """Run one reaction to one fact. It may run twice and must not care."""
    with transaction.atomic():
        import_string(function)(Fact.objects.get(uid=fact_uid))
        Reaction.objects.filter(fact_uid=fact_uid, function=function).delete()


RENEWALS = 24
"""How often a reaction that fails gets a new job; after that a person must look."""


@transaction.atomic
def react_again() -> int:
    """Give every reaction that waits without a living job a job again. Returns how many."""
    orphans = jobless(Reaction.objects.all(), task=react.name, fact_uid="fact_uid", function="function")
    waiting = list(orphans.filter(renewals__lt=RENEWALS).order_by("id"))
    Reaction.objects.filter(pk__in=[row.pk for row in waiting]).update(renewals=F("renewals") + 1)
    for row in waiting:
        if row.renewals == RENEWALS - 1:
            log.error("given a job for the last time: %s", row)
        react.defer(fact_uid=str(row.fact_uid), function=row.function)
    return len(waiting)


def _no_personal_data(value: Any) -> None:
    if isinstance(value, str) and PERSONAL.search(value):
        raise refuse("journal.personal", "journal")
    if isinstance(value, Mapping):
        for inner in value.values():
            _no_personal_data(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _no_personal_data(inner)


@transaction.atomic
def seal(day: date, *, today: date) -> DailyRoot:
    """Put the facts recorded on a finished day, one before today, under one root. A day is sealed once.

    Waits until everybody who writes has committed: a fact recorded before midnight may be committed after it.
    """
    if day >= today:
        raise refuse("journal.today")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
    existing = DailyRoot.objects.filter(day=day).first()
    if existing:
        return existing
    before = latest_root()
    if before and before.day > day:
        raise refuse("journal.order")
    count, last_id, root = day_root(day, prev=before.root if before else "")
    return DailyRoot.objects.create(
        day=day, facts=count, last_fact_id=last_id, prev_root=before.root if before else "", root=root
    )
