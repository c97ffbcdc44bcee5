"""The code of a grid stands in addresses: what could not is refused wherever it is said, and what is there takes no page down."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiedian.core.findings import Refused
from jiedian.grid.network.commands import main
from jiedian.grid.network.models import Grid, Import
from jiedian.grid.network.services.imports import ask, ask_code, checked_code, read_in
from tests.cast import moment, staff
from tests.core.tables import parts
from tests.grid.conftest import PLANNER

BAD = ["坏 网/1", "", "a/b", "x" * 61, "a b", "网", "a\n"]
AT = moment("2025-06-10 09:00")


@pytest.mark.parametrize("code", BAD)
def test_a_bad_code_is_refused_by_every_way_in(db: Any, code: str) -> None:
    files = [SimpleUploadedFile("buses.csv", b"id,kv\nA,10\n")]
    for way in (
        lambda: ask(files, grid_code=code, actor=PLANNER, at=AT),
        lambda: ask_code("1-LV-rural1--0-sw", state="peak", grid_code=code, actor=PLANNER, at=AT),
        lambda: read_in("town", parts(), grid_code=code, actor=PLANNER, at=AT),
    ):
        with pytest.raises(Refused) as refused:
            way()
        assert refused.value.findings[0].code == "grid.code_word"
    assert not Import.objects.exists() and checked_code("town-10kv") == "town-10kv"


def test_the_command_refuses_it_before_reading(db: Any, capsys: Any) -> None:
    assert main(["no-such-file.json", "--grid", "坏 网/1", "--take"]) == 2
    said = capsys.readouterr().err
    assert "letters, digits, dashes" in said and "no-such-file" not in said


def test_a_bad_code_that_is_there_takes_no_page_down(town: Grid) -> None:
    Grid.objects.filter(pk=town.pk).update(code="坏 网/1")
    Import.objects.update(grid_code="坏 网/1")
    client = Client()
    client.force_login(staff("planner"))
    done = Import.objects.get()
    for address in (
        reverse("grid_imports"),
        reverse("grid_import", args=[done.pk]),
        reverse("grid_sheet", args=[town.pk]),
    ):
        assert client.get(address).status_code == 200, address
