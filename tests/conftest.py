"""One company for every test: departments, people, processes and the calendar."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiedian.clocks.services import load_calendar
from jiedian.people.services import load_demo_people
from jiedian.process.services import publish_all

from .cast import moment


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        load_calendar()
        load_demo_people(on=date(2015, 1, 1))
        publish_all(at=moment("2015-01-01 08:00"))


@pytest.fixture(autouse=True)
def _private_vault(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAULT_DIR = tmp_path / "vault"
    yield


@pytest.fixture
def company(transactional_db: None) -> None:
    """What a flushed database needs before people can work."""
    load_calendar()
    load_demo_people(on=date(2015, 1, 1))
    publish_all(at=moment("2015-01-01 08:00"))
