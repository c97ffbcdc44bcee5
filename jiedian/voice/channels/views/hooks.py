"""Doors for machines: the signed webhook, WeChat's callback, the company app's API."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.ground.journal.services import Actor
from jiedian.links.webhook import mapping as hook_wire
from jiedian.links.wechat import mapping as wechat_wire
from jiedian.shell.shell import business_now, page
from jiedian.voice.inbox.models.tellings import Contact, Telling
from jiedian.voice.inbox.services.channels import Incoming, hear
from jiedian.voice.inbox.services.replies import deliver_by_hand

from ..services.wechat import take_wechat

CUSTOMER = Actor(None, "客户", "customer")
OPEN_TO_HOOKS = ("sms", "qq", "weibo")
"""Channels the webhook speaks for; another platform is a row in channels.csv and a name here."""
LARGEST_BYTES = 2_000_000
WECHAT_WINDOW_S = 600
HELD_BY_PHONE = {"sms"}


@csrf_exempt
@page("public")
@require_POST
def hook(request: HttpRequest, channel: str) -> HttpResponse:
    """Take what a platform pushes: signed, fresh, and once for its id."""
    secret = settings.HOOK_SECRETS.get(channel, "")
    if channel not in OPEN_TO_HOOKS or not secret:
        return _problem(404, [Finding("hook.channel")])
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BYTES:
        return _problem(413, [Finding("hook.size")])
    key, content = request.headers.get("X-Jiedian-Id", "").strip(), request.body
    signed = hook_wire.is_signed(
        content,
        key=key,
        timestamp=request.headers.get("X-Jiedian-Timestamp", ""),
        given=request.headers.get("X-Jiedian-Signature", ""),
        secret=secret,
        now=time.time(),
    )
    if not signed:
        return _problem(401, [Finding("hook.signature")])
    if not key or len(key) > 100:
        return _problem(422, [Finding("hook.id")])
    try:
        pushed = hook_wire.read(content)
        telling, is_new = hear(_heard(channel, key, pushed), actor=CUSTOMER, at=business_now())
    except Refused as refusal:
        return _problem(422, list(refusal.findings))
    return JsonResponse({"concern": telling.concern.number, "repeated": not is_new}, status=202)


def _heard(channel: str, key: str, pushed: hook_wire.PlatformMessage) -> Incoming:
    return Incoming(
        channel=channel,
        external_id=key,
        text=pushed.text,
        received_at=business_now(),
        sender=pushed.sender,
        sender_kind=Contact.Kind.PHONE if channel in HELD_BY_PHONE else Contact.Kind.ACCOUNT,
        sender_name=pushed.name,
        place=pushed.place,
        case_number=pushed.case_number,
        route={"said_at": pushed.at.isoformat()} if pushed.at else {},
        files=pushed.files,
        is_simulated=settings.DEMO,
    )


def _problem(status: int, findings: list[Finding]) -> HttpResponse:
    """problem+json (RFC 9457), every finding in both languages."""
    words = [finding.row() for finding in findings]
    title = findings[0].words(get_language() or "en")
    body = {"type": "about:blank", "title": title, "status": status, "findings": words}
    answer = JsonResponse(body, status=status)
    answer["Content-Type"] = "application/problem+json"
    return answer


@csrf_exempt
@page("public")
@require_http_methods(["GET", "POST"])
def wechat(request: HttpRequest) -> HttpResponse:
    """WeChat's callback: GET proves the address, POST brings a message, in the open or in the sealed mode."""
    asked, token = request.GET, settings.WECHAT_TOKEN
    stamp, nonce = asked.get("timestamp", ""), asked.get("nonce", "")
    fresh = stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp[:12])) <= WECHAT_WINDOW_S
    if not fresh or not wechat_wire.is_signed(asked.get("signature", ""), token, stamp, nonce):
        return HttpResponse("signature", status=401)
    if request.method == "GET":
        return HttpResponse(asked.get("echostr", "")[:200], content_type="text/plain")
    try:
        return HttpResponse(_answer(request, token), content_type="application/xml")
    except Refused as refusal:
        return HttpResponse("; ".join(refusal.words("en")), status=400, content_type="text/plain")


def _answer(request: HttpRequest, token: str) -> bytes:
    asked, now = request.GET, int(time.time())
    fields, is_sealed = wechat_wire.parse(request.body), request.GET.get("encrypt_type") == "aes"
    key, app_id = settings.WECHAT_AES_KEY, settings.WECHAT_APP_ID
    if key and not is_sealed:
        raise refuse("wechat.open")
    if is_sealed:
        sealed = fields.get("Encrypt", "")
        stamp, nonce = asked.get("timestamp", ""), asked.get("nonce", "")
        if not wechat_wire.is_signed(asked.get("msg_signature", ""), token, stamp, nonce, sealed):
            raise refuse("wechat.signature")
        fields = wechat_wire.parse(wechat_wire.unseal(sealed, key=key, app_id=app_id))
    message = wechat_wire.follower_message(fields)
    words = take_wechat(message, at=business_now(), is_simulated=settings.DEMO)
    answer = wechat_wire.answer(message, words, at_s=now)
    if not is_sealed:
        return answer
    return wechat_wire.sealed_answer(answer, key=key, app_id=app_id, token=token, at_s=now)


@csrf_exempt
@page("public")
@require_POST
def tellings(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/tellings``: the company app brings a telling; the same Idempotency-Key brings it once."""
    app = _application(request)
    if not app:
        return _problem(401, [Finding("api.token")])
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > 80:
        return _problem(422, [Finding("api.key")])
    try:
        pushed = hook_wire.read(request.body)
        heard = _heard("app", f"{app}:{key}", pushed)
        heard = Incoming(**{**heard.__dict__, "sender_kind": Contact.Kind.PHONE})
        telling, is_new = hear(heard, actor=CUSTOMER, at=business_now())
    except Refused as refusal:
        return _problem(422, list(refusal.findings))
    return JsonResponse(_told(telling), status=201 if is_new else 200)


@page("public")
def telling(request: HttpRequest, key: Any) -> HttpResponse:
    """``GET /api/v1/tellings/<id>``: where it stands, and the answers; fetching them delivers them."""
    app = _application(request)
    if not app:
        return _problem(401, [Finding("api.token")])
    found = Telling.objects.filter(key=key, channel="app", external_id__startswith=f"{app}:").first()
    if found is None:
        return _problem(404, [Finding("missing.telling")])
    deliver_by_hand(found.deliveries.filter(way="api"), actor=CUSTOMER, at=business_now())
    return JsonResponse(_told(found))


def _application(request: HttpRequest) -> str:
    """The name of the application whose token this is; empty when it is nobody's."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    held = settings.APP_TOKENS.items()
    return next((name for name, token in held if token and constant_time_compare(token, given)), "")


def _told(found: Telling) -> dict[str, Any]:
    answers = found.deliveries.select_related("reply").order_by("id")
    return {
        "id": str(found.key),
        "concern": found.concern.number,
        "state": found.concern.state,
        "received_at": found.received_at.isoformat(),
        "answers": [{"text": a.reply.text, "at": a.reply.written_at.isoformat()} for a in answers],
        "refused": found.refused,
    }
