"""Papers: accept on one certificate, tell once what is missing, take in what is owed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import IO

from django.db import transaction
from django.utils.translation import override

from jiedian.cases.case.models.breaches import Breach
from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.owners import owner_of
from jiedian.cases.case.services.steps import finish_step
from jiedian.cases.case.services.work import Work
from jiedian.clocks.services import local_day
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor, record, together
from jiedian.ground.rulebook.queries import place_of
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import Label, store, store_bytes
from jiedian.process.models import Step
from jiedian.process.rows import card, milestone_step, naming_card
from jiedian.process.services import Advance
from jiedian.shell.kit.names import staff_name
from jiedian.shell.typeset import pdf

from .calc.checklist import PaperRow
from .models import Notice, Paper
from .queries import askable, assessment, awaited, class_in, comes_with, held_codes, name_of, without_file
from .rows import paper_rows


@transaction.atomic(savepoint=False)
@together()
def accept(
    work: Work,
    *,
    held: set[str],
    outcome: Mapping[str, str] | None = None,
    is_by_agent: bool = False,
    originals_seen: bool = False,
) -> Advance:
    """受理: accept on one certificate; what is missing is told once, frozen as a PDF, and owed by a later step.

    Raises Refused when not even one proof of identity is there, and for a paper without a file unless he who accepts says
    that he saw the originals.
    """
    case, at = work.case, work.at
    found = assessment(case, held, is_by_agent=is_by_agent)
    if late := [early for row in found.held if (early := _early(case, row, row.defer_until_step))]:
        raise Refused(late)
    if found.blocking:
        raise refuse("paper.identity", papers=[found.name(row) for row in found.blocking])
    unseen = without_file(case, [row.code for row in found.held])
    if unseen and not originals_seen:
        raise Refused([Finding("paper.unseen", paper=found.name(r)) for r in found.held if r.code in unseen])
    held_rows = [(row, Paper.State.HELD) for row in found.held]
    _keep_papers(case, held_rows + [(row, Paper.State.OWED) for row in found.owed], at=at)
    if unseen:
        case.papers.filter(code__in=unseen).update(seen_by=work.actor.name, seen_at=at)
        work.record("paper.seen", papers=sorted(unseen))
    advance = finish_step(work, outcome)
    issue_notice(case, actor=work.actor, at=at)
    return advance


def _early(case: Case, row: PaperRow, due: str) -> Finding | None:
    """Finding of a paper that cannot be there yet, with the step it comes with."""
    code = comes_with(case, row, due)
    if not code:
        return None
    step = card(case.process_key, code)
    return Finding("paper.early", paper=Text(row.name_zh, row.name_en), step=Text(step.name_zh, step.name_en))


def keep_paper(case: Case, row: PaperRow, *, state: str, at: datetime, in_notice: bool = True) -> Paper:
    """Write one line of the case's paper ledger: what, why, by which step, and who sees to it."""
    (paper,) = _keep_papers(case, [(row, state)], at=at, in_notice=in_notice)
    return paper


def _keep_papers(
    case: Case, rows: Iterable[tuple[PaperRow, str]], *, at: datetime, in_notice: bool = True
) -> list[Paper]:
    """Write lines of the ledger, each by itself or over the one there was."""
    accepted = milestone_step(case.process_key, "accepted")
    owner = cache(lambda due: owner_of(case, due, at=at).user)
    lines = [
        {
            "code": row.code,
            "rule_id": row.id,
            "state": state,
            "due_step": row.defer_until_step,
            "basis": _place(row, "zh-hans")[:200],
            "owner_id": owner(row.defer_until_step or accepted).pk,
            "owner_name": owner(row.defer_until_step or accepted).name_zh,
            "asked_at": at,
            "received_at": at if state == Paper.State.HELD else None,
            "in_notice": in_notice,
        }
        for row, state in rows
    ]
    return Paper.objects.bulk_create(
        [Paper(case=case, **line) for line in lines],
        update_conflicts=True,
        unique_fields=["case", "code"],
        update_fields=[name for line in lines[:1] for name in line if name != "code"],
    )


def _place(row: PaperRow, language: str) -> str:
    with override(language):
        return place_of(row)


def issue_notice(case: Case, *, actor: Actor, at: datetime) -> list[Notice]:
    """Freeze the one-time notice and the receipt in both languages, with the hash of what was shown."""
    told = list(case.papers.order_by("id"))
    notices = [
        _freeze(case, kind, language, told, actor=actor, at=at)
        for kind in (Notice.Kind.ONE_TIME, Notice.Kind.RECEIPT)
        for language in ("zh-hans", "en")
    ]
    record(
        "notice.issued",
        stream=case.stream,
        actor=actor,
        at=at,
        data={
            "papers": [paper.code for paper in told],
            "owed": [paper.code for paper in told if paper.state == Paper.State.OWED],
            "sha256": [notice.sha256 for notice in notices],
        },
    )
    return notices


def _freeze(
    case: Case, kind: str, language: str, told: Sequence[Paper], *, actor: Actor, at: datetime
) -> Notice:
    items = [_item(paper, language) for paper in told]
    template = "receipt" if kind == Notice.Kind.RECEIPT else "notice"
    letter = {"lang": language[:2], **_letter(case, actor, language, at), "items": items, "kind": kind}
    content = pdf(template, letter | {"holds": _holds(told, language), "later": _later(case, language)})
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


def _holds(told: Sequence[Paper], language: str) -> list[dict[str, str]]:
    """Each step that waits for papers still owed, and for which: nothing else waits."""
    owed: dict[str, list[str]] = {}
    for paper in told:
        if paper.state != Paper.State.HELD and paper.due_step:
            owed.setdefault(paper.due_step, []).append(_item(paper, language)["name"])
    case = told[0].case if told else None
    return [
        {"step": _step(case, code, language), "papers": _join(names, language)}
        for code, names in owed.items()
    ]


def _later(case: Case, language: str) -> list[str]:
    """Papers only the survey can show to be needed, each with its condition."""
    is_zh = language.startswith("zh")
    return [
        f"{row.when_zh}：{row.name_zh}" if is_zh else f"{row.when_en}: {row.name_en}" for row in awaited(case)
    ]


def _step(case: Case | None, code: str, language: str) -> str:
    row = naming_card(code, case.process_key if case else "")
    return (row.name_zh if language.startswith("zh") else row.name_en) if row else ""


def _join(names: Sequence[str], language: str) -> str:
    return ("；" if language.startswith("zh") else "; ").join(names)


def _letter(case: Case, actor: Actor, language: str, at: datetime) -> dict[str, str]:
    return {
        "number": case.number,
        "customer": case.customer.name,
        "title": case.title,
        "class_zh": class_in(case, "zh-hans"),
        "class_en": class_in(case, "en"),
        "capacity": f"{case.capacity_kva:g} {case.unit}",
        "manager": staff_name(case.account_manager_name, language),
        "issued_by": staff_name(actor.name, language),
        "issued_on": local_day(at).isoformat(),
    }


def _item(paper: Paper, language: str) -> dict[str, str]:
    row = paper_rows()[paper.rule_id]
    name = row.name_zh if language.startswith("zh") else row.name_en
    if paper.state != Paper.State.HELD:
        name = name_of(paper).in_language(language)
    return {
        "code": paper.code,
        "name": name,
        "when": row.when_zh if language.startswith("zh") else row.when_en,
        "state": paper.state,
        "due_step": _step(paper.case, paper.due_step, language),
        "source": _place(row, language),
    }


@transaction.atomic
def carry_over(case: Case, *, actor: Actor, at: datetime) -> list[Paper]:
    """Hold the paper ledger of a case against what is known of it now: held papers stay, others are owed or fall away.

    What became needed, or needed earlier, by what was found or corrected is told in one supplementary notice: it could not be
    known at acceptance, so it is no breach. Returns those papers.
    """
    ledger = {paper.code: paper for paper in case.papers.all()}
    found = assessment(case, held_codes(case))
    needed = {row.code: row for row in (*found.held, *found.owed, *found.blocking)}
    told = []
    for code, row in needed.items():
        paper = ledger.get(code)
        if paper is None:
            told.append(keep_paper(case, row, state=Paper.State.OWED, at=at))
        elif paper.rule_id != row.id:
            is_sooner = paper.due_step != row.defer_until_step and paper.state != Paper.State.HELD
            paper.rule_id, paper.due_step = row.id, row.defer_until_step
            paper.basis = _place(row, "zh-hans")[:200]
            paper.save(update_fields=["rule_id", "due_step", "basis"])
            told += [paper] if is_sooner else []
    _drop_moot(case, set(needed))
    if told:
        _supplement(case, told, actor=actor, at=at)
    return told


def _drop_moot(case: Case, needed: set[str]) -> None:
    """Take off the ledger what is neither here nor needed any more, and was not asked on purpose."""
    case.papers.exclude(state=Paper.State.HELD).filter(in_notice=True).exclude(code__in=needed).delete()


def _supplement(case: Case, told: Sequence[Paper], *, actor: Actor, at: datetime) -> None:
    notices = [
        _freeze(case, Notice.Kind.SUPPLEMENT, language, told, actor=actor, at=at)
        for language in ("zh-hans", "en")
    ]
    record(
        "notice.supplemented",
        stream=case.stream,
        actor=actor,
        at=at,
        data={"papers": [paper.code for paper in told], "sha256": [notice.sha256 for notice in notices]},
    )


@transaction.atomic
def hand_in(paper: Paper, file: IO[bytes], *, name: str, actor: Actor, at: datetime) -> Upload:
    """Take in a paper that was owed or sent back. A file that is not what it says is refused; nothing is kept then.

    Refused too while the paper cannot be there yet: a report on works before the works are reported.
    """
    row = paper_rows().get(paper.rule_id)
    if row and (early := _early(paper.case, row, paper.due_step)):
        raise Refused([early])
    upload = store(file, Label(name, paper.case.number, "paper", actor.id), at=at)
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.HELD, upload=upload, received_at=at, reason="")
    record(
        "paper.received",
        stream=paper.case.stream,
        actor=actor,
        at=at,
        data={"paper": paper.code, "sha256": upload.sha256},
    )
    _drop_promise(paper)
    return upload


def _drop_promise(paper: Paper) -> None:
    """A promise to bring the title is not needed once the title is there."""
    row = paper_rows().get(paper.rule_id)
    if row and row.group == "title":
        paper.case.papers.filter(code="promise_letter").exclude(state=Paper.State.HELD).delete()


@transaction.atomic
def hand_in_by_code(
    case: Case, code: str, file: IO[bytes], *, name: str, actor: Actor, at: datetime
) -> Paper:
    """Take in a paper of the checklist before acceptance, when nothing was asked yet. Handed in again it replaces the first.

    Raises Refused for a paper that this case needs not, for a bad file, and once the case is accepted.
    """
    if case.accepted_at or not case.is_open:
        raise refuse("paper.accepted")
    row = next((row for row in assessment(case, set()).asked if row.code == code), None)
    if row is None:
        raise refuse("paper.code")
    paper = keep_paper(case, row, state=Paper.State.OWED, at=at)
    hand_in(paper, file, name=name, actor=actor, at=at)
    return paper


def inherit(case: Case, before: Case, *, actor: Actor, at: datetime) -> None:
    """Hand in for a case started again what was held with a file for the case before it and is asked for now."""
    asked = {row.code: row for row in assessment(case, set()).asked}
    for held in before.papers.filter(
        state=Paper.State.HELD, upload__isnull=False, code__in=asked
    ).select_related("upload"):
        paper = keep_paper(case, asked[held.code], state=Paper.State.HELD, at=at)
        Paper.objects.filter(pk=paper.pk).update(upload=held.upload)
        data = {
            "paper": held.code,
            "sha256": held.upload.sha256 if held.upload else "",
            "from": before.number,
        }
        record("paper.received", stream=case.stream, actor=actor, at=at, data=data)


@transaction.atomic
def send_back(paper: Paper, *, reason: str, actor: Actor, at: datetime) -> None:
    """Refuse a paper that was handed in, with the reason; it is owed again."""
    if not reason.strip():
        raise refuse("paper.reason")
    moved = Paper.objects.filter(pk=paper.pk, state=Paper.State.HELD).update(
        state=Paper.State.REFUSED, reason=reason.strip()[:200], seen_by="", seen_at=None
    )
    if not moved:
        raise refuse("paper.state")
    record("paper.sent_back", stream=paper.case.stream, actor=actor, at=at, data={"paper": paper.code})


@transaction.atomic
def waive(paper: Paper, *, reason: str, actor: Actor, at: datetime) -> None:
    """Waive a paper that does not come: nothing waits for it any more. The fact keeps it with the reason and who decided."""
    if not reason.strip():
        raise refuse("paper.reason")
    if not paper.case.papers.filter(pk=paper.pk).exclude(state=Paper.State.HELD).delete()[0]:
        raise refuse("paper.state")
    data = {"paper": paper.code, "reason": reason.strip()}
    record("paper.waived", stream=paper.case.stream, actor=actor, at=at, data=data)


@transaction.atomic
def ask_for_more(case: Case, code: str, *, actor: Actor, at: datetime) -> Paper:
    """Ask for a paper after the notice. If it could have been known at acceptance, that is a breach and is counted.

    Raises Refused for a paper asked for already, covered by another that is here, or not needed by this case.
    """
    if case.papers.filter(code=code).exists():
        raise refuse("paper.asked")
    row = next((row for row in askable(case) if row.code == code), None)
    if row is None:
        raise refuse("paper.code")
    paper = keep_paper(case, row, state=Paper.State.OWED, at=at, in_notice=False)
    record("paper.asked", stream=case.stream, actor=actor, at=at, data={"paper": code})
    if row.is_knowable_at_acceptance:
        Breach.objects.create(
            case=case,
            kind=Breach.Kind.SECOND_NOTICE,
            text=row.name_zh[:300],
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


def no_paper_due(case: Case, step: Step) -> None:
    """The gate of every step: Refused with each paper that is due by it and still owed."""
    owed = Paper.objects.filter(case=case, due_step=step.code).exclude(state=Paper.State.HELD)
    if owed.exists():
        raise Refused([Finding("paper.owed", paper=name_of(paper)) for paper in owed])
