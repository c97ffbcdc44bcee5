"""Papers: accept on one certificate, tell once what is missing, take in what is owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO

from django.db import transaction

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.steps import finish_step
from jiedian.cases.case.services.work import Work
from jiedian.clocks.services import local_day
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import Label, store, store_bytes
from jiedian.process.models import Step
from jiedian.process.rows import milestone_step, steps
from jiedian.process.services import Advance
from jiedian.shell.typeset import pdf

from .calc.checklist import PaperRow
from .models import Notice, Paper
from .queries import assessment, class_in
from .rows import paper_rows, papers


@transaction.atomic
def accept(work: Work, *, held: set[str], outcome: Mapping[str, str] | None = None) -> Advance:
    """受理: accept on one certificate; what is missing is told once, frozen as a PDF, and owed by a later step.

    Raises Refused when not even one proof of identity is there.
    """
    case, at = work.case, work.at
    found = assessment(case, held)
    if found.blocking:
        names_zh = "、".join(row.name_zh for row in found.blocking)
        names_en = ", ".join(row.name_en for row in found.blocking)
        raise refuse("paper.identity", papers=Text(names_zh, names_en))
    for row in found.held:
        keep_paper(case, row, state=Paper.State.HELD, at=at)
    for row in found.owed:
        keep_paper(case, row, state=Paper.State.OWED, at=at)
    advance = finish_step(work, outcome)
    issue_notice(case, actor=work.actor, at=at)
    return advance


def keep_paper(case: Case, row: PaperRow, *, state: str, at: datetime, in_notice: bool = True) -> Paper:
    """Write one line of the case's paper ledger: what, why, by which step, and who sees to it."""
    due = row.defer_until_step or milestone_step(case.process_key, "accepted")
    owner = owner_of(case, due, at=at)
    paper, _ = Paper.objects.update_or_create(
        case=case,
        code=row.code,
        defaults={
            "rule_id": row.id,
            "state": state,
            "due_step": row.defer_until_step,
            "basis": row.source,
            "owner_id": owner.user.id,
            "owner_name": owner.user.name_zh,
            "asked_at": at,
            "received_at": at if state == Paper.State.HELD else None,
            "in_notice": in_notice,
        },
    )
    return paper


def issue_notice(case: Case, *, actor: Actor, at: datetime) -> list[Notice]:
    """Freeze the one-time notice and the receipt in both languages, with the hash of what was shown."""
    notices = [
        _freeze(case, kind, language, actor=actor, at=at)
        for kind in (Notice.Kind.ONE_TIME, Notice.Kind.RECEIPT)
        for language in ("zh-hans", "en")
    ]
    record(
        "notice.issued",
        stream=case.stream,
        actor=actor,
        at=at,
        data={
            "papers": [paper.code for paper in case.papers.all()],
            "owed": [paper.code for paper in case.papers.filter(state=Paper.State.OWED)],
            "sha256": [notice.sha256 for notice in notices],
        },
    )
    return notices


def _freeze(case: Case, kind: str, language: str, *, actor: Actor, at: datetime) -> Notice:
    items = [_item(paper, language) for paper in case.papers.order_by("id")]
    template = "notice" if kind == Notice.Kind.ONE_TIME else "receipt"
    content = pdf(template, {"lang": language[:2], **_letter(case, actor, at), "items": items})
    upload = store_bytes(
        content, name=f"{case.number}-{kind}-{language}.pdf", subject=case.number, at=at, purpose="notice"
    )
    return Notice.objects.create(
        case=case,
        kind=kind,
        language=language,
        items=items,
        upload=upload,
        sha256=upload.sha256,
        issued_at=at,
        issued_by=actor.name,
    )


def _letter(case: Case, actor: Actor, at: datetime) -> dict[str, str]:
    return {
        "number": case.number,
        "customer": case.customer.name,
        "title": case.title,
        "class_zh": class_in(case, "zh-hans"),
        "class_en": class_in(case, "en"),
        "capacity_kva": f"{case.capacity_kva:g}",
        "manager": case.account_manager_name,
        "issued_by": actor.name,
        "issued_on": local_day(at).isoformat(),
    }


def _item(paper: Paper, language: str) -> dict[str, str]:
    row = paper_rows()[paper.rule_id]
    is_zh = language.startswith("zh")
    due = steps().get(paper.due_step)
    return {
        "code": paper.code,
        "name": row.name_zh if is_zh else row.name_en,
        "state": paper.state,
        "due_step": (due.name_zh if is_zh else due.name_en) if due else "",
        "source": f"{row.source} [{row.status}]",
    }


@transaction.atomic
def carry_over(case: Case, *, at: datetime) -> list[Paper]:
    """Hold the paper ledger of a case against the checklist of what it is now: held papers stay, others are owed or fall away.

    Returns those that are owed anew. They became needed by what was found or corrected, so they are no breach.
    """
    ledger = {paper.code: paper for paper in case.papers.all()}
    held = {code for code, paper in ledger.items() if paper.state == Paper.State.HELD}
    found = assessment(case, held)
    needed = {row.code: row for row in (*found.held, *found.owed, *found.blocking)}
    for code, paper in ledger.items():
        if (row := needed.get(code)) is not None:
            Paper.objects.filter(pk=paper.pk).update(
                rule_id=row.id, due_step=row.defer_until_step, basis=row.source
            )
        elif paper.state != Paper.State.HELD:
            paper.delete()
    return [
        keep_paper(case, row, state=Paper.State.OWED, at=at, in_notice=False)
        for code, row in needed.items()
        if code not in ledger
    ]


@transaction.atomic
def hand_in(paper: Paper, file: IO[bytes], *, name: str, actor: Actor, at: datetime) -> Upload:
    """Take in a paper that was owed or sent back. A file that is not what it says is refused; nothing is kept then."""
    upload = store(file, Label(name, paper.case.number, "paper", actor.id), at=at)
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.HELD, upload=upload, received_at=at, reason="")
    record(
        "paper.received",
        stream=paper.case.stream,
        actor=actor,
        at=at,
        data={"paper": paper.code, "sha256": upload.sha256},
    )
    return upload


@transaction.atomic
def send_back(paper: Paper, *, reason: str, actor: Actor, at: datetime) -> None:
    """Refuse a paper that was handed in, with the reason; it is owed again."""
    if not reason.strip():
        raise refuse("paper.reason")
    moved = Paper.objects.filter(pk=paper.pk, state=Paper.State.HELD).update(
        state=Paper.State.REFUSED, reason=reason.strip()[:200]
    )
    if not moved:
        raise refuse("paper.state")
    record("paper.sent_back", stream=paper.case.stream, actor=actor, at=at, data={"paper": paper.code})


@transaction.atomic
def ask_for_more(case: Case, code: str, *, actor: Actor, at: datetime) -> Paper:
    """Ask for a paper after the notice. If it could have been known at acceptance, that is a breach and is counted."""
    row = _paper_row(case, code)
    if case.papers.filter(code=code).exists():
        raise refuse("paper.asked")
    paper = keep_paper(case, row, state=Paper.State.OWED, at=at, in_notice=False)
    record("paper.asked", stream=case.stream, actor=actor, at=at, data={"paper": code})
    if row.is_knowable_at_acceptance:
        Breach.objects.create(
            case=case,
            kind=Breach.Kind.SECOND_NOTICE,
            text=row.name_zh,
            rule_id=row.id,
            actor_id=actor.id,
            actor_name=actor.name,
            found_at=at,
        )
        record(
            "breach.second_notice",
            stream=case.stream,
            actor=actor,
            at=at,
            data={"paper": code, "rule": row.id},
        )
    return paper


def _paper_row(case: Case, code: str) -> PaperRow:
    rows: Sequence[PaperRow] = papers(case.process_key, on=local_day(case.applied_at))
    for row in rows:
        if row.code == code:
            return row
    raise refuse("paper.code")


def no_paper_due(case: Case, step: Step) -> None:
    """The gate of every step: Refused with each paper that is due by it and still owed."""
    owed = list(case.papers.filter(due_step=step.code).exclude(state=Paper.State.HELD))
    if owed:
        raise Refused([Finding("paper.owed", paper=paper.code) for paper in owed])
