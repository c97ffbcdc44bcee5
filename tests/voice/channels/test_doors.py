"""The doors for machines: signed, fresh, once; and the public's doors."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from jiedian.ground.throttle.services import Limit
from jiedian.links.models import Outbox
from jiedian.links.services import deliver
from jiedian.links.wechat import client
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.services.replies import reply
from tests.cast import CUSTOMER, PHONE, moment, tell
from tests.outside import SECRETS, WECHAT, ask, stand_in

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.HOOK_SECRETS, settings.APP_TOKENS = SECRETS, {"wangshang": "app-token"}
    for name, value in WECHAT.items():
        setattr(settings, name, value)


def push(
    body: Any,
    *,
    channel: str = "sms",
    secret: str = "",
    stamp: int = 0,
    key: str = "id-1",
    signed_as: str = "",
) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = str(stamp or int(time.time()))
    used = secret or SECRETS.get(channel, "x")
    signed = hmac.new(
        used.encode(), f"{signed_as or key}.{at}.".encode() + content, hashlib.sha256
    ).hexdigest()
    headers = {"X-Jiedian-Id": key, "X-Jiedian-Timestamp": at, "X-Jiedian-Signature": signed}
    return Client().post(f"/hooks/{channel}/", content, content_type="application/json", headers=headers)


SAID = {"from": PHONE, "text": "多久能好"}


def test_a_signed_push_is_taken_once() -> None:
    first, again = push(SAID), push(SAID)
    assert first.status_code == again.status_code == 202
    assert first.json()["concern"] == again.json()["concern"] and again.json()["repeated"]
    assert Telling.objects.get().contact.kind == "phone"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "wrong"}, 401),
        ({"stamp": int(time.time()) - 3600}, 401),
        ({"stamp": int(time.time()) + 3600}, 401),
        ({"channel": "mail"}, 404),
        ({"channel": "nothing"}, 404),
        ({"key": ""}, 422),
        ({"key": "id-2", "signed_as": "id-1"}, 401),
    ],
)
def test_a_push_that_is_not_right_is_refused(changes: dict[str, Any], status: int) -> None:
    assert push(SAID, **changes).status_code == status
    assert not Telling.objects.exists()


def test_every_finding_comes_back_in_both_languages() -> None:
    answer = push(
        {"from": 7, "text": " ", "at": "yesterday", "attachments": [{"name": "x", "content": "%%"}]}
    )
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    found = answer.json()["findings"]
    assert {f["where"] for f in found} == {"from", "text", "at", "attachments[0]"}
    assert all(f["zh"] and f["en"] for f in found)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'"text"',
        b"null",
        rb'{"from": "\ud800", "text": "x"}',
        rb'{"from": "a", "text": "x", "name": "\u0000"}',
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    assert push(body).status_code == 422


def test_a_push_brings_its_files() -> None:
    files = [{"name": "表.pdf", "content": base64.b64encode(b"%PDF-1.4").decode()}]
    push(SAID | {"attachments": files}, channel="weibo")
    assert Telling.objects.get().attachments.get().upload.name == "表.pdf"


def app(key: str = "k-1", token: str = "app-token") -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return Client().post(
        "/api/v1/tellings", json.dumps(SAID), content_type="application/json", headers=headers
    )


def test_the_app_brings_a_telling_once_and_fetches_its_answer() -> None:
    first, again = app(), app()
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    telling = Telling.objects.get()
    reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT)
    url = f"/api/v1/tellings/{telling.key}"
    assert Client().get(url).status_code == 401 and telling.deliveries.get().state == "waiting"
    got = Client().get(url, headers={"Authorization": "Bearer app-token"})
    assert got.json()["answers"][0]["text"] == "下周一通电。" and telling.deliveries.get().state == "done"


def test_a_wrong_token_or_no_key_is_refused() -> None:
    assert app(token="x").status_code == 401 and app(token="").status_code == 401
    assert app(key="").status_code == 422


def wechat(secret: str = "", **query: str) -> Any:
    at = str(int(time.time()))
    signed = hashlib.sha1("".join(sorted([secret or WECHAT["WECHAT_TOKEN"], at, "n"])).encode()).hexdigest()
    return Client().get(
        "/hooks/wechat/callback/", {"signature": signed, "timestamp": at, "nonce": "n"} | query
    )


def test_wechat_proves_the_address() -> None:
    assert wechat(echostr="hello").content == b"hello"
    assert wechat(secret="wrong", echostr="hello").status_code == 401
    assert wechat(timestamp="1348831860").status_code == 401


@pytest.mark.usefixtures("company")
@pytest.mark.django_db(transaction=True)
def test_a_follower_writes_sealed_is_answered_and_gets_the_reply(live_server: Any, settings: Any) -> None:
    env = {f"JIEDIAN_{name}": value for name, value in WECHAT.items()}
    with stand_in("wechat", "--target", live_server.url, **env) as address:
        settings.WECHAT_URL = f"http://{address}"
        told = {"openid": "oZQ-Openid_1", "text": "什么时候装表", "id": "9"}
        first, again = ask(f"http://{address}/say", told), ask(f"http://{address}/say", told)
        telling = Telling.objects.get()
        assert first["is_signed"] and telling.concern.number in first["answer"] == again["answer"]
        sent = reply(telling.concern, text="周三上门装表。", actor=CUSTOMER, at=AT).deliveries.get()
        assert sent.outbox
        deliver(sent.outbox.pk)
        deliver(sent.outbox.pk)
        assert ask(f"http://{address}/")["taken"] == [{"to": "oZQ-Openid_1", "text": "周三上门装表。"}], (
            "letter by letter"
        )
        long = "装表说明。\n" * 300
        sent = reply(telling.concern, text=long, actor=CUSTOMER, at=AT).deliveries.get()
        assert sent.outbox
        deliver(sent.outbox.pk)
        parts = [message["text"] for message in ask(f"http://{address}/")["taken"][1:]]
        assert len(parts) > 1 and "".join(parts) == long.strip(), "WeChat takes 2048 bytes at once"
        sent.outbox.refresh_from_db()
        assert sent.outbox.state == "sent"


def test_the_stand_in_refuses_an_openid_that_never_wrote(settings: Any) -> None:
    env = {f"JIEDIAN_{name}": value for name, value in WECHAT.items()}
    with stand_in("wechat", **env) as address:
        settings.WECHAT_URL = f"http://{address}"
        with pytest.raises(ConnectionRefusedError, match="40003"):
            client.send(to="ozq-openid_1", text="周三上门装表。", key="k")


@pytest.mark.usefixtures("company")
@pytest.mark.django_db(transaction=True)
def test_a_picture_is_fetched_and_kept(live_server: Any, settings: Any) -> None:
    from jiedian.voice.channels.services.wechat import fetch_picture

    env = {f"JIEDIAN_{name}": value for name, value in WECHAT.items()}
    with stand_in("wechat", "--target", live_server.url, **env) as address:
        settings.WECHAT_URL = f"http://{address}"
        ask(f"http://{address}/say", {"openid": "o-1", "media_id": "m-1"})
        telling = Telling.objects.get()
        for _ in range(2):
            fetch_picture(telling.pk, at=AT)
        ask(f"http://{address}/say", {"openid": "o-1", "media_id": "gone"})
        lost = Telling.objects.exclude(pk=telling.pk).get()
        for _ in range(2):
            fetch_picture(lost.pk, at=AT)
        lost.refresh_from_db()
        assert len(lost.refused) == 1 and not lost.attachments.exists(), "whoever reads it learns of it"
    assert telling.attachments.get().upload.media_type == "image/png"


def test_an_open_message_to_a_sealed_account_is_refused() -> None:
    at = str(int(time.time()))
    signed = hashlib.sha1("".join(sorted([WECHAT["WECHAT_TOKEN"], at, "n"])).encode()).hexdigest()
    url = f"/hooks/wechat/callback/?signature={signed}&timestamp={at}&nonce=n"
    body = "<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>x</Content></xml>"
    assert Client().post(url, body, content_type="text/xml").status_code == 400
    assert not Telling.objects.exists()


def test_a_platform_gets_its_answer_once(settings: Any) -> None:
    words = ",".join(f"{name}={secret}" for name, secret in SECRETS.items())
    with stand_in("webhook", JIEDIAN_HOOK_SECRETS=words) as address:
        settings.HOOK_URLS = {"weibo": f"http://{address}/"}
        telling, _ = tell("太慢了", channel="weibo", sender="@某人_QqX", sender_kind="account")
        sent = reply(telling.concern, text="已加派人手。", actor=CUSTOMER, at=AT).deliveries.get()
        assert sent.outbox
        deliver(sent.outbox.pk)
        Outbox.objects.update(state="sending")
        deliver(sent.outbox.pk)
        taken = ask(f"http://{address}/")["taken"]
    assert [(t["to"], t["text"]) for t in taken] == [("@某人_QqX", "已加派人手。")]
    assert Outbox.objects.get().state == "sent"


def test_the_public_says_something_and_reads_the_answer(client: Any) -> None:
    page = client.get("/say/")
    token = page.context["form"]["token"].value()
    data = {"text": "路灯太暗", "phone": PHONE, "token": token}
    first, again = client.post("/say/", data), client.post("/say/", data)
    assert first.status_code == 302 and first["Location"] == again["Location"]
    telling = Telling.objects.get()
    made = reply(telling.concern, text="已更换。", actor=CUSTOMER, at=AT)
    body = client.get(first["Location"]).content.decode()
    assert "已更换。" in body and PHONE not in body
    assert made.deliveries.get().state == "done"


def test_the_field_that_only_robots_fill_in_has_a_label(client: Any) -> None:
    page = " ".join(client.get("/say/").content.decode().split())
    assert '<label for="id_website">网址（请留空，只有程序会填）' in page
    assert '<div class="field unseen">' in page


def test_a_robot_and_a_flood_are_kept_out(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post("/say/", {"text": "buy", "token": "1", "website": "http://spam"})
    assert not Telling.objects.exists()
    monkeypatch.setattr("jiedian.voice.channels.views.public.OF_ONE", Limit("telling.flood", 2, MINUTE))
    answers = [client.post("/kiosk/", {"text": "x" * n, "token": f"{n}"}) for n in (2, 3, 4)]
    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert "还没有收下" in (said := answers[2].content.decode()) and "xxxx" in said and "95598" in said
    other = {"REMOTE_ADDR": "203.0.113.10"}
    assert client.post("/kiosk/", {"text": "有电费疑问", "token": "9"}, **other).status_code == 302, (
        "another hall"
    )
