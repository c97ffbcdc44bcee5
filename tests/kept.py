"""The database of the tests: migrated and filled once, kept as a template, and copied for every session and worker."""

import hashlib
import inspect
import os
from datetime import date
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql

from jiedian.clocks.services import load_calendar
from jiedian.ground.rulebook.services import RULES
from jiedian.people.services import load_demo_people
from jiedian.process.services import publish_all
from tests.cast import moment

TEMPLATE = "jiedian_filled"
LOADERS = (load_calendar, load_demo_people, publish_all)


def fill() -> None:
    """Calendar, departments, people and processes: what a company needs before it can work."""
    load_calendar()
    load_demo_people(on=date(2015, 1, 1))
    publish_all(at=moment("2015-01-01 08:00"))


def fingerprint() -> str:
    """Of all that decides what the template holds: migrations, rules, the code that loads them, and the day.

    The day, because what is recorded bears the time it was recorded at, and some tests look at the days before today.
    """
    rooms = {Path(inspect.getfile(inspect.unwrap(loader))).parent for loader in LOADERS}
    files = [path for room in rooms for path in room.rglob("*.py")]
    files += [path for app in apps.get_app_configs() for path in Path(app.path, "migrations").rglob("*.py")]
    files += [path for path in RULES.rglob("*") if path.is_file()]
    files += [Path(__file__), Path(settings.BASE_DIR, "requirements.txt")]
    told = hashlib.sha256(str(timezone.localdate()).encode())
    for path in sorted(set(files)):
        told.update(f"\0{path}\0".encode() + path.read_bytes())
    return told.hexdigest()[:32]


def copy_template(*, anew: bool) -> None:
    """Give this session a database of its own, always in its filled state; the template is made when it is stale or asked for."""
    name = connection.creation._get_test_db_name()  # a worker has its own
    held = connection.settings_dict
    place = {"host": held["HOST"], "port": held["PORT"], "user": held["USER"], "password": held["PASSWORD"]}
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    wanted = fingerprint()
    with psycopg.connect(dbname="postgres", autocommit=True, **place) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])  # of two workers one makes it
        stamp = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        known, _, made_by = ((stamp and stamp[0]) or "").partition(" ")
        if known != wanted or (anew and made_by != run):
            _create(server, TEMPLATE, like="template0")
            _use(TEMPLATE)
            call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
            fill()
            connection.close()
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
            server.execute(comment.format(sql.Identifier(TEMPLATE), sql.Literal(f"{wanted} {run}")))
        _create(server, name, like=TEMPLATE)
    _use(name)


def _create(server: psycopg.Connection, name: str, *, like: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    server.execute(create.format(sql.Identifier(name), sql.Identifier(like)))


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
