"""Staff files on the page: looked at, taken over whole, passwords handed out once, taken back to what was before."""

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.core.sheets import xlsx_bytes
from jiedian.ground.files import services as files
from jiedian.ground.files.models import FileImport
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import record
from jiedian.people.commands import main as bring_people
from jiedian.people.imports import columns_for, made_by, read_staff
from jiedian.people.models import Duty, User
from jiedian.people.queries import actor
from jiedian.people.services import bring_people as bring_them
from jiedian.people.services import hand_out_passwords, hand_over, undo_brought
from tests.cast import moment, staff
from tests.handed import read_now, take_now

pytestmark = pytest.mark.django_db
AT = moment("2025-09-20 09:00")
HEAD = ["工号", "姓名", "拼音", "所属部门", "岗位", "片区", "电压等级"]
ZHAO = ["zhao", "赵一", "Zhao Yi", "营销部", "客户经理、营业受理员", "东城客户服务分中心", "高压"]
WU = ["wu", "吴一", "Wu Yi", "metering", "specialist", "", ""]


def client() -> Client:
    made = Client()
    made.force_login(staff("admin"))
    return made


def handed(*rows: list[str], name: str = "名册.xlsx") -> None:
    file = SimpleUploadedFile(name, xlsx_bytes(HEAD, rows))
    assert client().post(reverse("staff_files"), {"file": file}).status_code == 302


def test_departments_roles_and_areas_are_understood_by_their_names() -> None:
    staff_file = read_staff(xlsx_bytes(HEAD, [ZHAO, WU]), name="名册.xlsx")
    assert not staff_file.findings and staff_file.bad == 0
    zhao, wu = staff_file.people
    assert (zhao.department, zhao.roles, zhao.areas, zhao.voltage) == (
        "marketing", ("account_manager", "clerk"), ("east",), "HV",
    )  # fmt: skip
    assert zhao.source == "名册.xlsx" and wu.roles == ("specialist",)
    assert {column.key for column in columns_for({})} >= {"id", "roles", "areas"}


@pytest.mark.parametrize(("word", "code"), [("低压", "LV"), ("LV", "LV"), ("高压", "HV"), ("", "")])
def test_a_duty_may_be_of_either_voltage_or_of_both(word: str, code: str) -> None:
    staff_file = read_staff(xlsx_bytes(HEAD, [[*ZHAO[:6], word]]), name="名册.xlsx")
    assert staff_file.findings == [] and staff_file.people[0].voltage == code


def test_a_bad_row_holds_the_whole_file_back_and_is_named() -> None:
    handed(ZHAO, ["wu", "吴一", "Wu Yi", "食堂", "specialist", "", ""])
    row = read_now()
    assert (row.state, row.rows, row.good, row.left_out) == ("checked", 2, 0, 1)
    assert row.findings[0]["where"] == "3" and "食堂" in row.findings[0]["zh"]
    with pytest.raises(Refused):
        files.order(row, without_bad=True, actor=actor(staff("admin")), at=AT)
    assert not User.objects.filter(username="zhao").exists()


def test_accounts_come_without_a_password_and_get_it_from_the_page(settings: Any) -> None:
    cache.clear()  # signing in is limited by address, and other tests sign in from this one
    handed(ZHAO, WU)
    row = take_now(actor=actor(staff("admin")))
    assert (row.state, row.good, row.repeated) == ("imported", 2, 0)
    assert not User.objects.get(username="zhao").has_usable_password()
    assert "2 个新账号" in client().get(reverse("staff_files")).content.decode()
    given = client().post(reverse("staff_passwords", args=[row.pk]))
    assert given["Cache-Control"] == "no-store"
    passwords = dict(line.split(",") for line in given.content.decode("utf-8-sig").split())
    assert passwords.pop("登录名") == "首次登录密码" and set(passwords) == {"zhao", "wu"}
    zhao = Client()
    signed_in = zhao.post("/account/login/", {"login": "zhao", "password": passwords["zhao"]})
    assert signed_in.status_code == 302
    again = client().post(reverse("staff_passwords", args=[row.pk])).content.decode()
    assert "wu," in again and "zhao" not in again, "who has signed in keeps his password"
    assert passwords["wu"] not in again and passwords["wu"] not in str(list(Fact.objects.values_list("data")))
    assert [user.username for user in made_by(row)[row.pk]] == ["wu"]


def test_undo_takes_new_accounts_and_puts_changed_ones_back() -> None:
    who = actor(staff("admin"))
    handed(ZHAO)
    take_now(actor=who)
    handed([*ZHAO[:5], "西城客户服务分中心", "高压"], WU)
    row = take_now(actor=who)
    zhao = User.objects.get(username="zhao")
    assert set(zhao.duties.filter(effective_to=None).values_list("area", flat=True)) == {"west"}
    assert files.undo(row, actor=who, at=AT) == 2
    assert set(zhao.duties.values_list("area", "effective_to")) == {("east", None)}
    assert not User.objects.filter(username="wu").exists()
    assert Fact.objects.filter(kind="people.brought_undone").count() == 2
    handed(ZHAO)
    assert take_now(actor=who).repeated == 1, "the same again changes nothing"


@pytest.mark.parametrize("since", ["signed in", "was given work", "handed over", "was renamed"])
def test_undo_is_refused_for_who_has_begun(since: str) -> None:
    who = actor(staff("admin"))
    handed(WU)
    row = take_now(actor=who)
    wu = User.objects.get(username="wu")
    if since == "signed in":
        User.objects.filter(pk=wu.pk).update(last_login=AT)
    elif since == "was given work":
        record("step.opened", stream="case:C-1", actor=who, at=AT, data={"receiver": wu.pk})
    elif since == "handed over":
        hand_over(wu, staff("meterer2"), actor=who, at=AT)
    else:
        User.objects.filter(pk=wu.pk).update(name_zh="吴二")
    with pytest.raises(Refused, match="wu"):
        files.undo(row, actor=who, at=AT)
    row.refresh_from_db()
    assert row.state == "imported" and User.objects.filter(username="wu").exists()


def test_verbs_of_accounts_keep_to_who_is_there() -> None:
    who, on = actor(staff("admin")), AT.date()
    gone = User.objects.create(username="gone", name_zh="离", name_en="Gone", is_active=False)
    assert hand_out_passwords([gone], actor=who, at=AT) == [], "nobody gets a password who is not there"
    people = read_staff(xlsx_bytes(HEAD, [WU]), name="名册.xlsx").people
    (first,) = bring_them(people, actor=who, at=AT, on=on)
    (second,) = bring_them(people, actor=who, at=AT, on=on)
    assert first.is_change and not second.is_change
    undo_brought(second.user, second, on=on, actor=who, at=AT)
    assert User.objects.filter(username="wu").exists()
    undo_brought(first.user, first, on=on, actor=who, at=AT)
    assert not User.objects.filter(username="wu").exists()


def test_only_an_administrator_hands_a_staff_file_in() -> None:
    head = Client()
    head.force_login(staff("head"))
    assert head.get(reverse("staff_files")).status_code == 403
    assert reverse("staff_files") not in head.get(reverse("people")).content.decode()
    assert client().post(reverse("staff_files")).status_code == 422
    assert client().post(reverse("staff_passwords", args=[0])).status_code == 404


def test_the_command_goes_the_same_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "staff.xlsx"
    file.write_bytes(xlsx_bytes(HEAD, [WU]))
    assert bring_people([str(file), "--dry-run"]) == 0 and not FileImport.objects.exists()
    assert not User.objects.filter(username="wu").exists() and "wu" not in capsys.readouterr().out
    assert bring_people([str(file)]) == 0 and "wu," in capsys.readouterr().out
    row = FileImport.objects.get()
    assert (row.kind, row.state) == ("people", "imported")
    assert bring_people(["--undo", str(row.pk)]) == 0
    assert not User.objects.filter(username="wu").exists() and not Duty.objects.filter(user__username="wu")
    assert bring_people(["--undo", "999999"]) == 2


def test_a_file_says_whose_roles_it_would_change_before_it_is_taken() -> None:
    clerk = staff("clerk")
    handed([clerk.username, clerk.name_zh, clerk.name_en, "发展部", "specialist", "", ""], WU)
    row = read_now()
    told = {(note["where"], note["code"]): note["zh"] for note in row.report}
    assert (row.state, row.good) == ("checked", 2)
    assert "营业受理员" in told[clerk.username, "people.roles_change"]
    assert "发展部" in told[clerk.username, "people.department_changes"]
    assert not any(where == "wu" for where, _code in told)
    assert "营业受理员" in client().get(reverse("file_import", args=[row.pk])).content.decode()


def test_the_last_who_may_bring_staff_keeps_the_right() -> None:
    """A line that makes the only administrator a clerk would lock everybody out, for ever."""
    admin = staff("admin")
    line = [admin.username, admin.name_zh, admin.name_en, "营销部", "营业受理员", "", ""]
    handed(line)
    row = read_now()
    assert (row.good, [told["code"] for told in row.findings]) == (0, ["people.last"])
    people = read_staff(xlsx_bytes(HEAD, [line]), name="a.xlsx").people
    with pytest.raises(Refused) as refusal:
        bring_them(people, actor=actor(admin), at=AT, on=AT.date())
    assert [finding.code for finding in refusal.value.findings] == ["people.last"]
    admin.refresh_from_db()
    assert admin.roles == ["administrator"]
    User.objects.create(username="second", name_zh="二", name_en="Two", roles=["administrator"])
    assert bring_them(people, actor=actor(admin), at=AT, on=AT.date())
