"""One concern: its tellings, what is proposed, the answer and where it is, its history."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.case import Case
from jiedian.core.findings import refuse
from jiedian.ground.vault.queries import response
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page, verdict_on, whole_number
from jiedian.shell.tables import table_response
from jiedian.shell.typeset import pdf

from ..models.concerns import Concern, Delivery, Proposal
from ..models.tellings import Telling
from ..queries.concerns import (
    concern_for,
    screen_of,
    upload_for,
    waiting_answers,
    waiting_by_hand,
    waiting_exports,
)
from ..queries.likeness import same_person
from ..services import concerns as verbs
from ..services.proposals import accept, merge, refuse_proposal, split_telling, undo
from ..services.replies import deliver_by_hand, reply


@page("voice.view")
def concern(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a concern; a merged one leads to the one that speaks for it."""
    found = concern_for(number)
    if found.merged_into is not None:
        return redirect("concern", verbs.living(found).number)
    known = Case.objects.none()
    if found.customer:
        known = Case.objects.filter(customer__in=same_person(found.customer))[:8]
    context = {
        "concern": found,
        "screen": screen_of(found, at=business_now()),
        "known_cases": list(known),
        "may_work": verdict_on(request.user, "voice.work").may,
    }
    return render(request, "inbox/concern.html", context)


@require_POST
@page("voice.work")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Do one thing with a concern."""
    found, at = concern_for(number), business_now()
    who, given = actor(person(request.user.pk)), request.POST
    if verb == "reply":
        reply(found, text=given.get("text", ""), actor=who, at=at)
        messages.success(request, _("已答复，按各自来的渠道送回。"))
    elif verb == "contacted":
        verbs.contacted(found, note=given.get("text", ""), actor=who, at=at)
    elif verb == "complain":
        verbs.complain(found, actor=who, at=at)
    elif verb == "link":
        verbs.link(found, given.get("case", ""), actor=who, at=at)
    elif verb == "take":
        verbs.take_over(found, person(request.user.pk), actor=who, at=at)
    elif verb == "close":
        verbs.close(found, reason=given.get("text", ""), actor=who, at=at)
    elif verb == "merge":
        found = merge(found, into=_typed(given.get("other", "").strip()), actor=who, at=at)
    elif verb == "split":
        telling = _telling(found, given.get("telling", ""))
        split_telling(telling, given.get("text", "").split("\n"), actor=who, at=at)
    else:
        raise Http404
    return redirect("concern", found.number)


def _typed(number: str) -> Concern:
    """The concern of a number that a person typed: a wrong one is his slip, not a page that is missing."""
    if not Concern.objects.filter(number=number).exists():
        raise refuse("concern.typed", number=number)
    return concern_for(number)


def _telling(found: Concern, number: str) -> Telling:
    telling = found.tellings.filter(pk=whole_number(number)).first()
    if telling is None:
        raise refuse("missing.telling")
    return telling


@require_POST
@page("voice.work")
def decide(request: HttpRequest, proposal_id: int, verb: str) -> HttpResponse:
    """Accept a proposal with one click, refuse it, or undo it."""
    rows = Proposal.objects.select_related("concern", "into", "telling__concern")
    proposal = rows.filter(pk=proposal_id).first()
    if proposal is None:
        raise refuse("missing.proposal")
    who, at = actor(person(request.user.pk)), business_now()
    shown = verbs.living(proposal.concern)
    if verb == "accept":
        shown = accept(proposal, actor=who, at=at)
        messages.success(request, _("已采纳，可在下方撤销。"))
    elif verb == "refuse":
        refuse_proposal(proposal, actor=who, at=at)
    elif verb == "undo":
        undo(proposal, actor=who, at=at)
        messages.success(request, _("已撤销，恢复原状。"))
    else:
        raise Http404
    return redirect("concern", shown.number)


@page("voice.view")
def answer_letter(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """The answer as a letter to print; for every channel, because a customer may ask for paper."""
    rows = Delivery.objects.select_related(
        "reply__concern__customer", "telling__contact", "reply__concern__case"
    )
    delivery = rows.filter(pk=delivery_id).first()
    if delivery is None:
        raise refuse("missing.delivery")
    answer = HttpResponse(pdf("answer", _letter(delivery)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{delivery.reply.concern.number}.pdf"'
    return answer


def _letter(delivery: Delivery) -> dict[str, Any]:
    concern, telling = delivery.reply.concern, delivery.telling
    name = telling.contact.name if telling.contact else ""
    if not name and concern.customer:
        name = concern.customer.name
    return {
        "lang": "zh" if (get_language() or "zh").startswith("zh") else "en",
        "number": concern.number,
        "case": concern.case.number if concern.case else "",
        "name": name,
        "said_on": f"{localtime(telling.received_at):%Y-%m-%d}",
        "said": telling.words[:600],
        "text": delivery.reply.text,
        "written_on": f"{localtime(delivery.reply.written_at):%Y-%m-%d}",
        "written_by": delivery.reply.author_name,
    }


@page("voice.view")
def answers(request: HttpRequest) -> HttpResponse:
    """Answers that wait for a person: to print and post, to tell, to export for the hotlines."""
    context = {
        "exports": waiting_exports(),
        "printed": waiting_by_hand("print"),
        "told": waiting_by_hand("tell"),
        "may_work": verdict_on(request.user, "voice.work").may,
    }
    return render(request, "inbox/answers.html", context)


@require_POST
@page("voice.work")
def delivered(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """A person posted it, or told it."""
    who = actor(person(request.user.pk))
    rows = Delivery.objects.filter(pk=delivery_id).select_related("reply__concern")
    if not deliver_by_hand(rows, actor=who, at=business_now()):
        raise refuse("delivery.state")
    messages.success(request, _("已登记送达。"))
    if request.POST.get("next") == "answers":
        return redirect("answers")
    return redirect("concern", rows[0].reply.concern.number)


@require_POST
@page("voice.work")
def export_answers(request: HttpRequest, channel: str) -> HttpResponse:
    """The answers of a hotline as rows for its own system; each leaves once, and can be printed again from its concern."""
    rows = waiting_answers("export", channel)
    heads = [_("工单编号"), _("诉求编号"), _("答复内容"), _("答复时间"), _("答复人")]
    cells = [
        (
            d.telling.route.get("ticket", d.telling.external_id),
            d.reply.concern.number,
            d.reply.text,
            f"{localtime(d.reply.written_at):%Y-%m-%d %H:%M}",
            d.reply.author_name,
        )
        for d in rows
    ]
    table = table_response(
        f"answers-{channel}", heads, cells, kind=request.POST.get("format", "csv"), title=_("答复")
    )
    deliver_by_hand(rows, actor=actor(person(request.user.pk)), at=business_now())
    return table


@page("voice.view")
def file(request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
    """A file that came with a telling, or a page of a scan."""
    return response(upload_for(upload_id))
