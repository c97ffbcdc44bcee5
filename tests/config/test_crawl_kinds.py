"""One page of each kind opened by somebody who may, in both languages; the walk opens all of them in the seeded city."""

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from tests.cast import do, lodge

from .test_query_budgets import everybody
from .test_routes import OURS, arguments

pytestmark = pytest.mark.django_db
LANGUAGES = ("zh-hans", "en")
ELSEWHERE = {
    **dict.fromkeys(("account_login", "set_language"), 302),
    **dict.fromkeys(("api_telling", "wechat"), 401),
    **dict.fromkeys(("step", "verb", "scheme_extend"), 403),
    **dict.fromkeys(
        [
            *("capacity_api", "capacity_csv", "capacity_geojson", "capacity_xlsx"),
            *("account_signup", "grid_device", "grid_import", "grid_sheet", "history_batch"),
            *("absence_change", "file_findings", "file_import"),
            *("history_findings", "hotspot", "scan", "scheme_form", "scheme_measure", "scheme_reply"),
            "contract_text",
            *("survey_answer", "survey_export", "survey_key_in", "visit_photo", "voice_file"),
            *("customer_step", "own_file"),
        ],
        404,
    ),
    "correct": 422,
}
"""Kinds of which this small cast has no object, or none that is everybody's: their own tests and the walk open them."""


@pytest.fixture
def case() -> Case:
    made = lodge("HV1")
    do(made, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    return Case.objects.get(pk=made.pk)


def test_one_page_of_each_kind_opens_in_both_languages(case: Case) -> None:
    args, client, answers = arguments(case), Client(), {}
    client.force_login(everybody())
    session = client.session
    session["tracked"] = [case.number]
    session.save()
    for name, _view in OURS:
        for language in LANGUAGES:
            url = reverse(name, args=args.get(name, []))
            answer = client.get(url, headers={"accept-language": language})
            answers[name, language] = answer.status_code
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                assert f'lang="{language}"' in answer.content.decode() or b"<html" not in answer.content, name
    shown = {name for (name, _language), status in answers.items() if status == 200}
    others = {name: status for (name, _language), status in answers.items() if status not in (200, 405)}
    assert others == ELSEWHERE
    assert len(shown) > 50
