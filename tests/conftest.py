"""What every test stands on: a filled database for those that ask for one, nothing for the pure ones.

Nothing here imports Django before a test needs it, so that pure tests run with plain pytest and start at once.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HAS_SYSTEM = "DJANGO_SETTINGS_MODULE" in os.environ
"""Set by ``python3 run.py test``, which also brings up the database."""


def pytest_report_header() -> list[str]:
    hint = "jiedian: pure tests only; those with a database: python3 run.py test PATH"
    return [] if HAS_SYSTEM else [hint]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run without hypothesis need not load it (a second) to hear that it has nothing to report."""
    if "hypothesis" not in sys.modules:
        session.config.pluginmanager.unregister(name="hypothesispytest")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    """A copy of the kept, filled database; ``--create-db`` makes what is kept anew."""
    from tests.kept import copy_template

    with django_db_blocker.unblock():
        copy_template(anew=request.config.getoption("create_db"))


EMPTIED = pytest.StashKey[bool]()
"""Set while the database of this worker is empty, because a test that commits has run."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a test that stands on the filled database a filled one, also where a worker took it over late, after one that empties it."""
    marker, named = item.get_closest_marker("django_db"), set(getattr(item, "fixturenames", ()))
    commits = bool(marker and marker.kwargs.get("transaction")) or bool(
        named & {"transactional_db", "live_server"}
    )
    if commits:
        item.config.stash[EMPTIED] = True
    elif item.config.stash.get(EMPTIED, False) and (marker or "db" in named):
        from pytest_django.plugin import blocking_manager_key

        from tests.kept import copy_template

        with item.config.stash[blocking_manager_key].unblock():
            copy_template(anew=False)
        item.config.stash[EMPTIED] = False


@pytest.fixture(autouse=True)
def _private_vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    if HAS_SYSTEM:
        settings = request.getfixturevalue("settings")
        settings.VAULT_DIR, settings.STATIC_ROOT = tmp_path / "vault", tmp_path / "static"
    yield


@pytest.fixture
def company(transactional_db: None) -> None:
    """What a flushed database needs before people can work."""
    from tests.kept import fill

    fill()
