"""即时答复: what the grid answers a customer at once, of his case or before there is one."""

import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from jiedian.cases.case.models.case import Case, Customer
from jiedian.cases.case.models.feed_in import FeedIn
from jiedian.cases.forecast.queries import forecast_before
from jiedian.core.findings import Finding, Refused
from jiedian.core.workdays import local_day
from jiedian.grid.circuit.calc.newline import NewLine
from jiedian.grid.network.models import Grid
from jiedian.process.rows import classes

from ..calc.ends import weakest_line
from ..calc.scheme import Option
from ..models import Site
from .offers import class_at
from .studies import Study, power_on, study_at, study_of

HOUSEHOLD = "RES"
"""Nobody asks a household to build a transformer of its own."""


@dataclass(frozen=True)
class Way:
    """A way by which a customer can be supplied: its voltage (kV), its option, its new line, the day power comes."""

    kv: float
    option: Option
    line: NewLine | None
    power_on: date | None


@dataclass(frozen=True)
class Answer:
    """Answer of the grid: a ``way`` without conflict; else why there is none and the next voltage that reaches him
    (``higher_kv`` with its way, None where a person finds it); or that a person answers altogether.
    """

    kv: float
    load_kw: float
    way: Way | None = None
    reasons: tuple[Finding, ...] = ()
    higher_kv: float = 0.0
    higher_class: str = ""
    higher: Way | None = None
    is_by_hand: bool = False


@dataclass(frozen=True)
class Inquiry:
    """Inquiry of somebody who thinks of applying: class, capacity (kVA; of PV kW), voltage (kV), how PV feeds in, whether a person asks."""

    case_class: str
    kva: Decimal
    kv: Decimal
    feed_mode: str = ""
    is_person: bool = False


def answer_of(case: Case, *, at: datetime) -> Answer | None:
    """Answer of the grid to a case; None where its place is not known. Raises Refused where there is no grid to ask."""
    study = study_of(case, on=local_day(at))
    return _answer(case, study, at=at) if study else None


def answer_at(place: tuple[float, float], asked: Inquiry, *, at: datetime, on: date) -> Answer | None:
    """Answer of the city's grid to what is asked at a (longitude, latitude); nothing is kept. None where nobody can say."""
    grid = Grid.objects.filter(is_city=True).first()
    if grid is None:
        return None
    case = Case(
        case_class=asked.case_class,
        process_key=classes()[asked.case_class].process,
        capacity_kva=asked.kva,
        voltage_kv=asked.kv,
        applied_at=at,
        customer=Customer(kind=Customer.Kind.PERSON if asked.is_person else Customer.Kind.ORGANISATION),
    )
    if asked.feed_mode:
        case.feed_in = FeedIn(case=case, mode=asked.feed_mode)
    use = Site.Use.RESIDENTIAL if asked.case_class == HOUSEHOLD else Site.Use.BUSINESS
    site = Site(grid_code=grid.code, lon=place[0], lat=place[1], use=use)
    try:
        return _answer(case, study_at(case, site, on=on, is_deep=False), at=at)
    except Refused:
        return None


def _answer(case: Case, study: Study, *, at: datetime) -> Answer:
    kv, load_kw = float(case.voltage_kv), study.wish.load_kw
    option = next((option for option in study.options if _is_answerable(option)), None)
    if option:
        return Answer(kv, load_kw, way=_way(case, study, kv, option, at=at))
    points = study.around.points
    if study.options or (points and all(point.is_by_hand for point in points)):
        return Answer(kv, load_kw, is_by_hand=True)
    if _is_home(case):
        reasons = tuple(row for row in study.reasons if not row.code.startswith("scheme.next_"))
        return Answer(kv, load_kw, reasons=reasons)
    if study.offer is None:
        return Answer(kv, load_kw, reasons=study.reasons)
    offer = study.offer
    return Answer(
        kv,
        load_kw,
        reasons=study.reasons,
        higher_kv=offer.kv,
        higher_class=class_at(case.case_class, offer.kv),
        higher=_way(case, study, offer.kv, offer.option, at=at) if offer.option else None,
    )


def _is_answerable(option: Option) -> bool:
    """True where nothing is left to explain but the sizes of his own transformers, which the scheme settles with him."""
    return {conflict.id for conflict in option.to_explain} <= {"C-UNIT-SIZE"}


def _is_home(case: Case) -> bool:
    """True for a household, also for one that installs PV on its roof."""
    is_persons = case.customer.kind == Customer.Kind.PERSON
    return case.case_class == HOUSEHOLD or (case.case_class == Case.Class.PV and is_persons)


def _way(case: Case, study: Study, kv: float, option: Option, *, at: datetime) -> Way:
    """A way with the day power is to be expected: the forecast the case has, or will have once it is sent.

    At another voltage than the case's it is not before the days its own long line takes.
    """
    sent = copy.copy(case)
    sent.case_class, sent.voltage_kv = class_at(case.case_class, kv), Decimal(str(kv))
    sent.process_key = classes()[sent.case_class].process
    found = forecast_before(sent, at=at)
    is_other = sent.voltage_kv != case.voltage_kv
    days = [found.on if found else None, power_on(study, option) if is_other else None]
    on = max((day for day in days if day), default=None)
    return Way(kv, option, weakest_line(option.legs, option.choices.line), on)
