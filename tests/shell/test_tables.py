"""Lists can be searched, sorted, kept and taken away as a file; many cases can be acted on at once."""

import ast
import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from jiedian.cases.case.models.case import Case
from jiedian.cases.coordination.models import Urging
from jiedian.cases.coordination.services.coordination import tell_customer
from jiedian.ground.journal.models import Fact
from jiedian.people.models import User
from jiedian.people.queries import actor
from jiedian.process.queries import open_steps
from jiedian.shell.models import SavedFilter, SimulatedTime
from jiedian.shell.tables import table_response
from jiedian.shell.templatetags.web_tags import to_day, workdays
from tests.cast import do, lodge, moment, staff

pytestmark = pytest.mark.django_db


def client(who: str) -> Client:
    made = Client()
    made.force_login(staff(who))
    return made


@pytest.fixture
def three() -> list[Case]:
    names = [("张家面馆", 50), ("=cmd|' /C calc'!A0", 90), ("艾特药店", 20)]
    return [
        lodge("LVN", f"2025-09-1{i} 09:00", title=name, capacity_kva=kva)
        for i, (name, kva) in enumerate(names, 1)
    ]


def numbers(page: Any) -> list[str]:
    return [row.case.number for row, _svg in page.context["rows"]]


def test_cases_are_sorted_by_what_is_asked(three: list[Case]) -> None:
    who, url = client("clerk"), reverse("cases")
    a, b, c = (case.number for case in three)
    assert numbers(who.get(url + "?sort=capacity")) == [c, a, b]
    assert numbers(who.get(url + "?sort=-capacity")) == [b, a, c]
    assert numbers(who.get(url + "?sort=-applied")) == [c, b, a]
    assert numbers(who.get(url + "?sort=title"))[1:] == [c, a], "艾 before 张: by pinyin, not by code point"
    assert numbers(who.get(url + "?sort=due")) == [a, b, c], "who applied first is to be accepted first"
    do(three[0], "ACCEPT", "2025-09-15 10:00")
    assert numbers(who.get(url))[0] == numbers(who.get(url + "?sort=due"))[0] == b, "not accepted, it is late"
    assert numbers(who.get(url + "?sort=nonsense&q=面馆")) == [a]


def test_a_file_holds_what_the_list_shows_and_runs_nothing(three: list[Case]) -> None:
    who = client("clerk")
    for name in ("cases", "today"):
        told = who.get(reverse(name) + "?format=csv").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(told)))
        assert len(rows) == 4 and {row[0] for row in rows[1:]} == {case.number for case in three}
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
        book = openpyxl.load_workbook(io.BytesIO(who.get(reverse(name) + "?format=xlsx&q=cmd").content))
        cells = list(book.active.iter_rows(values_only=True))
        assert len(cells) == 2 and cells[1][1].startswith("'=cmd")
    for name, user in (
        ("desk", "manager"),
        ("department", "planner"),
        ("journal", "auditor"),
        ("people", "clerk"),
    ):
        for kind, mark in (("csv", "\ufeff".encode()), ("xlsx", b"PK")):
            answer = client(user).get(reverse(name) + f"?format={kind}")
            assert answer.status_code == 200 and answer.content.startswith(mark), name
            assert "attachment" in answer["Content-Disposition"]


def test_a_file_speaks_the_readers_language_and_names_what_it_holds(three: list[Case]) -> None:
    who = client("clerk")
    told = {name: who.get(reverse(name) + "?format=csv", headers={"accept-language": "en"}) for name in FILES}
    words = {name: answer.content.decode() for name, answer in told.items()}
    assert "East service sub-centre" in words["cases"] and ",east," not in words["cases"]
    assert "Front-desk clerk" in words["people"] and "Li Jing" in words["people"]
    head, first = words["limits"].splitlines()[:2]
    assert "Unit" in head and "organisation" not in head.lower()
    assert "article 22" in words["limits"] and "Rules on electricity supply business, 2024" in words["limits"]
    text = words["people"] + words["limits"]
    assert "working days" in first and not any("\u4e00" <= c <= "\u9fff" for c in text)


CODE_HEAD = re.compile(r"[a-z][a-z0-9_]*")
FOR_PROGRAMS = {"jiedian/people/imports.py", "jiedian/people/commands.py"}
"""Files that are read back by the same columns."""


def coded_heads(path: Path) -> list[str]:
    """Heads of a table to take away that are codes: constants in what is called a head or passed as one."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        lists: list[ast.expr] = []
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in ("head", "heads", "header"):
                lists = [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "table_response",
            "csv_bytes",
            "xlsx_bytes",
        ):
            lists = list(node.args)
        for held in (each for each in lists if isinstance(each, ast.List | ast.Tuple)):
            words = [cell.value for cell in held.elts if isinstance(cell, ast.Constant)]
            found += [word for word in words if isinstance(word, str) and CODE_HEAD.fullmatch(word)]
    return found


def test_no_file_people_take_away_has_codes_for_heads(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    for path in sorted((root / "jiedian").rglob("*.py")):
        if str(path.relative_to(root)) not in FOR_PROGRAMS:
            assert not coded_heads(path), path
    raw = tmp_path / "views.py"
    raw.write_text('heads = ["leaf", "KV"]\nheads += ["q"]\ntable_response("x", ["case"], [])\n')
    assert coded_heads(raw) == ["leaf", "q", "case"]


def test_the_schemes_leave_in_words(three: list[Case]) -> None:
    do(three[0], "ACCEPT", "2025-09-15 10:00")
    do(three[0], "SURVEY", "2025-09-16 10:00")
    do(three[0], "SCHEME_REPLY", "2025-09-16 11:00")
    for language, head, state in (
        ("zh-hans", "工单,版本,状态", "已答复"),
        ("en", "Cases,Version,State", "replied"),
    ):
        told = client("head").get(reverse("schemes") + "?format=csv", headers={"accept-language": language})
        lines = told.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith(head) and state.lower() in lines[1].lower() and ",no," not in lines[1]


def test_an_english_page_names_the_staff_in_letters(three: list[Case]) -> None:
    do(three[0], "ACCEPT", "2025-09-15 10:00")
    who, manager = client("head"), User.objects.get(pk=three[0].account_manager_id)
    for url in (reverse("today"), reverse("today_sheet"), reverse("case", args=[three[0].number])):
        page = who.get(url, headers={"accept-language": "en"}).content.decode()
        assert manager.name_en in page and manager.name_zh not in page, url
        assert manager.name_zh in who.get(url, headers={"accept-language": "zh-hans"}).content.decode()


def test_the_limits_speak_words(three: list[Case]) -> None:
    page = client("clerk").get(reverse("limits") + "?show=all").content.decode()
    assert "签收会签" in page and "答复会签" in page, "two limits of one errand are told apart"
    assert "kind." not in page and ">errand" not in page and "16:00" in page


def test_the_count_of_breaches_opens_to_its_cases(three: list[Case]) -> None:
    tell_customer(three[0], text="请您去运检部", actor=actor(staff("manager")), at=moment("2025-09-15 09:00"))
    SimulatedTime.objects.create(at=moment("2025-09-16 09:00"))
    who = client("head")
    link = re.search(r'/cases/\?breach=[^"]+', who.get(reverse("today")).content.decode())
    assert link and numbers(who.get(link[0])) == [three[0].number]
    SimulatedTime.objects.update(at=moment("2025-11-16 09:00"))
    assert "?breach=" not in who.get(reverse("today")).content.decode()
    assert numbers(who.get(reverse("cases") + "?breach=2025-09-15T10:00:00%2B08:00")) == []
    assert numbers(who.get(reverse("cases") + "?breach=soon")) == []


FILES = ("cases", "people", "limits")


def test_a_filter_is_kept_by_name_and_belongs_to_one_person(three: list[Case]) -> None:
    who, url = client("clerk"), reverse("filter_keep")
    asked = {"page": "cases", "name": "大户", "query": "sort=-capacity&state=running&page=7"}
    answer = who.post(url, asked)
    assert answer["Location"] == reverse("cases") + "?sort=-capacity&state=running"
    assert "大户" in who.get(reverse("cases")).content.decode()
    assert "大户" not in client("manager").get(reverse("cases")).content.decode()
    who.post(url, asked | {"query": "q=面馆"})
    row = SavedFilter.objects.get()
    assert row.query.startswith("q="), "the same name replaces"
    assert client("manager").post(reverse("filter_drop", args=[row.pk])).status_code in (403, 404, 422)
    for bad in ({"name": " "}, {"query": ""}, {"page": "nowhere"}, {"query": "q=" + "x" * 600}):
        assert who.post(url, asked | bad).status_code == 422
    who.post(reverse("filter_drop", args=[row.pk]))
    assert not SavedFilter.objects.exists()


def test_many_cases_are_expedited_after_a_confirm_each_with_its_result(three: list[Case]) -> None:
    from jiedian.cases.case.services.steps import withdraw

    who, url = client("manager"), reverse("bulk")
    withdraw(three[2], reason="不办了", actor=actor(staff("clerk")), at=moment("2025-09-15 10:00"))
    chosen = {"act": "expedite", "number": [case.number for case in three]}
    asked = who.post(url, chosen)
    assert asked.status_code == 200 and "confirm" in asked.content.decode() and not Urging.objects.exists()
    assert who.post(url, chosen | {"confirm": "1", "text": ""}).status_code == 422
    done = who.post(url, chosen | {"confirm": "1", "text": "请今天办"})
    results = {case.number: words for case, words in done.context["results"]}
    assert [bool(results[case.number]) for case in three] == [False, False, True]
    assert "结束" in results[three[2].number] and "2 / 3" in done.content.decode()
    assert set(Urging.objects.values_list("case__number", flat=True)) == {three[0].number, three[1].number}


def test_cases_are_given_to_another_manager_by_those_who_may(three: list[Case]) -> None:
    url, to = reverse("bulk"), staff("manager3")
    chosen = {"act": "reassign", "number": [three[0].number], "confirm": "1", "to": to.pk}
    assert client("clerk").post(url, chosen).status_code == 403
    assert not Fact.objects.filter(kind="case.reassigned").exists()
    client("head").post(url, chosen)
    case = Case.objects.get(pk=three[0].pk)
    assert case.account_manager_id == to.pk and case.account_manager_name == to.name_zh
    was = three[0].account_manager_id
    assert not open_steps(case.number).filter(owner_id=was).exists()
    again = client("head").post(url, chosen)
    assert again.context["results"][0][1], "he has it already"


def test_everything_found_can_be_taken_at_once(three: list[Case]) -> None:
    answer = client("clerk").post(reverse("bulk"), {"act": "csv", "all": "1", "query": "q=面馆"})
    told = answer.content.decode()
    assert three[0].number in told and three[1].number not in told
    assert client("clerk").post(reverse("bulk"), {"act": "drop", "all": "1"}).status_code == 404


def test_the_days_gantt_has_a_row_a_case_and_prints_in_blocks(three: list[Case]) -> None:
    do(three[0], "ACCEPT", "2025-09-15 10:00")
    page = client("head").get(reverse("today_gantt"))
    (block,) = page.context["blocks"]
    assert all(case.number in block for case in three) and block.count("<title>") >= 4
    assert "<script" not in block and "&#x27;" in block, "what customers typed is escaped"
    assert client("head").get(reverse("today_gantt") + "?format=csv").content.decode().count("C-") >= 3


def test_a_thousand_bars_come_in_blocks_without_a_query_a_case() -> None:
    from jiedian.cases.case.models.case import Customer
    from jiedian.ground.files.models import FileImport

    lodge("RES")
    who = client("head")
    at = moment("2025-09-01 09:00")
    batch = FileImport.objects.create(
        kind="history", name="x", rows=1, good=1, left_out=0, checked_at=at, asked_by_name="x"
    )
    customer = Customer.objects.create(kind="person", name="王", phone="")
    common = {"customer": customer, "process_key": "", "area": "east", "voltage_kv": 0, "capacity_kva": 0}
    common |= {"channel": "web", "applied_at": at, "account_manager_name": "x", "batch": batch, "address": ""}
    with CaptureQueriesContext(
        connection,
    ) as few:
        who.get(reverse("today_gantt"))
    Case.objects.bulk_create([Case(number=f"P-{i:04}", title=f"店{i}", **common) for i in range(1010)])
    with CaptureQueriesContext(connection) as many:
        page = who.get(reverse("today_gantt"))
    assert len(many) <= len(few) + 2
    assert len(page.context["blocks"]) == 25 and sum(b.count("<a ") for b in page.context["blocks"]) == 1000


def test_the_daily_sheet_has_a_block_a_person_and_counts_what_moved(three: list[Case]) -> None:
    do(three[0], "ACCEPT", "2025-09-15 10:00")
    SimulatedTime.objects.create(at=moment("2025-09-16 09:00"))
    page = client("head").get(reverse("today_sheet"))
    sheet = page.context["sheet"]
    told = {row.line.case.number: who for who, rows in sheet.people for row in rows}
    assert set(told) == {case.number for case in three}
    step = open_steps(three[0].number).get()
    assert told[three[0].number] == step.owner_name
    moved = {kind: (before, today) for kind, before, today in sheet.moved}
    assert moved["case.accepted"] == (1, 0) and moved["case.energised"] == (0, 0)
    assert client("head").get(reverse("today_sheet") + "?format=csv").content.count(b"C-") == 3


def test_the_sheet_of_a_workbook_is_called_by_what_it_holds() -> None:
    made = table_response("cases", ["a"], [["b"]], kind="xlsx", title="工单/全部")
    assert openpyxl.load_workbook(io.BytesIO(made.content)).sheetnames == ["工单 全部"]


def test_a_span_of_one_day_is_one_day_and_one_working_day_no_plural() -> None:
    day = date(2025, 12, 7)
    assert to_day(day, day) == "2025年12月7日（周日）" and " – " in to_day(day, date(2025, 12, 8))
    assert workdays(1) == "1 个工作日" and workdays(2) == "2 个工作日"
    with override("en"):
        assert (workdays(1), workdays("1"), workdays(2)) == (
            "1 working day",
            "1 working day",
            "2 working days",
        )
