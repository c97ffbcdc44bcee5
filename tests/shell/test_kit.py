"""The parts of a page: each does by itself what pages used to forget."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from jiedian.cases.screen.queries.cases import Ownership
from jiedian.core.evidence import Grade
from jiedian.shell.kit.fields import day_input, moment_input
from jiedian.shell.kit.roads import page_about
from jiedian.shell.kit.specimens import clock
from tests.cast import staff

pytestmark = pytest.mark.django_db
CODE = Path(__file__).resolve().parents[2] / "jiedian"


def shown(source: str, who: str = "", path: str = "/", **values: Any) -> str:
    """What a template makes of values for a reader."""
    request = RequestFactory().get(path)
    request.user = staff(who) if who else AnonymousUser()
    return " ".join(Template(source).render(Context({"request": request, **values})).split())


def test_a_link_is_shown_to_those_who_may_follow_it() -> None:
    link = '{% link_to "lodge" class="btn" query="a=1" %}登记{% endlink_to %}'
    assert re.fullmatch(r'<a href="/[\w/]+\?a=1" class="btn">登记</a>', shown(link, "clerk"))
    assert shown(link, "planner") == shown(link) == ""
    assert shown(link.replace('class="btn"', "plain=True"), "planner") == "登记"
    assert shown('{% can_open "lodge" as may %}{{ may }}', "planner") == "False"
    assert "<form" in shown('{% press "登记" "lodge" %}{% endpress %}', "clerk")
    assert shown('{% press "登记" "lodge" %}{% endpress %}', "planner") == ""
    form = '{% post_to "lodge" kind="row" files=True %}<i>x</i>{% endpost_to %}'
    sent = shown(form, "clerk", csrf_token="t")
    assert (
        'class="row" enctype="multipart/form-data">' in sent
        and "csrfmiddlewaretoken" in sent
        and "<i>x" in sent
    )
    assert (
        shown(form, "planner") == ""
        and shown(form.replace("files=True", "plain=True"), "planner") == "<i>x</i>"
    )
    assert "href" not in shown('{% kpi "x" 3 view="lodge" %}', "planner")


def test_a_page_about_a_thing_asks_the_rights_over_it() -> None:
    """Somebody else's case: a link to extend its scheme would lead to a refusal, one to see the case does not."""
    link = '{% link_to "scheme_extend" "C-1" 2 %}延期{% endlink_to %}'
    mine, other = staff("manager"), staff("manager3")
    for owner, is_shown in ((mine, True), (other, False)):
        request = RequestFactory().get("/")
        request.user = mine
        page_about(request, "C-1", Ownership(frozenset({owner.pk}), frozenset()))
        page = Template(link).render(Context({"request": request}))
        assert ("href" in page) is is_shown
        assert "href" in Template(link.replace("C-1", "C-2")).render(Context({"request": request}))


def test_every_cell_of_a_table_says_its_column() -> None:
    rows = [
        (SimpleNamespace(name="甲", kva=8, group="一"), 1),
        (SimpleNamespace(name="<乙>", kva=9, group="一"), 2),
    ]
    page = shown(
        "{% table row, n in rows row_class=row.group %}{% group %}{{ row.group }}{% endgroup %}"
        '{% column "客户" "name" kind="head" %}{{ row.name }}{% endcolumn %}'
        '{% column "容量" kind="n" %}{{ row.kva }}{% endcolumn %}'
        "{% columns m in months label=m %}{{ m }}{{ loop.counter }}{% endcolumns %}"
        '{% column "选" when=no %}x{% endcolumn %}{% empty %}空{% endtable %}',
        path="/?sort=name&q=a&page=3",
        rows=rows,
        months=["一月", "二月"],
        sorts=("name",),
    )
    assert page.count('<td data-label="容量" class="n">') == 2 and page.count('class="group"') == 1
    assert '<th scope="row">&lt;乙&gt;</th>' in page and '<td data-label="二月">二月2</td>' in page
    assert 'aria-sort="ascending"><a class="sort" href="?q=a&amp;sort=-name">客户 ▲</a>' in page
    assert "选" not in page and "空" not in page and '<tr class="一">' in page
    assert re.search(
        r'<td class="empty" colspan="1">空</td>',
        shown(
            '{% table r in rows %}{% column "a" %}{{ r }}{% endcolumn %}{% empty %}空{% endtable %}', rows=[]
        ),
    )


class Form(forms.Form):
    kva = forms.IntegerField(label="容量", max_value=160, help_text="千伏安")
    paper = forms.FileField(label="文件")
    words = forms.CharField(label="说明", required=False, widget=forms.Textarea)


def test_a_field_keeps_what_was_typed_and_says_what_is_wrong() -> None:
    form = Form(QueryDict("kva=500&words=abc"), {"paper": SimpleNamespace(name="a.pdf", size=3)})  # type: ignore[dict-item]
    page = shown("{% findings form=form %}{% fields form %}", form=form)
    assert 'value="500"' in page and ">abc</textarea>" in " ".join(page.split()).replace("> abc", ">abc")
    assert 'aria-describedby="id_kva-hint id_kva-error"' in page and 'aria-invalid="true"' in page
    assert '<a href="#id_kva">容量' in page and 'id="id_kva-error"' in page
    assert "请重新选择文件" in page, "a browser does not send a chosen file twice"
    assert page.count("必填") == 2 and page.count("可不填") == 1


def test_a_basis_opens_words_and_shows_no_code() -> None:
    rule = SimpleNamespace(
        id="T45",
        source_id="NDRC-1479-DRAFT",
        clause="第三部分",
        grade=Grade.SECOND_HAND,
        effective_from=date(2020, 12, 31),
        effective_to=None,
    )
    for language, words in (
        ("zh-hans", ("转引，未见原文", "获得电力", "征求意见稿", "第三部分", "2020年12月31日")),
        ("en", ("Quoted by others", "getting electr")),
    ):
        with translation.override(language):
            page = shown('{% basis rule title="六个工作日" %}', rule=rule)
        assert all(word in page for word in words), page
        assert not re.search(r"T45|NDRC|F18|R-H|\[|\]", page)
        assert page.count("<button") == 1 and re.search(r'popovertarget="(.+?)".*id="\1" popover', page)


def test_a_clock_has_shape_word_and_doubt() -> None:
    assert 'class="clock late">超 12 日' in shown("{% clock c %}", c=clock("broken", -12))
    assert "凭记忆" in shown("{% clock c %}", c=clock("running", 5)) and shown("{% clock c %}", c=None) == ""
    quoted = clock("running", 4)
    quoted.limit.grade = Grade.SECOND_HAND
    page = shown("{% clock c %}", c=quoted)
    assert ">转引<" in page and "凭记忆" not in page and "按推算" not in page
    quoted.is_forecast = True
    assert ">按推算<" in shown("{% clock c %}", c=quoted)


@pytest.mark.parametrize(
    ("state", "left", "words"),
    [
        ("broken", -2, "超 2 天"),
        ("broken", 0, "超时"),
        ("running", 3, "余 3 天"),
        ("paused", 1, "余 1 天"),
        ("kept", 0, "按时"),
    ],
)
def test_a_promise_up_to_an_instant_is_counted_in_plain_days(state: str, left: int, words: str) -> None:
    view = clock(state, left)
    view.clock = SimpleNamespace(kind="COORD", due_at=datetime(2026, 9, 1, 16, tzinfo=UTC))
    assert f">{words}</span>" in shown("{% clock c %}", c=view)


def test_a_field_says_which_answer_makes_it_necessary() -> None:
    class Asked(forms.Form):
        why = forms.CharField(label="缺陷", required=False)

    form = Asked()
    form.fields["why"].asked_when = "（需整改时必填）"  # type: ignore[attr-defined]
    page = shown("{% fields form %}", form=form)
    assert "（需整改时必填）" in page and "可不填" not in page


def test_a_name_is_in_the_readers_language() -> None:
    with translation.override("en"):
        assert shown("{{ p|name }} {{ p.name_zh|name }} {{ '外人'|name }}", p=staff("planner")) == (
            f"{staff('planner').name_en} {staff('planner').name_en} 外人"
        )
        assert not re.search("[\u4e00-\u9fff]", shown("{{ '系统'|name }} {{ '客户'|name }}"))


@pytest.mark.parametrize("who", ["", "planner", "admin", "manager"])
def test_the_logo_leads_where_the_reader_may_go(client: Client, who: str) -> None:
    if who:
        client.force_login(staff(who))
    page = client.get("/limits/").content.decode()
    home = re.search(r'class="mark" href="([^"]+)"', page)
    assert home and client.get(home[1]).status_code == 200


def test_where_nothing_was_done_there_is_a_way_home_and_a_reference(client: Client, settings: Any) -> None:
    lost = client.get("/no-such-page/")
    assert lost.status_code == 404 and lost["X-Request-ID"] in lost.content.decode()
    assert 'lang="zh-hans"' in lost.content.decode() and 'href="/"' in lost.content.decode()
    stale = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert stale.status_code == 403 and "没有提交成功" in stale.content.decode()


def test_a_failure_has_a_page_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr("jiedian.shell.views.specimens", broken)
    client.force_login(staff("planner"))
    client.raise_request_exception = False
    failed = client.get("/ui/", headers={"accept-language": "en"})
    page = failed.content.decode()
    assert failed.status_code == 500 and failed["X-Request-ID"] in page and 'lang="en"' in page
    assert "nothing was changed" in page


def test_the_sheet_of_parts_is_in_both_languages(client: Client) -> None:
    client.force_login(staff("planner"))
    chinese = client.get("/ui/").content.decode()
    english = client.get("/ui/", headers={"accept-language": "en"}).content.decode()
    assert "每一页都由这些部件搭成" in chinese and "Every page is built of these parts" in english
    main = english.partition("<main")[2]
    assert not re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<input[^>]*>", "", main))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_day_that_is_known_stands_in_its_input_in_every_language(language: str) -> None:
    with translation.override(language):
        assert 'value="2025-09-17"' in day_input().render("day", date(2025, 9, 17))
        assert 'value="2025-09-17T08:05"' in moment_input().render(
            "at", datetime(2025, 9, 17, 8, 5, tzinfo=UTC)
        )


def test_days_are_asked_for_by_the_inputs_of_the_kit() -> None:
    """An input in the words of a language is shown empty by the browser, and what was known has to be typed again."""
    own = re.compile(r"Date(Time)?Input\(|\"type\": \"(date|datetime-local)\"")
    files = [path for path in CODE.rglob("*.py") if path.name != "fields.py"]
    assert [path.name for path in files if own.search(path.read_text("utf-8"))] == []
