"""Whose a point of supply is: the public grid's, or another customer's own switch room, and how that is known."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.grid.capacity.services.reservations import Wish as Kept
from jiedian.grid.capacity.services.reservations import reserve
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.network.models import Account, Device, Grid
from jiedian.grid.readers.calc import tables
from jiedian.ground.journal.services import SYSTEM
from jiedian.shell.models import SimulatedTime
from jiedian.supply.menu.calc.ownership import Owner, Spot, owner_of, recorded
from jiedian.supply.menu.calc.supply import Wish
from jiedian.supply.study.calc.options import options
from jiedian.supply.study.queries.studies import Study, study_of
from tests.cast import moment, staff
from tests.core.town import network
from tests.supply.test_answer import ON, located
from tests.supply.test_scheme import RULES, made, point
from tests.supply.town import found_town


@pytest.mark.parametrize(
    ("seen", "side", "by"),
    [
        (Spot("鲁中纺织有限公司配电室"), "unknown", "named"),
        (Spot("市医院 10kV 配电室"), "unknown", "named"),
        (Spot("客户专变箱变"), "unknown", "named"),
        (Spot("人民路 2 号公用箱变"), "public", "name"),
        (Spot("华光公司公用配电室"), "public", "name"),
        (Spot("人民路#2环网柜"), "public", "name"),
        (Spot("广场开闭所"), "public", "name"),
        (Spot("华光公司环网柜"), "unknown", "named"),
        (Spot("大学路#2环网柜"), "public", "name"),
        (Spot("矿山路#1环网柜"), "public", "name"),
        (Spot("学校街#1开闭所"), "public", "name"),
        (Spot("医院东路3号环网柜"), "public", "name"),
        (Spot("供电公司3号环网柜"), "public", "name"),
        (Spot("建设路#1环网柜", accounts=1), "public", "name"),
        (Spot("城东开闭所", accounts=1), "public", "name"),
        (Spot("大学路华光公司环网柜"), "unknown", "named"),
        (Spot("大学路1号台区 3号杆", kv=0.4), "public", "kind"),
        (Spot("人民医院宿舍台区 2号杆", kv=0.4), "public", "kind"),
        (Spot("花园里 1 号配电室", recorded="unclear"), "unknown", "unclear"),
        (Spot("花园里 1 号配电室"), "unknown", "none"),
        (Spot("花园里 1 号配电室", loads_below=24), "public", "serves"),
        (Spot("花园里 1 号配电室", accounts=1), "unknown", "account"),
        (Spot("花园里 1 号配电室", accounts=3), "public", "serves"),
        (Spot("鲁中纺织有限公司配电室", recorded="public"), "public", "record"),
        (Spot("柳泉线 12 号杆", recorded="customer"), "customer", "record"),
        (Spot("柳泉线 12 号杆", accounts=1), "public", "kind"),
        (Spot("3 号杆", line="10kV 鲁中纺织专线"), "customer", "line"),
        (Spot("a2"), "public", "kind"),
        (Spot("柳泉小区 3 号公变 5 号杆", kv=0.4), "public", "kind"),
        (Spot("华光公司专变 低压柜", kv=0.4), "unknown", "named"),
    ],
)
def test_names_come_last(seen: Spot, side: str, by: str) -> None:
    owner = owner_of(seen)
    assert (owner.side, owner.by) == (side, by) and all(owner.words)


def test_a_switch_room_of_which_nothing_is_known_asks_a_written_reason() -> None:
    odd = point("S1-B1-F1", owner=Owner("unknown", "none"), name_zh="花园里 1 号配电室")
    conflict = next(c for c in made(Wish(630, 600), odd).to_explain if c.id == "C-OWNER")
    assert "花园里 1 号配电室" in conflict.zh and "产权栏" in conflict.lift_zh
    assert "C-OWNER" not in {c.id for c in made(Wish(630, 600), point("S1-B1-F1")).conflicts}


def test_the_column_of_ownership_is_read() -> None:
    files = [
        ("buses.csv", "id,kv,lon,lat,owner\nB1,10,118,36,\nR1,10,118,36.01,用户\n".encode()),
        ("sources.csv", b"bus\nB1\n"),
    ]
    read, _found = tables.read(files)
    assert read.names == {"owner:bus:R1": "用户"}


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("公用，非专用", "public"),
        ("非用户资产", "public"),
        ("不属于用户", "public"),
        ("非公用", "customer"),
        ("not the customer's", "public"),
        ("用户资产，供电公司代管", "unclear"),
        ("客户服务中心", ""),
        ("专变用户", "customer"),
    ],
)
def test_a_no_in_the_column_turns_its_word(said: str, side: str) -> None:
    assert recorded(said) == side


def test_a_transformer_and_a_bus_of_one_number_are_two_things() -> None:
    """Exports number every kind from 1: the mark of transformer 2 says nothing of bus 2."""
    trafos = "id,hv_bus,lv_bus,rated_kva,rated_hv_kv,rated_lv_kv,vk_percent,vkr_percent,owner\n"
    files = [
        ("buses.csv", b"id,kv,lon,lat,owner\n1,10,118,36,\n2,10,118,36.01,\n3,0.4,118,36.01,\n"),
        ("transformers.csv", f"{trafos}1,1,3,400,10,0.4,4,1,01\n2,2,3,400,10,0.4,4,1,02\n".encode()),
        ("sources.csv", b"bus\n1\n"),
    ]
    read, _found = tables.read(files)
    assert read.names == {"owner:transformer:1": "01", "owner:transformer:2": "02"}


@pytest.mark.django_db
def test_the_mark_of_a_transformer_does_not_fall_on_a_bus_of_the_same_number() -> None:
    study = seen_around(replace(network(), names={"owner:transformer:a2": "02"}))
    assert {point.bus: point.owner.by for point in study.around.points}["a2"] != "record"


@pytest.mark.django_db
def test_what_was_reserved_before_says_nothing_of_whose_a_point_is() -> None:
    """A room was taken with a written reason: the next study, of this case or another, still asks for one."""
    grid = found_town(moment("2025-09-01 08:00"))
    room = Device.objects.get(grid=grid, kind="node", code="a3")
    Device.objects.filter(pk=room.pk).update(pole="3 号配电室")
    case = located("HV1")
    reserve(case.number, room, Kept(100.0), actor=SYSTEM, at=moment("2025-09-02 08:00"))

    def by() -> str:
        study = study_of(case, on=ON)
        assert study
        return {point.bus: point.owner.by for point in study.around.points}["a3"]

    assert by() == "none"
    reserve("C-2025-999999", room, Kept(100.0), actor=SYSTEM, at=moment("2025-09-02 09:00"))
    assert by() == "none", "our own earlier answer is no evidence"


@pytest.mark.django_db
def test_below_a_customers_own_transformer_nobody_else_is_supplied() -> None:
    """公变专变标志 02 on the transformer D1: its whole low voltage is one customer's."""
    found_town(moment("2025-09-01 08:00"), net=replace(network(), names={"owner:transformer:D1": "02"}))
    study = study_of(located("LVN"), on=ON)
    assert study and not study.around.points and not study.options
    assert [reason.code for reason in study.reasons][:1] == ["scheme.only_own"]


def town_with(**owners: str) -> Network:
    return replace(network(), names={f"owner:bus:{bus}": said for bus, said in owners.items()})


def seen_around(net: Network) -> Study:
    found_town(moment("2025-09-01 08:00"), net=net)
    study = study_of(located("HV1"), on=ON)
    assert study
    return study


def test_the_best_way_is_not_over_another_customers_room() -> None:
    near = point("S1-B1-F1", 50, owner=Owner("customer", "record"))
    found = options(Wish(630, 600), [near, point("S1-B1-F2", 900)], RULES, base_wd=8)
    assert {leg.bus for option in found for leg in option.legs} == {"S1-B1-F2"}


@pytest.mark.django_db
def test_another_customers_own_bus_is_never_offered_and_the_page_says_so() -> None:
    SimulatedTime.objects.create(at=moment("2025-09-16 09:00"))
    study = seen_around(town_with(a2="用户", a3="公用"))
    buses = {point.bus: point.owner for point in study.around.points}
    assert "a2" not in buses and buses["a3"] == Owner("public", "record")
    assert all("a2" not in option.key for option in study.options) and study.options
    told = next(each for each in study.around.left_out if each.code == "scheme.customers_own")
    assert "1" in told.zh and "产权栏" in told.zh
    assert not study.reasons, "whose the neighbour's switch room is, is nobody's business but the company's"
    client = Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("scheme", args=[study.site.case.number])).content.decode()
    assert "其他用户的自有设施" in page and "依据：" in page


@pytest.mark.django_db
def test_an_account_alone_leaves_a_switch_room_open_and_a_ring_main_unit_the_grids() -> None:
    grid = found_town(moment("2025-09-01 08:00"))
    room = Device.objects.get(grid=grid, kind="node", code="a3")
    Device.objects.filter(pk=room.pk).update(pole="3 号配电室")
    Account.objects.create(number="3703009", node=room, loaded_at=moment("2025-09-01 08:00"))
    study = study_of(located("HV1"), on=ON)
    assert study
    owners = {point.bus: point.owner for point in study.around.points}
    assert owners["a3"] == Owner("unknown", "account"), "a guess asks for a look and hides nothing"
    assert owners["a2"].side == "public", "its transformer serves a whole street"
    Device.objects.filter(pk=room.pk).update(pole="建设路#1环网柜")
    Grid.objects.filter(pk=grid.pk).update(revision=grid.revision + 1)
    again = study_of(study.site.case, on=ON)
    assert again and {p.bus: p.owner for p in again.around.points}["a3"] == Owner("public", "name")
    assert not again.around.left_out
