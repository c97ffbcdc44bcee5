"""Pages of the voice for customers: the form, the kiosk, the receipt with its answers."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from jiedian.core.findings import Refused
from jiedian.ground.journal.services import Actor
from jiedian.ground.throttle.queries import asker_of
from jiedian.ground.throttle.services import Limit, count_in
from jiedian.shell.shell import begin_sitting, business_now, opened, page, real_now, start_unless_opened
from jiedian.voice.inbox.models.concerns import Delivery
from jiedian.voice.inbox.models.tellings import Contact, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear
from jiedian.voice.inbox.services.concerns import living
from jiedian.voice.inbox.services.replies import deliver_by_hand

from .. import queries
from ..forms import KioskForm, SayForm

CUSTOMER = Actor(None, "客户", "customer")
READING_SECONDS = 40
"""A receipt stands on the screen of a kiosk so long when nobody touches it."""
OF_ONE = Limit("telling.flood", 20, timedelta(minutes=1))
"""Public tellings that one address brings; a hall full of people is one address."""
OF_ALL = Limit("telling.flood", 60, timedelta(minutes=1))
"""Public tellings of a channel over the whole city; beyond it somebody is not a customer."""


@page("public")
def say(request: HttpRequest) -> HttpResponse:
    """Say something, without an account."""
    form = SayForm(request.POST or None, request.FILES or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        file = request.FILES.get("file")
        files = [(file.name or "file", file.read())] if file else []
        try:
            telling = _hear(
                request,
                "web",
                form.cleaned_data,
                place=form.cleaned_data["place"],
                case_number=form.cleaned_data["case_number"].strip(),
                files=files,
            )
            return redirect("said", telling.key)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    context = {"form": form, "findings": findings}
    return render(request, "channels/say.html", context, status=422 if form.errors or findings else 200)


def _hear(
    request: HttpRequest,
    channel: str,
    data: dict[str, str],
    *,
    place: str = "",
    case_number: str = "",
    files: Sequence[tuple[str, bytes]] = (),
) -> Telling:
    at = business_now()
    _not_flooded(request, channel)
    telling, _is_new = hear(
        Incoming(
            channel=channel,
            external_id=data["token"],
            text=data["text"],
            received_at=at,
            sender=data["phone"],
            sender_kind=Contact.Kind.PHONE,
            place=place,
            case_number=case_number,
            language=get_language() or "zh-hans",
            files=files,
        ),
        actor=CUSTOMER,
        at=at,
    )
    return telling


def _not_flooded(request: HttpRequest, channel: str) -> None:
    """One address is refused before it uses up what all may bring."""
    at = real_now()
    count_in(OF_ONE, f"{channel}:{asker_of(request)}", at=at)
    count_in(OF_ALL, channel, at=at)


@page("public")
def receipt_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """The receipt: the number, the customer's own words, and the answers; reading an answer here delivers it."""
    if start := start_unless_opened(request, str(key)):
        return redirect(start)
    telling = Telling.objects.select_related("concern__merged_into").filter(key=key).first()
    if telling is None:
        raise Http404
    mine = Delivery.objects.filter(telling=telling, way="page").select_related("reply__concern")
    answers = list(mine.order_by("id"))
    deliver_by_hand(answers, actor=CUSTOMER, at=business_now())
    context = {
        "telling": telling,
        "concern": living(telling.concern),
        "answers": queries.answers_to_read(answers),
        "kiosk_seconds": READING_SECONDS,
        "refused": queries.turned_away(telling),
    }
    return render(request, "channels/said.html", context)


@page("public")
def kiosk(request: HttpRequest) -> HttpResponse:
    """The kiosk's first page, and the telling it takes; untouched it goes back to the start."""
    if request.method == "GET":
        begin_sitting(request, request.path)
    form = KioskForm(request.POST or None, initial={"token": str(uuid4())})
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            key = _hear(request, "kiosk", form.cleaned_data).key
            opened(request, str(key))
            return redirect("said", key)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    is_talking = request.method == "POST" or "say" in request.GET
    context = {"form": form, "findings": findings, "is_talking": is_talking}
    return render(request, "channels/kiosk.html", context, status=422 if form.errors or findings else 200)
