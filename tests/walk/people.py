"""Who walks through the city: one person of every role, the passer-by, the customer, and whoever stands before the kiosk."""

import csv
import json
import os
import subprocess

from .city import ROOT, City
from .crawler import Form, Visitor

LANGUAGES = ("zh-hans", "en")
OUTSIDE = ("passer_by", "customer", "kiosk")
LET_IN = """
import django
django.setup()
from django.contrib.sessions.backends.db import SessionStore
from jiedian.cases.case.models.case import Case
from jiedian.process.models import Step
waiting = Step.objects.filter(state="open", code="SCHEME_SIGN").values("run__subject")
lived = Case.objects.filter(is_simulated=True, batch=None)
shown = [*lived.filter(number__in=waiting)[:2], *lived.filter(papers__state="owed").distinct()[:2]]
shown += [*lived.order_by("-pk")[:2], *lived.order_by("pk")[:2]]
session = SessionStore()
session["tracked"] = sorted({case.number for case in shown})
session.save()
print(session.session_key, *session["tracked"])
"""
"""Opens a session as the code on the customer's phone would, for cases at different places of their way."""


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "jiedian/rules/people" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROLES = [row["id"] for row in _rows("roles")]
PEOPLE = {
    role: next(row["id"] for row in _rows("demo_people") if role in row["roles"].split()) for role in ROLES
}
EVERYBODY = [*OUTSIDE, *ROLES]


def visitor(city: City, who: str, language: str) -> tuple[Visitor, list[str]]:
    """A visitor with his session, and the doors he begins at."""
    made = Visitor(city.url, language)
    if who in PEOPLE:
        return made, ["/", _sign_in(made, PEOPLE[who]), "/account/password/", "/account/factor/"]
    if who == "customer":
        return made, _track(city, made)
    if who == "kiosk":
        return made, ["/kiosk/", *_sit_down(city, made, language)]
    return made, ["/", "/account/login/", "/limits/"]


def _sign_in(visitor: Visitor, username: str) -> str:
    """By the buttons of the demo; the page where that leads to."""
    page = visitor.get("/account/login/")
    form = next(form for form in page.forms() if ("username", username) in form.values)
    answer = visitor.send(form)
    assert answer.status == 200, (username, answer.status)
    return answer.path


def _track(city: City, visitor: Visitor) -> list[str]:
    """The customer's session; the pages of his cases."""
    env = os.environ | json.loads((city.run / "environment.json").read_text())
    env |= {"DJANGO_SETTINGS_MODULE": "jiedian.config.settings", "PYTHONPATH": str(city.checkout)}
    done = subprocess.run(
        [city.checkout / ".venv/bin/python", "-c", LET_IN],
        cwd=city.checkout,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    key, *numbers = done.stdout.split()
    visitor.be_known("sessionid", key)
    assert numbers, "no case of a customer"
    return [f"/track/{number}/" for number in numbers]


def _sit_down(city: City, visitor: Visitor, language: str) -> list[str]:
    """A survey on the screen of the hall, set up by the front desk: its first page, and that of one sitting."""
    clerk = Visitor(city.url, language)
    _sign_in(clerk, PEOPLE["clerk"])
    forms = clerk.get("/surveys/").forms()
    shown = clerk.send(next(form for form in forms if form.action == "/surveys/kiosk/"))
    screen = next(link for link in shown.links() if link.startswith("/s/"))
    begin = next(form for form in visitor.get(screen).forms() if form.method == "POST")
    return [screen, visitor.send(Form(screen, "POST", begin.values)).path]
