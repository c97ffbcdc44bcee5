"""Let a customer in by number and one-time code."""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import refuse
from jiedian.ground.vault.services import blind_index
from jiedian.links.services import Message, send

from .models import OneTimeCode
from .queries import code_key

LIFE = timedelta(minutes=10)
ATTEMPTS = 5
CODES_AN_HOUR = 5


@transaction.atomic
def send_code(number: str, *, at: datetime) -> None:
    """Send a code to the phone on record. An unknown number gets the same silence, so nothing can be guessed.

    Raises Refused after too many codes within an hour.
    """
    recent = OneTimeCode.objects.filter(number=number, expires_at__gt=at - timedelta(minutes=50))
    if recent.count() >= CODES_AN_HOUR:
        raise refuse("code.many")
    case = Case.objects.select_related("customer").filter(number=number).first()
    code = f"{secrets.randbelow(1_000_000):06d}"
    OneTimeCode.objects.create(number=number, digest=blind_index(f"{number}:{code}"), expires_at=at + LIFE)
    if case:
        customer = case.customer
        message = Message("sms", customer.phone, "one_time_code", {"code": code}, customer.language)
        send(message, idempotency_key=f"{code_key(number)}{uuid4()}", at=at)


def check_code(number: str, code: str, *, at: datetime) -> None:
    """Let the right code in once. Raises Refused otherwise; the wrong tries are counted even then."""
    row = OneTimeCode.objects.filter(number=number, is_used=False, expires_at__gt=at).order_by("-id").first()
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
