"""The verbs of a concern, each by itself: what it writes, what the journal says of it, whom it refuses."""

import pytest

from jiedian.cases.case.models.case import Customer
from jiedian.clocks.models import Clock
from jiedian.core.findings import Refused
from jiedian.ground.journal.queries import facts_of
from jiedian.people.queries import actor
from jiedian.voice.inbox.models.concerns import Concern
from jiedian.voice.inbox.services.concerns import close, complain, contacted, open_concern, reopen
from jiedian.voice.inbox.services.replies import deliver_by_hand, reply
from tests.cast import CUSTOMER, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
AT = moment("2025-09-17 09:00")


def kinds(concern: Concern) -> list[str]:
    return [fact.kind for fact in facts_of(concern.stream).order_by("id")]


def states(concern: Concern, limit: str) -> list[str]:
    return list(
        Clock.objects.filter(subject=concern.number, limit_id=limit)
        .order_by("id")
        .values_list("state", flat=True)
    )


def opened(title: str, customer: Customer | None = None) -> Concern:
    return open_concern(
        title=title, case=None, customer=customer, place="东城" * 100, opened_at=AT, is_simulated=False
    )


def test_an_opened_concern_has_a_number_of_its_year_and_somebody_who_answers() -> None:
    concern = opened("\x00\n  电表走得快  \n别的")
    assert concern.number == f"S-2025-{concern.pk:06d}" and concern.state == "open"
    assert concern.title == "电表走得快" and len(concern.place) == 120
    assert concern.owner_id and concern.owner_name
    assert opened(" \n").title == "—"


def test_the_account_manager_of_a_case_answers_for_what_is_opened_at_it() -> None:
    case = lodge("LV0")
    concern = open_concern(
        title="问", case=case, customer=case.customer, place="", opened_at=AT, is_simulated=True
    )
    assert concern.owner_id == case.account_manager_id and concern.is_simulated


@pytest.mark.parametrize("ended", ["answered", "closed"])
def test_who_speaks_again_after_the_end_opens_the_concern_with_a_new_promise(ended: str) -> None:
    concern = tell("请问多久能好")[0].concern
    if ended == "answered":
        reply(concern, text="下周一通电。", actor=CUSTOMER, at=AT)
    else:
        close(concern, reason="没有要办的", actor=CUSTOMER, at=AT)
    reopen(concern, actor=CUSTOMER, at=moment("2025-09-20 09:00"))
    concern.refresh_from_db()
    assert concern.state == "open" and concern.closed_at is None
    assert kinds(concern)[-1] == "concern.reopened"
    assert states(concern, "K-CONCERN") == ["kept" if ended == "answered" else "cancelled", "running"]


def test_an_open_concern_is_not_opened_again() -> None:
    concern = tell("请问多久能好")[0].concern
    before = kinds(concern)
    reopen(concern, actor=CUSTOMER, at=AT)
    assert kinds(concern) == before and states(concern, "K-CONCERN") == ["running"]


def test_a_talk_with_the_customer_meets_the_promise_to_make_contact_and_no_other() -> None:
    concern = tell("我要投诉")[0].concern
    complain(concern, actor=CUSTOMER, at=AT)
    with pytest.raises(Refused):
        contacted(concern, note="  ", actor=CUSTOMER, at=AT)
    contacted(concern, note=" 已电话联系 ", actor=actor(staff("clerk")), at=moment("2025-09-16 15:00"))
    fact = facts_of(concern.stream).get(kind="concern.contacted")
    assert fact.data == {"note": "已电话联系"} and fact.actor_role == "clerk"
    assert states(concern, "T72") == ["kept"] and states(concern, "T73") == ["running"]


def test_an_answer_that_waits_is_delivered_by_hand_once() -> None:
    telling, _ = tell("请书面答复", channel="letter", sender="")
    delivery = reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=AT).deliveries.get()
    assert delivery.state == "waiting"
    clerk, at = actor(staff("clerk")), moment("2025-09-18 09:00")
    assert deliver_by_hand([delivery], actor=clerk, at=at) == 1
    assert deliver_by_hand([delivery], actor=clerk, at=moment("2025-09-19 09:00")) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.done_at, delivery.done_by) == ("done", at, clerk.name)
    fact = facts_of(telling.concern.stream).get(kind="concern.delivered")
    assert fact.data == {"reply": delivery.reply_id, "telling": telling.pk, "way": delivery.way}
