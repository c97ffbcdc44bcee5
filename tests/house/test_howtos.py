"""The developers' how-tos, followed word for word in a copy of the checkout: what each promises is there."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.howto import blocks, follow, run
from tools.launch.serve import free_port

HAS_DATABASE = "DATABASE_URL" in os.environ and "@127.0.0.1:1/" not in os.environ["DATABASE_URL"]
needs_database = pytest.mark.skipif(not HAS_DATABASE, reason="needs a database: python3 run.py test")
SETUP = "import django; django.setup(); "
CONTRACTS = [
    *("tests/house/test_imports.py", "tests/house/test_house.py", "tests/house/test_ceilings.py"),
    *("tests/house/test_sentences.py", "-k"),
    "stands_on_a_floor or names_every_room or has_its_english or keeps_its_size or closed_list or every_code",
]
"""Contracts of the house that a new room, wire or indicator most easily breaks."""


def contracts(root: Path) -> str:
    """What the contracts find in a copy; empty when they are kept."""
    done = run(root, "-m", "pytest", *CONTRACTS, "-p", "no:cacheprovider")
    return "" if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-1000:]


@pytest.fixture
def migrated() -> Iterator[Callable[[Path], str]]:
    """A filled database brought to the version of a copy; its address. It is thrown away."""
    import psycopg
    from django.db import connection
    from psycopg import sql

    from tests.kept import TEMPLATE

    held, name = connection.settings_dict, f"howto_{os.getpid()}"
    place = f"{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}"
    with psycopg.connect(f"postgresql://{place}/postgres", autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        server.execute(drop)
        server.execute(make.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))

        def bring(root: Path) -> str:
            url = f"postgresql://{place}/{name}"
            done = run(root, "-m", "tools.commands", "migrate", DATABASE_URL=url)
            assert done.returncode == 0, done.stderr
            return url

        yield bring
        server.execute(drop)


@pytest.mark.parametrize("page", ["add-a-wire", "add-an-indicator", "add-a-room"])
def test_every_block_says_where_it_goes(page: str) -> None:
    text = Path("docs/howto", f"{page}.md").read_text("utf-8")
    assert text.count("\n```") == 2 * len(blocks(page)) > 0


def test_a_wire_is_found_by_its_folder(tmp_path: Path) -> None:
    root = follow("add-a-wire", tmp_path)
    unset = run(root, "-m", "tools.commands", "check-links")
    assert unset.returncode == 1 and "未配置钉钉网关" in unset.stderr, unset.stderr
    port = free_port(0)
    url = f"http://127.0.0.1:{port}/"
    fake = [sys.executable, "-m", "jiedian.links.dingtalk.fake", "--port", str(port)]
    with subprocess.Popen(fake, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and "stand-in" in process.stdout.readline()
            found = run(root, "-m", "tools.commands", "check-links", JIEDIAN_DINGTALK_URL=url)
            assert "钉钉" not in found.stderr, found.stderr
            code = SETUP + (
                "from jiedian.links.queries import gateway, repeatable; assert 'dingtalk' in repeatable();"
                "[gateway('dingtalk')(to='g1', text='已通电', key='k', meta={}) for _ in range(2)]"
            )
            sent = run(root, "-c", code, JIEDIAN_DINGTALK_URL=url)
            assert sent.returncode == 0, sent.stderr
            with urllib.request.urlopen(url) as answer:
                assert json.load(answer)["taken"] == [{"group": "g1", "text": "已通电", "key": "k"}]
        finally:
            process.kill()
    assert not contracts(root)


@needs_database
@pytest.mark.django_db
def test_an_indicator_counts(tmp_path: Path, migrated: Callable[[Path], str]) -> None:
    root = follow("add-an-indicator", tmp_path)
    code = SETUP + (
        "from datetime import UTC, datetime, timedelta; from jiedian.links.models import Outbox;"
        "from jiedian.shell.shell import share_of; at = datetime(2025, 9, 15, tzinfo=UTC);"
        "[Outbox.objects.create(channel='sms', to='1', text='x', idempotency_key=key, state=key, created_at=at)"
        " for key in ('sent', 'dead')];"
        "print(share_of('messages_sent', since=at, until=at + timedelta(days=1)))"
    )
    done = run(root, "-c", code, DATABASE_URL=migrated(root))
    assert done.stdout == "Share(part=1, whole=2)\n", done.stdout + done.stderr
    assert not contracts(root)


@needs_database
@pytest.mark.django_db
def test_a_room_is_a_folder_and_a_line(tmp_path: Path, migrated: Callable[[Path], str]) -> None:
    root = follow("add-a-room", tmp_path)
    words = ["-m", "tools.commands", "makemigrations"]
    made = run(root, *words, "board")
    assert made.returncode == 0 and "Bill" in made.stdout, made.stdout + made.stderr
    assert "No changes" in run(root, *words, "--check", "--dry-run").stdout
    code = SETUP + (
        "from django.test import Client; from jiedian.people.models import User; client = Client();"
        "client.force_login(User.objects.get(username='clerk'));"
        "assert client.post('/board/', {'text': '下周一系统升级。'}).status_code == 302;"
        "answer = client.get('/board/'); body = answer.content.decode();"
        "print(answer.status_code, body.count('下周一系统升级。'), body.count('href=\"/board/\"') > 0)"
    )
    done = run(root, "-c", code, DATABASE_URL=migrated(root), JIEDIAN_DEMO="1")
    assert done.stdout == "200 1 True\n", done.stdout + done.stderr
    assert not contracts(root)
