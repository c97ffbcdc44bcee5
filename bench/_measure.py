"""Run product and peer on the same work, alternating, and print one JSON line."""

import json
import statistics
import time
from collections.abc import Callable

SHORT = 0.02
"""In a comparison a work shorter than this is repeated for so many seconds and its mean counts, the first, cold run with it."""


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def mean_seconds(
    work: Callable[[], object], measure: Callable[[Callable[[], object]], float] = seconds
) -> float:
    """How long a run takes that may be repeated."""
    times = [measure(work)]
    while sum(times) < SHORT:
        times.append(measure(work))
    return sum(times) / len(times)


def cpu_seconds(work: Callable[[], object]) -> float:
    """What one run takes of one core, whoever else is using the machine: for promises in seconds."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def compare(
    bench: str,
    case: str,
    product: Callable[[], object],
    peer: Callable[[], object],
    *,
    rounds: int = 5,
    peer_scale: float = 1.0,
    measure: Callable[[Callable[[], object]], float] = seconds,
) -> None:
    """Time both in turn and print medians in seconds and the ratio peer/product (above 1: the product is faster).

    ``measure`` is ``cpu_seconds`` where the machine is shared. ``peer_scale`` multiplies the peer's time where it did only a part of the work; say so in ``case``.
    """
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(mean_seconds(product, measure))
        theirs.append(mean_seconds(peer, measure) * peer_scale)
    say(bench, case, statistics.median(ours), statistics.median(theirs), unit="s")


def say(bench: str, case: str, product: float, peer: float, *, unit: str) -> None:
    """One figure as a JSON line with the keys bench, case, product, peer, ratio, unit."""
    line = {"bench": bench, "case": case, "product": product, "peer": peer}
    print(json.dumps(line | {"ratio": peer / product if product else None, "unit": unit}), flush=True)
