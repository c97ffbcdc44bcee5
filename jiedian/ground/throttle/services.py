"""Count what one asker asks for, and refuse what is too often."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from jiedian.core.findings import refuse
from jiedian.core.workdays import local
from jiedian.ground.vault.services import blind_index

from .models import CacheRow, Tally

COUNT = """
INSERT INTO throttle_tally AS t (key, asked, ends_at) VALUES (%(key)s, 1, %(ends)s)
ON CONFLICT (key) DO UPDATE SET
  asked = CASE WHEN t.ends_at <= %(at)s THEN 1 ELSE t.asked + 1 END,
  ends_at = CASE WHEN t.ends_at <= %(at)s THEN excluded.ends_at ELSE t.ends_at END
RETURNING asked, ends_at
"""
"""One statement, so that two who ask at once are counted as two; a window that is over begins anew."""


@dataclass(frozen=True)
class Limit:
    """Limit of how often something may be asked for within a window. ``code`` is its finding, with the facts ``again`` and ``seconds``."""

    code: str
    most: int
    within: timedelta


def count_in(limit: Limit, who: str, *, at: datetime) -> None:
    """Count one asking of somebody, in real time. Raises Refused beyond the limit, saying when to try again."""
    facts: dict[str, str | datetime] = {
        "key": blind_index(f"{limit.code}:{who}"),
        "at": at,
        "ends": at + limit.within,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, facts)
        asked, ends_at = cursor.fetchone()
    if asked > limit.most:
        seconds = max(1, -int((at - ends_at).total_seconds() // 1))
        raise refuse(limit.code, again=f"{local(ends_at):%H:%M}", seconds=seconds)


def sweep(*, at: datetime) -> int:
    """Drop what no longer counts for anything; returns how many rows went."""
    over, _kinds = Tally.objects.filter(ends_at__lte=at).delete()
    return over + CacheRow.objects.filter(expires__lte=at).delete()[0]
