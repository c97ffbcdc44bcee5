"""Given a network file, when it is read and taken over, then its devices stand; and it can be undone."""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiedian.core.findings import Refused
from jiedian.grid.capacity.queries.present import network_now
from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.network.models import Device, Grid, Import, Version
from jiedian.grid.network.queries.network import version_now
from jiedian.grid.network.queries.places import locate
from jiedian.grid.network.services import imports
from jiedian.grid.network.services.imports import ask, read_asked, read_in
from jiedian.grid.network.services.versions import bring_into_force, change, take_over, undo
from jiedian.grid.readers.calc.opening import Ceilings
from jiedian.ground.journal.models import Fact
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import path_of
from tests.cast import moment, staff
from tests.core.tables import TABLES, parts, reading
from tests.grid.conftest import PLANNER, bring_in, device

pytestmark = pytest.mark.django_db
ON = date(2025, 6, 10)


def test_a_network_gets_its_devices_by_name(town: Grid) -> None:
    names = {(d.kind, d.code): d.name for d in town.devices.exclude(kind="node")}
    assert names[("station", "T1")] == "S1" and names[("section", "M")] == "S1-B1"
    assert names[("main", "T1")] == "S1-T1"
    assert {names[("feeder", "LA1")], names[("feeder", "LB1")]} == {"S1-B1-F01", "S1-B1-F02"}
    area = device(town, "area", "D1")
    assert area.parent == device(town, "feeder", "LA1") and area.rated_kva == 630
    assert device(town, "node", "L2").parent == area
    assert device(town, "node", "B2").parent == device(town, "feeder", "LB1")


OWN = {"feeder:LA1": "10kV 学府线 111", "node:B2": "学府线#012杆", "section:M": "云溪变10kVⅠ母"}


def test_a_network_that_brings_names_is_called_by_them_and_a_pole_is_found_by_its_name(town: Grid) -> None:
    found = reading()
    assert found.network
    bring_in(replace(found, network=replace(found.network, names=OWN)), "2025-02-01 08:00")
    assert (
        device(town, "feeder", "LA1").name == "10kV 学府线 111"
        and device(town, "section", "M").name == OWN["section:M"]
    )
    assert device(town, "area", "D1").name == "S1-B1-F01-A01", "what it has no name for keeps its serial"
    assert locate(pole="学府线#012杆").node == device(town, "node", "B2")
    bring_in(found, "2025-03-01 08:00")
    assert device(town, "feeder", "LA1").name == "10kV 学府线 111", (
        "a later file without names takes none away"
    )


def test_the_kernel_answers_for_every_node_and_names_what_binds(town: Grid) -> None:
    from jiedian.grid.capacity.queries.capacity import capacity_of

    at_low, at_busbar = (
        capacity_of(device(town, "node", "L2"), on=ON),
        capacity_of(device(town, "section", "M"), on=ON),
    )
    assert at_low.physical_kw and at_busbar.physical_kw and at_low.physical_kw < at_busbar.physical_kw
    assert at_low.element in (device(town, "area", "D1").name, "K1", "L2") and at_low.binding in (
        "transformer",
        "line",
        "voltage",
    )
    assert at_busbar.element == "S1-T1"


def test_what_was_not_measured_is_answered_by_hand_never_zero_or_full(town: Grid) -> None:
    from jiedian.grid.capacity.queries.capacity import capacity_of

    figure = capacity_of(device(town, "area", "D1"), on=ON)
    assert figure.open_kw is None and figure.formula_kw is None and figure.physical_kw
    assert any(finding.code == "grid.not_measured" for finding in figure.why)


def test_nothing_stands_before_it_is_taken_over() -> None:
    done = read_in("town.zip", parts(), grid_code="town", actor=PLANNER, at=moment("2025-01-01 08:00"))
    assert done.state == Import.State.READ and done.counts["buses"] == 8
    assert not Grid.objects.exists() and not Device.objects.exists()


def test_a_file_that_cannot_be_read_is_kept_as_refused_with_its_reasons() -> None:
    done = read_in(
        "x.bin", [("x.bin", b"\x00\x01\x02")], grid_code="town", actor=PLANNER, at=moment("2025-01-01 08:00")
    )
    assert done.state == Import.State.REFUSED and done.findings and done.snapshot is None
    with pytest.raises(Refused):
        take_over(
            done,
            effective_at=moment("2025-01-01 08:00"),
            reason="",
            actor=PLANNER,
            at=moment("2025-01-01 08:00"),
        )
    assert not Grid.objects.exists()


def test_an_import_is_undone_and_the_version_before_stands_with_its_devices(town: Grid) -> None:
    feeder = device(town, "feeder", "LB1").name
    smaller = TABLES["lines"].replace("LB2,B1,B2,1100", "LB2,B1,B2,2200")
    second = bring_in(
        reading(lines=smaller + "LC1,M,B2,500,0.161,0.11,406,358,1,0,\n"), at="2025-02-01 08:00"
    )
    town.refresh_from_db()
    assert version_now(town).number == 2
    assert version_now(town).changes["lines.came"] == {"count": 1, "names": ["LC1"]}
    assert version_now(town).changes["lines.changed"]["names"] == ["LB2"]
    undo(second, actor=PLANNER, at=moment("2025-02-02 08:00"))
    town.refresh_from_db()
    assert version_now(town).number == 1 and "LC1" not in network_now("town").network.lines.id
    assert device(town, "feeder", "LB1").name == feeder
    assert Fact.objects.filter(kind="grid.import_undone").count() == 1
    with pytest.raises(Refused):
        undo(second, actor=PLANNER, at=moment("2025-02-03 08:00"))


def test_an_import_that_carries_reservations_is_not_undone(town: Grid) -> None:
    buses = TABLES["buses"] + "B3,10,118.00,36.83\n"
    lines = TABLES["lines"] + "LB3,B2,B3,500,0.161,0.11,406,358,1,1,\n"
    second = bring_in(reading(buses=buses, lines=lines), at="2025-02-01 08:00")
    town.refresh_from_db()
    reserve("C-1", device(town, "node", "B3"), Wish(100), actor=PLANNER, at=moment("2025-02-02 08:00"))
    with pytest.raises(Refused) as refusal:
        undo(second, actor=PLANNER, at=moment("2025-02-03 08:00"))
    assert "C-1" in refusal.value.words("en")[0]
    assert Import.objects.get(pk=second.pk).state == Import.State.TAKEN


def test_what_is_gone_is_retired_not_deleted_and_comes_back(town: Grid) -> None:
    fewer = "\n".join(line for line in TABLES["transformers"].splitlines() if not line.startswith("D1"))
    second = bring_in(reading(transformers=fewer), at="2025-02-01 08:00")
    assert device(town, "area", "D1").is_retired
    undo(second, actor=PLANNER, at=moment("2025-02-02 08:00"))
    assert not device(town, "area", "D1").is_retired


def test_a_change_enters_at_its_time_and_not_before(town: Grid) -> None:
    from dataclasses import replace

    import numpy as np

    now = network_now("town").network
    later = replace(now, lines=replace(now.lines, rated_a=np.full(len(now.lines.id), 500.0)))
    change(
        town,
        later,
        effective_at=moment("2025-03-01 08:00"),
        reason="更换导线",
        actor=PLANNER,
        at=moment("2025-02-01 08:00"),
    )
    assert version_now(town).number == 1
    assert bring_into_force(at=moment("2025-02-28 08:00")) == []
    assert [v.number for v in bring_into_force(at=moment("2025-03-01 08:05"))] == [2]
    assert bring_into_force(at=moment("2025-03-01 08:10")) == []
    town.refresh_from_db()
    assert version_now(town).number == 2 and Version.objects.get(number=2).entered_at


def test_an_unbalanced_network_is_imported_and_its_capacity_refused_with_the_reason() -> None:
    from jiedian.grid.capacity.queries.capacity import capacity_of

    found = reading()
    assert found.network is not None
    from jiedian.core.findings import Finding
    from jiedian.grid.readers.calc.files import GridFile

    bring_in(GridFile(found.network, "cim", (Finding("grid.unbalanced", listed="ACLineSegmentPhase"),)))
    grid = Grid.objects.get(code="town")
    figure = capacity_of(device(grid, "node", "L2"), on=ON)
    assert figure.open_kw is None and figure.physical_kw is None
    assert any("phase by phase" in finding.en for finding in figure.why)


def test_a_change_of_equipment_computes_only_the_section_it_touches(town: Grid) -> None:
    from jiedian.grid.capacity.models import Standing
    from jiedian.grid.capacity.queries.capacity import capacity_of
    from jiedian.grid.capacity.queries.present import limits, loaded
    from jiedian.grid.kernel.calc.capacity import open_capacity, prepare

    second = TABLES["transformers"] + "T2,H,N,20000,110,10,12,0.4,20,0.1\n"
    buses = TABLES["buses"] + "N,10,118.00,36.80\nN1,10,118.03,36.80\n"
    lines = TABLES["lines"] + "LN1,N,N1,900,0.161,0.11,406,358,1,1,\n"
    bring_in(reading(buses=buses, lines=lines, transformers=second), at="2025-02-01 08:00")
    first = version_now(town)
    stamps = dict(
        Standing.objects.filter(version=first, direction="load").values_list("section", "computed_at")
    )
    assert len(stamps) == 2
    weaker = lines.replace("LN1,N,N1,900,0.161,0.11,406,358", "LN1,N,N1,900,0.161,0.11,406,120")
    bring_in(reading(buses=buses, lines=weaker, transformers=second), at="2025-03-01 08:00")
    now = version_now(town)
    assert now.number == first.number + 1
    again = Standing.objects.filter(version=now, direction="load").values_list("section", "computed_at")
    assert sorted(at > moment("2025-02-15 08:00") for _, at in again) == [False, True]
    whole = open_capacity(prepare(loaded(now.pk)), limits=limits())
    names = network_now("town").network.buses.id
    for bus, kw in zip(whole.bus.tolist(), whole.capacity_kw.tolist(), strict=True):
        seen = capacity_of(device(town, "node", names[bus]), on=ON).physical_kw
        assert seen == pytest.approx(kw, abs=1.0), names[bus]


def handed_in(name: str, content: bytes) -> Fact:
    asked = ask(
        [SimpleUploadedFile(name, content)], grid_code="town", actor=PLANNER, at=moment("2025-01-01 08:00")
    )
    assert asked.state == Import.State.WAITING and asked.size_bytes == len(content)
    return Fact.objects.get(kind="grid.import_asked", data__import=asked.pk)


def archive(filler: bytes = b"") -> bytes:
    """The town's tables; ``filler`` lies in the file without being listed."""
    kept = BytesIO()
    with ZipFile(kept, "w") as made:
        made.writestr("filler", filler)
        made.filelist.clear()
        for name, content in parts():
            made.writestr(name, content)
    return kept.getvalue()


def test_a_file_is_kept_as_it_comes_and_read_by_the_worker_once() -> None:
    whole = archive()
    fact = handed_in("town.zip", whole)
    for _twice in range(2):
        read_asked(fact)
    done = Import.objects.get()
    assert done.state == Import.State.READ and done.counts["buses"] == 8 and done.format == "tables"
    assert done.sha256 == sha256(whole).hexdigest()
    assert path_of(done.parts.get().sha256).read_bytes() == whole
    assert Fact.objects.filter(kind="grid.imported").count() == 1 and not Grid.objects.exists()


def test_of_a_refused_file_nothing_is_left_but_the_reasons(django_capture_on_commit_callbacks: Any) -> None:
    fact = handed_in("x.bin", b"\x00\x01 no network")
    upload = Upload.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        read_asked(fact)
    done = Import.objects.get()
    assert done.state == Import.State.REFUSED and done.findings and done.snapshot is None
    assert not done.parts.exists() and not Upload.objects.exists() and not path_of(upload.sha256).exists()


def test_what_is_empty_or_beyond_the_ceiling_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CEILINGS", Ceilings(given_bytes=10))
    at = moment("2025-01-01 08:00")
    for files in ([], [SimpleUploadedFile("a", b"")], [SimpleUploadedFile(n, b"six by") for n in "ab"]):
        with pytest.raises(Refused):
            ask(files, grid_code="town", actor=PLANNER, at=at)
    assert not Import.objects.exists() and not Upload.objects.exists()


def test_a_citys_file_passes_the_ceiling_of_papers_for_who_has_signed_in(client: Client) -> None:
    big = archive(b"\0" * (21 << 20))
    given = {"grid_code": "town", "parts": SimpleUploadedFile("town.zip", big)}
    assert client.post("/grid/imports/", given).status_code == 302 and not Import.objects.exists()
    client.force_login(staff("planner"))
    given["parts"] = SimpleUploadedFile("town.zip", big)
    page = client.post("/grid/imports/", given, follow=True).content.decode()
    assert "<progress" in page and 'data-refresh="1"' in page and "fresh." in page
    read_asked(Fact.objects.get(kind="grid.import_asked"))
    done = Import.objects.get()
    page = client.get(f"/grid/imports/{done.pk}/").content.decode()
    assert "<progress" not in page and "启用为新版本" in page and done.size_bytes == len(big)
