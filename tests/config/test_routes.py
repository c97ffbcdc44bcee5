"""Every route, walked as every role and as the passer-by: nothing is seen that may not be."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jiedian.cases.case.models.case import Case
from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.people.queries import actor, may, permissions, roles
from jiedian.process.models import Definition
from jiedian.process.queries import open_steps
from jiedian.voice.inbox.services.replies import reply
from jiedian.voice.visits.services import Period, seal_plan
from tests.cast import CUSTOMER, PHONE, do, lodge, moment, staff, tell

pytestmark = pytest.mark.django_db
LIBRARY = "allauth."
"""The sign-in library guards its own routes; they show nobody's data but one's own."""


def routes() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def walk(patterns: list[Any]) -> None:
        for item in patterns:
            if isinstance(item, URLResolver):
                walk(item.url_patterns)
            elif isinstance(item, URLPattern):
                found.append((item.name or str(item.pattern), item.callback))

    walk(get_resolver().url_patterns)
    return found


OURS = [(name, view) for name, view in routes() if not view.__module__.startswith(LIBRARY)]


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return made


def arguments(case: Case) -> dict[str, list[Any]]:
    definition = Definition.objects.filter(key="high_voltage").latest("version")
    step, paper = open_steps(case.number).get(), case.papers.filter(state="owed")[0]
    return {
        "case": [case.number],
        "step": [case.number, step.pk],
        "undo_step": [case.number, step.pk],
        "paper": [case.number, paper.pk],
        "file": [case.number, "notice", case.notices.all()[0].pk],
        "verb": [case.number, "pause"],
        "reply": ["errand", 1],
        "filter_drop": [1],
        "file_import": [1],
        "file_findings": [1],
        "file_act": [1, "import"],
        "history_batch": [1],
        "history_findings": [1],
        "history_act": [1, "import"],
        "process": [definition.key, definition.version],
        "process_file": [definition.key, definition.version],
        "process_tokens": [definition.key, definition.version],
        "tracker": [case.number],
        "receipt": [case.number],
        "code": [case.number],
        "correct": [case.number],
        "hand_in": [case.number, paper.pk],
        "notice": [case.number, case.notices.all()[0].pk],
        "act": [case.number, "accept"],
        "absence_change": [1],
        "absence_end": [1],
        "account": [staff("clerk").pk],
        "account_act": [staff("clerk").pk, "duty"],
        "staff_passwords": [1],
        "grid_device": [1],
        "grid_drawn": [1, "drawn"],
        "grid_import": [1],
        "grid_import_verb": [1, "take"],
        "grid_sheet": [1],
        "scheme": [case.number],
        "search_wider": [case.number],
        "site": [case.number],
        "choose": [case.number, step.pk],
        "scheme_reply": [case.number, 1],
        "contract_text": [case.number, 1],
        "scheme_extend": [case.number, 1],
        "scheme_measure": [case.number, 1],
        "scheme_form": [case.number, 1],
        "hand_in_early": [case.number, "id_card"],
        "customer_step": [case.number, step.pk],
        "choose_time": [case.number, step.pk],
        "own_file": [case.number, "contract", 1],
        "replay_letter": [1],
        "message_wording": ["receipt"],
        **voice_arguments(case),
        **visit_arguments(),
    }


def visit_arguments() -> dict[str, list[Any]]:
    plan = seal_plan(
        Period(
            name="走访",
            from_on=date(2025, 9, 15),
            until_on=date(2025, 9, 30),
            open_visits=1,
            undercover_visits=1,
            double_share=0.1,
            visitors=[staff("visitor"), staff("visitor2")],
            chosen=["hall_east"],
        ),
        actor=actor(staff("auditor")),
        at=moment("2025-09-15 10:00"),
    )
    uid = plan.visits.all()[0].uid
    return {
        "visit_plan": [plan.pk],
        "visit_reveal": [plan.pk],
        "visit_review": [plan.pk, uid],
        "visit_photo": [plan.pk, uid, 1],
        "visit_submit": [uid],
        "visit_photo_new": [uid],
    }


def voice_arguments(case: Case) -> dict[str, list[Any]]:
    telling, _new = tell(f"什么时候通电？我的申请编号是 {case.number}，电话 {PHONE}")
    made = reply(telling.concern, text="下周一通电。", actor=CUSTOMER, at=moment("2025-09-16 10:00"))
    key = telling.key
    return {
        "said": [key],
        "hook": ["sms"],
        "api_telling": [key],
        "batch_undo": [1],
        "scan": [1],
        "export_answers": ["hotline"],
        "answer_letter": [made.deliveries.get().pk],
        "delivered": [made.deliveries.get().pk],
        "decide": [1, "accept"],
        "voice_file": [key],
        "concern": [telling.concern.number],
        "classifier_decide": [1, "accept"],
        "label": [telling.pk],
        "concern_act": [telling.concern.number, "take"],
        "survey_answer": ["no-such-token"],
        "survey": ["short"],
        "survey_beliefs": ["short"],
        "survey_export": ["short", "csv"],
        "survey_key_in": [1],
        "survey_undo": [1],
    }


def test_every_route_of_ours_says_its_permission() -> None:
    assert len(OURS) > 35
    for name, view in OURS:
        if name != "account_login":
            assert view.permission in permissions(), name


@pytest.mark.parametrize("role", [*[row.id for row in roles()], "passer_by"])
def test_a_role_sees_what_the_table_says_and_nothing_else(role: str, case: Case) -> None:
    client = Client()
    user: User | AnonymousUser = AnonymousUser()
    if role != "passer_by":
        user = User.objects.create(
            username=f"only_{role}",
            name_zh="测试",
            name_en="Test",
            roles=[role],
            department=staff("planner").department,
        )
        client.force_login(user)
    args = arguments(case)
    for name, view in OURS:
        if name in ("account_login", "demo_sign_in", "account_signup", "set_language", "healthz"):
            continue
        answer = client.get(reverse(name, args=args.get(name, [])))
        body = answer.content.decode("utf-8", "ignore") if not answer.streaming else ""
        allowed = may(user, view.permission).may
        if not allowed:
            assert answer.status_code in (302, 403, 405), (role, name, answer.status_code)
            assert case.title not in body, (role, name)
        else:
            assert answer.status_code in (200, 302, 401, 403, 404, 405), (role, name, answer.status_code)
        assert PHONE not in body, f"{name} shows a whole phone number"


@pytest.mark.parametrize("role", [*[row.id for row in roles()], "passer_by"])
def test_a_role_does_what_the_table_says_and_nothing_else(role: str, case: Case) -> None:
    """A GET says nothing of a route that only takes a POST: every route is posted to by whoever may not."""
    client = Client()
    user: User | AnonymousUser = AnonymousUser()
    if role != "passer_by":
        user = User.objects.create(username=f"only_{role}", name_zh="测试", name_en="Test", roles=[role])
        client.force_login(user)
    args, before = arguments(case), Fact.objects.count()
    for name, view in OURS:
        if name in ("account_login", "demo_sign_in", "account_signup", "set_language", "healthz"):
            continue
        if may(user, view.permission).may:
            continue
        answer = client.post(reverse(name, args=args.get(name, [])), {"confirm": "1", "reason": "x"})
        assert answer.status_code in (302, 403), (role, name, answer.status_code)
        if answer.status_code == 302:
            assert role == "passer_by" and answer["Location"].startswith("/account/login/"), (role, name)
    assert Fact.objects.count() == before, "nothing was done"


def test_the_customers_pages_stay_closed_without_the_code(case: Case) -> None:
    client = Client()
    args = arguments(case)
    for name in ("tracker", "notice"):
        answer = client.get(reverse(name, args=args[name]))
        assert answer.status_code in (302, 404) and case.title not in answer.content.decode()
    for name in ("hand_in", "act"):
        answer = client.post(reverse(name, args=args[name]))
        assert answer.status_code == 404


def test_only_the_owner_of_a_step_may_do_it(case: Case) -> None:
    step = open_steps(case.number).get()
    url = reverse("step", args=[case.number, step.pk])
    other = next(u for u in User.objects.filter(roles__contains=["account_manager"]) if u.pk != step.owner_id)
    client = Client()
    client.force_login(other)
    assert client.get(url).status_code == 403
    client.force_login(User.objects.get(pk=step.owner_id))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "query", ["?q='; DROP TABLE case_case;--", "?page=-1", "?state=%00", "?case_class=" + "x" * 5000]
)
def test_hostile_queries_do_no_harm(query: str, case: Case) -> None:
    client = Client()
    client.force_login(staff("clerk"))
    assert client.get(reverse("cases") + query).status_code in (200, 400, 422)
    assert Case.objects.filter(pk=case.pk).exists()


def test_outside_the_demo_strict_roles_need_a_second_factor(settings: Any) -> None:
    settings.DEMO = False
    verdict = may(staff("auditor"), "journal.view")
    assert not verdict.may and verdict.reason and verdict.reason.code == "permission.mfa"
    assert Client().post("/account/demo/", {"username": "auditor"}).status_code == 404


def test_phone_and_identity_are_closed_in_the_database(case: Case) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, identity_number FROM case_customer WHERE id = %s", [case.customer_id])
        phone, number = cursor.fetchone()
    assert PHONE not in phone and case.customer.identity_number not in number
    assert case.customer.phone == PHONE
