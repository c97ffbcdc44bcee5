"""Concerns that are one are proposed, merged with one click and parted again; several wishes are split and rejoined."""

from typing import Any

import pytest
from django.test import Client

from jiedian.cases.case.models.case import Customer
from jiedian.clocks.models import Clock
from jiedian.clocks.queries import limits
from jiedian.core.findings import Refused
from jiedian.voice.inbox.models.concerns import Concern, Proposal
from jiedian.voice.inbox.models.tellings import Telling
from jiedian.voice.inbox.queries import tellings
from jiedian.voice.inbox.queries.likeness import duplicates
from jiedian.voice.inbox.queries.tellings import Hits, search
from jiedian.voice.inbox.services.concerns import complain
from jiedian.voice.inbox.services.proposals import accept, merge, refuse_proposal, split_telling, undo
from jiedian.voice.inbox.services.replies import reply
from tests.cast import CUSTOMER, PHONE, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-17 09:00")
LONG = (
    "尊敬的供电公司：我是柳泉路生鲜超市，九月提交的增容申请到今天还没有人来勘查，冷库等着用电，"
    "请问什么时候能来勘查？盼早日答复。此致敬礼"
)


def pair() -> tuple[Telling, Telling]:
    lodge("LV0")
    return tell(LONG, channel="letter")[0], tell(
        "增容申请什么时候能来勘查", channel="sms", at="2025-09-16 10:00"
    )[0]


def test_the_same_customer_s_same_wish_is_proposed_with_its_reasons() -> None:
    one, other = pair()
    found = Proposal.objects.get(kind="merge")
    assert found.concern == other.concern and found.into == one.concern
    assert found.score >= 0.6 and {name for name, _ in found.reasons} == {"same_sender", "text"}


def test_another_wish_of_the_same_customer_and_the_same_words_of_a_stranger() -> None:
    pair()
    tell("电费单看不懂，请解释一下峰谷怎么算", channel="web")
    assert Proposal.objects.filter(kind="merge").count() == 1, "another wish is not proposed"
    tell(LONG, channel="city_hotline", sender="13900000001")
    far = Proposal.objects.filter(kind="merge").order_by("id").last()
    assert far and [name for name, _ in far.reasons] == ["text"] and far.score < 0.95


def test_who_only_writes_a_customers_number_is_not_called_the_customer() -> None:
    """Merged, he would be answered too: the clerk is told on what the proposal rests."""
    lodge("LV0")
    tell(LONG, channel="letter")
    tell(f"{LONG} 我的手机 {PHONE}", channel="wechat", sender="o-anybody", sender_kind="account")
    found = Proposal.objects.get(kind="merge")
    assert {name for name, _ in found.reasons} == {"named_customer", "text"}


def test_customers_who_came_with_a_table_have_no_phone_and_are_not_one_customer() -> None:
    cases = [lodge("LV0"), lodge("LV0")]
    for case, name in zip(cases, ("甲厂", "乙厂"), strict=True):
        case.customer = Customer.objects.create(kind="organisation", name=name, phone="")
        case.save()
    one, _ = tell("什么时候能来勘查", case_number=cases[0].number, sender="", channel="letter")
    two, _ = tell("什么时候能来勘查", case_number=cases[1].number, sender="", channel="fax")
    reasons = {name for found in Proposal.objects.all() for name, _ in found.reasons}
    assert one.concern.customer != two.concern.customer and "same_customer" not in reasons
    client = Client()
    client.force_login(staff("clerk"))
    page = client.get(f"/voice/concerns/{one.concern.number}/").content.decode()
    assert cases[0].number in page and cases[1].number not in page


def test_accepting_makes_one_concern_and_undoing_makes_two_again() -> None:
    one, other = pair()
    proposal = Proposal.objects.get(kind="merge")
    kept = accept(proposal, actor=CUSTOMER, at=AT)
    assert kept == one.concern and kept.tellings.count() == 2
    gone = Concern.objects.get(pk=other.concern_id)
    assert gone.state == "merged" and gone.merged_into == kept
    assert Clock.objects.get(subject=gone.number).state == "cancelled"
    with pytest.raises(Refused):
        accept(proposal, actor=CUSTOMER, at=AT)
    proposal.refresh_from_db()
    undo(proposal, actor=CUSTOMER, at=AT)
    gone.refresh_from_db()
    assert gone.state == "open" and gone.merged_into is None
    assert kept.tellings.count() == gone.tellings.count() == 1
    live = Clock.objects.get(subject=gone.number, state="running")
    assert live.started_at == gone.opened_at
    with pytest.raises(Refused):
        undo(proposal, actor=CUSTOMER, at=AT)


def test_two_that_are_proposed_may_be_merged_by_hand() -> None:
    """Ticked in the inbox instead of accepted beside each other."""
    one, other = pair()
    kept = merge(other.concern, into=one.concern, actor=CUSTOMER, at=AT)
    assert kept == one.concern
    assert [(row.state, row.moved["gone"]) for row in Proposal.objects.filter(kind="merge")] == [
        ("accepted", other.concern_id)
    ]


def test_of_two_merges_in_a_row_the_later_is_undone_first() -> None:
    first, second, third = (tell(text, external_id=text)[0] for text in ("甲事", "乙事", "丙事"))
    for gone, kept in ((third, second), (second, first)):
        merge(Concern.objects.get(pk=gone.concern_id), into=kept.concern, actor=CUSTOMER, at=AT)
    early, late = Proposal.objects.filter(kind="merge", state="accepted").order_by("id")
    with pytest.raises(Refused):
        undo(early, actor=CUSTOMER, at=AT)
    for proposal in (late, early):
        proposal.refresh_from_db()
        undo(proposal, actor=CUSTOMER, at=AT)
    assert all(concern.tellings.count() == 1 and concern.state == "open" for concern in Concern.objects.all())


def complaint_clocks(concern: Concern) -> int:
    begun = [row.id for row in limits().values() if row.starts_when == "concern.complained"]
    return Clock.objects.filter(subject=concern.number, state="running", limit_id__in=begun).count()


def test_the_mark_of_a_complaint_goes_with_the_concern_that_brought_it() -> None:
    quiet, angry, angrier = (tell(text, external_id=text)[0].concern for text in ("甲事", "乙事", "丙事"))
    for concern in (angry, angrier):
        complain(concern, actor=CUSTOMER, at=AT)
        concern.refresh_from_db()
        merge(concern, into=quiet, actor=CUSTOMER, at=AT)
    quiet.refresh_from_db()
    assert quiet.is_complaint and complaint_clocks(quiet) > 0
    one, other = Proposal.objects.filter(kind="merge", state="accepted").order_by("id")
    undo(one, actor=CUSTOMER, at=AT)
    quiet.refresh_from_db()
    assert quiet.is_complaint and complaint_clocks(quiet) > 0, "the other one still is a complaint"
    other.refresh_from_db()
    undo(other, actor=CUSTOMER, at=AT)
    quiet.refresh_from_db()
    angrier.refresh_from_db()
    assert not quiet.is_complaint and complaint_clocks(quiet) == 0
    assert angrier.is_complaint and complaint_clocks(angrier) > 0
    assert Clock.objects.filter(subject=quiet.number, state="running").exists(), "its own promise runs on"


def test_a_complaint_told_after_the_merge_stays() -> None:
    quiet, angry = (tell(text, external_id=text)[0].concern for text in ("甲事", "乙事"))
    complain(angry, actor=CUSTOMER, at=AT)
    angry.refresh_from_db()
    merge(angry, into=quiet, actor=CUSTOMER, at=AT)
    later, _ = tell("还是没人管", external_id="later", at="2025-09-18 09:00")
    Telling.objects.filter(pk=later.pk).update(concern=quiet)
    undo(Proposal.objects.get(state="accepted"), actor=CUSTOMER, at=moment("2025-09-19 09:00"))
    quiet.refresh_from_db()
    assert quiet.is_complaint


def test_what_was_answered_stays_together() -> None:
    pair()
    proposal = Proposal.objects.get(kind="merge")
    kept = accept(proposal, actor=CUSTOMER, at=AT)
    proposal.refresh_from_db()
    reply(kept, text="明天上门勘查。", actor=CUSTOMER, at=AT)
    with pytest.raises(Refused):
        undo(proposal, actor=CUSTOMER, at=AT)
    assert kept.tellings.count() == 2


def test_what_a_person_refused_is_not_proposed_again() -> None:
    one, other = pair()
    refuse_proposal(Proposal.objects.get(kind="merge"), actor=CUSTOMER, at=AT)
    from jiedian.voice.inbox.services.proposals import propose

    propose(Telling.objects.get(pk=other.pk), at=AT)
    assert Proposal.objects.filter(kind="merge").count() == 1


def test_merging_by_hand_keeps_the_older_and_a_merged_one_cannot_be_merged_again() -> None:
    one, other, third = (tell(text, external_id=text)[0].concern for text in ("甲事", "乙事", "丙事"))
    assert merge(one, into=other, actor=CUSTOMER, at=AT) == one
    other.refresh_from_db()
    with pytest.raises(Refused):
        merge(third, into=other, actor=CUSTOMER, at=AT)
    with pytest.raises(Refused):
        merge(third, into=third, actor=CUSTOMER, at=AT)


def test_open_proposals_follow_a_merge() -> None:
    lodge("LV0")
    for channel in ("web", "sms", "app", "kiosk"):
        tell("增容申请什么时候能来勘查", channel=channel)
    while proposal := Proposal.objects.filter(kind="merge", state="open").first():
        accept(proposal, actor=CUSTOMER, at=AT)
    left = Concern.objects.exclude(state="merged").get()
    assert left.tellings.count() == 4


TWO = "你好，申请三周了还没来装表，什么时候能来？另外，收费单看不懂，请解释一下。"


def test_several_wishes_are_proposed_split_and_rejoined() -> None:
    telling, _ = tell(TWO)
    proposal = Proposal.objects.get(kind="split")
    assert proposal.excerpts == [
        "你好，申请三周了还没来装表，什么时候能来？",
        "另外，收费单看不懂，请解释一下。",
    ]
    accept(proposal, actor=CUSTOMER, at=AT)
    telling.refresh_from_db()
    part = telling.parts.get()
    assert (
        telling.text == TWO and telling.words == proposal.excerpts[0] and part.words == proposal.excerpts[1]
    )
    assert part.concern_id != telling.concern_id and part.concern.state == "open"
    assert Clock.objects.filter(subject=part.concern.number, state="running").exists()
    proposal.refresh_from_db()
    undo(proposal, actor=CUSTOMER, at=AT)
    telling.refresh_from_db()
    assert telling.words == TWO and Telling.objects.count() == Concern.objects.count() == 1


def test_parts_that_were_worked_on_are_not_rejoined() -> None:
    tell(TWO)
    proposal = Proposal.objects.get(kind="split")
    accept(proposal, actor=CUSTOMER, at=AT)
    part = Telling.objects.get(part_of__isnull=False)
    reply(part.concern, text="这样算的。", actor=CUSTOMER, at=AT)
    proposal.refresh_from_db()
    with pytest.raises(Refused):
        undo(proposal, actor=CUSTOMER, at=AT)
    assert Telling.objects.count() == 2


@pytest.mark.parametrize("excerpts", [[], ["一件"], ["一件", "  "]])
def test_one_wish_cannot_be_split(excerpts: list[str]) -> None:
    telling, _ = tell("一件")
    with pytest.raises(Refused):
        split_telling(telling, excerpts, actor=CUSTOMER, at=AT)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("停电", True),
        ("变压器 停电", True),
        ("10KV", True),
        ("１０ｋｖ", True),
        ("电压低", False),
        ("站", True),
        ("谢", False),
        ("13812345678", True),
        ("13812345679", False),
        ("%", False),
        ("'; DROP TABLE inbox_telling;--", False),
    ],
)
def test_words_numbers_and_phones_are_found(words: str, found: bool) -> None:
    tell("10 kV 变压器昨晚停电三次，柳泉站附近")
    assert search(words).exists() is found


def test_numbers_of_concern_and_case_are_found() -> None:
    case = lodge("LV0")
    telling, _ = tell("进度如何")
    for number in (telling.concern.number, case.number, case.number.lower()):
        assert search(number).get() == telling
    assert not search("S-2025-999999").exists()


@pytest.mark.parametrize(("window", "counted"), [(4000, 1000), (4000, 5), (3, 5), (50, 5)])
def test_a_page_is_the_same_however_it_is_found(window: int, counted: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(tellings, "WINDOW", window)
    monkeypatch.setattr(tellings, "COUNTED", counted)
    for n in range(12):
        tell(f"停电 {n}" if n % 3 else "另一件事", external_id=str(n), at=f"2025-09-{10 + n % 5} 10:00")
    wanted = list(search("停电").values_list("pk", flat=True))
    hits = Hits(search("停电"))
    assert hits.count() == min(counted, 8) and hits.is_many == (counted < 8)
    assert [*hits[0:3], *hits[3:6]] == wanted[:6]


def test_the_number_of_proposals_opens_the_concerns_that_have_one() -> None:
    one, other = pair()
    tell("路灯太暗", external_id="9", sender="13900000009")
    client = Client()
    client.force_login(staff("clerk"))
    assert "/voice/?proposed=1" in client.get("/voice/").content.decode()
    page = client.get("/voice/?proposed=1").content.decode()
    assert Proposal.objects.get(kind="merge").concern.number in page and "路灯太暗" not in page


def test_the_same_words_are_found_from_the_concern() -> None:
    one, _ = tell(LONG, external_id="1")
    tell(LONG.replace("九月", "上月"), external_id="2", sender="13900000001")
    tell("电压低", external_id="3")
    client = Client()
    client.force_login(staff("clerk"))
    link = f"/voice/?like={one.pk}"
    assert link in client.get(f"/voice/concerns/{one.concern.number}/").content.decode()
    page = client.get(link).content.decode()
    assert page.count("尊敬的供电公司") == 3 and "电压低" not in page
    assert client.get("/voice/?like=x").status_code == client.get("/voice/?like=999999").status_code == 200


def test_who_else_said_the_same() -> None:
    kept: list[Any] = [
        tell(text, external_id=str(n))[0]
        for n, text in enumerate([LONG, LONG.replace("九月", "上月"), "电压低"])
    ]
    found = duplicates(LONG)
    assert [telling.pk for telling, _score in found] == [kept[0].pk, kept[1].pk]
    assert found[0][1] == pytest.approx(1.0) and 0.9 < found[1][1] < 1


def test_a_number_typed_wrongly_is_a_slip_and_not_a_missing_page() -> None:
    telling, _new = tell("什么时候通电？")
    client = Client()
    client.force_login(staff("quality"))
    url = f"/voice/concerns/{telling.concern.number}/do/merge/"
    for typed in ("", "S-2025-999999"):
        assert client.post(url, {"other": typed}).status_code == 422
