"""Let a customer in by number and one-time code, keep what he began, and let him do his own steps."""

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from jiedian.cases.case.models.case import Case, Customer
from jiedian.cases.case.services.work import Work
from jiedian.cases.papers.models import Paper
from jiedian.cases.papers.services import hand_in
from jiedian.core.findings import refuse
from jiedian.ground.journal.services import CUSTOMER
from jiedian.ground.throttle.services import Limit, count_in
from jiedian.ground.vault.services import blind_index
from jiedian.links.services import Message, send
from jiedian.process.models import Step
from jiedian.process.steps import doing

from .models import OneTimeCode, StepDraft
from .queries import code_key

LIFE = timedelta(minutes=10)
ATTEMPTS = 5
CODES = Limit("code.many", 5, timedelta(hours=1))
"""Codes to one number, whoever asks for them and whether anybody has it."""
CODES_OF_ONE = Limit("code.many", 60, timedelta(hours=1))
"""Codes that one address asks for, to whatever numbers: numbers can be guessed, and each code is a message to somebody."""


@transaction.atomic
def send_code(number: str, *, at: datetime, purpose: str = "open") -> None:
    """Send a code to the phone on record. An unknown number gets the same silence, so nothing can be guessed.

    Raises Refused after too many codes within an hour.
    """
    case = Case.objects.select_related("customer").filter(number=number).first()
    _send(number, case.customer if case else None, purpose=purpose, at=at)


@transaction.atomic
def send_code_to(phone: str, *, at: datetime) -> str:
    """Send a code to a phone whose owner has lost his number; returns the index of the phone, which says nothing of it.

    A phone nobody applied with gets the same silence. Raises Refused after too many codes within an hour.
    """
    index = blind_index(phone)
    customer = Customer.objects.filter(phone_index=index).order_by("-id").first()
    _send(key_of(index), customer, at=at)
    return index


def key_of(index: str) -> str:
    """Key by which a code to the phone of an index is kept, in place of a number."""
    return f"T{index[:15]}"


def _send(key: str, customer: Customer | None, *, at: datetime, purpose: str = "open") -> None:
    count_in(CODES, f"{purpose}:{key}", at=at)
    code = f"{secrets.randbelow(1_000_000):06d}"
    OneTimeCode.objects.create(
        number=key, purpose=purpose, digest=blind_index(f"{key}:{code}"), expires_at=at + LIFE
    )
    if customer:
        text = "one_time_code" if purpose == "open" else "signing_code"
        message = Message("sms", customer.phone, text, {"code": code}, customer.language)
        send(message, idempotency_key=f"{code_key(key)}{uuid4()}", at=at)


def check_code(number: str, code: str, *, at: datetime, purpose: str = "open") -> None:
    """Let the right code in once. Raises Refused otherwise; the wrong tries are counted even then."""
    live = OneTimeCode.objects.filter(number=number, purpose=purpose, is_used=False, expires_at__gt=at)
    row = live.order_by("-id").first()
    right = False
    if row and OneTimeCode.objects.filter(pk=row.pk, attempts__lt=ATTEMPTS).update(
        attempts=F("attempts") + 1
    ):
        right = hmac.compare_digest(row.digest, blind_index(f"{number}:{code.strip()}"))
    if (
        not right
        or row is None
        or not OneTimeCode.objects.filter(pk=row.pk, is_used=False).update(is_used=True)
    ):
        raise refuse("code.wrong")


def keep_draft(step: Step, values: Mapping[str, str], *, at: datetime) -> None:
    """Keep what the customer has filled in so far; a code is never kept."""
    text = json.dumps({key: value for key, value in values.items() if key != "code"}, ensure_ascii=False)
    StepDraft.objects.update_or_create(step_id=step.pk, defaults={"values": text, "saved_at": at})


def draft_of(step: Step) -> dict[str, str]:
    """Answers the customer gave before he stopped half-way."""
    draft = StepDraft.objects.filter(step_id=step.pk).first()
    return dict(json.loads(draft.values)) if draft else {}


def do_step(
    case: Case, step: Step, values: Mapping[str, Any], papers: Mapping[Paper, Any], *, at: datetime
) -> None:
    """The customer does a step of his own: his papers are taken in with it, and his draft is done with.

    Papers that are good stay, also where the step is refused. Raises Refused.
    """
    for paper, file in papers.items():
        hand_in(paper, file, name=file.name or "", actor=CUSTOMER, at=at)
    with transaction.atomic():
        doing(step.code).verb(Work(case, step, CUSTOMER, at, values))
        StepDraft.objects.filter(step_id=step.pk).delete()
