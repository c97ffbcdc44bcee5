"""自动答复: small cases within open capacity are answered without a person, where every row of the table allows it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.services.work import Work
from jiedian.cases.intake.steps import from_records, survey
from jiedian.clocks.services import local_day
from jiedian.ground.journal.services import SYSTEM, record
from jiedian.process.queries import open_steps
from jiedian.process.steps import codes_of, doing
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.queries.rules import AutomaticRow, amount, amounts, automatic
from jiedian.supply.study.queries.studies import Study, study_of

from ..models import Scheme
from ..steps import reply

USE_FIELD = "F-TARIFF-USE"
"""Field that stays empty while nobody has said the use: a row of its own speaks of that."""


def against(study: Study, option: Option) -> list[AutomaticRow]:
    """The rows that keep the system from answering this alone; empty means that it may."""
    facts = _facts(study, option)
    return [row for row in automatic() if facts.get(row.fact) != row.value]


def _facts(study: Study, option: Option) -> Mapping[str, str]:
    return {
        **option.facts,
        "auto_size": "yes" if study.wish.load_kw <= amount("AUTO-KW") else "no",
        "deep": "no" if set(option.missing) - {USE_FIELD} else "yes",
        "forbidden": "yes" if option.to_explain else "no",
    }


@transaction.atomic
def answer_alone(case: Case, *, at: datetime) -> bool:
    """Answer a located case in its reply step, or already in its survey step where the survey goes with the meter.

    Returns whether the system answered. Safe to run twice: a step that is done is not open any more.
    """
    waiting = open_steps(case.number).filter(code__in=codes_of(survey, reply)).first()
    drafted = case.schemes.filter(state=Scheme.State.DRAFT).exists()
    if case.case_class != "LVN" or waiting is None or drafted:
        return False
    study = study_of(case, on=local_day(at))
    if study is None:
        return False
    option = study.options[0] if study.options else None
    refused = against(study, option) if option else []
    if option is None or refused:
        record(
            "scheme.not_automatic",
            stream=case.stream,
            actor=SYSTEM,
            at=at,
            data={"rows": [row.id for row in refused], "reasons": [r.code for r in study.reasons]},
        )
        return False
    if doing(waiting.code).verb is survey:
        if amounts()["SURVEY-WITH-METER"].value != "yes":
            return False
        work = Work(case, waiting, SYSTEM, at, from_records(case))
        work.record("survey.from_records", rule="SURVEY-WITH-METER")
        survey(work)
    step = open_steps(case.number).get(code__in=codes_of(reply))
    values = {
        "buses": [leg.bus for leg in option.legs],
        "choices": option.choices,
        "why": [row.id for row in automatic()],
    }
    reply(Work(case, step, SYSTEM, at, values))
    return True
