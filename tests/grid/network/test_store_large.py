"""Given grids of a real size, when they are stored, then nobody's page waits, their capacity stands, and they can be undone."""

import os
import time
from typing import Any

import numpy as np
import pandapower as pp
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiedian.core.findings import Refused
from jiedian.grid.capacity.models import Standing
from jiedian.grid.capacity.queries.capacity import picture
from jiedian.grid.capacity.queries.present import limits, loaded
from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.kernel.calc.capacity import open_capacity, prepare
from jiedian.grid.network.models import Device, Grid, Import
from jiedian.grid.network.queries.network import network_of, version_now
from jiedian.grid.network.services.imports import ask_code, read_asked, read_in
from jiedian.grid.network.services.versions import take_over, undo
from jiedian.grid.network.services.waiting import carry_out, hand_over, is_large
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import react, reactions_of
from tests.cast import moment
from tests.core.tables import TABLES, parts, reading
from tests.grid.conftest import PLANNER, bring_in, device
from tests.grid.grids import pandapower_net

pytestmark = pytest.mark.django_db
AT = moment("2025-06-01 08:00")
WHOLE = "1-complete_data-mixed-all-1-sw"
CODES = ["1-MVLV-rural-all-0-sw", *([WHOLE] if os.environ.get("JIEDIAN_EXTENDED") else [])]
"""The SimBench complete set takes two minutes: ``JIEDIAN_EXTENDED=1 python3 run.py test tests/grid/test_store_large.py``."""


def carried_out(done: Import, kind: str, work: Any) -> None:
    """What the worker does when it comes to the newest fact of a kind; twice, for it may."""
    fact = Fact.objects.filter(kind=kind, data__import=done.pk).order_by("id").last()
    work(fact)
    work(fact)
    done.refresh_from_db()
    assert "verb" not in done.ask


def stored(done: Import) -> Grid:
    """Carry out the reading, have it taken over, and look."""
    carried_out(done, "grid.import_asked", read_asked)
    assert done.state == Import.State.READ and done.ask == {}
    assert not Grid.objects.filter(code=done.grid_code).exists()
    hand_over(done, "take", actor=PLANNER, at=AT, effective_at=AT.isoformat(), reason="首次")
    with pytest.raises(Refused):
        hand_over(done, "take", actor=PLANNER, at=AT, effective_at=AT.isoformat(), reason="again")
    carried_out(done, "grid.work_asked", carry_out)
    assert done.state == Import.State.TAKEN
    return Grid.objects.get(code=done.grid_code)


@pytest.mark.parametrize("code", CODES)
def test_a_simbench_code_is_stored_in_jobs_and_its_capacity_stands(code: str, capsys: Any) -> None:
    begun, cpu = time.perf_counter(), time.process_time()
    with CaptureQueriesContext(connection) as queries:
        done = ask_code(code, state="peak", grid_code="simbench", actor=PLANNER, at=AT)
    assert done.state == Import.State.WAITING and len(queries) < 20, "asked, not done"
    grid = stored(done)
    done.refresh_from_db()
    assert is_large(done) and "german" in network_of(version_now(grid).pk).note
    assert ("grid.stand_ins" in {row["code"] for row in done.findings}) == (code == WHOLE)
    version = version_now(grid)
    seen = picture(version)
    whole = open_capacity(prepare(loaded(version.pk)), limits=limits())
    np.testing.assert_allclose(seen.kw[whole.bus], whole.capacity_kw, atol=1e-9)
    assert (seen.kw > 0).sum() > 0.5 * len(seen.kw)
    assert Device.objects.filter(grid=grid, kind="area").count() >= 90
    hand_over(done, "undo", actor=PLANNER, at=AT)
    carried_out(done, "grid.work_asked", carry_out)
    assert done.state == Import.State.UNDONE
    assert not Device.objects.filter(grid=grid, is_retired=False).exists()
    kinds = list(Fact.objects.filter(kind__startswith="grid.").values_list("kind", flat=True))
    assert kinds.count("grid.imported") == kinds.count("grid.import_undone") == 1
    with capsys.disabled():
        wall, used = time.perf_counter() - begun, time.process_time() - cpu
        print(f"\n{code}: {len(seen.kw)} buses stored, read back, undone: {wall:.0f} s, CPU {used:.0f} s")


@pytest.mark.parametrize("name", ["mv_oberrhein", "lv_schutterwald"])
def test_pandapowers_real_grids_are_stored_from_their_files(name: str) -> None:
    content = pp.to_json(pandapower_net(name)).encode()
    done = read_in(f"{name}.json", [(f"{name}.json", content)], grid_code=name, actor=PLANNER, at=AT)
    assert done.state == Import.State.READ and done.counts["buses"] == len(pandapower_net(name).bus)
    take_over(done, effective_at=AT, reason="首次", actor=PLANNER, at=AT)
    version = version_now(Grid.objects.get(code=name))
    network = network_of(version.pk)
    assert len(network.routes) > 100
    seen, whole = picture(version), open_capacity(prepare(network), limits=limits())
    np.testing.assert_allclose(seen.kw[whole.bus], whole.capacity_kw, atol=1e-6)
    assert Standing.objects.filter(version=version, direction="generation").exists()
    undo(done, actor=PLANNER, at=AT)
    with pytest.raises(Refused):
        version_now(Grid.objects.get(code=name))


def test_work_that_is_refused_leaves_the_import_as_it_was_with_the_reason() -> None:
    done = ask_code("1-LV-moon9--0-sw", state="peak", grid_code="x", actor=PLANNER, at=AT)
    carried_out(done, "grid.import_asked", read_asked)
    assert done.state == Import.State.REFUSED and done.findings[0]["code"] == "grid.code"
    with pytest.raises(Refused):
        ask_code("net.json", state="peak", grid_code="x", actor=PLANNER, at=AT)
    with pytest.raises(Refused):
        hand_over(done, "undo", actor=PLANNER, at=AT)
    second = bring_in(reading())
    bus = TABLES["buses"] + "B3,10,118.00,36.83\n"
    line = TABLES["lines"] + "LB3,B2,B3,500,0.161,0.11,406,358,1,1,\n"
    second = bring_in(reading(buses=bus, lines=line), at="2025-02-01 08:00")
    town = Grid.objects.get(code="town")
    reserve("C-1", device(town, "node", "B3"), Wish(100), actor=PLANNER, at=moment("2025-02-02 08:00"))
    hand_over(second, "undo", actor=PLANNER, at=AT)
    carried_out(second, "grid.work_asked", carry_out)
    assert second.state == Import.State.TAKEN and "C-1" in second.ask["refused"][0]["en"]
    assert version_now(town).number == 2


def test_what_nobody_foresaw_leaves_no_import_waiting_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the worker does it: a reaction that raises is undone whole, and with it whatever it had put back."""

    def broken(*_args: object, **_more: object) -> None:
        raise KeyError("lines")

    def at_work(kind: str) -> None:
        fact = Fact.objects.filter(kind=kind).latest("id")
        react(fact_uid=str(fact.uid), function=reactions_of(kind)[0])

    lost = ask_code(CODES[0], state="peak", grid_code="x", actor=PLANNER, at=AT)
    monkeypatch.setattr("jiedian.grid.network.services.imports.simbench.read", broken)
    at_work("grid.import_asked")
    lost.refresh_from_db()
    assert (lost.state, lost.findings[0]["code"]) == (Import.State.REFUSED, "grid.failed")
    done = read_in("town.zip", parts(), grid_code="town", actor=PLANNER, at=AT)
    hand_over(done, "take", actor=PLANNER, at=AT, effective_at=AT.isoformat(), reason="首次")
    monkeypatch.setattr("jiedian.grid.network.services.waiting.take_over", broken)
    at_work("grid.work_asked")
    done.refresh_from_db()
    assert done.state == Import.State.READ and "KeyError" in done.ask["refused"][0]["en"]
