"""Sum of a published figure, as it is written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """The sum of a figure in whole kW: ``peak + reserved + open + held = allowed + over``.

    ``held`` is what the device would have left and may not use, because something else binds first; ``over`` what is used
    and reserved above the allowed.
    """

    allowed: int
    peak: int
    reserved: int
    open: int
    held: int
    over: int


def sum_of(allowed: float, peak: float, reserved: float, open_kw: float) -> Sum:
    """The sum in whole kW that adds up as it is written; ``open`` is rounded as everywhere, the rest takes what is left.

    >>> sum_of(478.8, 190.0, 66.5, 222.3)
    Sum(allowed=479, peak=190, reserved=67, open=222, held=0, over=0)
    >>> sum_of(478.8, 190.0, 66.5, 100.0)
    Sum(allowed=479, peak=190, reserved=67, open=100, held=122, over=0)
    >>> sum_of(100.0, 90.0, 30.0, 0.0)
    Sum(allowed=100, peak=90, reserved=30, open=0, held=0, over=20)
    """
    over = max(peak + reserved + open_kw - allowed, 0.0)
    held = max(allowed - peak - reserved - open_kw, 0.0)
    whole, free = round(allowed), round(open_kw)
    if over > 0.5:
        parts = (round(peak), round(reserved))
        return Sum(whole, *parts, free, 0, sum(parts) + free - whole)
    shared = _whole((peak, reserved, held), max(whole - free, 0))
    return Sum(whole, shared[0], shared[1], free, shared[2], 0)


def _whole(parts: tuple[float, ...], total: int) -> list[int]:
    """Parts in whole numbers that make the total: those with the largest remainders are rounded up."""
    down = [int(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda row: down[row] - parts[row])
    missing = total - sum(down)
    for row in by_remainder[: max(missing, 0)]:
        down[row] += 1
    for row in sorted(range(len(parts)), key=lambda row: -down[row])[: max(-missing, 0)]:
        down[row] -= 1
    return down
