"""Typed rows of the document checklists of each process."""

from datetime import date

from jiedian.ground.rulebook.services import load

from .calc.checklist import PaperRow


def papers(process_key: str, *, on: date | None) -> tuple[PaperRow, ...]:
    """The checklist of a process as it stood on a day; without a day, every row it ever had."""
    return tuple(
        row
        for row in load("checklists/papers.csv", PaperRow)
        if process_key in row.processes
        and (on is None or row.effective_from is None or row.effective_from <= on)
    )


def paper_rows() -> dict[str, PaperRow]:
    """Every row of every checklist by its id: a case that moved keeps papers it was asked for elsewhere."""
    return {row.id: row for row in load("checklists/papers.csv", PaperRow)}
