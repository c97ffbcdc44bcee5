"""What a class says to the gateways, and what the last steps of a case keep."""

import pytest

from jiedian.cases.intake.queries import first_facts
from jiedian.cases.intake.services.survey import no_paper_owed
from jiedian.core.findings import Refused
from jiedian.process.calc.bpmn import graph_of
from jiedian.process.calc.flow import variables
from jiedian.process.queries import run_of
from tests.cast import do, lodge

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["RES", "LV0", "LVN", "HV1", "HV2"])
def test_a_class_answers_every_choice_that_no_later_step_answers(kind: str) -> None:
    case = lodge(kind)
    asked = variables(graph_of(run_of(case.number).definition.xml.encode()))
    told = first_facts(case)
    later = {"design_review", "mid_inspection", "inspection", "scheme_answer", "countersign"}
    later |= {"contract_answer", "fee_answer"}
    assert asked.keys() - later <= told.keys()
    assert (told["three_zero"], told["sources"]) == (
        "yes" if kind == "LV0" else "no",
        "dual" if kind == "HV2" else "single",
    )


def test_a_file_with_an_owed_paper_is_not_closed() -> None:
    case = lodge("RES")
    do(case, "ACCEPT", "2025-09-15 10:00", held=["id_card"])
    with pytest.raises(Refused):
        no_paper_owed(case)
