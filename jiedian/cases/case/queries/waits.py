"""Waits of a case, as far as they may stop the clocks."""

from jiedian.clocks.queries import pause_reasons
from jiedian.process.queries import open_steps
from jiedian.process.rows import cards, steps

from ..models.case import Case

DOCUMENTS = "WAIT_DOCS"


def fitting_reasons(case: Case) -> list[str]:
    """Reasons for a pause that hold now: the wait of a step of the customer's while it is open, the rest at any time.

    Papers that may follow later stop nothing: waiting for them holds only while one of them is due by an open step.
    """
    rows = cards(case.process_key) if case.process_key else {}
    open_now = [step.code for step in open_steps(case.number)]
    waits = {rows[code].wait_reason for code in open_now if code in rows}
    of_steps = {row.wait_reason for row in steps().values() if row.wait_reason}
    if case.papers.filter(due_step__in=open_now).exclude(state="held").exists():
        waits.add(DOCUMENTS)
    return [code for code in pause_reasons() if code in waits or code not in of_steps | {DOCUMENTS}]
