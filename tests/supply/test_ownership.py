"""Whose a point of supply is: the public grid's, or another customer's own switch room, and how that is known."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.network.models import Account, Device
from jiedian.grid.readers.calc import tables
from jiedian.shell.models import SimulatedTime
from jiedian.supply.menu.calc.ownership import Owner, Spot, owner_of
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
        (Spot("鲁中纺织有限公司配电室"), "customer", "name"),
        (Spot("市医院 10kV 配电室"), "customer", "name"),
        (Spot("客户专变箱变"), "customer", "name"),
        (Spot("人民路 2 号公用箱变"), "public", "name"),
        (Spot("华光公司公用配电室"), "public", "name"),
        (Spot("人民路#2环网柜"), "public", "name"),
        (Spot("广场开闭所"), "public", "name"),
        (Spot("华光公司环网柜"), "customer", "name"),
        (Spot("花园里 1 号配电室"), "unknown", "none"),
        (Spot("花园里 1 号配电室", loads_below=24), "public", "serves"),
        (Spot("花园里 1 号配电室", accounts=1), "customer", "account"),
        (Spot("花园里 1 号配电室", accounts=3), "public", "serves"),
        (Spot("花园里 1 号配电室", is_reserved=True), "public", "reserved"),
        (Spot("鲁中纺织有限公司配电室", recorded="public"), "public", "record"),
        (Spot("柳泉线 12 号杆", recorded="customer"), "customer", "record"),
        (Spot("柳泉线 12 号杆", accounts=1), "public", "kind"),
        (Spot("3 号杆", line="10kV 鲁中纺织专线"), "customer", "line"),
        (Spot("a2"), "public", "kind"),
        (Spot("柳泉小区 3 号公变 5 号杆", kv=0.4), "public", "kind"),
        (Spot("华光公司专变 低压柜", kv=0.4), "customer", "name"),
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
    assert read.names == {"owner:R1": "用户"}


@pytest.mark.django_db
def test_below_a_customers_own_transformer_nobody_else_is_supplied() -> None:
    """公变专变标志 02 on the transformer D1: its whole low voltage is one customer's."""
    found_town(moment("2025-09-01 08:00"), net=town_with(D1="02"))
    study = study_of(located("LVN"), on=ON)
    assert study and not study.around.points and not study.options
    assert [reason.code for reason in study.reasons][:1] == ["scheme.only_own"]


def town_with(**owners: str) -> Network:
    return replace(network(), names={f"owner:{bus}": said for bus, said in owners.items()})


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
def test_an_account_alone_in_a_switch_room_makes_it_that_customers() -> None:
    grid = found_town(moment("2025-09-01 08:00"))
    room = Device.objects.get(grid=grid, kind="node", code="a3")
    Device.objects.filter(pk=room.pk).update(pole="3 号配电室")
    Account.objects.create(number="3703009", node=room, loaded_at=moment("2025-09-01 08:00"))
    study = study_of(located("HV1"), on=ON)
    assert study and "a3" not in {point.bus for point in study.around.points}
    assert "a2" in {point.bus for point in study.around.points}, "its transformer serves a whole street"
