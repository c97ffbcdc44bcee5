"""Why a way was taken stays with its version: who countersigns reads it, and the customer's words are answered from it."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from jiedian.cases.case.models.case import Case, Point
from jiedian.ground.journal.services import SYSTEM
from jiedian.people.queries import person
from jiedian.process.queries import open_steps
from jiedian.supply.bench.queries.bench import bench_of
from jiedian.supply.menu.calc.supply import Choices
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.queries.sheet import form_of
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.studies import Study, composed, placed, study_of
from jiedian.supply.study.services import locate
from tests.cast import do, lodge, moment
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town

pytestmark = pytest.mark.django_db
PIN = (LON + 2.2 * STEP, LAT + 1.1 * STEP)


@pytest.fixture
def case() -> Case:
    found_town(moment("2025-09-01 08:00"))
    made = lodge("HV1", "2025-09-15 09:00", needed_on=date(2026, 9, 1))
    locate(made, {"pin": PIN, "use": "industry"}, actor=SYSTEM, at=moment("2025-09-15 09:30"))
    do(made, "ACCEPT", "2025-09-15 10:00")
    do(made, "SURVEY", "2025-09-16 10:00", open_capacity="no")
    return made


def draft(case: Case, at: str, *, nth: int = 0) -> tuple[Scheme, Study, Option]:
    """The nth way of the study, drafted by its owner as from the page."""
    study = study_of(case, on=moment(at).date())
    assert study
    way = study.options[nth]
    buses = [leg.bus for leg in way.legs]
    do(
        case,
        "SCHEME_DRAFT",
        at,
        buses=buses,
        choices=Choices(line=way.choices.line),
        exception_reason="核定后采用",
    )
    return case.schemes.latest("version"), study, way


def said_on_the_page(study: Study, way: Option, language: str) -> str:
    with override(language):
        option = placed(study, composed(study, [leg.bus for leg in way.legs], way.choices))
        chosen = bench_of(study, option).chosen
        assert chosen
        return chosen.because


def test_the_sentence_of_that_day_stays_in_both_languages_also_after_a_redraft(case: Case) -> None:
    first, study, way = draft(case, "2025-09-18 10:00", nth=1)
    zh, en = (said_on_the_page(study, way, language) for language in ("zh-hans", "en"))
    assert zh and zh != en and (first.why["zh"], first.why["en"]) == (zh, en)
    assert (first.why["place"], first.why["of"]) == (2, len(study.options))
    do(case, "COUNTERSIGN", "2025-09-19 09:00", agreed="no", text="改接更省的一处")
    second, *_rest = draft(case, "2025-09-22 09:00")
    first.refresh_from_db()
    assert first.why["zh"] == zh and second.why["place"] == 1 and second.why["zh"] != zh
    client = Client()
    client.force_login(person(open_steps(case.number).get().owner_id))
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert zh in page and second.why["zh"] in page, "the version's page and its history"
    Scheme.objects.filter(pk=first.pk).update(why={})
    assert zh not in client.get(reverse("case", args=[case.number])).content.decode()


def test_who_countersigns_sees_the_estimate_the_why_and_what_changed(case: Case) -> None:
    first, *_rest = draft(case, "2025-09-18 10:00", nth=1)
    step, client = open_steps(case.number).get(), Client()
    client.force_login(person(step.owner_id))
    url = reverse("step", args=[case.number, step.pk])
    low, mid, high = (f"{yuan / 10_000:,.1f}" for yuan in first.predicted["cost"])
    for page in (client.get(url).content.decode(), client.get(reverse("desk")).content.decode()):
        for words in (first.why["zh"], f"{mid} 万元（{low}–{high}）", first.why["reliability"][0]):
            assert words in page, words
    shown = client.get(url).content.decode()
    assert "单价来源：本公司自定，不是法规" in shown and "相比改了什么" not in shown
    refused = client.post(url, {"agreed": "no", "text": ""}).content.decode()
    assert first.why["zh"] in refused, "a no that has to be said again still shows what it is about"
    client.post(url, {"agreed": "no", "text": "改接更省的一处"})
    second, *_rest = draft(case, "2025-09-22 09:00")
    step = open_steps(case.number).get()
    page = client.get(reverse("step", args=[case.number, step.pk])).content.decode()
    changed = page[page.index("与第 1 版相比改了什么") :]
    for version in (first, second):
        assert f"{version.predicted['cost'][1] / 10_000:,.1f} 万元" in changed and "客户出资" in changed
    english = client.get(reverse("step", args=[case.number, step.pk]), headers={"accept-language": "en"})
    assert "What has changed since version 1" in english.content.decode()
    assert second.why["en"] in english.content.decode().replace("&#x27;", "'")


INTERNAL = re.compile(r"公司(多|少)投资|余量|排队|可开放|invests|open capacity|spare")


def test_the_reply_answers_what_the_customer_asked_for_from_its_own_figures(case: Case) -> None:
    words = ("投资越省越好", "月底前要用上电", "夜间也要有电", "不要架空线", "电压要稳", "施工不要破坏路面")
    for text in words:
        Point.objects.create(case=case, text=text, weight=3, said_at=case.applied_at)
    scheme, *_rest = draft(case, "2025-09-18 10:00", nth=1)
    told = {language: dict(form_of(scheme, language)["points"]) for language in ("zh-hans", "en")}
    zh, en = told["zh-hans"], told["en"]
    low, _mid, high = scheme.predicted["cost"]
    assert (
        f"{low:,.0f}–{high:,.0f} 元" in zh["投资越省越好"]
        and f"比选的 {scheme.why['of']} 种" in zh["投资越省越好"]
    )
    assert "2025-09-18 确认方案的，预计 20" in zh["月底前要用上电"] and "2026" not in zh["月底前要用上电"]
    assert zh["夜间也要有电"] == f"可靠性等级 {scheme.why['reliability'][0]}"
    assert zh["不要架空线"].startswith("进线采用架空线") and "压降" in zh["电压要稳"]
    manager = case.account_manager_name
    assert zh["施工不要破坏路面"] == f"方案里没有对应的内容，由客户经理 {manager} 答复"
    wanted = next(answer for name, answer in zh.items() if name.startswith("需要通电"))
    assert "赶得上您要的 2026-09-01" in wanted
    for answers in (zh, en):
        assert not INTERNAL.search(" ".join(answers.values()))
    assert not re.search("[\u3400-\u9fff]", " ".join(en.values())), en
    Scheme.objects.filter(pk=scheme.pk).update(why={}, predicted={}, content={})
    scheme.refresh_from_db()
    bare = dict(form_of(scheme, "zh-hans")["points"])
    assert "由客户经理" in bare["投资越省越好"] and "由客户经理" in bare["夜间也要有电"], (
        "an old version says nothing untrue"
    )


def test_the_points_name_a_busbar_once_and_the_element_behind_a_percentage(case: Case) -> None:
    study = study_of(case, on=date(2025, 9, 18))
    assert study
    with override("zh-hans"):
        rows = bench_of(study, None).points
    busbar = next(row for row in rows if row.p.feeder == row.p.section)
    assert busbar.p.name_zh == "10 kV S1-B1" and not busbar.home
    n = next(row.n for row in rows if row.p.feeder != row.p.section)
    with override("zh-hans"):
        own = bench_of(study, None).points[n - 1]
    told = dict(own.details)
    assert re.fullmatch(r"L-\w+ \d+%，额定 [\d,]+ A", told["线路"])
    assert re.fullmatch(r"\w+ \d+%，额定 [\d,]+ kVA", told["变压器"])
    with override("en"):
        english = next(row for row in bench_of(study, None).points if row.p.bus == own.p.bus)
    assert told["线路"].replace("，额定", ", rated") in dict(english.details).values()
