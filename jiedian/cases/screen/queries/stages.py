"""Stages of a case as its customer sees them: eight words instead of twenty steps, each with its days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from jiedian.process.rows import StageRow, cards, stages

from ..calc.gantt import Bar
from .card import Broken


@dataclass(frozen=True)
class Stage:
    """One stage: ``state`` is done, yours (the customer has a step open), ours, ahead, or stopped half-way.

    ``begun`` is from its first step to its last (or today), ``expected`` what is still to come, from today on at the
    earliest; ``broken`` a promise that was not kept in it.
    """

    row: StageRow
    state: str
    begun: tuple[date, date] | None
    expected: tuple[date, date] | None
    broken: Broken | None


def stages_of(
    bars: Sequence[Bar],
    key: str,
    broken: Sequence[Broken],
    stopped: Collection[str] = (),
) -> list[Stage]:
    """The stages on the way of a case, in their order; what no step begun, open or ahead stands for is left out.

    ``key`` is the process of the case, empty where it has none here; ``stopped`` are the steps that were under way when the case was withdrawn or ended.
    """
    rows = cards(key) if key else {}
    held = [
        (stage, [bar for bar in bars if bar.code in rows and stage.has(rows[bar.code])])
        for stage in stages(key)
    ]
    told = [_stage(stage, steps, broken, stopped) for stage, steps in held if steps]
    return [stage for stage in told if stage.begun or stage.expected or stage.state != "done"]


def _stage(row: StageRow, bars: list[Bar], broken: Sequence[Broken], stopped: Collection[str]) -> Stage:
    begun = [bar.actual for bar in bars if bar.actual]
    ahead = [bar.expected for bar in bars if bar.expected]
    is_open = [bar for bar in bars if bar.state in ("open", "late")]
    codes = {f"done:{bar.code}" for bar in bars}
    state = "ours" if is_open else "done" if not ahead else "ahead"
    if any(bar.code in stopped for bar in bars):
        state = "stopped"
    if is_open and any(bar.is_customer for bar in is_open):
        state = "yours"
    return Stage(
        row,
        state,
        (min(span[0] for span in begun), max(span[1] for span in begun)) if begun else None,
        (min(span[0] for span in ahead), max(span[1] for span in ahead)) if ahead else None,
        next((one for one in broken if one.view.clock.stops_when in codes), None),
    )


def stage_bars(held: Sequence[Stage], names: Sequence[str]) -> list[Bar]:
    """The stages as rows of the drawing; what waits for the customer is never the red of our delay."""
    # what has been done of a stage that goes on later is drawn as done
    state = {"done": "done", "yours": "open", "ours": "open", "ahead": "done", "stopped": "done"}
    return [
        Bar(
            stage.row.id,
            name,
            None,
            stage.begun,
            "late" if stage.broken and stage.state == "ours" else state[stage.state],
            stage.state == "yours",
            stage.state in ("yours", "ours"),
            None,
            stage.expected,
        )
        for stage, name in zip(held, names, strict=True)
    ]
