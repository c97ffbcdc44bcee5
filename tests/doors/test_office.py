"""The office's pages: the day with a case opened beside it, the desk, search, news, help and tours."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Question, Urging
from jiedian.cases.coordination.services import coordination
from jiedian.doors.office.queries.help import glossary, tour_of
from jiedian.people.models import User
from jiedian.people.queries import actor, person, roles
from jiedian.shell.draw import mini_gantt
from jiedian.shell.models import SimulatedTime
from tests.cast import CUSTOMER, PHONE, do, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
NOW = moment("2025-09-18 09:00")


@pytest.fixture(autouse=True)
def _now(db: None) -> None:
    SimulatedTime.objects.create(at=NOW)


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def manager_of(case: Case) -> User:
    return User.objects.get(pk=case.account_manager_id)


def body(answer: Any) -> str:
    return str(answer.content.decode().split("<main", 1)[1])


def test_a_case_is_opened_beside_the_days_list_and_pressed_without_leaving_it(case: Case) -> None:
    client, url = as_(manager_of(case)), f"{reverse('today')}?open={case.number}"
    page = body(client.get(reverse("today")))
    assert f"open={case.number}#peek" in page and 'id="peek"' not in page
    page = body(client.get(url))
    assert 'id="peek"' in page and 'id="peek-expedite"' in page
    for point in case.points.all():
        assert point.words in page, "what he cares about"
    receiver = User.objects.exclude(pk=case.account_manager_id).filter(department__isnull=False)[0]
    form = {"answerer": receiver.pk, "text": "何时勘查？", "next": url}
    assert client.post(reverse("verb", args=[case.number, "question"]), form)["Location"] == url
    assert Question.objects.get().text == "何时勘查？" and "何时勘查？" in body(client.get(url))
    form["next"] = "https://elsewhere.invalid/"
    away = client.post(reverse("verb", args=[case.number, "question"]), form)["Location"]
    assert away == reverse("case", args=[case.number]), "nobody is led out of the house"


def test_a_bar_shows_how_late() -> None:
    drawn = [
        mini_gantt(done=0.5, share=9, is_late=True, is_waiting=False, over_wd=days) for days in (2, 17, 21)
    ]
    assert len(set(drawn)) == 3


def test_the_desk_says_the_hour_after_which_a_day_is_over_and_keeps_due_days_in_its_file(case: Case) -> None:
    holder = User.objects.get(username="clerk")
    assert "16:00" in body(as_(holder).get(reverse("desk")))
    survey = case.handoffs.latest("id") if hasattr(case, "handoffs") else None
    owner = User.objects.get(pk=survey.receiver_id) if survey else manager_of(case)
    heads = as_(owner).get(f"{reverse('desk')}?format=csv").content.decode("utf-8-sig").splitlines()[0]
    assert "到期" in heads and "剩余工作日" in heads


@pytest.mark.parametrize("path", ["/cases/?q=zzzz", "/today/?q=zzzz", "/voice/?q=zzzz"])
def test_a_filter_that_finds_nothing_says_so_and_is_cleared(path: str) -> None:
    page = body(as_(staff("manager")).get(path))
    assert "没有符合筛选条件的" in page and 'href="?"' in page and "新的申请受理后会自动出现" not in page
    assert "没有符合筛选条件的" not in body(as_(staff("manager")).get(path.split("?")[0]))


def test_the_search_finds_by_number_name_and_last_digits_and_only_what_one_may_see(case: Case) -> None:
    lodge("RES", phone="13900001234", name="张建国", title="别处")
    telling, _new = tell("电压太低")
    client = as_(manager_of(case))

    def found(text: str, who: Client = client) -> str:
        return body(who.get(reverse("search"), {"q": text}))

    assert case.number in found(case.number[-4:]) and case.number in found(case.customer.name)
    assert case.number in found(PHONE[-4:]) and case.number in found(PHONE), "by the phone and its end"
    assert "张建国" not in found(PHONE[-4:])
    assert telling.concern and telling.concern.number in found(telling.concern.number)
    assert staff("clerk").name_zh in found(staff("clerk").name_zh)
    assert "没有找到" in found("不会有这个")
    visitor = User.objects.filter(roles__contains=["visitor"])[0]
    assert case.number not in found(case.customer.name, as_(visitor)), "a third party sees no case"
    assert Client().get(reverse("search")).status_code == 302


def test_news_are_what_came_since_one_looked(case: Case) -> None:
    manager, clerk = manager_of(case), staff("clerk")
    question = coordination.ask(
        case,
        answerer=clerk,
        text="证照齐了吗？",
        actor=actor(person(manager.pk)),
        at=moment("2025-09-17 09:00"),
    )
    coordination.answer_question(question, text="齐了", actor=actor(clerk), at=moment("2025-09-17 10:00"))
    coordination.hear_customer(case, text="什么时候来？", actor=CUSTOMER, at=moment("2025-09-17 11:00"))
    client = as_(manager)
    page = body(client.get(reverse("news")))
    assert "齐了" in page and "什么时候来？" in page
    assert int(client.get(f"{reverse('news')}?count=1").content) >= 2
    assert "证照齐了吗？" in body(as_(clerk).get(reverse("news"))), "asked is news to whom it was asked"
    client.post(reverse("news_seen"))
    assert client.get(f"{reverse('news')}?count=1").content == b"0"
    assert not Urging.objects.exists()


def test_every_role_has_a_tour_whose_pages_it_may_open() -> None:
    for role in (row.id for row in roles()):
        stops = tour_of(role)
        assert stops, role
        user = User.objects.filter(roles__contains=[role], is_active=True).first()
        for stop in stops if user else []:
            status = as_(user).get(reverse(stop.view)).status_code  # type: ignore[arg-type]
            assert status == 200, (role, stop.view)
    assert Client().get(f"{reverse('tour')}?role=clerk").status_code == 200, "before one signs in"
    assert reverse("tour") in Client().get(reverse("account_login")).content.decode()


def test_help_stands_on_every_page_and_speaks_to_its_reader() -> None:
    assert any(term.zh == "工单" and term.en == "case" for term in glossary())
    assert not any(term.zh == "房间" for term in glossary()), "how the code is kept is nobody's word"
    public, clerk = Client().get(reverse("help")), as_(staff("clerk")).get(reverse("help"))
    assert "countersign" in body(clerk) and "countersign" not in body(public)
    assert reverse("apply") in body(public)
    assert reverse("help") in Client().get(reverse("home")).content.decode()
