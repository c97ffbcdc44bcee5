"""依据: the rows behind the facts of a scheme that no band gives; what is computed with a row is no stronger than it."""

from collections.abc import Iterable, Mapping, Sequence

from jiedian.core.decisions import AmountRow
from jiedian.core.sourced import Ground, SourcedRow

from .quality import Check

CAPACITY = ("PF", "LOAD-SHARE", "LINE-LIMIT", "TRAFO-LIMIT", "VMIN")
"""The figures open capacity is computed with."""


def grounds(
    *,
    needed: SourcedRow,
    is_counted: bool,
    voltages: Iterable[SourcedRow],
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
        "quality_over": tuple(ground for check in over for ground in check.grounds),
        "emergency_small": _of([amounts["EMERGENCY-SHARE"]]),
        "security_open": _of([amounts["EMERGENCY-SHARE"]]),
    }


def _of(rows: Iterable[SourcedRow]) -> tuple[Ground, ...]:
    return tuple(Ground.of(row) for row in rows)
