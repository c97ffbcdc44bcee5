"""Django's own tools for whoever changes jiedian: they need a checkout, not a running system."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import psycopg

from tools import commands
from tools.launch import postgres, tools
from tools.launch.serve import jiedian

NO_DATABASE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "JIEDIAN_SECRET_KEY": "none",
    "JIEDIAN_VAULT_KEYS": "A" * 43 + "=",
    "DJANGO_SETTINGS_MODULE": "jiedian.config.settings",
}


def makemigrations(argv: list[str]) -> int:
    """Write the migrations that the models need; ``--check --dry-run`` only says which are missing."""
    for name, value in NO_DATABASE.items():
        os.environ.setdefault(name, value)
    import django
    from django.core.management import execute_from_command_line

    warnings.filterwarnings("ignore", "Got an error checking a consistent migration history")
    django.setup()
    execute_from_command_line(["jiedian", "makemigrations", *argv])
    return 0


def shell(argv: list[str]) -> int:
    """Python with every model at hand."""
    return _on_a_database("shell", argv)


def dbshell(argv: list[str]) -> int:
    """psql on the database."""
    return _on_a_database("dbshell", argv)


def _on_a_database(name: str, argv: list[str]) -> int:
    """Run one on the system that runs here, as the application; else, as owner, on a kept database made for the purpose."""
    if commands.environment() and _answers(os.environ.get("DATABASE_URL", "")):
        return _django(name, argv, dict(os.environ))
    _forget()
    with tools.server("shell") as env:
        print("jiedian: no system runs here; this is a database of its own, and kept", file=sys.stderr)
        for words in (jiedian("migrate"), jiedian("prepare")):
            subprocess.run(words, env=env, cwd=tools.ROOT, check=True, stdout=subprocess.DEVNULL)
        return _django(name, argv, env)


def _forget() -> None:
    """What is remembered of a system that has ended must not reach the one that is made."""
    for key in [key for key in os.environ if key.startswith("JIEDIAN_") and key != "JIEDIAN_RUN_DIR"]:
        del os.environ[key]
    if Path(os.environ.get("JIEDIAN_RUN_DIR", "")).name in ("demo", "serve"):
        del os.environ["JIEDIAN_RUN_DIR"]


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _django(name: str, argv: list[str], env: dict[str, str]) -> int:
    """Run one of Django's own commands; psql is found beside the server's programs."""
    programs = postgres.binaries(Path(env.get("JIEDIAN_RUN_DIR", tools.ROOT / ".run")))
    env = {"DJANGO_SETTINGS_MODULE": "jiedian.config.settings"} | env | {"PYTHONPATH": str(tools.ROOT)}
    env["PATH"] = f"{env.get('PATH', '')}:{programs}"
    return subprocess.run([sys.executable, "-m", "django", name, *argv], env=env).returncode
