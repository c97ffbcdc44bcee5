"""Owners of the steps of a case."""

from datetime import datetime

from jiedian.core.workdays import local_day
from jiedian.people.queries import Owner, responsible
from jiedian.process.rows import card, level_of

from ..models.case import Case


def owner_of(case: Case, step_code: str, *, at: datetime) -> Owner:
    """Owner of a step of this case today; the account manager of the case where it is his kind of step."""
    row = card(case.process_key, step_code)
    return responsible(
        role=row.owner_role,
        department=row.owner_department,
        area=case.area,
        voltage=level_of(case.case_class),
        customer_class=case.case_class,
        on=local_day(at),
    )
