"""What a superuser does to the journal is named: the first row altered, removed or inserted."""

from datetime import timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from jiedian.core.findings import Refused
from jiedian.ground.journal import queries
from jiedian.ground.journal.models import DailyRoot, Fact, Stream
from jiedian.ground.journal.queries import verify
from jiedian.ground.journal.services import SYSTEM, reactions_of, record, seal
from tests.cast import moment

AT = moment("2025-09-15 09:00")
pytestmark = pytest.mark.django_db


@pytest.fixture
def facts() -> list[Fact]:
    made = []
    for number in range(5):
        with transaction.atomic():
            made.append(record("test.done", stream="case:T", actor=SYSTEM, at=AT, data={"n": number}))
    return made


def as_superuser(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_untouched_journal_is_intact(facts: list[Fact]) -> None:
    assert verify() is None


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_the_journal_is_walked_is_no_fault(
    facts: list[Fact], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        with transaction.atomic():
            record("test.done", stream="case:T", actor=SYSTEM, at=AT)
        connection.close()

    def lengths() -> list[Stream]:
        known = list(Stream.objects.all())
        writer = Thread(target=write)
        writer.start()
        writer.join()
        return known

    monkeypatch.setattr(queries, "Stream", SimpleNamespace(objects=SimpleNamespace(all=lengths)))
    assert verify() is None
    assert Fact.objects.filter(stream="case:T").count() == 6


def test_an_altered_row_is_named(facts: list[Fact]) -> None:
    as_superuser("""UPDATE journal_fact SET data = '{"n": 9}' WHERE stream = 'case:T' AND seq = 3""")
    fault = verify()
    assert fault and (fault.what, fault.seq) == ("altered", 3)


def test_a_row_altered_with_a_fresh_hash_is_named(facts: list[Fact]) -> None:
    as_superuser("UPDATE journal_fact SET hash = repeat('a', 64) WHERE stream = 'case:T' AND seq = 2")
    fault = verify()
    assert fault and (fault.what, fault.seq) == ("altered", 2)


def test_a_removed_row_is_named(facts: list[Fact]) -> None:
    as_superuser("DELETE FROM journal_fact WHERE stream = 'case:T' AND seq = 2")
    fault = verify()
    assert fault and (fault.what, fault.seq) == ("removed", 2)


def test_a_removed_tail_is_named(facts: list[Fact]) -> None:
    as_superuser("DELETE FROM journal_fact WHERE stream = 'case:T' AND seq = 5")
    fault = verify()
    assert fault and (fault.what, fault.seq) == ("removed", 5)


def test_an_inserted_row_is_named(facts: list[Fact]) -> None:
    as_superuser(
        """INSERT INTO journal_fact (uid, stream, seq, kind, occurred_at, recorded_at, actor_name, actor_role,
             data, prev_hash, hash)
           SELECT gen_random_uuid(), stream, 6, kind, occurred_at, recorded_at, actor_name, actor_role, data,
             hash, repeat('b', 64) FROM journal_fact WHERE stream = 'case:T' AND seq = 5"""
    )
    fault = verify()
    assert fault and fault.seq == 6


def test_a_day_rewritten_after_it_was_sealed_does_not_fit_its_root(facts: list[Fact]) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    root = seal(yesterday, today=timezone.localdate())
    assert DailyRoot.objects.get().root == root.root
    as_superuser(
        "UPDATE journal_fact SET recorded_at = recorded_at - interval '1 day' WHERE stream = 'case:T'"
    )
    fault = verify()
    assert fault is not None


@pytest.mark.django_db(transaction=True)
def test_a_day_is_not_sealed_while_somebody_is_writing() -> None:
    """Recorded before midnight and committed after it: a root made in between would call the fact inserted."""
    written, may_commit = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            record("test.done", stream="case:N", actor=SYSTEM, at=AT)
            written.set()
            may_commit.wait(20)
        connection.close()

    writer, yesterday = Thread(target=write), timezone.localdate() - timedelta(days=1)
    writer.start()
    assert written.wait(20)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        seal(yesterday, today=timezone.localdate())
    may_commit.set()
    writer.join()
    assert seal(yesterday, today=timezone.localdate()).facts == 0


def test_a_day_that_is_not_over_is_not_sealed() -> None:
    with pytest.raises(Refused):
        seal(timezone.localdate(), today=timezone.localdate())


@pytest.mark.parametrize("statement", ["UPDATE journal_fact SET kind = 'x'", "DELETE FROM journal_fact"])
def test_the_database_refuses_to_change_a_fact(facts: list[Fact], statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_applications_role_may_not_truncate_or_touch_the_heads() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'jiedian_app'")
        if not cursor.fetchone():
            pytest.skip("this database has no application role")
        for table, right in (
            ("journal_fact", "TRUNCATE"),
            ("journal_fact", "UPDATE"),
            ("journal_fact", "DELETE"),
            ("journal_stream", "UPDATE"),
            ("journal_stream", "INSERT"),
        ):
            cursor.execute("SELECT has_table_privilege('jiedian_app', %s, %s)", [table, right])
            assert cursor.fetchone() == (False,), (table, right)


def test_a_fact_with_personal_data_is_refused() -> None:
    with pytest.raises(Refused):
        record("test.done", stream="case:T", actor=SYSTEM, at=AT, data={"text": "电话 13812345678"})


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_verb_leaves_neither_fact_nor_job() -> None:
    before = jobs()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("case.energised", stream="case:R", actor=SYSTEM, at=AT)
        raise ZeroDivisionError
    assert jobs() == before
    with transaction.atomic():
        record("case.energised", stream="case:R2", actor=SYSTEM, at=AT)
    assert jobs() == before + len(reactions_of("case.energised"))
    assert not Fact.objects.filter(stream="case:R").exists()


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])
