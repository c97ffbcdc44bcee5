"""Steps of the case itself: acceptance, survey, archive, call-back."""

from datetime import date
from typing import Any

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.steps import finish_step
from jiedian.cases.case.services.work import Work
from jiedian.cases.papers.services import accept as accept_papers
from jiedian.core.workdays import local_day
from jiedian.process.services import Advance
from jiedian.process.steps import YES_NO, no_rows, step

from .forms import AcceptForm, ArchiveForm, CallbackForm, SurveyForm
from .queries import carried_by_grid, first_facts, reached, weighed
from .services import survey as done

SOURCES = ("single", "dual")


@step("ACCEPT", form=AcceptForm, outcomes={"grid_works": YES_NO})
@transaction.atomic
def accept(work: Work) -> Advance:
    """The papers in hand decide; the notice and the receipt are frozen in the same breath.

    Whether the grid needs works is asked here only where no survey will say so.
    """
    needs = work.values.get("needs_grid_works")
    if needs is not None:
        reached(work.case, work.values, on=local_day(work.at))
    outcome = {} if needs is None else {"grid_works": "yes" if needs else "no"}
    by_agent = bool(work.values.get("by_agent"))
    return accept_papers(
        work,
        held=set(work.values["held"]),
        outcome=outcome,
        is_by_agent=by_agent,
        originals_seen=bool(work.values.get("originals_seen")),
    )


@step(
    "SURVEY",
    form=SurveyForm,
    outcomes={
        "three_zero": YES_NO,
        "sources": SOURCES,
        "review": YES_NO,
        "open_capacity": YES_NO,
        "grid_works": YES_NO,
        "fee": YES_NO,
        "customer_works": YES_NO,
        "access_letter": YES_NO,
    },
    undo=done.forget_survey,
)
@transaction.atomic
def survey(work: Work) -> Advance:
    """Survey step: class and voltage as seen on site are fixed; a case of another process moves there, number and clocks go along.

    Papers that turn out to be needed are asked then, in one notice. Whether the open capacity suffices is the grid's answer;
    a person overrules it only with a reason, which is kept.
    """
    carried = weighed(work.case, work.values, on=local_day(work.at))
    done.fix_class(work.case, work.values, actor=work.actor, at=work.at)
    work.record(
        "survey.capacity",
        grid=carried.value,
        said=work.values["open_capacity"],
        figure={"zh": carried.words.zh, "en": carried.words.en},
        reason=str(work.values.get("capacity_reason", "")).strip(),
    )
    return done.go_on(work, survey_facts(work))


def from_records(case: Case) -> dict[str, Any]:
    """Survey of a small case that the grid carries, as the records stand for it; the site is seen when the meter is installed."""
    return {
        "case_class": case.case_class,
        "voltage_kv": case.voltage_kv,
        "capacity_kva": case.capacity_kva,
        "importance": case.importance,
        "is_special_load": case.is_special_load,
        "open_capacity": "yes",
        "grid_works": "no",
        "has_fee": "no",
        "customer_works": "yes",
    }


def expected_works(case: Case, *, on: date) -> dict[str, str]:
    """Answer on works on the grid that is to be expected before anybody gave it: works, where the grid does not carry the case."""
    return {"grid_works": "yes"} if carried_by_grid(case, {}, on=on).value == "no" else {}


def survey_facts(work: Work) -> dict[str, str]:
    """Gateway values of a survey: what follows from the class, and what was seen."""
    case: Case = work.case
    seen = {
        "open_capacity": work.values["open_capacity"],
        "grid_works": work.values["grid_works"],
        "fee": work.values["has_fee"],
        "customer_works": work.values["customer_works"],
    }
    return first_facts(case) | seen


@step("ARCHIVE", form=ArchiveForm, undo=no_rows)
@transaction.atomic
def archive(work: Work) -> Advance:
    """The file is complete when nothing is owed any more."""
    done.no_paper_owed(work.case)
    return finish_step(work)


@step("CALLBACK", form=CallbackForm)
@transaction.atomic
def call_back(work: Work) -> Advance:
    """Ask the customer how it was; the score is his, from 1 to 5."""
    done.keep_callback(work)
    return finish_step(work)
