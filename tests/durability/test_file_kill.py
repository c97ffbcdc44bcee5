"""A worker that is killed at any stage of the life of a file loses nothing and takes nothing over twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jiedian.ground.files import services as files
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.models import Fact, Reaction
from jiedian.ground.journal.services import react, react_again
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.voice.inbox.models.tellings import Telling
from tests.cast import moment, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("company")]
ROOT = Path(__file__).resolve().parents[2]
AT = moment("2025-09-20 09:00")
TEXTS = {
    "tickets": "工单编号,诉求内容\nT1,电压低\nT2,没有电\n",
    "people": "id,name_zh,name_en,department,roles\nzhao,赵一,Zhao Yi,marketing,clerk\nwu,吴一,Wu Yi,metering,specialist\n",
}
VICTIM = """
import sys, time, django
django.setup()
from io import BytesIO
from jiedian.ground.files import services as files
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.services import SYSTEM, react
from django.utils import timezone
stage, kind, text, uid, function = sys.argv[1:]
last = {"ask": "record", "read": "keep_told", "take": "take_now", "undo": "forget"}[stage]
real = getattr(files, last)
def stopped(*words, **more):
    real(*words, **more)
    print("here", flush=True)
    time.sleep(120)
setattr(files, last, stopped)
if stage == "ask":
    files.hand_in(kind, BytesIO(text.encode()), name="t.csv", options={"channel": "hotline"}, actor=SYSTEM, at=timezone.now())
elif stage == "undo":
    files.undo(FileImport.objects.get(), actor=SYSTEM, at=timezone.now())
else:
    react(uid, function)
"""
"""Does one stage up to the last moment before it commits, and waits there to be killed."""


def killed(stage: str, kind: str, folder: Path, fact: Fact | None = None) -> None:
    """Let a process of its own do a stage, and kill it before it commits."""
    held = connection.settings_dict
    url = f"postgresql://{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"
    told = [stage, kind, TEXTS[kind], str(fact.uid) if fact else "", FUNCTION.get(stage, "")]
    env = {**os.environ, "DATABASE_URL": url, "JIEDIAN_RUN_DIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, *told], cwd=ROOT, env=env, stdout=subprocess.PIPE
    ) as victim:
        assert victim.stdout and victim.stdout.readline() == b"here\n"
        victim.kill()
        assert victim.wait(20) == -9


FUNCTION = {"read": "jiedian.ground.files.services.read_in", "take": "jiedian.ground.files.services.take_in"}
COUNT: dict[str, Callable[[], int]] = {
    "tickets": lambda: Telling.objects.count(),
    "people": lambda: User.objects.filter(username__in=["zhao", "wu"]).count(),
}


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_killed_at_every_stage_and_done_once(kind: str, tmp_path: Path, settings: Any) -> None:
    assert tmp_path / "vault" == settings.VAULT_DIR, "both processes keep their bytes in one place"
    who = actor(staff("admin"))
    killed("ask", kind, tmp_path)
    assert not FileImport.objects.exists() and not Fact.objects.filter(kind="file.handed").exists()

    row = files.hand_in(
        kind, BytesIO(TEXTS[kind].encode()), name="t.csv", options={"channel": "hotline"}, actor=who, at=AT
    )
    handed = Fact.objects.get(kind="file.handed")
    killed("read", kind, tmp_path, handed)
    row.refresh_from_db()
    assert (row.state, row.rows) == ("reading", 0), "what was not committed is not there"
    assert Reaction.objects.filter(fact_uid=handed.uid).count() == 1, "and waits to be read again"
    for _again in range(2):
        react(str(handed.uid), FUNCTION["read"])
    row.refresh_from_db()
    assert (row.state, row.rows, row.good) == ("checked", 2, 2)

    ordered = files.order(row, without_bad=False, actor=who, at=AT)
    killed("take", kind, tmp_path, ordered)
    row.refresh_from_db()
    assert row.state == "asked" and COUNT[kind]() == 0, "nothing is half taken over"
    for _again in range(2):
        react(str(ordered.uid), FUNCTION["take"])
    row.refresh_from_db()
    assert row.state == "imported" and COUNT[kind]() == 2, "run twice it is taken over once"
    assert not Reaction.objects.filter(fact_uid__in=[handed.uid, ordered.uid]).exists()

    killed("undo", kind, tmp_path)
    row.refresh_from_db()
    assert row.state == "imported" and COUNT[kind]() == 2 and files.content_of(row)
    assert files.undo(row, actor=who, at=AT) == 2 and COUNT[kind]() == 0


def test_a_file_whose_job_was_lost_gets_one_again() -> None:
    who = actor(staff("admin"))
    files.hand_in(
        "tickets",
        BytesIO(TEXTS["tickets"].encode()),
        name="t.csv",
        options={"channel": "hotline"},
        actor=who,
        at=AT,
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert react_again() >= 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE args->>'function' = %s", [FUNCTION["read"]]
        )
        assert cursor.fetchone()[0] == 1
