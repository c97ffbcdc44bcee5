"""Read facts, and check that nobody changed them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from procrastinate.contrib.django.models import ProcrastinateJob

from .models import DailyRoot, Fact, Stream

Row = TypeVar("Row", bound=Model)
LIVING = ("todo", "doing")
"""Statuses of a job that will run or is running."""

DIGEST = """encode(sha256(convert_to(concat_ws('|', prev_hash, stream, seq, uid, kind,
 extract(epoch from occurred_at), extract(epoch from recorded_at), coalesce(actor_id::text, '-'), actor_name,
 actor_role, coalesce(cause_id::text, '-'), data::text), 'UTF8')), 'hex')"""
"""What a row's hash must be. The same expression stands in the trigger; verification does not call the trigger."""


@dataclass(frozen=True)
class Fault:
    """The first row that is not as it was written."""

    what: str
    stream: str
    seq: int
    fact_id: int | None


VOIDED = "stream.voided"
"""What came before in the stream was imported and taken back: it stays written, but no page reads it."""


def facts_of(stream: str) -> QuerySet[Fact]:
    """The facts of one stream, oldest first, from the last taking-back on."""
    rows = Fact.objects.filter(stream=stream)
    voided = rows.filter(kind=VOIDED).order_by().values("stream").annotate(last=Max("seq")).values("last")
    return rows.filter(seq__gt=Coalesce(Subquery(voided), 0)).order_by("seq")


def jobless(
    rows: QuerySet[Row], *, task: str, statuses: tuple[str, ...] = LIVING, **arguments: str
) -> QuerySet[Row]:
    """The rows for which no job of a task is there. ``arguments`` maps the job's argument to the row's field."""
    jobs = ProcrastinateJob.objects.filter(task_name=task, status__in=statuses)
    for name, field in arguments.items():
        jobs = jobs.annotate(**{f"told_{name}": KeyTextTransform(name, "args")})
        jobs = jobs.filter(**{f"told_{name}": Cast(OuterRef(field), TextField())})
    return rows.filter(~Exists(jobs))


def latest_root() -> DailyRoot | None:
    """The root of the last sealed day."""
    return DailyRoot.objects.order_by("-day").first()


def day_root(day: date, *, prev: str) -> tuple[int, int, str]:
    """Root of a day: how many facts it has, the last id, and the root over their hashes, chained to the day before."""
    digest = hashlib.sha256(prev.encode())
    count = last_id = 0
    rows = Fact.objects.filter(recorded_at__date=day).order_by("id").values_list("id", "hash")
    for last_id, row_hash in rows.iterator():  # noqa: B007 - the last one is kept
        digest.update(row_hash.encode())
        count += 1
    return count, last_id, digest.hexdigest()


def verify() -> Fault | None:
    """Walk every chain and every root; None when all is as written, else the first fault by row id.

    In one snapshot of the database: what is written meanwhile is no fault.
    """
    if connection.in_atomic_block:
        return _walk()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _walk()


def _walk() -> Fault | None:
    faults = [fault for check in (_altered, _links, _tails, _roots) for fault in check()]
    return min(faults, key=lambda f: (f.fact_id is None, f.fact_id or 0, f.stream, f.seq), default=None)


def _altered() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, stream, seq FROM journal_fact WHERE hash <> {DIGEST} ORDER BY id LIMIT 1"  # noqa: S608
        )
        for fact_id, stream, seq in cursor.fetchall():
            yield Fault("altered", stream, seq, fact_id)


def _links() -> Iterator[Fault]:
    """A gap in the numbers names the missing row; a link that does not fit names the row it should follow."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, stream, seq, expected, before_id FROM (
                 SELECT id, stream, seq, prev_hash, lag(id) OVER w AS before_id,
                        lag(hash, 1, '') OVER w AS before, row_number() OVER w AS expected
                 FROM journal_fact WINDOW w AS (PARTITION BY stream ORDER BY seq, id)) chain
               WHERE prev_hash <> before OR seq <> expected ORDER BY id LIMIT 1"""
        )
        for fact_id, stream, seq, expected, before_id in cursor.fetchall():
            if seq > expected:
                yield Fault("removed", stream, expected, fact_id)
            else:
                yield Fault("altered", stream, max(seq - 1, 1), before_id or fact_id)


def _tails() -> Iterator[Fault]:
    known = {s.name: (s.length, s.head) for s in Stream.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (stream) stream, seq, hash, id FROM journal_fact ORDER BY stream, seq DESC"
        )
        last = {stream: (seq, row_hash, fact_id) for stream, seq, row_hash, fact_id in cursor.fetchall()}
    for name in sorted(known.keys() | last.keys()):
        length, head = known.get(name, (0, ""))
        seq, row_hash, fact_id = last.get(name, (0, "", None))
        if seq < length:
            yield Fault("removed", name, seq + 1, fact_id)
        elif seq > length or row_hash != head:
            yield Fault("inserted" if seq > length else "altered", name, seq, fact_id)


def _roots() -> Iterator[Fault]:
    prev = ""
    for sealed in DailyRoot.objects.order_by("day"):
        count, last_id, root = day_root(sealed.day, prev=prev)
        if (count, root, sealed.prev_root) != (sealed.facts, sealed.root, prev):
            what = "removed" if count < sealed.facts else "inserted" if count > sealed.facts else "altered"
            yield Fault(f"{what} (day {sealed.day})", "day", count, last_id or None)
        prev = sealed.root


def unsealed_days(*, before: date) -> list[date]:
    """Finished days with facts that have no root yet, oldest first."""
    last = latest_root()
    floor = last.day + timedelta(days=1) if last else date.min
    days = Fact.objects.filter(recorded_at__date__gte=floor, recorded_at__date__lt=before)
    return sorted(set(days.values_list("recorded_at__date", flat=True)))
