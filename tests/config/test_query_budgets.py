"""Every page has a budget of queries, measured and kept in query_budgets.json: a page that asks more often than it did fails.

``JIEDIAN_MEASURE_QUERIES=1 python3 run.py test tests/config/test_query_budgets.py`` writes the file anew; read the difference.
"""

import json
import math
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.people.models import User
from jiedian.people.queries import roles
from tests.cast import do, lodge, staff

from .test_routes import OURS, arguments

pytestmark = pytest.mark.django_db
BUDGETS = Path(__file__).with_name("query_budgets.json")
UNMEASURED = {"account_login", "demo_sign_in", "account_signup", "set_language", "healthz"}
MARGIN = 1.1


def everybody() -> User:
    """Someone who may open everything, so that no page answers with a refusal that costs nothing."""
    return User.objects.create(
        username="everybody",
        name_zh="测试",
        name_en="Test",
        roles=[row.id for row in roles()],
        department=staff("planner").department,
    )


def measured() -> dict[str, int]:
    """The queries of each page, opened a second time: what a process keeps for itself is kept by then."""
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    args, client = arguments(Case.objects.get(pk=case.pk)), Client()
    client.force_login(everybody())
    found = {}
    for name, _view in OURS:
        if name not in UNMEASURED:
            url = reverse(name, args=args.get(name, []))
            if client.get(url).status_code == 405:  # takes forms only: there is no page
                continue
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            found[name] = len(queries)
    return found


def over(found: dict[str, int], budgets: dict[str, int]) -> list[str]:
    """The pages above their budget, and those that have none."""
    return [
        f"{name}: {count} queries, its budget is {budgets.get(name, 'not set')}"
        for name, count in found.items()
        if count > budgets.get(name, -1)
    ]


def test_no_page_asks_more_often_than_its_budget() -> None:
    found = measured()
    if os.environ.get("JIEDIAN_MEASURE_QUERIES"):
        budgets = {name: math.ceil(count * MARGIN) for name, count in sorted(found.items())}
        BUDGETS.write_text(json.dumps(budgets, indent=1) + "\n", "utf-8")
    budgets = json.loads(BUDGETS.read_text("utf-8"))
    assert over(found, budgets) == []
    assert set(budgets) == set(found), "pages that are gone keep no budget"


def test_one_query_too_many_is_seen() -> None:
    assert over({"today": 12}, {"today": 11}) == ["today: 12 queries, its budget is 11"]
    assert over({"new": 0}, {}) == ["new: 0 queries, its budget is not set"]
    assert over({"today": 11}, {"today": 11}) == []
