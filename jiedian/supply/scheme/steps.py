"""Steps of a supply scheme: draft, countersign, reply, accept or decline. Each verb ends its step."""

from datetime import datetime

from django.db import transaction

from jiedian.cases.case.services.steps import finish_step, give, leave_step
from jiedian.cases.case.services.work import Work
from jiedian.clocks.services import local_day
from jiedian.core.findings import refuse
from jiedian.grid.capacity.queries.reasons import waiting_kw
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import responsible
from jiedian.process.models import Step
from jiedian.process.queries import open_steps, run_of
from jiedian.process.rows import card, level_of
from jiedian.process.services import Advance
from jiedian.process.steps import YES_NO, answer, codes_of, doing, no, no_rows, step
from jiedian.supply.menu.calc.supply import Choices
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.studies import composed, study_of

from .forms import (
    ACCEPTED,
    AGREED,
    ANOTHER,
    ANSWERS,
    OPINIONS,
    REFUSED,
    CountersignForm,
    LetterForm,
    ReplyForm,
    SchemeForm,
    SignForm,
)
from .models import Countersign, Scheme
from .queries.countersigns import is_capacity_by_hand, silent
from .queries.schemes import valid_until
from .services.drafts import composed_version, entered
from .services.replies import freeze
from .services.validity import ask_for_room, reserve

OPINIONS_BESIDE = ("jiedian.supply.scheme.queries.panel.voices_on", "scheme/_opinions.html")
DRAFT_BESIDE = ("jiedian.supply.scheme.queries.panel.drafted", "scheme/_drafted.html")


def _version(work: Work) -> Scheme:
    """A new version from what the step was given: points of an option, or figures entered by hand."""
    buses = work.values.get("buses")
    if not buses:
        if said := work.values.get("use"):
            Site.objects.filter(case=work.case).update(use=said, is_use_told=True)
        return entered(work.case, work.values, actor=work.actor, at=work.at)
    study = study_of(
        work.case, on=local_day(work.at)
    )  # deep, as on the page: else the ways are weighed otherwise than shown
    if study is None:
        raise refuse("scheme.no_site")
    option = composed(study, buses, work.values.get("choices") or Choices())
    return composed_version(work.case, study, option, work.values, actor=work.actor, at=work.at)


def _drafted(work: Work, scheme: Scheme) -> None:
    work.record(
        "scheme.drafted",
        version=scheme.version,
        option=scheme.option_key,
        depth=scheme.depth,
        missing=scheme.missing,
        rules=sorted({rule for module in scheme.modules for rule in module["rules"]}),
        conflicts=[conflict["id"] for conflict in scheme.conflicts],
        is_exception=bool(scheme.exception_reason),
    )


def forget_draft(work: Work) -> None:
    """Undo of a draft: the version that was just written goes."""
    newest = work.case.schemes.filter(state=Scheme.State.DRAFT).first()
    if newest:
        newest.delete()


def forget_opinion(work: Work) -> None:
    """Undo of a countersign: what was said goes, and the draft stands again."""
    said = Countersign.objects.filter(scheme__case=work.case).order_by("-id").first()
    if said:
        Scheme.objects.filter(pk=said.scheme_id, state=Scheme.State.REFUSED).update(
            state=Scheme.State.DRAFT, ended_at=None
        )
        said.delete()


@step(
    "SCHEME_DRAFT",
    form=SchemeForm,
    outcomes={"open_capacity": YES_NO},
    beside=OPINIONS_BESIDE,
    undo=forget_draft,
)
@transaction.atomic
def draft(work: Work) -> Advance:
    """Write a version of the scheme. Capacity that nobody computed counts as none: planning and dispatch countersign it."""
    scheme = _version(work)
    _drafted(work, scheme)
    return finish_step(work, answer(work.step.code, "no") if is_capacity_by_hand(scheme) else None)


@step(
    "COUNTERSIGN",
    form=CountersignForm,
    outcomes={"countersign": OPINIONS},
    beside=DRAFT_BESIDE,
    undo=forget_opinion,
)
@transaction.atomic
def countersign(work: Work) -> Advance:
    """A department agrees to the draft, or says what has to be changed: then the case goes back to the draft at once.

    Where more than one is asked, the step passes on from one to the next; it is over when every one has agreed.
    """
    has_agreed, text = work.values["agreed"] == "yes", str(work.values.get("text", "")).strip()
    if not has_agreed and not text:
        raise refuse("scheme.disagreed")
    scheme = work.case.schemes.filter(state=Scheme.State.DRAFT).first()
    if scheme is None:
        raise refuse("scheme.none")
    held = Step.objects.select_for_update().get(pk=work.step.pk)
    if (
        held.owner_id != work.step.owner_id
    ):  # of two clicks the other was quicker: it is another department's turn
        raise refuse("step.closed")
    turn = silent(work.case, scheme, work.step.code)
    Countersign.objects.create(
        scheme=scheme,
        department=turn[0] if turn else _department(work),
        signed_by=work.actor.name,
        has_agreed=has_agreed,
        text=text[:400],
        signed_at=work.at,
    )
    if has_agreed and turn[1:]:
        return _ask(work, turn[1], version=scheme.version)
    if has_agreed:
        work.record("scheme.countersigned", version=scheme.version)
        return finish_step(work, answer(work.step.code, AGREED))
    Scheme.objects.filter(pk=scheme.pk).update(state=Scheme.State.REFUSED, ended_at=work.at)
    work.record("scheme.refused", version=scheme.version)
    return leave_step(work, answer(work.step.code, REFUSED))


def _ask(work: Work, department: str, *, version: int) -> Advance:
    """The step goes on to the next department that is asked, with what was said so far."""
    case, row = work.case, card(work.case.process_key, work.step.code)
    owner = responsible(
        role=row.owner_role,
        department=department,
        area=case.area,
        voltage=level_of(case.case_class),
        customer_class=case.case_class,
        on=local_day(work.at),
    )
    work.record("scheme.opinion", version=version, step=work.step.code, next=department)
    acting_for = owner.acting_for.id if owner.acting_for else None
    give(work.step, case.stream, to=owner.user, actor=work.actor, at=work.at, acting_for=acting_for)
    return Advance(run_of(case.number))


def _department(work: Work) -> str:
    """Department that a step asks: that of its card, whoever stands in."""
    return card(work.case.process_key, work.step.code).owner_department


@step("SCHEME_REPLY", form=ReplyForm, beside=DRAFT_BESIDE)
@transaction.atomic
def reply(work: Work) -> Advance:
    """The scheme goes to the customer as a frozen form, with the date until which it holds."""
    scheme = work.case.schemes.filter(state=Scheme.State.DRAFT).first()
    if scheme is None:
        scheme = _version(work)
        _drafted(work, scheme)
    scheme.state, scheme.replied_at = Scheme.State.REPLIED, work.at
    scheme.valid_until_on = valid_until(work.case, local_day(work.at))
    scheme.is_automatic = work.actor.role == "system"
    scheme.save(update_fields=["state", "replied_at", "valid_until_on", "is_automatic"])
    forms = freeze(scheme, actor=work.actor, at=work.at)
    work.record(
        "scheme.replied",
        version=scheme.version,
        is_automatic=scheme.is_automatic,
        valid_until=scheme.valid_until_on.isoformat(),
        depth=scheme.depth,
        sha256=[form.sha256 for form in forms],
        why=list(work.values.get("why", ())),
    )
    return finish_step(work)


def _answered(work: Work, **changes: object) -> Scheme:
    """Move the one scheme that waits for the customer's answer; of two answers one wins."""
    scheme = work.case.schemes.filter(state=Scheme.State.REPLIED).first()
    moved = scheme and Scheme.objects.filter(pk=scheme.pk, state=Scheme.State.REPLIED).update(**changes)
    if scheme is None or not moved:
        raise refuse("scheme.none")
    scheme.refresh_from_db()
    return scheme


@no("SCHEME_SIGN", ANOTHER)
def forget_no(work: Work) -> None:
    """The scheme that was declined waits for its answer again, as if nothing had been said."""
    last = work.case.schemes.filter(state=Scheme.State.DECLINED).order_by("-version").first()
    if last:
        said = {"state": Scheme.State.REPLIED, "ended_at": None, "customer_words": ""}
        Scheme.objects.filter(pk=last.pk).update(**said)


@step("SCHEME_SIGN", form=SignForm, outcomes={"scheme_answer": ANSWERS}, online="scheme")
@transaction.atomic
def accept(work: Work) -> Advance:
    """The customer accepts the scheme that was sent to him; its capacity is kept for him.

    From the step's form he may also decline, with ``answer`` = another.
    """
    if work.values.get("answer") == ANOTHER:
        return decline(work)
    scheme = _answered(work, state=Scheme.State.ACCEPTED, accepted_at=work.at)
    if scheme.valid_until_on and scheme.valid_until_on < local_day(work.at):
        raise refuse("scheme.lapsed")
    reserve(scheme, at=work.at, actor=work.actor)
    if waits := waiting_kw(work.case.number):
        ask_for_room(work.case, waits, work.step.code, at=work.at)
    work.record("scheme.accepted", version=scheme.version)
    return finish_step(work, answer(work.step.code, ACCEPTED))


@transaction.atomic
def decline(work: Work) -> Advance:
    """The customer asks for another scheme and says why; the case goes back to the draft."""
    words = str(work.values.get("words", "")).strip()
    if not words:
        raise refuse("scheme.words")
    scheme = _answered(work, state=Scheme.State.DECLINED, ended_at=work.at, customer_words=words[:300])
    work.record("scheme.declined", version=scheme.version)
    return leave_step(work, answer(work.step.code, ANOTHER))


@step("ACCESS_LETTER", form=LetterForm, undo=no_rows)
@transaction.atomic
def write_letter(work: Work) -> Advance:
    """The letter of access (接入电网意见函) goes out, by which a project at 10 kV is recorded with the government."""
    work.record("scheme.letter", number=str(work.values["number"]).strip()[:40])
    return finish_step(work)


def send_back(scheme: Scheme, *, at: datetime) -> None:
    """A scheme that nobody signed in time is drafted anew; what its signature still waited for stays owed."""
    waiting = open_steps(scheme.case.number).filter(code__in=codes_of(accept)).first()
    if waiting:
        leave_step(Work(scheme.case, waiting, SYSTEM, at), answer(waiting.code, ANOTHER))


def answering(number: str) -> Step | None:
    """The open step that a chosen option fills, if there is one."""
    found = open_steps(number).filter(code__in=codes_of(draft, reply)).first()
    if found and doing(found.code).verb is reply:
        drafted = Scheme.objects.filter(case__number=number, state=Scheme.State.DRAFT)
        return None if drafted.exists() else found
    return found
