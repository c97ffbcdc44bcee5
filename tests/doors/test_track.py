"""A customer opens his case with its number and a one-time code, and nobody else's."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services import steps
from jiedian.core.findings import Refused
from jiedian.doors.portal.services import CODES, send_code_to
from jiedian.links.models import Outbox
from jiedian.people.queries import actor
from jiedian.shell.models import SimulatedTime
from tests.cast import PHONE, do, lodge, moment, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def code_sent() -> str:
    return re.search(r"\d{6}", Outbox.objects.filter(template="one_time_code").latest("id").text)[0]  # type: ignore[index]


def test_number_and_code_open_the_case_once(case: Case) -> None:
    client = Client()
    client.post(reverse("track"), {"number": case.number})
    code = code_sent()
    assert (
        client.post(
            reverse("code", args=[case.number]), {"code": "000000" if code != "000000" else "1"}
        ).status_code
        == 422
    )
    answer = client.post(reverse("code", args=[case.number]), {"code": code})
    assert answer.status_code == 302
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert case.number in page
    assert Client().post(reverse("code", args=[case.number]), {"code": code}).status_code == 422


def test_an_unknown_number_is_answered_the_same_and_sends_nothing(case: Case) -> None:
    client = Client()
    known = client.post(reverse("track"), {"number": case.number})
    unknown = client.post(reverse("track"), {"number": "C-2025-999999"})
    assert known.status_code == unknown.status_code == 302
    assert Outbox.objects.filter(template="one_time_code").count() == 1


def test_wrong_tries_run_out(case: Case) -> None:
    client = Client()
    client.post(reverse("track"), {"number": case.number})
    code = code_sent()
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(5):
        client.post(reverse("code", args=[case.number]), {"code": wrong})
    assert client.post(reverse("code", args=[case.number]), {"code": code}).status_code == 422


def test_the_key_to_one_case_opens_no_other(case: Case) -> None:
    other = lodge("RES", name="李四", title="别人的工单")
    client = Client()
    client.post(reverse("track"), {"number": case.number})
    client.post(reverse("code", args=[case.number]), {"code": code_sent()})
    assert client.get(reverse("tracker", args=[other.number])).status_code == 302
    paper = case.papers.filter(state="owed")[0]
    assert client.post(reverse("hand_in", args=[other.number, paper.pk])).status_code == 404


def test_a_number_is_taken_as_people_copy_it(case: Case) -> None:
    answer = Client().post(reverse("track"), {"number": f" {case.number.lower()} "})
    assert answer.status_code == 302 and case.number in answer["Location"]


def test_the_page_says_who_has_to_act_and_what_is_late() -> None:
    """Every open step is on one of two lists; a promise whose day has passed is said, with whose fault it is."""
    case = lodge("HV1")
    for code in ("ACCEPT", "SURVEY", "SCHEME_DRAFT", "SCHEME_REPLY"):
        do(case, code, "2025-09-18 10:00")
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    SimulatedTime.objects.create(at=moment("2025-09-19 09:00"))
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "您有 <em>1 件事</em>要办" in page and "确认供电方案" in page
    assert "等客户" not in page and "没有做到" not in page
    do(
        case, "SCHEME_SIGN", "2025-09-19 10:00"
    )  # from here on the company holds steps too, and its clock runs
    SimulatedTime.objects.update(at=moment("2026-02-19 09:00"))
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    assert "没有做到" in page and "对不起" in page and "用时最长的是" in page
    told = re.findall(r"预计 (\d+)年(\d+)月(\d+)日（周.）通电", page)
    assert len(told) == 1 and tuple(map(int, told[0])) >= (2026, 2, 19), "one new day, not a past one"


@pytest.mark.parametrize(
    "typed", [" c-{0}-{1} ", "Ｃ－{0}－{1}", "{0}-{2}", "c{0}{1}", "C {0} {1}。", "c_{0}_{2}", "C–{0}–{1}"]
)
def test_a_number_is_taken_however_it_is_written(case: Case, typed: str) -> None:
    _c, year, count = case.number.split("-")
    answer = Client().post(reverse("track"), {"number": typed.format(year, count, int(count))})
    assert answer.status_code == 302 and case.number in answer["Location"]


@pytest.mark.parametrize("typed", ["", "118", "我的申请", "C-2026-0001234567"])
def test_what_is_no_number_is_told_the_way_to_find_it(case: Case, typed: str) -> None:
    answer = Client().post(reverse("track"), {"number": typed})
    page = answer.content.decode()
    assert answer.status_code == 422 and reverse("find_number") in page


def test_a_lost_number_is_found_by_the_phone_it_was_applied_with(case: Case) -> None:
    other, stranger = lodge("RES", title="第二处"), lodge("RES", title="别人的", phone="13900000000")
    client = Client()
    client.post(reverse("find_number"), {"phone": " +86 138-1234-5678 "})
    code = code_sent()
    assert PHONE not in str(dict(client.session.items())), "a session holds no phone"
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(reverse("find_number"), {"code": wrong}).status_code == 422
    assert client.get(reverse("tracker", args=[case.number])).status_code == 302
    page = client.post(reverse("find_number"), {"code": code}, follow=True).content.decode()
    assert case.number in page and other.number in page and stranger.number not in page
    assert client.get(reverse("tracker", args=[case.number])).status_code == 200
    assert client.get(reverse("tracker", args=[stranger.number])).status_code == 302
    assert Client().post(reverse("find_number"), {"code": code}).status_code == 422, (
        "a code without a phone opens nothing"
    )


def test_a_phone_nobody_applied_with_is_answered_the_same(case: Case) -> None:
    client = Client()
    answer = client.post(reverse("find_number"), {"phone": "13700000000"})
    assert answer.status_code == 302 and not Outbox.objects.filter(template="one_time_code").exists()
    assert client.get(reverse("find_number")).status_code == 200
    assert client.post(reverse("find_number") + "?again=1", {"phone": "13800000001"}).status_code == 302


def test_the_way_is_told_in_stages_not_in_rooms_of_the_company(case: Case) -> None:
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    SimulatedTime.objects.create(at=moment("2025-09-16 09:00"))
    page = client.get(reverse("tracker", args=[case.number])).content.decode()
    way = page.split('class="bars"')[1].split("</ul>")[0]
    for stage in (
        "申请受理",
        "现场勘查",
        "供电方案",
        "签订合同",
        "您的受电工程",
        "电网配套与装表",
        "检验与通电",
    ):
        assert f"<b>{stage}</b>" in way
    assert way.count("<b>") <= 8 and not re.search("配表|归档|客户回访|起草", way)
    assert "我们在办" in page.split('class="legend"')[1] and ">今天</text>" in page


def test_too_many_codes_to_a_phone_are_refused_whoever_has_it() -> None:
    for phone in (PHONE, "13700000000"):
        for _ in range(CODES.most):
            send_code_to(phone, at=moment("2025-09-15 10:00"))
        with pytest.raises(Refused, match="code.many"):
            send_code_to(phone, at=moment("2025-09-15 10:01"))


@pytest.mark.parametrize("kind", ["RES", "LV0", "LVN", "HV1", "HV2"])
@pytest.mark.parametrize("ends", [steps.withdraw, steps.terminate])
def test_a_case_that_ended_early_says_of_no_stage_that_it_is_done_which_never_began(
    kind: str, ends: Any
) -> None:
    case = lodge(kind)
    do(case, "ACCEPT", "2025-09-15 10:00")
    ends(case, reason="计划取消", actor=actor(staff("head")), at=moment("2025-09-16 09:00"))
    client = Client()
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    page = client.get(reverse("tracker", args=[case.number]))
    assert page.status_code == 200
    assert all(stage.begun for stage in page.context["t"].stages if stage.state == "done")


def test_stages_that_are_done_fold_away_while_there_are_many(case: Case) -> None:
    far = lodge("HV1", "2025-09-15 09:00")
    for code, at in (("ACCEPT", "15 10:00"), ("SURVEY", "16 09:00"), ("SCHEME_DRAFT", "16 10:00")):
        do(far, code, f"2025-09-{at}")
    for code in ("SCHEME_REPLY", "SCHEME_SIGN", "CONTRACT_DRAFT", "CONTRACT_SIGN"):
        do(far, code, "2025-09-17 09:00")
    SimulatedTime.objects.create(at=moment("2025-09-18 09:00"))
    client = Client()
    session = client.session
    session["tracked"] = [far.number, case.number]
    session.save()
    page = client.get(reverse("tracker", args=[far.number]))
    told = page.context["t"]
    assert len(told.folded) > 2 and {stage.state for stage in told.folded} == {"done"}
    assert [*told.folded, *told.unfolded] and len(told.folded) + len(told.unfolded) == len(told.stages)
    assert f"已办完 {len(told.folded)} 个阶段" in page.content.decode()
    short = client.get(reverse("tracker", args=[case.number])).context["t"]
    assert not short.folded and short.unfolded == short.stages
