"""A real mailbox is read: every mail once, loops left out, huge ones cut, answers threaded back."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from jiedian.ground.journal.models import Fact
from jiedian.links.mail import check, client
from jiedian.links.models import Outbox
from jiedian.links.services import deliver
from jiedian.voice.channels.services.mail import take_mail
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.services.replies import reply
from tests.cast import CUSTOMER, lodge, moment
from tests.outside import MAILBOX, mailbox, put, stand_in

pytestmark = pytest.mark.django_db
AT = moment("2025-09-16 09:00")


def mail(text: str = "什么时候通电？", **headers: str) -> bytes:
    held = EmailMessage()
    values = {
        "From": "customer@example.invalid",
        "To": MAILBOX,
        "Subject": "咨询",
        "Message-ID": "<m1@x.invalid>",
    }
    for name, value in (values | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        held[name] = value
    held.set_content(text)
    return held.as_bytes()


@pytest.fixture
def box(settings: Any) -> Any:
    with mailbox() as held:
        settings.MAILBOX_URL = held.url
        yield held


def fetch() -> int:
    def take(raw: bytes, size: int) -> None:
        take_mail(raw, size_bytes=size, at=AT)

    return client.fetch(take)


def test_every_mail_is_taken_once_and_a_read_one_too(box: Any) -> None:
    for n in range(5):
        put(box, mail(f"第 {n} 封", Message_ID=f"<{n}@x.invalid>"))
    with client.mailbox() as held:
        held.uid("STORE", "1:*", "+FLAGS", "(\\Seen)")
    assert fetch() == 5 and fetch() == 0
    put(box, mail("第 0 封", Message_ID="<0@x.invalid>"))
    assert fetch() == 1, "the second delivery is read"
    assert Telling.objects.filter(channel="mail").count() == 5, "and known"


@pytest.mark.parametrize("is_demo", [True, False])
def test_only_the_demo_believes_a_mail_that_calls_itself_simulated(is_demo: bool, settings: Any) -> None:
    settings.DEMO = is_demo
    telling = take_mail(mail(X_Simulated="yes"), size_bytes=400, at=AT)
    assert telling and telling.is_simulated is is_demo
    named = take_mail(mail("正文里写着 X-Simulated", Message_ID="<m2@x.invalid>"), size_bytes=400, at=AT)
    assert named and not named.is_simulated


def test_one_mail_that_cannot_be_taken_does_not_hold_up_the_others(box: Any) -> None:
    for n in range(3):
        put(box, mail(f"第 {n} 封", Message_ID=f"<{n}@x.invalid>"))
    seen: list[bytes] = []

    def take(raw: bytes, size: int) -> None:
        seen.append(raw)
        if b"<1@x.invalid>" in raw:
            raise ValueError("broken")

    with pytest.raises(ValueError):
        client.fetch(take)
    assert len(seen) == 3
    assert fetch() == 1, "only the one that failed is left"


def test_mails_that_cannot_be_taken_do_not_use_up_the_turn(box: Any) -> None:
    for n in range(4):
        put(box, mail(f"第 {n} 封", Message_ID=f"<{n}@x.invalid>"))
    taken: list[bytes] = []

    def take(raw: bytes, size: int) -> None:
        if b"<0@x.invalid>" in raw or b"<1@x.invalid>" in raw:
            raise ValueError("broken")
        taken.append(raw)

    for wanted in (2, 2):
        with pytest.raises(ValueError):
            client.fetch(take, most=2)
        assert len(taken) == wanted


def test_of_fifty_megabytes_the_beginning_is_read(box: Any) -> None:
    big = mail("开头要紧。\n" + "很长" * 100, Message_ID="<big@x.invalid>") + b"x" * 76 * 700_000
    put(box, big)
    read: list[int] = []

    def take(raw: bytes, size: int) -> None:
        read.append(len(raw))
        take_mail(raw, size_bytes=size, at=AT)

    client.fetch(take)
    telling = Telling.objects.get()
    assert len(big) > 50_000_000 and read[0] < 100_000
    assert telling.text.startswith("开头要紧") and telling.refused[0]["where"] == "mail"


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"From": MAILBOX}]
)
def test_a_loop_ends_here(headers: dict[str, str]) -> None:
    assert take_mail(mail(**headers), size_bytes=0, at=AT) is None
    assert take_mail(mail(**headers), size_bytes=0, at=AT) is None
    assert not Telling.objects.exists() and not Outbox.objects.exists()
    assert Fact.objects.filter(kind="mail.skipped").count() == 1


@pytest.mark.parametrize("at", [AT, moment("2025-09-17 02:00").astimezone(UTC)])
def test_a_flood_from_one_sender_gets_five_automatic_answers_and_no_more(at: datetime) -> None:
    for n in range(12):
        take_mail(mail(f"第 {n} 封", Message_ID=f"<{n}@x.invalid>"), size_bytes=0, at=at)
    assert Telling.objects.count() == 12
    assert Outbox.objects.filter(template="telling_received").count() == 5


def test_an_answer_goes_out_in_the_thread_and_the_customer_s_answer_to_it_joins_the_concern(
    settings: Any, tmp_path: Path
) -> None:
    lodge("LV0")
    telling = take_mail(mail(), size_bytes=0, at=AT)
    assert telling
    sent = reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT).deliveries.get()
    assert sent.outbox
    with stand_in("mail", "--keep", str(tmp_path)) as address:
        settings.MAIL_URL = f"smtp://{address}"
        deliver(sent.outbox.pk)
        deliver(sent.outbox.pk)
    (kept,) = tmp_path.glob("*.eml")
    got = message_from_bytes(kept.read_bytes())
    assert got["In-Reply-To"] == "<m1@x.invalid>" and got["To"] == "customer@example.invalid"
    assert "下周一通电。" in got.get_payload(decode=True).decode()  # type: ignore[union-attr]
    told: dict[str, str] = {"Message_ID": "<m2@x.invalid>", "In_Reply_To": str(got["Message-ID"])}
    back = mail("还是没来", From="Customer@Example.INVALID", **told)
    again = take_mail(back, size_bytes=0, at=moment("2025-09-24 09:00"))
    assert again and again.concern_id == telling.concern_id
    again.concern.refresh_from_db()
    assert again.concern.state == "open", "it is open again"
    stranger = mail(
        "我也要", Message_ID="<m3@x.invalid>", In_Reply_To=str(got["Message-ID"]), From="z@z.invalid"
    )
    other = take_mail(stranger, size_bytes=0, at=AT)
    assert other and other.concern_id != telling.concern_id, "a borrowed thread opens nothing"


def test_a_bounce_is_told_to_the_message_it_speaks_of() -> None:
    telling = take_mail(mail(), size_bytes=0, at=AT)
    assert telling
    sent = reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT).deliveries.get()
    assert sent.outbox
    Outbox.objects.filter(pk=sent.outbox.pk).update(state="sent")
    key = sent.outbox.idempotency_key.replace(":", ".")
    told = f"550 no such user\nMessage-ID: <{key}@jiedian.invalid>\n"
    guessed = mail(told, Return_Path="<>", From="mailer-daemon@x.invalid")
    assert take_mail(guessed, size_bytes=0, at=AT) is None
    sent.outbox.refresh_from_db()
    assert sent.outbox.state == "sent", "who does not know the address had no mail to return"
    report = mail(f"{told}To: Customer@example.invalid", Return_Path="<>", From="mailer-daemon@x.invalid")
    assert take_mail(report, size_bytes=0, at=AT) is None
    sent.outbox.refresh_from_db()
    assert sent.outbox.state == "bounced"


def test_the_link_examines_its_mailbox(box: Any, settings: Any) -> None:
    settings.MAIL_URL = ""
    assert [f.code for f in check.check()] == ["mail.settings"]
    settings.MAILBOX_URL = box.url.replace("service:", "service:wrong")
    assert "mail.mailbox" in [f.code for f in check.check()]


@pytest.mark.parametrize(
    "spoil", [ConnectionResetError("gone"), TimeoutError("silence")], ids=lambda e: type(e).__name__
)
def test_when_nobody_knows_whether_it_left_it_is_not_sent_again_by_itself(
    monkeypatch: pytest.MonkeyPatch, spoil: Exception
) -> None:
    tries: list[str] = []

    def lost(**words: Any) -> None:
        tries.append(words["key"])
        raise spoil

    monkeypatch.setattr("jiedian.links.mail.client.send", lost)
    telling = take_mail(mail(), size_bytes=0, at=AT)
    assert telling
    sent = reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT).deliveries.get()
    assert sent.outbox
    for _ in range(3):
        deliver(sent.outbox.pk)
    sent.outbox.refresh_from_db()
    assert sent.outbox.state == "doubt" and len(tries) == 1
