"""The must-be-seen of the customer's voice: one wish told six ways becomes one concern, and the answer goes back six ways."""

import csv
import io
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.test import Client

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.services import SYSTEM
from jiedian.links.mail import client as mail
from jiedian.links.models import Outbox
from jiedian.links.services import deliver
from jiedian.shell.models import SimulatedTime
from jiedian.voice.channels.services.mail import take_mail
from jiedian.voice.channels.services.scans import read_scan
from jiedian.voice.inbox.models.concerns import Concern, Delivery, Proposal
from jiedian.voice.inbox.models.tellings import Scan, Telling
from tests.cast import PHONE, lodge, moment, staff
from tests.handed import take_now
from tests.outside import MAILBOX, SECRETS, WECHAT, ask, mailbox, put, stand_in
from tests.voice.channels.letters import letter

AT = moment("2025-09-16 09:00")
WISH = "增容申请什么时候能来勘查"
ANSWER = "明天（周三）上午九点上门勘查，请留人。"


def by_mail(case: Case, box: Any) -> None:
    held = EmailMessage()
    held["From"], held["To"], held["Subject"] = "customer@example.invalid", MAILBOX, "增容进度"
    held["Message-ID"] = "<first@example.invalid>"
    held.set_content(f"您好，编号 {case.number}，{WISH}？谢谢。")
    put(box, held.as_bytes())

    def take(raw: bytes, size: int) -> None:
        take_mail(raw, size_bytes=size, at=AT)

    assert mail.fetch(take) == 1


def by_wechat(case: Case, address: str) -> None:
    told = {"openid": "o-wang", "text": f"{WISH}呀，手机 {PHONE}"}
    assert ask(f"http://{address}/say", told)["is_signed"]


def by_sms(address: str) -> None:
    told = {"channel": "sms", "from": PHONE, "text": f"{WISH}？多久"}
    assert "concern" in ask(f"http://{address}/say", told)


def by_web(case: Case) -> str:
    token = Client().get("/say/").context["form"]["token"].value()
    data = {"text": f"想问一下{WISH}", "phone": PHONE, "case_number": case.number, "token": token}
    return str(Client().post("/say/", data)["Location"])


def by_hotline(clerk: Client) -> None:
    file = io.BytesIO(f"工单编号,来电号码,受理内容\n95598-7,{PHONE},来电人询问{WISH}\n".encode("gbk"))
    file.name = "95598.csv"
    assert clerk.post("/voice/tickets/", {"channel": "hotline", "file": file}).status_code == 302
    take_now(actor=SYSTEM)


def by_letter(case: Case, clerk: Client) -> None:
    file = io.BytesIO(letter(case.number))
    file.name = "来信.pdf"
    assert clerk.post("/voice/scans/", {"channel": "letter", "file": file}).status_code == 302
    scan = Scan.objects.get()
    read_scan(scan.pk, at=AT)
    form = clerk.get(f"/voice/scans/{scan.pk}/").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert clerk.post(f"/voice/scans/{scan.pk}/", data).status_code == 302


@pytest.mark.usefixtures("company")
@pytest.mark.django_db(transaction=True)
def test_one_wish_told_six_ways_is_one_concern_and_is_answered_six_ways(
    live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.HOOK_SECRETS = SECRETS
    for name, value in WECHAT.items():
        setattr(settings, name, value)
    SimulatedTime.objects.create(at=AT)
    case = lodge("LV0", at="2025-09-15 09:00")
    clerk = Client()
    clerk.force_login(staff("clerk"))
    wechat_env = {f"JIEDIAN_{name}": value for name, value in WECHAT.items()}
    hook_env = {"JIEDIAN_HOOK_SECRETS": ",".join(f"{name}={secret}" for name, secret in SECRETS.items())}
    with (
        mailbox() as box,
        stand_in("mail", "--keep", str(tmp_path)) as smtp,
        stand_in("wechat", "--target", live_server.url, **wechat_env) as wechat,
        stand_in("webhook", "--target", live_server.url, **hook_env) as hooks,
        stand_in("sms", JIEDIAN_SMS_SECRET=settings.SMS_SECRET) as sms,
    ):
        settings.MAILBOX_URL, settings.MAIL_URL = box.url, f"smtp://{smtp}"
        settings.WECHAT_URL, settings.SMS_URL = f"http://{wechat}", f"http://{sms}/"
        by_mail(case, box)
        by_wechat(case, wechat)
        by_sms(hooks)
        receipt = by_web(case)
        by_hotline(clerk)
        by_letter(case, clerk)
        assert Telling.objects.count() == 6
        while proposal := Proposal.objects.filter(kind="merge", state="open").first():
            assert (
                proposal.reasons and clerk.post(f"/voice/proposals/{proposal.pk}/accept/").status_code == 302
            )
        concern = Concern.objects.exclude(state="merged").get()
        assert concern.tellings.count() == 6 and concern.case == case
        clerk.post(f"/voice/concerns/{concern.number}/do/reply/", {"text": ANSWER})
        for outbox in Outbox.objects.filter(template=""):
            deliver(outbox.pk)
            deliver(outbox.pk)
        ours = [message_from_bytes(path.read_bytes()) for path in tmp_path.glob("*.eml")]
        assert [m["In-Reply-To"] for m in ours] == ["<first@example.invalid>"]
        assert [t["text"] for t in ask(f"http://{wechat}/")["taken"]] == [ANSWER]
        assert [(t["to"], t["text"]) for t in ask(f"http://{sms}/")["taken"]] == [(PHONE, ANSWER)]
    assert ANSWER in Client().get(receipt).content.decode()
    table = clerk.post("/voice/answers/hotline/export/").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["工单编号"], row["答复内容"]) for row in rows] == [("95598-7", ANSWER)]
    posted = Delivery.objects.get(channel="letter")
    paper = pypdfium2.PdfDocument(clerk.get(f"/voice/deliveries/{posted.pk}/letter.pdf").content)
    assert ANSWER[:6] in paper[0].get_textpage().get_text_range()
    clerk.post(f"/voice/deliveries/{posted.pk}/done/")
    states = {
        d.channel: d.outbox.state if d.outbox else d.state for d in Delivery.objects.select_related("outbox")
    }
    assert states == dict.fromkeys(("mail", "wechat", "sms"), "sent") | dict.fromkeys(
        ("web", "hotline", "letter"), "done"
    )
