"""A wire is a folder: what it declares is collected once, and the page, the command and the inbox go by the same list."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from jiedian import links
from jiedian.config.rooms import CHECKS, GATEWAYS
from jiedian.core.findings import Finding
from jiedian.links.commands import check_links
from jiedian.links.queries import gateways, repeatable
from tests.cast import staff

PARTS = ("client", "mapping", "check", "fake")


def test_every_wire_has_its_four_parts_and_is_collected() -> None:
    folders = {path.parent.name for path in Path(links.__file__).parent.glob("*/client.py")}
    assert folders == set(GATEWAYS) == set(CHECKS) == set(gateways())
    for wire in folders:
        for part in PARTS:
            assert (Path(links.__file__).parent / wire / f"{part}.py").is_file(), (wire, part)
        assert callable(import_string(GATEWAYS[wire])) and callable(import_string(CHECKS[wire]))


def test_only_gateways_that_drop_copies_are_tried_again_blindly() -> None:
    assert repeatable() == {"sms", "webhook", "payment"}


@pytest.mark.django_db
def test_the_page_and_the_command_ask_every_wire(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    for wire, dotted in CHECKS.items():
        monkeypatch.setattr(dotted, lambda wire=wire: asked.append(wire) or [Finding("sms.settings", wire)])
    client = Client()
    client.force_login(staff("admin"))
    body = client.get("/links/").content.decode()
    assert asked == list(CHECKS) and all(f"{wire}: " in body for wire in CHECKS)
    assert check_links([]) == 1 and asked == [*CHECKS] * 2
    assert all(f"{wire}: " in capsys.readouterr().err for wire in ["mail"])
