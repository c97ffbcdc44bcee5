"""Rules and steps that a test may change: a copy of the tables, and steps without a form, both gone when it ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedian.cases.case.services.steps import finish_step
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.forms import StepForm
from jiedian.ground.rulebook import services as rulebook
from jiedian.process import rows
from jiedian.process import steps as register
from jiedian.process.services import Advance

HELD = (rulebook.load, rulebook.ids, rulebook._values, rulebook.tables, rows._cards, rows._merged)
CARD = {
    "MEETING": "MEETING,现场协调会,Site meeting,utility,account_manager,marketing,survey,1,service,,present,,,OURS,,ours,D,ours,D",
    "TALK": "TALK,与客户商定,Talk with the customer,customer,account_manager,marketing,survey,2,none,,act,,WAIT_SIGN,OURS,,ours,D,ours,D",
}


def forget() -> None:
    """What was read of the rules is read again."""
    for held in HELD:
        held.cache_clear()


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the rules, as a copy that the test may change before anything is read."""
    folder = tmp_path / "rules"
    shutil.copytree(rulebook.RULES, folder)
    monkeypatch.setattr(rulebook, "RULES", folder)
    forget()
    yield folder
    monkeypatch.undo()
    forget()


@pytest.fixture
def doable(monkeypatch: pytest.MonkeyPatch) -> None:
    """MEETING and TALK can be done, without a form; TALK decides how it goes on."""
    monkeypatch.setattr(register, "_DOINGS", dict(register.doings()))

    @register.step("MEETING", form=StepForm)
    def meet(work: Work) -> Advance:
        return finish_step(work)

    @register.step("TALK", form=StepForm, outcomes={"talk": ("on", "again", "anew", "out", "without")})
    def talk(work: Work) -> Advance:
        return finish_step(work, register.answer("TALK", work.values.get("answer", "on")))


def add_cards(rules: Path, key: str, *codes: str) -> None:
    """Write the cards of new steps into the table of a process."""
    with (rules / f"process/{key}/steps.csv").open("a", encoding="utf-8") as table:
        table.writelines(CARD[code] + "\n" for code in codes)
    forget()
