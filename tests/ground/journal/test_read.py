"""The journal is read in sentences: who did what, about which step; what a fact keeps is named in words."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.rows import kept_of, line_of
from tests.cast import do, lodge, staff

pytestmark = pytest.mark.django_db


def test_a_fact_is_a_sentence_and_its_data_a_list() -> None:
    case = lodge("HV1")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["licence"])
    line = line_of(Fact.objects.filter(stream=case.stream, kind="step.opened").earliest("id"))
    assert (line.what, line.about, line.case) == ("环节开始", "业务受理", case.number)
    assert dict(kept_of({"step": "SURVEY", "automatic": True, "points": {"reason": ["a", "b"]}})) == {
        "环节": "现场勘查",
        "是否自动": "是",
        "要点 · 原因": "a、b",
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_no_code_and_labels_its_search(client: Client, language: str) -> None:
    do(lodge("HV1"), "ACCEPT", "2025-09-15 10:00", held=["licence"])
    client.force_login(staff("auditor"))
    with translation.override(language):  # the middleware of the page leaves its language behind
        page = client.get(reverse("journal"), headers={"accept-language": language}).content.decode()
    listed = page[page.index("<tbody") :]
    assert "step.opened" not in listed and "{'" not in listed and "step_id" not in listed
    assert 'for="id_stream"' in page and 'for="id_kind"' in page and 'for="id_actor"' in page


def test_events_papers_and_answers_are_words_and_what_is_said_in_both_languages_is_said_once() -> None:
    data = {
        "event": "done:METER_INSTALL",
        "papers": ["id_card", "as_built_drawings"],
        "outcome": {"sources": "dual", "review": "yes"},
        "layer": "core",
        "figure": {"zh": "三号杆", "en": "No. 3 pole"},
        "before": {"importance": "first"},
        "node": "L1",
    }
    told = dict(kept_of(data))
    assert told["事件"] == "办完 装表" and "_" not in str(told)
    assert told["资料"].startswith("居民身份证、") and told["数值"] == "三号杆"
    assert (told["结果 · 电源数"], told["结果 · 审核"], told["层次"]) == ("双电源", "是", "核心业务层")
    assert told["原来 · 重要等级"] == "一级重要" and told["节点"] == "L1", "a device keeps its code"
    with translation.override("en"):
        assert dict(kept_of(data))["figure"] == "No. 3 pole"


def test_codes_are_said_by_what_they_stand_for_and_never_by_somebody_of_the_demo() -> None:
    told = dict(kept_of({"roles": ["clerk", "auditor"], "scheme_answer": "accepted"}))
    assert [name for name in told.values()] == ["营业受理员、稽查员", "接受方案"], told
