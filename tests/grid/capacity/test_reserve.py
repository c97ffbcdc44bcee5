"""Given a town's open capacity, when somebody reserves, then others see less; first come, first served."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from jiedian.core.findings import Refused
from jiedian.grid.capacity.models import Reservation, Standing
from jiedian.grid.capacity.queries.capacity import capacity_of
from jiedian.grid.capacity.queries.present import limits, loaded, network_now
from jiedian.grid.capacity.services.reservations import Wish, connect, lapse, release, reserve
from jiedian.grid.capacity.services.standing import Shift, compute, settle, with_load
from jiedian.grid.load.models import Measured
from jiedian.grid.load.services import load_measured, load_neighbours
from jiedian.grid.network.models import Grid
from jiedian.grid.network.queries.network import version_now
from jiedian.grid.network.queries.places import candidates_near, locate
from jiedian.grid.network.services.versions import revise
from jiedian.ground.journal.models import Fact
from tests.cast import moment
from tests.grid.conftest import PLANNER, device, measure

pytestmark = pytest.mark.django_db
AT = moment("2025-06-10 09:00")
ON = AT.date()


def test_a_year_that_is_long_past_says_nothing_of_today(town: Grid) -> None:
    measure(town)
    area = device(town, "area", "D1")
    assert capacity_of(area, on=ON).formula_kw is not None
    for later in (date(2025, 7, 10), date(2030, 6, 10)):
        figure = capacity_of(area, on=later)
        assert (figure.formula_kw is None) == (later.year > 2025), later
        assert later.year == 2025 or any(found.code == "grid.not_measured" for found in figure.why)


def test_formula_and_physics_stand_side_by_side_and_the_smaller_counts(town: Grid) -> None:
    measure(town)
    figure = capacity_of(device(town, "node", "L1"), on=ON)
    area = dict((d.code, a) for d, a in figure.path)["D1"]
    assert area.kva == pytest.approx(630 * 0.8 - 200)
    assert (
        figure.formula_kw == pytest.approx(304 * 0.95)
        and figure.formula_at == device(town, "area", "D1").name
    )
    assert figure.physical_kw is not None and figure.open_kw == min(figure.formula_kw, figure.physical_kw)


def test_a_reservation_takes_its_share_at_every_device_above_and_in_the_flow(town: Grid) -> None:
    measure(town)
    node = device(town, "node", "L1")
    before = capacity_of(node, on=ON)
    reserve("C-1", node, Wish(kw=95, customer_class="LVN"), actor=PLANNER, at=AT)
    after = capacity_of(node, on=ON)
    assert before.formula_kw is not None and after.formula_kw is not None
    assert before.formula_kw - after.formula_kw == pytest.approx(95 * 0.7)
    assert before.physical_kw is not None and after.physical_kw is not None
    assert after.physical_kw == pytest.approx(before.physical_kw - 95 * 0.7, abs=3)
    feeder = dict((d.kind, a) for d, a in capacity_of(device(town, "feeder", "LA1"), on=ON).path)["feeder"]
    assert feeder.transit_kva == pytest.approx(70)


def test_only_the_touched_section_is_computed_anew_and_equals_a_whole_computation(town: Grid) -> None:
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare

    version = version_now(town)
    before = {
        s.section: bytes(s.table or b"") for s in Standing.objects.filter(version=version, direction="load")
    }
    reserve("C-1", device(town, "node", "B2"), Wish(kw=800, customer_class="HV1"), actor=PLANNER, at=AT)
    rows = Standing.objects.filter(version=version, direction="load")
    part = network_now("town").prepared.part_of(network_now("town").bus(device(town, "node", "B2")))
    assert {s.section for s in rows if bytes(s.table or b"") != before[s.section]} == {part}
    assert settle(at=AT) == 1 and settle(at=AT) == 0
    whole = open_capacity(prepare(loaded(version.pk)), limits=limits())
    for bus, kw in zip(whole.bus.tolist(), whole.capacity_kw.tolist(), strict=True):
        name = network_now("town").network.buses.id[bus]
        seen = capacity_of(device(town, "node", name), on=ON).physical_kw
        assert (seen is None and np.isnan(kw)) or seen == pytest.approx(kw, abs=1.0), name


def test_who_does_not_fit_waits_and_is_served_in_order_when_another_releases(town: Grid) -> None:
    node = device(town, "node", "L1")
    room = capacity_of(node, on=ON).physical_kw
    assert room is not None
    first = reserve("C-1", node, Wish(kw=room, customer_class="HV1"), actor=PLANNER, at=AT)
    second = reserve("C-2", node, Wish(kw=room * 0.9), actor=PLANNER, at=AT)
    third = reserve("C-3", node, Wish(kw=room * 0.9), actor=PLANNER, at=AT)
    assert [r.state for r in (first, second, third)] == ["held", "queued", "queued"]
    release("C-1", reason="方案失效", actor=PLANNER, at=AT)
    states = dict(Reservation.objects.values_list("subject", "state"))
    assert states == {"C-1": "released", "C-2": "held", "C-3": "queued"}
    kinds = list(Fact.objects.filter(kind__startswith="grid.").order_by("id").values_list("kind", flat=True))
    assert kinds[-5:] == ["grid.reserved", "grid.queued", "grid.queued", "grid.released", "grid.reserved"]


def test_asking_twice_reserves_once_and_releasing_twice_is_harmless(town: Grid) -> None:
    node = device(town, "node", "B2")
    one = reserve("C-1", node, Wish(100), actor=PLANNER, at=AT)
    assert reserve("C-1", node, Wish(100), actor=PLANNER, at=AT) == one
    assert len(release("C-1", reason="x", actor=PLANNER, at=AT)) == 1
    assert release("C-1", reason="x", actor=PLANNER, at=AT) == []


def test_after_release_the_state_is_what_it_was(town: Grid) -> None:
    node = device(town, "node", "B2")
    before = capacity_of(node, on=ON).physical_kw
    reserve("C-1", node, Wish(500), actor=PLANNER, at=AT)
    release("C-1", reason="x", actor=PLANNER, at=AT)
    assert capacity_of(node, on=ON).physical_kw == pytest.approx(before, abs=1.0)


def test_a_reservation_past_its_day_lapses_and_an_energised_one_ends(town: Grid) -> None:
    reserve("C-1", device(town, "node", "B2"), Wish(100, until_on=date(2025, 6, 30)), actor=PLANNER, at=AT)
    reserve("C-2", device(town, "node", "B1"), Wish(100), actor=PLANNER, at=AT)
    assert lapse(on=date(2025, 6, 30), at=AT) == []
    assert lapse(on=date(2025, 7, 1), at=AT) == ["C-1"]
    assert connect("C-2", actor=PLANNER, at=AT)[0].state == "connected"


@pytest.mark.parametrize("kw", [0.0, -5.0, float("nan"), float("inf")])
def test_an_impossible_amount_is_refused(town: Grid, kw: float) -> None:
    with pytest.raises(Refused):
        reserve("C-1", device(town, "node", "B2"), Wish(kw), actor=PLANNER, at=AT)


def test_measured_load_is_read_as_handed_in_and_bad_rows_are_named(town: Grid) -> None:
    text = "设备;时间;负荷\nD1;2025-05-01 00:15;210,5\nD1;2025/05/02 08:30;240\nXX;2025-05-01;1\nD1;x;1\nD1;2025-05-03;-4\nD1;2025-05-04 10:00;99999\n"
    kept, found = load_measured(town, text.encode("gb18030"), name="m.csv", actor=PLANNER, at=AT)
    row = Measured.objects.get()
    assert kept == 1 and (row.peak_kva, row.points) == (240, 2)  # 210,5 with a decimal comma counts
    assert len(found) == 4 and any(f.where == "4" for f in found)
    kept, found = load_measured(
        town,
        b"device,month,peak_kva,points\nS1-T1,2025-05,9000,2976\n",
        name="p.csv",
        actor=PLANNER,
        at=AT,
    )
    assert kept == 1 and not found
    with pytest.raises(Refused):
        load_measured(town, b"a,b\n1,2\n", name="m.csv", actor=PLANNER, at=AT)


def test_a_customer_is_placed_by_account_pole_area_or_pin_and_sees_what_is_near(town: Grid) -> None:
    rows = "account,node,pole\n3703001,L2,P-17\n3703002,ZZ,\n"
    kept, found = load_neighbours(town, rows.encode(), name="n.csv", actor=PLANNER, at=AT)
    assert kept == 2 and len(found) == 1
    by_account, by_pole = locate(account="3703001"), locate(pole="p-17")
    assert by_account.node == by_pole.node == device(town, "node", "L2")
    assert locate(area=device(town, "area", "D1").name).how == "area"
    near = candidates_near(locate(pin=(118.0112, 36.80)), radius_m=300)
    assert [n.node.code for n in near][:2] == ["L2", "A1"] or [n.node.code for n in near][0] == "L2"
    assert [n.distance_m for n in near] == sorted(n.distance_m for n in near)
    assert {n.node.code for n in candidates_near(locate(pin=(118.0, 36.80)), kv=10)} >= {"M", "A1", "B1"}
    for wrong in ({"account": "9"}, {"pole": "9"}, {"area": "9"}, {}, {"pin": (500.0, 0.0)}):
        with pytest.raises(Refused):
            locate(**wrong)  # type: ignore[arg-type]


def test_who_was_served_while_he_was_let_go_holds_nothing(
    town: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = reserve("C-2", device(town, "node", "B1"), Wish(90_000), actor=PLANNER, at=AT)
    assert waiting.state == "queued"
    # by another worker, after it was read here
    Reservation.objects.filter(pk=waiting.pk).update(state="held")
    stale = SimpleNamespace(select_related=lambda *_: [waiting])
    monkeypatch.setattr("jiedian.grid.capacity.services.reservations._living", lambda _subject: stale)
    assert [row.state for row in release("C-2", reason="x", actor=PLANNER, at=AT)] == ["released"]


def test_a_version_computed_anew_has_the_same_answers_in_both_directions(town: Grid) -> None:
    version = version_now(town)
    kept = {(s.section, s.direction): bytes(s.table or b"") for s in version.standings.all()}
    assert {direction for _section, direction in kept} == {"load", "generation"}
    compute(version, at=AT)
    anew = list(version.standings.all())
    assert {(s.section, s.direction): bytes(s.table or b"") for s in anew} == kept
    assert {s.computed_at for s in anew} == {AT}


def test_a_refused_version_has_no_answers_and_keeps_none_of_before(town: Grid) -> None:
    version = version_now(town)
    version.refusals = [{"code": "grid.unbalanced"}]
    compute(version, at=AT)
    assert not version.standings.exists()


def test_load_at_a_bus_lowers_its_section_at_once_and_only_that_one(town: Grid) -> None:
    version, node = version_now(town), device(town, "node", "B2")
    rows = version.standings.filter(direction="load")
    before = {row.section: bytes(row.table or b"") for row in rows}
    bus = network_now("town").bus(node)
    own = network_now("town").prepared.part_of(bus)
    revision = revise(version.grid)
    assert with_load(version, Shift(bus, 500.0, 100.0, "load"), before=revision, at=AT) > 0
    changed = {row.section for row in rows.all() if bytes(row.table or b"") != before[row.section]}
    assert changed == {own}
    row = rows.get(section=own)
    assert (row.computed_at, row.is_exact) == (AT, False)
    version.refusals = [{"code": "grid.unbalanced"}]
    assert with_load(version, Shift(bus, 500.0, 100.0, "load"), before=revision, at=AT) == 0.0
