"""docs/howto/add-a-step.md, followed to the letter on a copy of the rules."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from jiedian.people.models import User
from jiedian.process import steps as register
from jiedian.process.queries import open_steps
from jiedian.process.rows import cards
from jiedian.process.services import publish_all
from jiedian.shell.models import SimulatedTime
from tests.cast import codes, do, lodge, moment
from tests.process.changed import forget, rules
from tests.process.drawing import Drawing

__all__ = ["rules"]
pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs/howto/add-a-step.md").read_text("utf-8")


def block(language: str) -> str:
    """What the page gives to copy."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.S)
    return str(found)


def test_the_page_is_true(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in re.findall(r"`jiedian/rules/(process/[\w/.]+)`", PAGE):
        assert (rules / file).is_file(), file
    diagram = rules / "process/residential/process.bpmn"
    drawing = Drawing(diagram.read_bytes())
    drawing.step("MEETING", after="ACCEPT")
    drawing.loop("meeting == 'again'", after="MEETING", to="MEETING")
    diagram.write_bytes(drawing.xml())

    with (rules / "process/residential/steps.csv").open("a", encoding="utf-8") as table:
        table.write(block("csv"))
    forget()
    columns = set(
        re.findall(
            r"`(\w+)`", " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
        )
    )
    assert {name for name in vars(cards("residential")["MEETING"])} - columns == {
        "layer_source",
        "layer_status",
        "contact_source",
        "contact_status",
    }

    monkeypatch.setattr(register, "_DOINGS", dict(register.doings()))
    exec(compile(block("python"), "add-a-step.md", "exec"), {"__name__": "followed"})  # noqa: S102

    publish_all(at=moment("2025-09-15 08:00"))
    SimulatedTime.objects.create(at=moment("2025-09-15 11:00"))
    case = lodge("RES")
    do(case, "ACCEPT", "2025-09-15 10:00")
    for result in ("again", "settled"):
        step = open_steps(case.number).get(code="MEETING")
        client = Client()
        client.force_login(User.objects.get(pk=step.owner_id))
        page = reverse("step", args=[case.number, step.pk])
        assert client.get(page).status_code == 200
        assert client.post(page, {"result": result}).status_code == 302
    assert "MEETING" not in codes(case) and "METER_INSTALL" in codes(case)
