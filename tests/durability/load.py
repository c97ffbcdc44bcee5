"""Carry residential cases from application to archive until killed; write down each step only after it is committed.

With the address of the web, the steps that need no file are done there as their owner; one is written down only when the
web has answered that it is done.
"""

import os
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import django

django.setup()

from django.db import Error, close_old_connections, connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.queries import open_steps
from tests.cast import CUSTOMER, application, do, form_of

BY_WEB = 3
"""The first steps of a residential case send no files."""
TOKEN = "a" * 32


def by_web(case: Case, step: Step, port: int) -> bool:
    """Send the form of a step as its owner's browser would; whether the web said that it is done."""
    browser = Client()
    browser.force_login(User.objects.get(pk=step.owner_id))
    form = form_of(case, step, timezone.now()) | {"csrfmiddlewaretoken": TOKEN}
    headers = {
        "Cookie": f"sessionid={browser.cookies['sessionid'].value}; csrftoken={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    web = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        web.request(
            "POST", reverse("step", args=[case.number, step.pk]), urlencode(form, doseq=True), headers
        )
        return web.getresponse().status == 302
    except (OSError, HTTPException):
        time.sleep(0.2)
        return False
    finally:
        web.close()


def carry(book: int, port: int | None) -> None:
    """One case, step by step; the book holds what was promised to be kept."""
    from jiedian.cases.intake.services.intake import apply

    case = apply(application("RES"), actor=CUSTOMER, at=timezone.now())
    write(book, f"case {case.number}")
    done = 0
    while steps := list(open_steps(case.number).order_by("id")):
        if port and done < BY_WEB:
            if not by_web(case, steps[0], port):
                continue  # done or not: the next look at the open steps tells
            case.refresh_from_db()
        else:
            do(case, steps[0].code, timezone.now())
        done += 1
        way = "web" if port and done <= BY_WEB else "service"
        write(book, f"step {case.number} {steps[0].pk} {steps[0].code} {way}")


def write(book: int, line: str) -> None:
    os.write(book, f"{line}\n".encode())
    os.fsync(book)


def main() -> None:
    book = os.open(Path(sys.argv[1]), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    while True:
        try:
            carry(book, int(sys.argv[2]) if len(sys.argv) > 2 else None)
        except (Error, Refused):
            connection.close()
            close_old_connections()


if __name__ == "__main__":
    main()
