"""The small verbs of the case screen, as a table: who may, which form, what it calls."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services import steps
from jiedian.cases.case.services.pausing import Plea, pause_case
from jiedian.cases.coordination.models import Errand, Question, Urging
from jiedian.cases.coordination.services import calls, coordination
from jiedian.cases.coordination.services.breaches import clear_breach
from jiedian.cases.history import services as history
from jiedian.cases.intake.services import survey
from jiedian.cases.intake.services.corrections import correct
from jiedian.cases.papers import services as papers
from jiedian.cases.papers.models import Paper
from jiedian.clocks import services as clocks
from jiedian.clocks.queries import is_paused
from jiedian.core.findings import Refused, refuse
from jiedian.core.workdays import local_day
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.services import load
from jiedian.people.models import Call
from jiedian.people.queries import ResourceRow, actor, person, require
from jiedian.shell.shell import business_now, page

from ..forms import (
    CallForm,
    ClearForm,
    CorrectForm,
    EmptyForm,
    ErrandForm,
    ExpediteForm,
    MessageForm,
    PaperCodeForm,
    PauseForm,
    QuestionForm,
    ReasonForm,
    SuperviseForm,
    WaiveForm,
)
from ..queries.cases import case_for
from ..queries.screen import screen_of
from ..verbs import Verb


def _urge(kind: str) -> Callable[[Case, dict[str, Any], Actor, datetime], object]:
    return lambda case, values, who, at: coordination.urge(
        case, coordination.UrgingDraft(kind, case.number, **values), actor=who, at=at
    )


def _plea(values: dict[str, Any]) -> Plea:
    file = values.pop("file", None)
    return Plea(**values, file=file, file_name=file.name if file else "")


def _may_stop(case: Case) -> bool:
    """True while there is no power yet: a case with power ends in the archive."""
    return case.energised_at is None or case.is_imported


def _call(case: Case, values: dict[str, Any], who: Actor, at: datetime) -> object:
    row = next(row for row in load("people/resources.csv", ResourceRow) if row.id == values["resource"])
    return calls.call_on(case, resource=row.id, department=row.department, actor=who, at=at)


OWN: dict[str, Verb] = {
    "message": Verb(
        gettext_lazy("联系客户"),
        "message.send",
        MessageForm,
        lambda c, v, who, at: coordination.tell_customer(c, actor=who, at=at, **v),
    ),
    "clear": Verb(
        gettext_lazy("不是内转外转"),
        "coordination.supervise",
        ClearForm,
        lambda c, v, who, at: clear_breach(v["breach"], reason=v["reason"], actor=who, at=at),
        lambda c: c.breaches.filter(kind="sent_on", cleared_at=None).exists(),
    ),
    "question": Verb(
        gettext_lazy("提问"),
        "coordination.send",
        QuestionForm,
        lambda c, v, who, at: coordination.ask(c, actor=who, at=at, **v),
    ),
    "errand": Verb(
        gettext_lazy("发通知、会签、任务"),
        "coordination.send",
        ErrandForm,
        lambda c, v, who, at: coordination.send_errand(c, coordination.ErrandDraft(**v), actor=who, at=at),
    ),
    "expedite": Verb(gettext_lazy("催办"), "coordination.send", ExpediteForm, _urge("expedite")),
    "supervise": Verb(gettext_lazy("督办"), "coordination.supervise", SuperviseForm, _urge("supervised")),
    "call": Verb(gettext_lazy("调配资源"), "people.call", CallForm, _call),
    "ask-paper": Verb(
        gettext_lazy("补要资料"),
        "case.papers",
        PaperCodeForm,
        lambda c, v, who, at: papers.ask_for_more(c, v["code"], actor=who, at=at),
    ),
    "waive": Verb(
        gettext_lazy("免交资料"),
        "case.waive",
        WaiveForm,
        lambda c, v, who, at: papers.waive(v["paper"], reason=v["reason"], actor=who, at=at),
        lambda c: c.papers.exclude(state="held").exists(),
        is_final=True,
    ),
    "correct": Verb(
        gettext_lazy("更正申请"),
        "case.correct",
        CorrectForm,
        lambda c, v, who, at: correct(c, v, reason=v["reason"], actor=who, at=at),
    ),
    "pause": Verb(
        gettext_lazy("暂停计时"),
        "case.pause",
        PauseForm,
        lambda c, v, who, at: pause_case(c, _plea(v), actor=who, at=at),
        lambda c: not is_paused(c.number),
    ),
    "resume": Verb(
        gettext_lazy("恢复计时"),
        "case.pause",
        EmptyForm,
        lambda c, v, who, at: clocks.resume(subject=c.number, stream=c.stream, actor=who, at=at),
        lambda c: is_paused(c.number),
    ),
    "withdraw": Verb(
        gettext_lazy("登记撤回"),
        "case.withdraw",
        ReasonForm,
        lambda c, v, who, at: steps.withdraw(c, actor=who, at=at, **v),
        _may_stop,
        is_final=True,
    ),
    "terminate": Verb(
        gettext_lazy("终止"),
        "case.terminate",
        ReasonForm,
        lambda c, v, who, at: steps.terminate(c, actor=who, at=at, **v),
        _may_stop,
        is_final=True,
    ),
    "restart": Verb(
        gettext_lazy("重启"),
        "case.restart",
        EmptyForm,
        lambda c, v, who, at: survey.restart(c, actor=who, at=at),
    ),
    "conclude": Verb(
        gettext_lazy("登记办结"),
        "case.withdraw",
        EmptyForm,
        lambda c, v, who, at: history.conclude(c, actor=who, at=at),
    ),
}


@cache
def verbs() -> dict[str, Verb]:
    """Every verb of the case screen: this room's, and those that other rooms hang on it."""
    tables = [import_string(dotted) for dotted in import_string(f"{settings.WIRING}.VERBS")]
    return {name: verb for table in [OWN, *tables] for name, verb in table.items()}


ON_CLOSED = {"restart", "message"}
"""What can still be done when the case is over."""

OWN_ONLY = {"message", "correct", "ask-paper", "waive", "pause", "resume", "restart"}
"""What needs a customer, a checklist or a clock of ours; an imported case has none."""


def offers(case: Case, name: str) -> bool:
    """True if a verb makes sense for a case as it is now, whoever asks."""
    if name in (OWN_ONLY if case.is_imported else {"conclude"}):
        return False
    if (verb := verbs()[name]).offers and not verb.offers(case):
        return False
    return name in ON_CLOSED if not case.is_open else name != "restart"


@page("case.view")
def verb(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show the form of a verb, or do it."""
    chosen = verbs().get(name)
    if chosen is None:
        raise Http404
    at = business_now()
    case = case_for(request.user, number, to=chosen.permission, on=local_day(at))
    if not case.is_open and name not in ON_CLOSED:
        raise refuse("case.closed")
    if not offers(case, name):
        raise refuse("case.verb")
    is_zh = (get_language() or "zh").startswith("zh")
    me = person(request.user.pk)
    screen = screen_of(case, at=at, is_zh=is_zh)
    form = chosen.form(
        request.POST or None,
        request.FILES or None,
        initial=request.GET.dict(),
        screen=screen,
        me=me,
        on=local_day(at),
    )
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            done = chosen.perform(case, form.cleaned_data, actor(me), at)
        except Refused as refusal:  # what was typed stays on the page
            findings = refusal.words(get_language() or "zh-hans")
        else:
            messages.success(request, _("已办理。"))
            if url_has_allowed_host_and_scheme(back := request.POST.get("next", ""), allowed_hosts=None):
                return redirect(back)
            return redirect("case", done.number if isinstance(done, Case) else number)
    context = {"form": form, "title": f"{chosen.label} · {number}", "findings": findings}
    context["final"] = f"{chosen.label} · {number} · {case.title}" if chosen.is_final else ""
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


def _permission_of(_number: str = "", name: str = "") -> str:
    """The permission of a verb, so that no link to it shows where it would refuse."""
    chosen = verbs().get(name)
    return chosen.permission if chosen else "case.view"


verb.permission_of = _permission_of  # type: ignore[attr-defined]


@require_POST
@page("case.papers")
def paper(request: HttpRequest, number: str, paper_id: int) -> HttpResponse:
    """Take in a paper over the counter, or send it back."""
    case = case_for(request.user, number, to="case.papers")
    row = Paper.objects.filter(case=case, pk=paper_id).first()
    if row is None:
        raise refuse("missing.paper")
    who, at = actor(person(request.user.pk)), business_now()
    file = request.FILES.get("file")
    if request.POST.get("reason"):
        papers.send_back(row, reason=request.POST["reason"], actor=who, at=at)
    elif file is None:
        raise refuse("upload.none")
    else:
        papers.hand_in(row, file, name=file.name or "", actor=who, at=at)
    messages.success(request, _("已办理。"))
    return redirect("case", number)


REPLIES: dict[str, type[Errand] | type[Urging] | type[Question] | type[Call]] = {
    "call": Call,
    "errand": Errand,
    "urging": Urging,
    "question": Question,
}


@require_POST
@page("coordination.answer")
def reply(request: HttpRequest, kind: str, item_id: int) -> HttpResponse:
    """Acknowledge, answer or verify something that was sent to one."""
    model = REPLIES.get(kind)
    item = model.objects.filter(pk=item_id).first() if model else None
    if item is None:
        raise refuse("missing.item")
    who, at = actor(person(request.user.pk)), business_now()
    text, act = request.POST.get("text", ""), request.POST.get("act", "answer")
    if act == "settle":
        coordination.settle(item, note=text, actor=who, at=at)
    elif isinstance(item, Call):
        require(request.user, "people.call_answer")
        calls.answer_call(item, is_granted=act == "granted", reason=text, actor=who, at=at)
    elif isinstance(item, Errand) and act == "acknowledge":
        coordination.acknowledge_errand(item, actor=who, at=at)
    elif isinstance(item, Errand):
        coordination.answer_errand(item, answer=act, text=text, actor=who, at=at)
    elif isinstance(item, Urging) and act == "verify":
        require(request.user, "coordination.supervise")
        coordination.verify_urging(item, actor=who, at=at)
    elif isinstance(item, Urging):
        coordination.answer_urging(item, text=text, actor=who, at=at)
    elif isinstance(item, Question):
        coordination.answer_question(item, text=text, actor=who, at=at)
    messages.success(request, _("已办理。"))
    number = item.subject if isinstance(item, Call) else item.case.number
    return redirect("case", number) if request.POST.get("next") == "case" else redirect("desk")
