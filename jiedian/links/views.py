"""Pages of the links: the state of every gateway, the outbox, dead letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.ground.rulebook.services import load
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page

from .forms import WordingForm
from .models import Outbox, Wording
from .queries import MessageRow, examined, message_row, worded
from .services import braces, replay, word

NAMES = {
    "mail": gettext_lazy("电子邮件"),
    "sms": gettext_lazy("短信"),
    "wechat": gettext_lazy("微信"),
    "webhook": gettext_lazy("平台推送"),
    "payment": gettext_lazy("缴费"),
}
"""Wire → its name; a wire without one is shown by its own."""
MESSAGES = {
    "receipt": gettext_lazy("受理回执"),
    "one_time_code": gettext_lazy("验证码"),
    "signing_code": gettext_lazy("签约验证码"),
    "scheme_ready": gettext_lazy("方案已答复"),
    "energised": gettext_lazy("已送电"),
    "owed_paper_reminder": gettext_lazy("催补资料"),
    "telling_received": gettext_lazy("诉求收到"),
    "applied": gettext_lazy("收到申请"),
    "fee_due": gettext_lazy("请缴费"),
    "fee_again": gettext_lazy("费用重新核定"),
    "fee_objection": gettext_lazy("收到对费用的意见"),
    "fee_paid": gettext_lazy("缴费到账"),
    "fee_odd": gettext_lazy("缴费不符"),
    "fee_twice": gettext_lazy("重复缴费"),
    "fee_late": gettext_lazy("账单已关闭"),
    "contract_ready": gettext_lazy("请签合同"),
    "contract_again": gettext_lazy("请再看合同"),
    "contract_objection": gettext_lazy("收到对合同的意见"),
    "design_turn": gettext_lazy("请做设计"),
    "design_rejected": gettext_lazy("设计未通过"),
    "design_passed": gettext_lazy("设计已通过"),
    "works_turn": gettext_lazy("请施工"),
    "completion_turn": gettext_lazy("请报验"),
    "rectify_turn": gettext_lazy("请整改"),
    "mid_passed": gettext_lazy("中间检查合格"),
    "inspection_passed": gettext_lazy("检验合格"),
    "papers_added": gettext_lazy("补充告知"),
    "paper_sent_back": gettext_lazy("资料退回"),
    "manager_message": gettext_lazy("客户经理留言"),
    "new_manager": gettext_lazy("更换客户经理"),
    "moved": gettext_lazy("改类续办"),
    "withdrawn": gettext_lazy("已撤回"),
    "terminated": gettext_lazy("已终止"),
    "applied_pv": gettext_lazy("收到光伏申请"),
    "scheme_ready_pv": gettext_lazy("光伏方案已答复"),
    "works_turn_pv": gettext_lazy("请施工（光伏）"),
    "completion_turn_pv": gettext_lazy("请申请并网验收"),
    "contract_ready_pv": gettext_lazy("请签购售电合同"),
    "inspection_passed_pv": gettext_lazy("并网验收合格"),
    "energised_pv": gettext_lazy("已并网"),
    "moved_pv": gettext_lazy("光伏重新答复"),
    "room_came": gettext_lazy("排到容量"),
    "survey_invite": gettext_lazy("邀请评价"),
    "survey_remind": gettext_lazy("提醒评价"),
}
"""What a message is about, by the text it was made from."""
STUCK = ("dead", "doubt", "bounced")
SHOWN = 50


@dataclass(frozen=True)
class Light:
    """A gateway after it has examined itself; no findings: it works."""

    name: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Backlog:
    """Number of messages of a gateway in one state."""

    channel: str
    state: str
    words: str
    n: int


@dataclass(frozen=True)
class StuckLetter:
    """A message nobody knows to have arrived."""

    pk: int
    created_at: datetime
    channel: str
    about: str
    state: str
    words: str
    last_error: str


@dataclass(frozen=True)
class MessageText:
    """A text for customers as it goes out: what it is about, in both languages, how many were to go out of late, how many of those have not."""

    id: str
    about: str
    zh: str
    en: str
    is_worded: bool
    n: int
    n_missing: int


def texts_in_force(*, since: datetime) -> list[MessageText]:
    """Every text of the table, and what became of it since an instant."""
    late = Outbox.objects.filter(created_at__gte=since).exclude(state=Outbox.State.CALLED_OFF)
    missing = Count("id", filter=~Q(state=Outbox.State.SENT))
    counts = late.order_by().values("template").annotate(n=Count("id"), n_missing=missing)
    sent = {row["template"]: (row["n"], row["n_missing"]) for row in counts}
    last = {one.template: (one.zh, one.en) for one in Wording.objects.order_by("id")}
    found = []
    for row in load("labels/messages.csv", MessageRow):
        zh, en = last.get(row.id, (row.zh, row.en))
        is_worded = (zh, en) != (row.zh, row.en)
        found.append(MessageText(row.id, _about(row.id), zh, en, is_worded, *sent.get(row.id, (0, 0))))
    return found


def lights(language: str) -> list[Light]:
    """Every gateway, examined now."""
    return [
        Light(_channel(wire), tuple(finding.words(language) for finding in findings))
        for wire, findings in examined().items()
    ]


def backlogs() -> list[Backlog]:
    """Messages by gateway and state."""
    counts = Outbox.objects.order_by("channel", "state").values("channel", "state").annotate(n=Count("id"))
    return [
        Backlog(_channel(row["channel"]), row["state"], str(Outbox.State(row["state"]).label), row["n"])
        for row in counts
    ]


def stuck_letters() -> list[StuckLetter]:
    """The newest messages that were given up, came back, or may or may not have gone out."""
    return [
        StuckLetter(
            letter.pk,
            letter.created_at,
            _channel(letter.channel),
            _about(letter.template, letter.channel),
            letter.state,
            str(Outbox.State(letter.state).label),
            letter.last_error,
        )
        for letter in Outbox.objects.filter(state__in=STUCK)[:SHOWN]
    ]


def _about(template: str, channel: str = "") -> str:
    otherwise = gettext_lazy("账单") if channel == "payment" else gettext_lazy("答复")
    return str(MESSAGES.get(template, otherwise))


def _channel(code: str) -> str:
    return str(NAMES.get(code, code))


@page("links.view")
def links(request: HttpRequest) -> HttpResponse:
    """Each gateway examines itself; what waits, what is dead."""
    language = get_language() or "zh-hans"
    context = {"lights": lights(language), "counts": backlogs(), "dead": stuck_letters()}
    return render(request, "links/links.html", context)


@page("links.view")
def message_texts(request: HttpRequest) -> HttpResponse:
    """Texts of messages in force, in both languages, with what became of those of the last thirty days."""
    texts = texts_in_force(since=business_now() - timedelta(days=30))
    return render(request, "links/texts.html", {"texts": texts})


@page("links.word")
def message_wording(request: HttpRequest, template: str) -> HttpResponse:
    """Wording of one text: as it goes out now, changed with a reason; how it was worded before, and as the table has it."""
    row = message_row(template)
    texts = (row.zh, row.en) if "original" in request.GET else worded(row)
    form = WordingForm(request.POST or None, initial={"zh": texts[0], "en": texts[1]})
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        texts = (values["zh"], values["en"])
        try:
            word(
                template,
                texts,
                reason=values["reason"],
                actor=actor(person(request.user.pk)),
                at=business_now(),
            )
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
        else:
            messages.success(request, _("已保存，从下一条消息起使用；已发出的不变。"))
            return redirect("message_texts")
    context = {
        "about": _about(template),
        "row": row,
        "form": form,
        "findings": findings,
        "names": sorted(braces(row.zh)),
        "before": Wording.objects.filter(template=template),
    }
    return render(request, "links/wording.html", context, status=422 if form.errors or findings else 200)


@require_POST
@page("links.replay")
def replay_letter(request: HttpRequest, outbox_id: int) -> HttpResponse:
    """Try a dead letter again."""
    outbox = Outbox.objects.filter(pk=outbox_id).first()
    if outbox is None:
        raise Http404
    replay(outbox)
    return redirect("links")
