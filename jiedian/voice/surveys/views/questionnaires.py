"""The pages on which a survey is answered: by link, on the hall's screen, by telephone, and by managers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.core.findings import Refused, refuse
from jiedian.ground.journal.services import Actor
from jiedian.people.queries import actor, person
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import begin_sitting, business_now, opened, page, start_unless_opened

from ..models import Invitation, Response
from ..queries import InstrumentRow, ItemRow, columns, dimensions, instrument, invitation_by, items, screens
from ..services import surveys

CUSTOMER = Actor(None, "客户", "customer")


@dataclass(frozen=True)
class Ask:
    """One scale on the page: the column it fills, what it asks, its marks, and what was chosen before."""

    column: str
    label: str
    marks: tuple[tuple[int, str], ...]
    value: str


@dataclass(frozen=True)
class Question:
    """One item with its scales; without marks it is a number to type."""

    row: ItemRow
    asks: tuple[Ask, ...]


def questions(
    rows: tuple[ItemRow, ...], scale: InstrumentRow, draft: Mapping[str, object], by: str
) -> list[Question]:
    """The items of a screen, ready to be drawn, with the answers kept so far."""
    found = []
    for row in rows:
        marks: tuple[tuple[int, str], ...] = tuple((n, "") for n in range(scale.low, scale.high + 1))
        if row.kind == "kano":
            marks = tuple(
                enumerate((_("很喜欢"), _("理应如此"), _("无所谓"), _("可以忍受"), _("不喜欢")), start=1)
            )
        if row.kind in ("days", "importance"):
            marks = ()
        asks = tuple(Ask(c, _label(c), marks, str(draft.get(c, ""))) for c in columns(row, by=by))
        if asks:
            found.append(Question(row, asks))
    return found


def _label(column: str) -> str:
    if column.startswith("WD_"):
        row = dimensions()[column.removeprefix("WD_")]
        return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
    labels = {
        "E": _("应当如此吗"),
        "P": _("实际如此吗"),
        "B": _("客户认为应当如此吗"),
        "KF": _("如果有"),
        "KD": _("如果没有"),
        "D": _("工作日"),
    }
    return labels.get(column.partition("_")[0], "") if "_" in column else ""


@page("public")
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Answer by the link. The hall's link begins a sitting of its own."""
    found = invitation_by(token, at=business_now())
    if not found.is_reusable and (start := start_unless_opened(request, token)):
        return redirect(start)
    kiosk = request.GET.get("kiosk", "")
    back = reverse("survey_answer", args=[kiosk]) if kiosk.replace("-", "").replace("_", "").isalnum() else ""
    if not found.is_reusable:
        return _fill(request, found, who=CUSTOMER, channel="", back=back)
    begin_sitting(request, request.path)
    if request.method == "POST":
        fresh = surveys.sit_down(found, at=business_now())
        opened(request, fresh)
        return redirect(f"{reverse('survey_answer', args=[fresh])}?kiosk={token}")
    return render(request, "surveys/survey_kiosk.html", {"instrument": instrument(found.instrument)})


@page("survey.key_in")
def key_in(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """A member of staff asks on the telephone and keys the answers in."""
    found = Invitation.objects.filter(
        pk=invitation_id, state=Invitation.State.OPEN, is_reusable=False
    ).first()
    if found is None:
        raise refuse("missing.invitation")
    who = actor(person(request.user.pk))
    return _fill(request, found, who=who, channel="phone", back=reverse("surveys"))


def _fill(request: HttpRequest, found: Invitation, *, who: Actor, channel: str, back: str) -> HttpResponse:
    """One screen of the questions; every screen sent is kept before the next is shown."""
    parts = screens(found.instrument)
    number = _screen(request, len(parts))
    findings: list[str] = []
    typed: dict[str, str] = {}
    if request.method == "POST":
        try:
            values = {key: str(value) for key, value in request.POST.items()}
            surveys.take_down(found, values)
            if "decline" in request.POST:
                return _declining(request, found, who=who, back=back)
            if "send" in request.POST:
                words, agreed = request.POST.get("words", ""), "may_link" in request.POST
                surveys.send_in(
                    found, words=words, may_link=agreed, actor=who, at=business_now(), channel=channel
                )
                return render(request, "surveys/thanks.html", {"back": back})
            number += -1 if "back" in request.POST else 1
            found.refresh_from_db()
        except Refused as refusal:
            findings, typed = refusal.words(get_language() or "zh-hans"), request.POST.dict()
    number = min(max(number, 0), len(parts) - 1)
    scale = instrument(found.instrument)
    context = {
        "instrument": scale,
        **_head(scale, is_first=number == 0),
        "questions": questions(parts[number], scale, found.draft | typed, Response.By.CUSTOMER),
        "number": number,
        "shown": number + 1,
        "of": len(parts),
        "is_last": number == len(parts) - 1,
        "has_case": found.case_id is not None,
        "words": typed.get("words", ""),
        "agreed": "may_link" in typed,
        "findings": findings,
        "back": back,
    }
    return render(request, "surveys/answer.html", context, status=422 if findings else 200)


def _declining(request: HttpRequest, found: Invitation, *, who: Actor, back: str) -> HttpResponse:
    """The question whether one really will not answer, and after a yes the end of it."""
    if request.POST["decline"] != "sure":
        return render(request, "surveys/decline.html", {"instrument": instrument(found.instrument)})
    surveys.decline(found, actor=who, at=business_now())
    return render(request, "surveys/thanks.html", {"back": back, "declined": True})


def _head(scale: InstrumentRow, *, is_first: bool) -> dict[str, str]:
    """What the screen is about; how it is answered is said on the first one."""
    if not is_first:
        return {"title": name_of(scale), "lead": ""}
    if scale.kind == "kano":
        lead = _("每题两问：有它您觉得怎样？没有它呢？匿名，可以跳过。")
    else:
        lead = _(
            "每题两问：好的供电公司应当如此吗？我们实际如此吗？约 %(n)s 分钟，匿名，可以跳过，随时可以停下再来。"
        ) % {"n": scale.minutes}
    return {"title": _("请您评一评"), "lead": lead}


def _screen(request: HttpRequest, count: int) -> int:
    text = request.POST.get("screen", "0")
    return min(int(text), count - 1) if text.isdecimal() and len(text) < 4 else 0


@page("survey.believe")
def beliefs(request: HttpRequest, key: str) -> HttpResponse:
    """Page of a manager's beliefs on what customers expect: the other half of gap 1."""
    scale, findings = instrument(key), list[str]()
    if scale.kind != "pair":
        raise refuse("missing.expectation")
    if request.method == "POST":
        user = person(request.user.pk)
        values = {name: str(value) for name, value in request.POST.items()}
        try:
            surveys.believe(user, key, values, actor=actor(user), at=business_now())
            messages.success(request, _("已收到，谢谢。"))
            return redirect("surveys")
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    asked = questions(items(key), scale, request.POST, Response.By.MANAGER)
    context = {
        "instrument": scale,
        "title": _("您认为客户期望什么？"),
        "lead": _("请按您对客户的了解作答，不是按您自己的期望。结果与客户的期望对比（差距 1），不记姓名。"),
        "questions": asked,
        "findings": findings,
        "is_belief": True,
        "is_last": True,
    }
    return render(request, "surveys/answer.html", context, status=422 if findings else 200)
