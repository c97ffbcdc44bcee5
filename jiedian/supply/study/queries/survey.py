"""勘查: the grid's own answer to whether the open capacity suffices, from the study of the case."""

from datetime import date

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.calc.carried import Carried
from jiedian.core.findings import Finding, Refused
from jiedian.core.words import Text

from ..calc.ends import weakest_line
from ..calc.scheme import Option
from .studies import study_of


def grid_answer(case: Case, on: date) -> Carried:
    """What the grid says of a case with the values it has now, saved or not: enough, not enough with the reason, or nothing."""
    try:
        study = study_of(case, on=on, is_deep=False)
    except Refused as refusal:
        return Carried("", _said(refusal.findings[0]))
    if study is None:
        return Carried("", _said(Finding("survey_capacity.no_site")))
    if study.options:
        return Carried("yes", _enough(study.options[0], study.wish.load_kw))
    reasons = study.reasons or (Finding("scheme.no_point", kv=float(case.voltage_kv)),)
    is_by_hand = bool(study.around.points) and all(point.is_by_hand for point in study.around.points)
    told = Text("；".join(each.zh for each in reasons), "; ".join(each.en for each in reasons))
    return Carried("" if is_by_hand else "no", told)


def _said(finding: Finding) -> Text:
    return Text(finding.zh, finding.en)


def _enough(option: Option, load_kw: float) -> Text:
    """The point, what it still takes, and the voltage at the customer's end."""
    leg, line = option.legs[0], weakest_line(option.legs, option.choices.line)
    facts = {
        "point": Text(leg.name_zh, leg.name_en),
        "capacity_kw": min(each.capacity_kw for each in option.legs),
        "load_kw": load_kw,
    }
    if line is None or line.u_pu is None:
        return _said(Finding("survey_capacity.enough", **facts))
    return _said(Finding("survey_capacity.enough_end", **facts, end=line.u_pu, low=line.low_pu))
