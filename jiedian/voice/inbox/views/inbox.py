"""The inbox over all channels: search, filter, bulk, export."""

from django.contrib import messages
from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.people.queries import actor, person
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page, verdict_on, whole_number
from jiedian.shell.tables import table_response, wanted_file

from ..calc.contacts import without_phones
from ..models.concerns import Concern, Delivery, Proposal
from ..models.tellings import Scan, Telling
from ..queries.channels import channel_choices, channel_of
from ..queries.leaves import leaf_of, leaves, phase_of
from ..queries.likeness import duplicates
from ..queries.tellings import COUNTED, Hits, lines, search, with_open_proposals
from ..services.concerns import close, complain, take_over
from ..services.proposals import merge

PER_PAGE = 30
EXPORTED = 5000


@page("voice.view")
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that came in, newest first."""
    filters = {name: request.GET.get(name, "") for name in ("channel", "leaf", "state")}
    text, is_mine = request.GET.get("q", ""), request.GET.get("mine") == "1"
    tellings = search(text, **filters, owner_id=request.user.pk if is_mine else None)
    like = Telling.objects.filter(pk=whole_number(request.GET.get("like"))).first()
    if like:
        tellings = tellings.filter(pk__in=[telling.pk for telling, _score in duplicates(like.words)])
    is_proposed = request.GET.get("proposed") == "1"
    if is_proposed:
        tellings = with_open_proposals(tellings)
    if kind := wanted_file(request):
        return _export(tellings[:EXPORTED], kind)
    hits = Hits(tellings)
    pager: Paginator[int] = Paginator(hits, PER_PAGE)  # type: ignore[arg-type]
    try:
        telling_page = pager.page(max(whole_number(request.GET.get("page")), 1))
    except EmptyPage:
        telling_page = pager.page(1)
    context = {
        "page": telling_page,
        "is_many": hits.is_many,
        "counted": COUNTED,
        "exported": EXPORTED,
        "rows": lines(telling_page.object_list),
        "filters": filters,
        "q": text,
        "like": like,
        "is_mine": is_mine,
        "is_proposed": is_proposed,
        "channels": channel_choices(),
        "leaves": [(row.id, name_of(row)) for row in leaves().values()],
        "states": Concern.State.choices,
        "may_work": verdict_on(request.user, "voice.work").may,
        "counts": _counts(),
    }
    return render(request, "inbox/inbox.html", context)


def _counts() -> dict[str, int]:
    return {
        "open": Concern.objects.filter(state=Concern.State.OPEN).count(),
        "proposals": Proposal.objects.filter(state=Proposal.State.OPEN).count(),
        "scans": Scan.objects.filter(state__in=["waiting", "read", "failed"]).count(),
        "answers": Delivery.objects.filter(state=Delivery.State.WAITING)
        .exclude(way__in=["page", "api"])
        .count(),
    }


def _export(found: QuerySet[Telling], kind: str) -> HttpResponse:
    heads = [
        _("收到"),
        _("渠道"),
        _("诉求编号"),
        _("状态"),
        _("内容"),
        _("分类"),
        _("环节"),
        _("工单"),
        _("负责人"),
    ]
    rows = found.select_related("concern__case")
    cells = (
        (
            f"{localtime(t.received_at):%Y-%m-%d %H:%M}",
            name_of(channel_of(t.channel)),
            t.concern.number,
            t.concern.get_state_display(),
            without_phones(t.words),
            name_of(leaf_of(t.leaf)) if t.leaf else "",
            name_of(phase_of(t.step)) if t.step else "",
            t.concern.case.number if t.concern.case else "",
            name_of(t.concern.owner_name),
        )
        for t in rows
    )
    return table_response("tellings", heads, cells, kind=kind, title=_("诉求"))


@require_POST
@page("voice.work")
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on every concern that was ticked; what was refused is said, the rest is done."""
    who, at, act = actor(person(request.user.pk)), business_now(), request.POST.get("act", "")
    picked = Telling.objects.filter(pk__in=[whole_number(i) for i in request.POST.getlist("telling")[:200]])
    ids = dict.fromkeys(picked.order_by("received_at").values_list("concern_id", flat=True))
    rows = [Concern.objects.get(pk=pk) for pk in ids]
    done, findings = 0, []
    for row in rows[1:] if act == "merge" else rows:
        try:
            if act == "merge":
                rows[0] = merge(row, into=rows[0], actor=who, at=at)
            elif act == "complain":
                complain(row, actor=who, at=at)
            elif act == "take":
                take_over(row, person(request.user.pk), actor=who, at=at)
            elif act == "close":
                close(row, reason=request.POST.get("reason", ""), actor=who, at=at)
            done += 1
        except Refused as refusal:
            findings += [f"{row.number}：{words}" for words in refusal.words(get_language() or "zh-hans")]
    messages.success(request, _("已处理 {n} 件。").format(n=done))
    for words in findings[:10]:
        messages.warning(request, words)
    return redirect("inbox")
