"""有效期: until when a reply holds, and whether a case may be applied for again because its signed scheme lapsed."""

from datetime import date

from jiedian.cases.case.models.case import Case
from jiedian.core.decisions import AmountRow
from jiedian.core.workdays import add_months
from jiedian.ground.rulebook.services import load
from jiedian.process.rows import level_of

from ..models import Scheme


def valid_until(case: Case, replied_on: date) -> date:
    """The day until which a reply holds."""
    wanted = f"SCHEME_VALID_{level_of(case.case_class)}"
    row = next(row for row in load("decisions/amounts.csv", AmountRow) if row.id == wanted)
    return add_months(replied_on, int(row.value))


def may_redo(case: Case) -> bool:
    """True if a case stands with a signed scheme that lapsed."""
    newest = case.schemes.first()
    is_lapsed = newest is not None and newest.state == Scheme.State.LAPSED and newest.accepted_at is not None
    return bool(case.is_open and is_lapsed)
