"""Given a customer who runs, when a network is imported, then he counts beside it until it has him, and once only."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.grid.capacity.models import Reservation, Standing
from jiedian.grid.capacity.queries.capacity import capacity_of, ledger
from jiedian.grid.capacity.queries.present import committed, limits, loaded
from jiedian.grid.capacity.services.reservations import Wish, connect, mark, reserve
from jiedian.grid.capacity.services.standing import settle
from jiedian.grid.load.services import put_peaks
from jiedian.grid.network.models import Grid, Import
from jiedian.grid.network.queries.network import network_of, version_now
from jiedian.grid.network.queries.versions import effect_of
from jiedian.grid.network.services.imports import read_in
from jiedian.grid.network.services.versions import undo
from jiedian.grid.publication.services import publish
from jiedian.ground.journal.models import Fact
from tests.cast import moment, staff
from tests.core.tables import TABLES, parts, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

pytestmark = pytest.mark.django_db
AT = moment("2025-06-10 09:00")
PV = Wish(90, pf=1.0, is_generation=True)
TIE = TABLES["lines"].replace("TIE,A2,B2,2800", "TIE,A2,B2,2700")
OLD = {"kind": "line", "element": "LA1", "margin": -0.5}
HEAD = "id,bus,p_kw,q_kvar\n"


def running(town: Grid, subject: str = "C-1", wish: Wish = PV, node: str = "L2") -> Reservation:
    reserve(subject, device(town, "node", node), wish, actor=PLANNER, at=AT)
    return connect(subject, actor=PLANNER, at=AT)[0]


def imported(at: str = "2025-07-01 08:00", **changes: str) -> Import:
    return bring_in(reading(**changes), at)


def beside(town: Grid) -> list[str]:
    return [row.subject for row in committed(version_now(town))]


def assert_stored_is_whole(town: Grid, direction: Any) -> None:
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare

    settle(at=AT)
    version = version_now(town)
    whole = open_capacity(prepare(loaded(version.pk, direction)), limits=limits(), direction=direction)
    for bus, kw in zip(whole.bus.tolist(), whole.capacity_kw.tolist(), strict=True):
        node = device(town, "node", network_of(version.pk).buses.id[bus])
        seen = capacity_of(node, on=AT.date(), direction=direction).physical_kw
        assert (seen is None and np.isnan(kw)) or seen == pytest.approx(kw, abs=1.0), node.code


@pytest.mark.parametrize("changes", [{}, {"lines": TIE}, {"loads": TABLES["loads"] + "W4,A1,30,10\n"}])
def test_pv_that_runs_is_not_forgotten_by_a_file_without_it(town: Grid, changes: dict[str, str]) -> None:
    node = device(town, "node", "L2")
    empty = capacity_of(node, on=AT.date(), direction="generation").physical_kw
    running(town)
    imported(**changes)
    assert beside(town) == ["C-1"]
    left = capacity_of(node, on=AT.date(), direction="generation").physical_kw
    assert empty is not None and left is not None and left < empty - 60
    assert_stored_is_whole(town, "generation")


def test_pv_counts_once_when_the_network_has_it_and_again_when_that_is_undone(town: Grid) -> None:
    running(town)
    running(town, "C-2", Wish(60, pf=1.0, is_generation=True))
    first = imported(generators=HEAD + "G1,L2,90,0\n")
    assert beside(town) == ["C-2"], "the first is in the file, the second is not"
    assert_stored_is_whole(town, "generation")
    imported("2025-08-01 08:00", generators=HEAD + "G1,L2,90,0\nG2,L2,60,0\n")
    assert beside(town) == []
    assert_stored_is_whole(town, "generation")
    imported("2025-09-01 08:00", lines=TIE)
    assert beside(town) == ["C-1", "C-2"], "a file of older data lacks both"
    for done in Import.objects.exclude(pk=first.pk).order_by("-pk")[:2]:
        undo(done, actor=PLANNER, at=AT)
    assert beside(town) == ["C-2"]
    assert_stored_is_whole(town, "generation")


def test_what_fed_in_there_before_is_not_him(town: Grid) -> None:
    imported("2025-02-01 08:00", generators=HEAD + "OLD,L2,150,0\n")
    row = running(town)
    assert row.beside_kw == pytest.approx(150)
    imported(generators=HEAD + "OLD,L2,150,0\n", lines=TIE)
    assert beside(town) == ["C-1"]
    imported("2025-08-01 08:00", loads=TABLES["loads"] + "PV,L2,-90,0\n", generators=HEAD + "OLD,L2,150,0\n")
    assert beside(town) == [], "drawn as a load below zero"


def test_who_is_energised_while_he_waits_stands_on_the_network_at_once(town: Grid) -> None:
    for wish, way in ((Wish(9_000, pf=1.0, is_generation=True), "generation"), (Wish(9_000), "load")):
        row = reserve(way, device(town, "node", "B1"), wish, actor=PLANNER, at=AT)
        assert row.state == "queued"
        connect(way, actor=PLANNER, at=AT)
        assert way in beside(town)
        assert_stored_is_whole(town, way)


def test_load_that_runs_counts_until_a_file_draws_its_place_anew(town: Grid) -> None:
    node = device(town, "node", "L1")
    empty = capacity_of(node, on=AT.date()).physical_kw
    running(town, wish=Wish(100, customer_class="HV1"))
    imported(lines=TIE)
    left = capacity_of(node, on=AT.date()).physical_kw
    assert beside(town) == ["C-1"] and empty is not None and left is not None and left < empty - 50
    assert_stored_is_whole(town, "load")
    imported("2025-08-01 08:00", loads=TABLES["loads"].replace("W1,L2,90", "W1,L2,160"))
    assert beside(town) == []
    assert_stored_is_whole(town, "load")


def test_load_that_runs_is_in_transit_until_a_month_was_measured_after(town: Grid) -> None:
    measure(town)
    area = device(town, "area", "D1")
    running(town, wish=Wish(95, customer_class="LVN"), node="L1")
    assert ledger(town, on=AT.date()).answer(area).transit_kva == pytest.approx(70)
    later = moment("2025-07-20 09:00")
    put_peaks(town, {(area.pk, later.date().replace(day=1)): (200.0, 2976)}, source="t", at=later)
    assert ledger(town, on=later.date()).answer(area).transit_kva == 0


def test_somebody_says_that_the_network_has_him_or_that_it_has_not(town: Grid) -> None:
    row, client = running(town), Client()
    imported(generators=HEAD + "G1,L1,90,0\n")
    assert beside(town) == ["C-1"], "drawn at another node"
    client.force_login(staff("planner"))
    assert "图上已有" in client.get(reverse("grid_reservations")).content.decode()
    for name, expected in (("drawn", []), ("drawn", []), ("undrawn", ["C-1"]), ("drawn", [])):
        assert client.post(reverse("grid_drawn", args=[row.pk, name])).status_code == 302
        assert beside(town) == expected
        assert_stored_is_whole(town, "generation")
    kinds = Fact.objects.filter(kind__in=("grid.drawn", "grid.undrawn")).order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["grid.drawn", "grid.undrawn", "grid.drawn"]
    undo(Import.objects.latest("pk"), actor=PLANNER, at=AT)
    assert beside(town) == ["C-1"], "the version that has him is gone"
    held = reserve("C-9", device(town, "node", "B2"), Wish(50), actor=PLANNER, at=AT)
    with pytest.raises(Refused):
        mark(held, is_drawn=True, actor=PLANNER, at=AT)
    assert client.post(reverse("grid_drawn", args=[held.pk, "drawn"]), follow=True).status_code == 200
    assert client.post(reverse("grid_drawn", args=[0, "drawn"])).status_code == 404


def test_an_import_that_loses_his_node_says_whom_it_forgets(town: Grid) -> None:
    running(town, node="B2")
    gone = {
        "buses": TABLES["buses"].replace("B2,10,118.00,36.82\n", ""),
        "lines": "\n".join(line for line in TABLES["lines"].splitlines() if "B2" not in line),
        "loads": TABLES["loads"].replace("B2", "B1"),
    }
    done = read_in("town.zip", parts(**gone), grid_code="town", actor=PLANNER, at=AT)
    effect = effect_of(done)
    assert effect and effect.reserved == ("C-1",) and effect.is_grave


def test_an_upgrade_computes_feed_in_anew_and_keeps_who_runs(town: Grid) -> None:
    imported("2025-02-01 08:00", generators=HEAD + "OLD,L2,150,0\n")
    pv, load = running(town), running(town, "C-2", Wish(100), "B1")
    Reservation.objects.update(beside_kw=0)
    settle(at=AT)
    Standing.objects.filter(direction="generation").update(refusals=[OLD])
    editor: Any = SimpleNamespace()
    import_module("jiedian.grid.capacity.migrations.0002_reservation_drawn").fill(apps, editor)
    import_module("jiedian.grid.capacity.migrations.0003_feed_in_anew").anew(apps, editor)
    pv.refresh_from_db()
    load.refresh_from_db()
    assert (pv.beside_kw, pv.drawn_in, load.drawn_in) == (150, None, version_now(town))
    stands = version_now(town).standings
    assert not stands.filter(direction="generation", is_exact=True).exists()
    assert not stands.filter(direction="load", is_exact=False).exists()
    publish(town, due_on=AT.date(), on=AT.date(), actor=PLANNER, at=AT)
    anew = stands.filter(direction="generation")
    assert anew and all(s.is_exact and OLD not in s.refusals for s in anew), "no issue before it is exact"
    assert_stored_is_whole(town, "generation")
