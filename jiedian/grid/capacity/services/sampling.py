"""抽查: every night a few stored answers are calculated again by brute force; a difference becomes a fact."""

import secrets
from datetime import datetime
from random import Random
from typing import Any

import numpy as np
from django.db import transaction

from jiedian.core.findings import Refused
from jiedian.grid.network.models import Grid, Version
from jiedian.grid.network.queries.network import version_now
from jiedian.ground.journal.services import SYSTEM, record

from ..queries.capacity import picture
from ..queries.present import limits, prepared_of
from .standing import DIRECTIONS

SAMPLE = 12
APART_KW = 1.0


def sample_all(*, at: datetime, count: int = SAMPLE) -> int:
    """Check ``count`` random buses of every grid in both directions; how many answers were apart. May run twice."""
    apart = 0
    for grid in Grid.objects.all():
        try:
            version = version_now(grid)
        except Refused:
            continue
        if not version.refusals:
            apart += _sample(version, at=at, rng=Random(secrets.randbits(64)), count=count)
    return apart


@transaction.atomic
def _sample(version: Version, *, at: datetime, rng: Random, count: int) -> int:
    from ..calc.bruteforce import bisected

    grid = Grid.objects.select_for_update().get(pk=version.grid_id)
    checked, worst, apart = 0, 0.0, []
    for direction in DIRECTIONS:
        if version.standings.filter(direction=direction, is_exact=False).exists():
            continue  # not settled yet: the next night looks again
        prepared = prepared_of(version.pk, grid.revision, direction)
        stored = picture(version, direction).kw
        known = np.flatnonzero(np.isfinite(stored)).tolist()
        buses = np.array(sorted(rng.sample(known, min(count, len(known)))), np.int64)
        again = bisected(prepared, buses, limits=limits(), direction=direction)
        away = np.abs(again - stored[buses])
        checked += int((~np.isnan(away)).sum())
        worst = max([worst, *away[np.isfinite(away)].tolist()])
        apart += [
            _row(prepared, buses, stored, again, k, direction)
            for k in np.flatnonzero(away > APART_KW).tolist()
        ]
    data = {"version": version.number, "checked": checked, "worst_kw": round(worst, 3), "apart": apart}
    record("grid.sampled", stream=f"grid:{grid.code}"[:60], actor=SYSTEM, at=at, data=data)
    return len(apart)


def _row(prepared: Any, buses: Any, stored: Any, again: Any, k: int, direction: str) -> dict[str, Any]:
    """``again_kw`` is None where brute force finds nothing that limits."""
    return {
        "bus": prepared.network.buses.id[buses[k]],
        "direction": direction,
        "stored_kw": round(float(stored[buses[k]]), 1),
        "again_kw": round(float(again[k]), 1) if np.isfinite(again[k]) else None,
    }
