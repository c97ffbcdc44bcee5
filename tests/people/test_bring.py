"""A company outside the demo gets its people from a table, and each lands where his day begins."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.ground.journal.models import Fact
from jiedian.people.commands import main as bring_people
from jiedian.people.models import Duty, User
from jiedian.people.queries import may, responsible
from tests.cast import moment, staff

pytestmark = pytest.mark.django_db
HEAD = "id,name_zh,name_en,department,roles,areas,voltage,source\n"
ZHAO = "zhao,赵一,Zhao Yi,marketing,account_manager,east,HV,staff list\n"
CAO = "cao,曹一,Cao Yi,marketing,administrator,,,staff list\n"
WU = "wu,吴一,Wu Yi,metering,specialist,,,staff list\n"


def brought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *rows: str, encoding: str = "utf-8-sig"
) -> Any:
    file = tmp_path / "staff.csv"
    file.write_text(HEAD + "".join(rows), encoding)
    answer = bring_people([str(file)])
    return answer, capsys.readouterr()


def test_people_come_with_password_role_and_duty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    answer, said = brought(tmp_path, capsys, ZHAO, WU, CAO)
    assert answer == 0
    passwords = dict(line.split(",") for line in said.out.splitlines())
    assert set(passwords) == {"username", "zhao", "wu", "cao"}
    settings.DEMO = False
    for name, page in (("wu", "desk"), ("zhao", "today"), ("cao", "mfa_index")):
        client = Client()
        landed = client.post("/account/login/", {"login": name, "password": passwords[name]}, follow=True)
        assert landed.status_code == 200 and landed.redirect_chain[-1][0] == reverse(page)
    assert may(User.objects.get(username="wu"), "case.work").may
    duty = Duty.objects.get(user__username="zhao")
    assert (duty.role, duty.area, duty.voltage) == ("account_manager", "east", "HV")
    assert Fact.objects.filter(kind="people.brought").count() == 3
    assert passwords["wu"] not in str(list(Fact.objects.values_list("data", flat=True)))


def test_the_same_table_again_ends_what_it_no_longer_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brought(tmp_path, capsys, ZHAO)
    answer, said = brought(tmp_path, capsys, ZHAO.replace("east", "west"), encoding="gb18030")
    assert answer == 0 and said.out.splitlines() == ["username,first_password"], "no new password"
    areas = {duty.area: duty.effective_to is None for duty in Duty.objects.filter(user__username="zhao")}
    assert areas == {"east": False, "west": True}
    brought(tmp_path, capsys, ZHAO.replace("east", "west"))
    assert Duty.objects.filter(user__username="zhao").count() == 2


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("specialist", "king"),
        ("metering", "kitchen"),
        (",,staff", ",MV,staff"),
        ("specialist", ""),
        ("staff list", ""),
    ],
)
def test_a_bad_row_is_named_and_nobody_is_stored(
    wrong: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = User.objects.count()
    answer, said = brought(tmp_path, capsys, ZHAO, WU.replace(wrong, word))
    assert answer == 2 and said.out == "" and "/" in said.err
    assert "wu" in said.err or "staff.csv:3" in said.err
    assert User.objects.count() == before


def test_who_was_brought_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brought(tmp_path, capsys, WU.replace("wu,", "newer,").replace(",,,", ",west,HV,"))
    asked = {"role": "specialist", "department": "metering", "area": "west", "customer_class": "HV1"}
    later = moment("2999-01-01 09:00").date()
    assert responsible(**asked, voltage="HV", on=later).user.username == "newer"
    assert responsible(**asked, voltage="LV", on=later).user == staff("meterer2")
