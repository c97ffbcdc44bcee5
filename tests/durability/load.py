"""Carry residential cases from application to archive until killed; write down each step only after it is committed."""

import os
import sys
from pathlib import Path

import django

django.setup()

from django.db import Error, close_old_connections, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from jiedian.core.findings import Refused  # noqa: E402
from jiedian.process.queries import open_steps  # noqa: E402
from tests.cast import CUSTOMER, application, do  # noqa: E402


def carry(book: int) -> None:
    """One case, step by step; the book holds what was promised to be kept."""
    from jiedian.cases.services.intake import apply

    case = apply(application("RES"), actor=CUSTOMER, at=timezone.now())
    write(book, f"case {case.number}")
    while steps := list(open_steps(case.number).order_by("id")):
        do(case, steps[0].code, timezone.now())
        write(book, f"step {case.number} {steps[0].pk} {steps[0].code}")


def write(book: int, line: str) -> None:
    os.write(book, f"{line}\n".encode())
    os.fsync(book)


def main() -> None:
    book = os.open(Path(sys.argv[1]), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    while True:
        try:
            carry(book)
        except (Error, Refused):
            connection.close()
            close_old_connections()


if __name__ == "__main__":
    main()
