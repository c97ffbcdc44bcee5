"""Pages of the links: the state of every gateway, the outbox, dead letters."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_POST

from jiedian.shell.shell import page

from .models import Outbox
from .queries import examined
from .services import replay

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
    "scheme_ready": gettext_lazy("方案已答复"),
    "energised": gettext_lazy("已送电"),
    "owed_paper_reminder": gettext_lazy("催补资料"),
    "telling_received": gettext_lazy("诉求收到"),
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
            str(MESSAGES.get(letter.template, gettext_lazy("答复"))),
            letter.state,
            str(Outbox.State(letter.state).label),
            letter.last_error,
        )
        for letter in Outbox.objects.filter(state__in=STUCK)[:SHOWN]
    ]


def _channel(code: str) -> str:
    return str(NAMES.get(code, code))


@page("links.view")
def links(request: HttpRequest) -> HttpResponse:
    """Each gateway examines itself; what waits, what is dead."""
    language = get_language() or "zh-hans"
    context = {"lights": lights(language), "counts": backlogs(), "dead": stuck_letters()}
    return render(request, "links/links.html", context)


@require_POST
@page("links.replay")
def replay_letter(request: HttpRequest, outbox_id: int) -> HttpResponse:
    """Try a dead letter again."""
    outbox = Outbox.objects.filter(pk=outbox_id).first()
    if outbox is None:
        raise Http404
    replay(outbox)
    return redirect("links")
