"""A telling is heard once, finds its customer, opens a concern with its promise."""

from typing import Any

import pytest

from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.vault.services import blind_index
from jiedian.links.models import Outbox
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.models.tellings import Contact, Telling
from jiedian.voice.inbox.services.concerns import close, complain, link
from jiedian.voice.inbox.services.replies import reply
from tests.cast import CUSTOMER, PHONE, do, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-17 09:00")


def test_the_same_thing_twice_is_one_telling() -> None:
    first, is_new = tell("什么时候通电", external_id="a")
    again, is_newer = tell("什么时候通电", external_id="a")
    other, _ = tell("什么时候通电", external_id="a", channel="sms")
    assert is_new and not is_newer and first.pk == again.pk
    assert other.pk != first.pk and Telling.objects.count() == 2


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x00"])
def test_nothing_said_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        tell(text)
    assert not Concern.objects.exists()


def test_a_text_of_a_megabyte_with_nuls_is_cut_not_refused() -> None:
    telling, _ = tell("停\x00电" * 400_000)
    assert len(telling.text) == 20_000 and "\x00" not in telling.text


def test_the_phone_finds_the_customer_and_his_one_running_case() -> None:
    case = lodge("LV0")
    telling, _ = tell("什么时候来装表")
    assert telling.concern.customer == case.customer and telling.concern.case == case
    assert telling.concern.owner_id == case.account_manager_id
    lodge("LV0", at="2025-09-15 11:00")
    assert tell("什么时候来装表", external_id="2")[0].concern.case is None, "two running cases: no guess"


def test_a_case_number_in_the_text_is_found_and_a_stranger_stays_a_stranger() -> None:
    case = lodge("LV0")
    telling, _ = tell(f"编号 {case.number} 什么时候勘查", sender="", channel="weibo", external_id="w")
    assert telling.concern.case == case
    assert tell("电费太贵", sender="13900000009", external_id="x")[0].concern.customer is None


def test_who_names_another_s_case_or_phone_is_not_taken_for_him_from_then_on() -> None:
    case = lodge("LV0")
    other: dict[str, Any] = {"sender": "13900000009", "channel": "sms"}
    first, _ = tell(f"{case.number} 的方案是什么，户主电话 {PHONE}", **other)
    assert first.concern.case == case and first.contact and first.contact.customer is None
    assert tell("再问一件别的事：电费怎么算", **other)[0].concern.customer is None


def test_a_mail_address_finds_the_customer() -> None:
    case = lodge("LV0")
    mail = {"channel": "mail", "sender": "Customer@Example.invalid", "sender_kind": "mail"}
    assert tell("怎么还没有方案", **mail)[0].concern.customer == case.customer


def test_the_promise_to_answer_runs_from_the_day_it_came_and_is_kept_by_the_answer() -> None:
    telling, _ = tell("请问多久能好")
    clock = Clock.objects.get(subject=telling.concern.number)
    assert (
        clock.limit_id == "K-CONCERN" and clock.state == "running" and clock.started_at == telling.received_at
    )
    reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT)
    clock.refresh_from_db()
    assert clock.state == "kept"


def test_a_complaint_is_promised_contact_in_24_hours_and_an_answer_in_five_days() -> None:
    telling, _ = tell("投诉你们的施工队", is_complaint=True)
    held = {c.limit_id: c for c in Clock.objects.filter(subject=telling.concern.number)}
    assert set(held) == {"K-CONCERN", "T72", "T73"}
    complain(telling.concern, actor=CUSTOMER, at=AT)
    assert Clock.objects.filter(subject=telling.concern.number).count() == 3, "twice changes nothing"
    reply(telling.concern, text="已经整改，抱歉。", actor=CUSTOMER, at=moment("2025-09-29 09:00"))
    held = {c.limit_id: c.state for c in Clock.objects.filter(subject=telling.concern.number)}
    assert held["T72"] == "broken" and held["T73"] == "broken"


def test_closing_without_an_answer_needs_a_reason_and_stops_the_clock() -> None:
    concern = tell("测试")[0].concern
    with pytest.raises(Refused):
        close(concern, reason=" ", actor=CUSTOMER, at=AT)
    close(concern, reason="没有诉求", actor=CUSTOMER, at=AT)
    assert Clock.objects.get(subject=concern.number).state == "cancelled"


def test_linking_a_case_tells_who_the_account_is_from_then_on() -> None:
    case = lodge("LV0")
    account: dict[str, Any] = {"channel": "wechat", "sender": "openid-1", "sender_kind": "account"}
    concern = tell("在吗", external_id="1", **account)[0].concern
    assert concern.customer is None
    link(concern, case.number, actor=CUSTOMER, at=AT)
    assert tell("什么时候来", external_id="2", **account)[0].concern.customer == case.customer


def test_two_accounts_that_differ_in_case_are_two_people() -> None:
    case = lodge("LV0")
    account: dict[str, Any] = {"channel": "wechat", "sender_kind": "account"}
    concern = tell("在吗", external_id="1", sender="oAb", **account)[0].concern
    link(concern, case.number, actor=CUSTOMER, at=AT)
    again, other = (tell("来吗", external_id=s, sender=s, **account)[0] for s in ("oAb", "oaB"))
    assert again.concern.customer == case.customer and other.concern.customer is None
    assert again.contact and other.contact
    assert (again.contact.address, other.contact.address) == ("oAb", "oaB")


def test_a_mailbox_is_one_in_any_case_and_is_answered_as_it_wrote_last() -> None:
    mail = {"channel": "mail", "sender_kind": "mail"}
    first, last = (tell("停电", sender=s, **mail)[0] for s in ("wang@x.invalid", "Wang@x.invalid"))
    assert first.contact == last.contact and last.contact and last.contact.address == "Wang@x.invalid"


@pytest.mark.parametrize("sender", ["oZQ-Openid_1", "abc", "ABC"])
def test_an_account_kept_in_small_letters_gets_its_case_when_it_writes_again(sender: str) -> None:
    account: dict[str, Any] = {"channel": "wechat", "sender_kind": "account"}
    old = Contact.objects.create(kind="account", address=sender.lower(), index=blind_index(sender))
    first, _ = tell("在吗", external_id="1", sender="", **account)
    Telling.objects.filter(pk=first.pk).update(contact=old)
    reply(first.concern, text="在。", actor=CUSTOMER, at=AT)
    Outbox.objects.update(state="dead")
    again, _ = tell("来吗", external_id="2", sender=sender, **account)
    assert again.contact == old and Contact.objects.get().address == sender
    assert Outbox.objects.get().to == sender, "the dead letter can be replayed"
    assert tell("三", external_id="3", sender=sender.swapcase(), **account)[0].contact != old


def test_an_answer_that_sends_the_customer_on_is_counted_as_a_breach() -> None:
    case = lodge("LV0")
    concern = tell("怎么办理")[0].concern
    reply(concern, text="请您自行到运检部办理。", actor=CUSTOMER, at=AT)
    assert [b.rule_id for b in case.breaches.all()] == ["SO-GO"]


def test_the_same_answer_is_not_given_twice() -> None:
    concern = tell("怎么办理")[0].concern
    reply(concern, text="下周一。", actor=CUSTOMER, at=AT)
    with pytest.raises(Refused):
        reply(concern, text=" 下周一。 ", actor=CUSTOMER, at=AT)
    assert concern.replies.count() == 1


def test_files_are_checked_and_what_is_turned_away_is_said() -> None:
    files = [("a.pdf", b"%PDF-1.4 x"), ("b.exe", b"MZ"), ("c.png", b"not a picture")]
    telling, _ = tell("见附件", files=files)
    assert [a.upload.name for a in telling.attachments.all()] == ["a.pdf"]
    assert [r["where"] for r in telling.refused] == ["b.exe", "c.png"]


def test_a_phone_is_closed_in_the_database() -> None:
    from django.db import connection

    telling, _ = tell("你好，在吗？")
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM inbox_contact WHERE id = %s", [telling.contact_id])
        assert PHONE not in cursor.fetchone()[0]


def test_the_desk_of_the_case_shows_the_concern(client: Any) -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    telling, _ = tell("能不能不停产接入")
    client.force_login(staff("manager"))
    assert telling.concern.number in client.get(f"/cases/{case.number}/").content.decode()
