"""One screen a case, one form a step, one diagram a process."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case, Handoff, Point
from jiedian.cases.case.services.steps import give
from jiedian.cases.case.services.undo import may_undo, undo, undo_window
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.queries import same_roof
from jiedian.cases.papers.models import Notice, Paper
from jiedian.cases.papers.queries import due_by
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.vault.queries import response
from jiedian.people.queries import actor, may, person
from jiedian.process.models import Step
from jiedian.process.queries import steps_of
from jiedian.process.rows import cards
from jiedian.process.steps import doing
from jiedian.shell.kit.names import name_of
from jiedian.shell.kit.roads import is_open, page_about
from jiedian.shell.shell import business_now, page, whole_number

from ..drawings import gantt_svg
from ..forms import WhenForm
from ..queries.card import first_card
from ..queries.cases import Ownership, case_for, ownership, step_for, takes_over
from ..queries.file import decided_at, events_of, file_of
from ..queries.panels import beside, panels_of
from ..queries.screen import Screen, Tasks, clock_of, screen_of, tasks_of
from ..queries.talk import talk_of
from .verbs import offers, verbs


def _is_zh() -> bool:
    return (get_language() or "zh").startswith("zh")


TALK = ("message", "question", "errand", "expedite", "supervise")
"""The verbs that stand open on the page: they set people talking. The others are rarer and open from one button."""


@page("case.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Screen of a case: who acts, what is known and owed, points, timeline, Gantt, papers, questions."""
    found = case_for(request.user, number)
    at = business_now()
    page_about(request, number, ownership(found, on=local_day(at)))
    screen = screen_of(found, at=at, is_zh=_is_zh())
    offered, tasks = _verbs(request, found, on=local_day(at)), _tasks(request, screen)
    page_about(request, number, _owners(request, found, tasks))
    card = first_card(screen, at=at)
    context = {
        "screen": screen,
        "case": found,
        "svg": drawing(screen.gantt, found, at=at),
        "panels": panels_of(found, at=at),
        "verbs": [verb for verb in offered if verb[0] in TALK],
        "more_verbs": [verb for verb in offered if verb[0] not in TALK],
        "tasks": tasks,
        "card": card,
        "now_words": now_words(found, tasks),
        "twins": same_roof(found),
        "now_kind": "late" if any(one.done_on is None for one in card.broken) else "",
        "talk": talk_of(found),
        "papers": file_of(found),
        "events": events_of(found),
        "undoable": [
            s for s in _just_done(found, at=at) if may_undo(found, s, actor_id=request.user.pk, at=at)
        ],
        "may_verify": may(request.user, "coordination.supervise").may,
    }
    return render(request, "screen/case.html", context)


def _just_done(found: Case, *, at: datetime) -> list[Step]:
    """The steps that were done so lately that who did them may take them back."""
    since = at - undo_window()
    return list(steps_of(found.number).filter(state=Step.State.DONE, done_at__gte=since))


def _tasks(request: HttpRequest, screen: Screen) -> Tasks:
    """The open steps; those the reader may take over carry his button too."""
    takes = {step.pk for step, _row in screen.acting if takes_over(request.user, screen.case, step)}
    return tasks_of(screen, reader_id=request.user.pk, takes=takes)


def _owners(request: HttpRequest, found: Case, tasks: Tasks) -> Ownership:
    """People who have a part in the case, the reader with them where a step is his or may become his."""
    owners = ownership(found)
    is_his = any(task.is_mine for task in (*tasks.ours, *tasks.customers))
    return Ownership(owners.ids | {request.user.pk or 0}, owners.codes) if is_his else owners


def now_words(found: Case, tasks: Tasks) -> str:
    """Sentence that says who acts now."""
    if not found.is_open:
        reason = _("：%(reason)s") % {"reason": found.closing_reason} if found.closing_reason else ""
        return f"{found.get_state_display()}{reason}"
    if found.is_imported:
        who = {"who": found.outside_department or found.account_manager_name, "holder": found.outside_holder}
        return _("在原系统由 %(who)s %(holder)s 办理") % who
    if tasks.customers and tasks.ours:
        return _("客户有 %(his)s 件要办，我们有 %(ours)s 件在办") % {
            "his": len(tasks.customers),
            "ours": len(tasks.ours),
        }
    return _("现在等客户办理") if tasks.customers else _("现在由公司办理")


def drawing(gantt: object, found: Case, *, at: object) -> str:
    """The Gantt of a case as SVG, or nothing when it could not be planned."""
    if gantt is None:
        return ""
    words = {
        "today": _("今天"),
        "promised": _("承诺时限"),
        "needed": _("客户需要并网") if found.is_solar else _("客户需要通电"),
        "latest": _("倒排最晚"),
        "title": _("办电进度甘特图"),
    }
    return gantt_svg(
        gantt.bars,  # type: ignore[attr-defined]
        today=local_day(at),  # type: ignore[arg-type]
        promised_on=gantt.promised_on,  # type: ignore[attr-defined]
        needed_on=found.needed_on,
        words=words,
    )


def _verbs(request: HttpRequest, found: Case, *, on: date) -> list[tuple[str, object]]:
    owners = ownership(found, on=on)
    return [
        (name, verb.label)
        for name, verb in verbs().items()
        if offers(found, name) and may(request.user, verb.permission, owners).may
    ]


@dataclass(frozen=True)
class PointRow:
    """A point of the customer on the form of a step: whether it came with the hand-off, what is ticked and said to it."""

    point: Point
    is_shown: bool
    is_taken_up: bool
    answer: str


@page("case.work")
def step(request: HttpRequest, number: str, step_id: int) -> HttpResponse:
    """The one form of a step: points to tick and to answer, what has to be entered, one button.

    What was typed and ticked stands there again after a refusal. A step that is done offers no form.
    """
    case, step = step_for(request.user, number, step_id)
    way = doing(step.code)
    posted = request.POST if request.method == "POST" else None
    form = way.form(posted, request.FILES if posted is not None else None, case=case)
    row, at = cards(case.process_key)[step.code], business_now()
    when = WhenForm(posted, step=step, at=at, is_customers=row.performer == "customer")
    if posted is None and (bench := _workbench(request, form, step)):
        return redirect(bench, number)
    handoff = Handoff.objects.filter(step_id=step.pk).first()
    takes = takes_over(request.user, case, step)
    is_receiver = takes or (handoff is not None and handoff.receiver_id == request.user.pk)
    points = _point_rows(case, handoff, posted)
    findings: list[str] = []
    if posted is not None and form.is_valid() & when.is_valid():
        answered = {str(row.point.pk): row.answer for row in points if row.answer}
        taken_up = [row.point.pk for row in points if row.is_taken_up] if is_receiver else None
        who = actor(person(request.user.pk))
        try:
            _still_open(step)
            done_at = when.cleaned_data["occurred_at"]
            with transaction.atomic():
                if takes:
                    give(step, case.stream, to=person(request.user.pk), actor=who, at=at)
                way.verb(Work(case, step, who, done_at, form.cleaned_data, answered, taken_up, when.entered))
            messages.success(request, _said(step, is_final=way.undo is None))
            return redirect("case", number)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
            step.refresh_from_db()
    context = {"row": row, "form": form, "when": when, "findings": findings, "is_refused": posted is not None}
    context |= {"handoff": handoff, "is_receiver": is_receiver, "points": points}
    context |= _around(case, step, form, reader_id=request.user.pk, at=at) | {"sent_by": _sender(handoff)}
    is_wrong = form.errors or when.errors or findings
    return render(request, "screen/step.html", context, status=422 if is_wrong else 200)


def _said(step: Step, *, is_final: bool) -> str:
    """What came of it: the step is done, or it went on to the next who is asked."""
    step.refresh_from_db()
    if step.state == Step.State.OPEN:
        return _("意见已记下，转给下一个要会签的部门。")
    return _("环节已办结。") if is_final else _("环节已办结；点错了可在 30 分钟内撤销。")


def _around(
    case: Case, step: Step, form: object, *, reader_id: int | None, at: datetime
) -> dict[str, object]:
    """Surroundings of the form of a step: what is read to decide, its clock, what was decided, whether it can be taken back."""
    way = doing(step.code)
    return {
        "case": case,
        "step": step,
        "is_open": step.state == step.State.OPEN,
        "is_final": way.undo is None,
        "bench": getattr(form, "workbench", ""),
        "is_zh": _is_zh(),
        "may_undo": may_undo(case, step, actor_id=reader_id, at=at),
        "beside": beside(case, way, at=at),
        "decided": decided_at(case, step),
        "clock": clock_of(step, subject=case.number, at=at),
        "papers": file_of(case),
        "twins": same_roof(case),
        "papers_due": due_by(case, [step.code]).get(step.code, []),
    }


def _workbench(request: HttpRequest, form: object, step: Step) -> str:
    """The page on which an open step is better done than in its form, unless the form by hand was asked for."""
    bench = str(getattr(form, "workbench", ""))
    is_by_hand = step.state != step.State.OPEN or "by_hand" in request.GET
    return (
        "" if is_by_hand or not bench or not is_open({"request": request}, bench, step.run.subject) else bench
    )


@require_POST
@page("case.work")
def undo_step(request: HttpRequest, number: str, step_id: int) -> HttpResponse:
    """Take back a step that was done by mistake; a refusal says what to do instead."""
    case, step = step_for(request.user, number, step_id)
    undo(case, step, actor=actor(person(request.user.pk)), at=business_now())
    messages.success(request, _("已撤销，环节重新开放。"))
    return redirect("step", number, step_id)


def _sender(handoff: Handoff | None) -> str:
    """Who handed a step over, in the reader's language; the customer is kept under the name of his role."""
    if handoff is None:
        return ""
    return _("客户") if handoff.sender_name == "客户" else name_of(handoff.sender_name)


def _still_open(held: Step) -> None:
    """Refuse to do a step twice before any row of it is written a second time."""
    if held.state != held.State.OPEN:
        raise refuse("step.closed")


def _point_rows(found: Case, handoff: Handoff | None, said: QueryDict | None) -> list[PointRow]:
    """The points of a case as the form shows them: as just sent, else as kept with the hand-off."""
    shown = handoff.shown if handoff else []
    if said is not None:
        taken = {whole_number(text) for text in said.getlist("point")}
        answers = {str(point): said.get(f"answer-{point}", "").strip() for point in shown}
    else:
        taken = set(handoff.acknowledged) if handoff else set()
        answers = dict(handoff.answered) if handoff else {}
    return [
        PointRow(point, point.pk in shown, point.pk in taken, answers.get(str(point.pk), ""))
        for point in found.points.all()
    ]


@page("case.view")
def file(request: HttpRequest, number: str, kind: str, item_id: int) -> HttpResponseBase:
    """A paper that was handed in, or a notice as it was frozen."""
    found = case_for(request.user, number)
    kinds: dict[str, type[Paper] | type[Notice]] = {"paper": Paper, "notice": Notice}
    model = kinds.get(kind)
    item = model.objects.filter(case=found, pk=item_id).first() if model else None
    if item is None or item.upload is None:
        raise Http404
    return response(item.upload)
