"""依据: the rows behind the facts of a scheme that no band gives; what is computed with a row is no stronger than it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from jiedian.core.decisions import AmountRow

from .menu import Ground
from .quality import Check

CAPACITY = ("PF", "LOAD-SHARE", "LINE-LIMIT", "TRAFO-LIMIT", "VMIN")
"""The figures open capacity is computed with."""


class Row(Protocol):
    """Row of a rule table, as far as it says where it comes from."""

    @property
    def id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...


def grounds(
    *,
    needed: Row,
    is_counted: bool,
    voltages: Iterable[Row],
    amounts: Mapping[str, AmountRow],
    checks: Sequence[Check],
) -> dict[str, tuple[Ground, ...]]:
    """The rows behind each computed fact. ``is_counted``: the number of sources is the row's, not the customer's wish."""
    sources = _of([needed]) if is_counted else ()
    over = [check for check in checks if not check.is_kept]
    return {
        "needed_sources": sources,
        "sources_short": sources,
        "sources_near": _of([needed]),
        "capacity_short": _of(amounts[name] for name in CAPACITY),
        "voltage_fit": _of(voltages),
        "ct": _of([amounts["CT-STOCK"]]),
        "ct_low": _of([amounts["CT-STOCK"], amounts["CT-NORMAL-SHARE"]]),
        "quality_over": tuple(Ground(check.rules[0], check.rules[0], check.status) for check in over),
        "emergency_small": _of([amounts["EMERGENCY-SHARE"]]),
    }


def _of(rows: Iterable[Row]) -> tuple[Ground, ...]:
    return tuple(Ground(row.id, row.source, row.status) for row in rows)
