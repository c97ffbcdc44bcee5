"""Given a grid in force, when a file of another grid comes under its code, then who takes it over sees what goes, and must say so."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.grid.capacity.services.reservations import Wish, reserve
from jiedian.grid.network.commands import main
from jiedian.grid.network.models import Grid, Import, Version
from jiedian.grid.network.queries.network import network_of, version_now
from jiedian.grid.network.queries.versions import effect_of
from jiedian.grid.network.services.imports import read_in
from jiedian.grid.network.services.versions import take_over, undo
from jiedian.grid.network.services.waiting import carry_out, hand_over, take_seen
from jiedian.ground.journal.models import Fact
from tests.cast import moment, staff
from tests.core.tables import TABLES, parts, reading
from tests.grid.conftest import PLANNER, bring_in, device, measure

AT = moment("2025-06-10 09:00")
TINY = {
    "buses": "id,kv\nH,110\nM,10\nX,10\n",
    "lines": TABLES["lines"].splitlines()[0] + "\nLX,M,X,900,0.161,0.11,406,358,1,1,\n",
    "transformers": "\n".join(TABLES["transformers"].splitlines()[:2]),
    "loads": "id,bus,p_kw,q_kvar\nWX,X,50,10\n",
}


def imported(**changes: str) -> Import:
    return read_in("tiny.zip", parts(**changes), grid_code="town", actor=PLANNER, at=AT)


def reserved(town: Grid) -> None:
    reserve("case-1", device(town, "node", "B2"), Wish(50), actor=PLANNER, at=AT)


def test_the_page_says_what_goes_and_takes_a_grave_change_only_from_who_has_seen_it(town: Grid) -> None:
    measure(town)
    reserved(town)
    done, before, client = imported(**TINY), version_now(town).number, Client()
    client.force_login(staff("planner"))
    address = reverse("grid_import", args=[done.pk])
    page = client.get(address).content.decode()
    assert "8 → 3" in page and "2,190 → 50 kW" in page and "case-1" in page and "is_seen" in page
    take = reverse("grid_import_verb", args=[done.pk, "take"])
    refused = client.post(take, {"reason": "导入"})
    assert refused.status_code == 422 and "6 个消失" in refused.content.decode()
    assert version_now(town).number == before
    assert client.post(take, {"reason": "导入", "is_seen": "on", "seen": before}).status_code == 302
    assert len(network_of(version_now(town).pk).buses.id) == 3
    undo(Import.objects.get(pk=done.pk), actor=PLANNER, at=AT)
    assert version_now(town).number == before and device(town, "node", "B2").is_retired is False


def test_a_small_change_is_shown_and_asks_nothing(town: Grid) -> None:
    done = imported(loads=TABLES["loads"] + "W4,A1,30,10\n")
    effect = effect_of(done)
    assert effect and not effect.is_grave and (effect.buses_lost, effect.after_kw) == (0, 2220.0)
    client = Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("grid_import", args=[done.pk])).content.decode()
    assert "2,190 → 2,220 kW" in page and "is_seen" not in page
    new = read_in("tiny.zip", parts(), grid_code="elsewhere", actor=PLANNER, at=AT)
    assert effect_of(new) is None, "a grid that is not there yet loses nothing"


def test_the_command_says_it_too_and_waits_for_a_word(town: Grid, tmp_path: Path, capsys: Any) -> None:
    for name, text in (TABLES | TINY).items():
        (tmp_path / f"{name}.csv").write_text(text)
    words = [str(tmp_path), "--grid", "town", "--take"]
    assert main(words) == 2 and "8 → 3 buses (6 go)" in capsys.readouterr().err
    assert Version.objects.filter(grid=town).count() == 1
    assert main([*words, "--replace"]) in (0, 1)
    assert Version.objects.filter(grid=town).count() == 2


def test_what_is_unsupplied_is_no_supplied_load(town: Grid) -> None:
    cut = TABLES["lines"].replace(
        "LB1,M,B1,1100,0.161,0.11,406,358,1,1", "LB1,M,B1,1100,0.161,0.11,406,358,0,1"
    )
    effect = effect_of(imported(lines=cut))
    assert effect and effect.after_kw == pytest.approx(990) and effect.is_grave
    done = imported(**TINY)
    take_over(done, effective_at=AT, reason="t", actor=PLANNER, at=AT)
    assert effect_of(Import.objects.get(pk=done.pk)) is not None
    with pytest.raises(Refused):
        take_over(done, effective_at=AT, reason="twice", actor=PLANNER, at=AT)


def test_what_was_seen_against_another_version_is_shown_anew_before_it_is_taken(town: Grid) -> None:
    """A second engineer takes his file over while the first looks at the changes of hers."""
    mine, theirs, client = imported(**TINY), imported(loads=TABLES["loads"] + "W4,A1,30,10\n"), Client()
    client.force_login(staff("planner"))
    page = client.get(reverse("grid_import", args=[mine.pk])).content.decode()
    first = version_now(town).number
    assert f'name="seen" value="{first}"' in page
    take_over(theirs, effective_at=AT, reason="增容", actor=PLANNER, at=AT)
    take = reverse("grid_import_verb", args=[mine.pk, "take"])
    answer = client.post(take, {"reason": "导入", "is_seen": "on", "seen": first})
    page = answer.content.decode()
    assert answer.status_code == 422 and "请重看变化再启用" in page and "2,220 → 50 kW" in page
    assert f'name="seen" value="{first + 1}"' in page and version_now(town).number == first + 1
    again = {"reason": "导入", "is_seen": "on", "seen": first + 1}
    assert client.post(take, again).status_code == 302
    assert client.post(take, again).status_code == 422, "the same import twice is refused"
    assert version_now(town).number == first + 2


def test_a_post_that_does_not_say_what_was_seen_takes_nothing(town: Grid) -> None:
    done, before, client = imported(**TINY), version_now(town).number, Client()
    client.force_login(staff("planner"))
    answer = client.post(
        reverse("grid_import_verb", args=[done.pk, "take"]), {"reason": "导入", "is_seen": "on"}
    )
    assert answer.status_code == 422 and "请重看变化再启用" in answer.content.decode()
    assert version_now(town).number == before


@pytest.mark.parametrize("seen", ["first", ""])
def test_what_waits_for_the_worker_is_not_taken_over_a_version_nobody_saw(town: Grid, seen: str) -> None:
    mine, theirs = imported(**TINY), imported(loads=TABLES["loads"] + "W4,A1,30,10\n")
    ask = {"effective_at": AT.isoformat(), "reason": "导入", "seen": seen and str(version_now(town).number)}
    hand_over(mine, "take", actor=PLANNER, at=AT, **ask)
    take_over(theirs, effective_at=AT, reason="增容", actor=PLANNER, at=AT)
    second = version_now(town).number
    carry_out(Fact.objects.filter(kind="grid.work_asked").latest("pk"))
    mine.refresh_from_db()
    assert (mine.state, version_now(town).number) == (Import.State.READ, second)
    assert "请重看变化再启用" in mine.ask["refused"][0]["zh"]
    with pytest.raises(Refused):
        take_seen(mine, ask, actor=PLANNER, at=AT)
    take_seen(mine, ask | {"seen": str(second)}, actor=PLANNER, at=AT)
    assert version_now(town).number == second + 1


def test_an_undone_first_import_is_not_said_to_leave_an_earlier_version(town: Grid) -> None:
    done = bring_in(reading(), code="first")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff("planner"))
    client.post(reverse("grid_import_verb", args=[done.pk, "undo"]))
    page = client.get(reverse("grid_import", args=[done.pk])).content.decode()
    assert page.count("This grid has no earlier version") == 2 and "still in use" not in page
