"""Ask, take answers down bit by bit, keep them without a name; take in files of answers and undo that."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.masking import PERSONAL
from jiedian.core.workdays import local, local_day
from jiedian.ground.journal.services import SYSTEM, Actor, record
from jiedian.ground.vault.services import blind_index
from jiedian.links.services import Message, send
from jiedian.people.models import User
from jiedian.process.models import Step
from jiedian.process.rows import steps as step_rows

from ..models import Invitation, QuotaUse, Response, SurveyFile
from ..queries import (
    InstrumentRow,
    ItemRow,
    by_item,
    columns,
    instrument,
    items,
    quota,
    triggers,
    waiting_for_reminder,
)

DAYTIME = (9, 18)
"""The hours between which people are reminded."""
SEGMENTS = ("step_code", "case_class", "area", "department", "case_channel")
POINTS = 100
"""What a customer shares out among the dimensions."""
MOST_DAYS = 400
"""More working days than this are no answer to "how many would be right"."""


@transaction.atomic
def invite(
    case: Case, step_code: str, *, at: datetime, step_id: int | None = None, cause: UUID | None = None
) -> tuple[Invitation, str] | None:
    """Ask the customer of a case after a step, within the quota of his class this week; None when he is not drawn.

    The draw is a keyed hash of case and step: nobody can choose whom to ask, and asking twice is impossible.
    """
    trigger, row = triggers()[step_code], quota(case.case_class, step_code)
    if row is None or (cause and Invitation.objects.filter(cause_id=cause).exists()):
        return None
    draw = int(blind_index(f"draw:{case.number}:{step_code}")[:8], 16) % 100
    if draw >= row.share_percent or not _take(row.id, row.per_week, local_day(at)):
        return None
    made, token = _open(
        trigger.instrument,
        at=at,
        open_days=trigger.open_days,
        case=case,
        step_code=step_code,
        case_class=case.case_class,
        area=case.area,
        department=_department(step_id, step_code),
        case_channel=case.channel,
        channel="link",
        cause_id=cause,
        is_simulated=case.is_simulated,
    )
    _tell(made, case, token, at=at)
    record(
        "survey.invited",
        stream=case.stream,
        actor=SYSTEM,
        at=at,
        cause=cause,
        data={"instrument": trigger.instrument, "step": step_code, "quota": row.id},
    )
    return made, token


def _take(quota_id: str, per_week: int, day: date) -> bool:
    week = day - timedelta(days=day.weekday())
    QuotaUse.objects.get_or_create(quota=quota_id, week=week)
    free = QuotaUse.objects.filter(quota=quota_id, week=week, used__lt=per_week)
    return free.update(used=F("used") + 1) == 1


def _department(step_id: int | None, step_code: str) -> str:
    step = Step.objects.filter(pk=step_id or 0).first()
    owner = User.objects.filter(pk=step.owner_id or 0).select_related("department").first() if step else None
    return owner.department.code if owner and owner.department else step_rows()[step_code].owner_department


def _open(key: str, *, at: datetime, open_days: int, **values: Any) -> tuple[Invitation, str]:
    nonce = uuid4()
    token = _token(nonce)
    made = Invitation.objects.create(
        digest=blind_index(f"survey:{token}"),
        nonce=nonce,
        instrument=key,
        sent_at=at,
        expires_at=at + timedelta(days=open_days),
        **values,
    )
    return made, token


def _token(nonce: UUID) -> str:
    """The link's secret: only with the vault's key can it be made again, for a reminder."""
    return blind_index(f"survey-link:{nonce}")[:22]


@transaction.atomic
def remind(made: Invitation, *, at: datetime) -> bool:
    """Ask once more by the same way; False when it was answered, declined, reminded or has expired meanwhile."""
    waiting = Invitation.objects.filter(pk=made.pk, state=Invitation.State.OPEN, reminded_at=None)
    moved = waiting.filter(expires_at__gt=at).update(reminded_at=at) if made.case and made.nonce else 0
    if not (moved and made.case and made.nonce):
        return False
    _tell(made, made.case, _token(made.nonce), at=at, template="survey_remind")
    data = {"instrument": made.instrument, "step": made.step_code}
    record("survey.reminded", stream=made.case.stream, actor=SYSTEM, at=at, data=data)
    return True


def remind_all(*, at: datetime) -> int:
    """Remind whoever was asked by link so many days ago and said neither yes nor no; never at night. Returns how many.

    A sitting at the hall's screen belongs to nobody and is never reminded.
    """
    if not DAYTIME[0] <= local(at).hour < DAYTIME[1]:
        return 0
    return sum(remind(found, at=at) for found in waiting_for_reminder(at=at))


def _tell(made: Invitation, case: Case, token: str, *, at: datetime, template: str = "survey_invite") -> None:
    customer = case.customer
    channel, to = ("sms", customer.phone) if customer.phone else ("mail", customer.email)
    row = step_rows()[made.step_code]
    is_zh = customer.language.startswith("zh")
    words = {"topic": row.name_zh if is_zh else row.name_en, "link": f"{settings.PUBLIC_URL}/s/{token}/"}
    message = Message(channel, to, template, words, customer.language)
    send(message, idempotency_key=f"{template}:{made.pk}", at=at)


@transaction.atomic
def open_kiosk(
    key: str, *, area: str, department: str, days: int, actor: Actor, at: datetime
) -> tuple[Invitation, str]:
    """A link for a screen in the hall: everybody who begins on it gets an invitation of his own."""
    made, token = _open(
        instrument(key).id,
        at=at,
        open_days=days,
        area=area,
        department=department,
        channel="kiosk",
        is_reusable=True,
        step_code=next((row.id for row in triggers().values() if row.instrument == key), ""),
    )
    data = {"instrument": key, "kiosk": True}
    record("survey.invited", stream=f"survey:{made.pk}", actor=actor, at=at, data=data)
    return made, token


def sit_down(kiosk: Invitation, *, at: datetime) -> str:
    """Somebody begins at the hall's screen; returns the token of his own invitation, good for an hour."""
    _made, token = _open(
        kiosk.instrument,
        at=at,
        open_days=1,
        channel="kiosk",
        is_simulated=kiosk.is_simulated,
        **{name: getattr(kiosk, name) for name in SEGMENTS},
    )
    return token


def checked_marks(key: str, values: Mapping[str, str], *, by: str = Response.By.CUSTOMER) -> dict[str, float]:
    """The numbers of a form, by column. Empty ones are left out; raises Refused with every one outside its scale."""
    scale, found, wrong = instrument(key), dict[str, float](), list[Finding]()
    for row in items(key):
        low, high = bounds(row, scale)
        for column in columns(row, by=by):
            text = values.get(column, "").strip()
            if not text:
                continue
            if not text.isdecimal() or len(text) > 4 or not low <= int(text) <= high:
                wrong.append(Finding("survey.whole_number", row.item, low=low, high=high))
            else:
                found[column] = int(text)
    shared = [value for column, value in found.items() if column.startswith("WD_")]
    if shared and sum(shared) != POINTS and not wrong:
        wrong.append(Finding("survey.points", "importance", points=POINTS, given=sum(shared)))
    if wrong:
        raise Refused(wrong)
    return found


def bounds(row: ItemRow, scale: InstrumentRow) -> tuple[int, int]:
    """The least and the most that an answer to an item may be."""
    return {"days": (0, MOST_DAYS), "importance": (0, POINTS)}.get(row.kind, (scale.low, scale.high))


@transaction.atomic
def take_down(invitation: Invitation, values: Mapping[str, str]) -> None:
    """Keep a part of the answers until all are there; what was cleared again is no answer any more."""
    held = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if held.state != Invitation.State.OPEN:
        raise refuse("survey.closed")
    said = checked_marks(held.instrument, values)
    held.draft = {column: mark for column, mark in held.draft.items() if column not in values} | said
    held.save(update_fields=["draft"])


@transaction.atomic
def send_in(
    invitation: Invitation, *, words: str, may_link: bool, actor: Actor, at: datetime, channel: str = ""
) -> Response:
    """The answers are given: kept with their groups and the day, without invitation, and without case unless agreed."""
    held = Invitation.objects.select_for_update(of=("self",)).select_related("case").get(pk=invitation.pk)
    if not held.draft and not words.strip():
        raise refuse("survey.empty")
    answers = held.draft
    _close(held, Invitation.State.ANSWERED, at=at)
    case = held.case
    made = Response.objects.create(
        instrument=held.instrument,
        channel=channel or held.channel,
        answered_on=local_day(at),
        answers=by_item(held.instrument, answers),
        words=PERSONAL.sub("***", words.strip())[:400],
        case_number=case.number if case and may_link else "",
        is_simulated=held.is_simulated,
        **{name: getattr(held, name) for name in SEGMENTS},
    )
    _say("survey.answered", held, actor=actor, at=at)
    return made


@transaction.atomic
def decline(invitation: Invitation, *, actor: Actor, at: datetime) -> None:
    """No, thank you."""
    _close(invitation, Invitation.State.DECLINED, at=at)
    _say("survey.declined", invitation, actor=actor, at=at)


def _close(held: Invitation, state: str, *, at: datetime) -> None:
    moved = Invitation.objects.filter(pk=held.pk, state=Invitation.State.OPEN).update(
        state=state, draft={}, closed_on=local_day(at)
    )
    if not moved:
        raise refuse("survey.closed")


def _say(kind: str, held: Invitation, *, actor: Actor, at: datetime) -> None:
    """The journal learns that an invitation was answered, never which answers are its."""
    stream = held.case.stream if held.case else f"survey:{held.pk}"
    data = {"instrument": held.instrument, "step": held.step_code}
    record(kind, stream=stream, actor=actor, at=at, data=data)


@transaction.atomic
def believe(user: User, key: str, values: Mapping[str, str], *, actor: Actor, at: datetime) -> Response:
    """A manager says what he believes customers expect: once a quarter and instrument, counted without his name."""
    day = local_day(at)
    answers = checked_marks(key, values, by=Response.By.MANAGER)
    if not answers:
        raise refuse("survey.empty")
    step = next((row.id for row in triggers().values() if row.instrument == key), "")
    department = user.department.code if user.department else ""
    digest = blind_index(f"belief:{user.pk}:{key}:{day.year}Q{(day.month + 2) // 3}")
    _held, is_new = Invitation.objects.get_or_create(
        digest=digest,
        defaults={
            "instrument": key,
            "step_code": step,
            "department": department,
            "channel": "staff",
            "state": Invitation.State.ANSWERED,
            "sent_at": at,
            "expires_at": at,
            "closed_on": day,
        },
    )
    if not is_new:
        raise refuse("survey.once_a_quarter")
    data = {"instrument": key, "step": step}
    record("survey.believed", stream=f"survey:beliefs:{key}", actor=actor, at=at, data=data)
    return Response.objects.create(
        instrument=key,
        by=Response.By.MANAGER,
        step_code=step,
        department=department,
        channel="staff",
        answered_on=day,
        answers=answers,
        is_simulated=settings.DEMO,
    )


@dataclass(frozen=True)
class AnswerSheet:
    """A file of answers to the instrument ``key``, with its ``rows`` as ``imported`` made them and what was wrong."""

    key: str
    name: str
    content: bytes
    rows: Sequence[Mapping[str, Any]]
    findings: Sequence[Finding]


@transaction.atomic
def take_in(sheet: AnswerSheet, *, actor: Actor, at: datetime) -> SurveyFile:
    """Take in a file of answers. The same file is taken in once."""
    key, rows = sheet.key, sheet.rows
    digest = hashlib.sha256(sheet.content).hexdigest()
    if SurveyFile.objects.filter(sha256=digest, instrument=key, undone_at=None).exists():
        raise refuse("survey.again")
    file = SurveyFile.objects.create(
        name=sheet.name[-120:],
        sha256=digest,
        instrument=key,
        answers=len(rows),
        findings=[[finding.words("zh"), finding.words("en")] for finding in sheet.findings],
        taken_in_at=at,
        taken_in_by=actor.name,
    )
    made = [Response(instrument=key, channel="import", file=file, **row) for row in rows]
    Response.objects.bulk_create(made, batch_size=1000)
    data = {"file": file.pk, "instrument": key, "answers": len(rows), "sha256": digest}
    record("survey.imported", stream=f"survey:file:{file.pk}", actor=actor, at=at, data=data)
    return file


@transaction.atomic
def undo(file: SurveyFile, *, actor: Actor, at: datetime) -> int:
    """Take a file's answers out again; returns how many. The line and its findings stay."""
    if not SurveyFile.objects.filter(pk=file.pk, undone_at=None).update(undone_at=at):
        raise refuse("survey.undone")
    gone, _kinds = Response.objects.filter(file=file).delete()
    data = {"file": file.pk, "answers": gone}
    record("survey.import_undone", stream=f"survey:file:{file.pk}", actor=actor, at=at, data=data)
    return gone
