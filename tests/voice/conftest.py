"""What a flushed database needs before anybody can answer."""

from datetime import date

import pytest

from jiedian.clocks.services import load_calendar
from jiedian.people.services import load_demo_people
from jiedian.process.services import publish_all
from tests.cast import moment


@pytest.fixture
def company(transactional_db: None) -> None:
    load_calendar()
    load_demo_people(on=date(2015, 1, 1))
    publish_all(at=moment("2015-01-01 08:00"))
