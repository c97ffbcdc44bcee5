"""周边: what stands around a place, so that two places of one name are told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jiedian.grid.circuit.calc.network import Reals

from ..calc.features import Feature, Point
from ..calc.find import METRES, inside
from .basemap import features_of, ground_now

NEAR_M = 1000.0
"""What stands farther away says nothing of a place."""
EVERY_M = 50.0
"""A street is looked at every so many metres."""
NAMED = ("street", "place", "park")


@dataclass(frozen=True)
class _Marks:
    """Points of what has a name, as (longitude, latitude) in degrees, and of which feature each is."""

    at: Reals
    owner: Sequence[Feature]


def surroundings(place: Point, *, but: str = "") -> str:
    """Words for what stands around a place: its district, the nearest street and the nearest place within a kilometre.

    ``but`` is the name of the place itself, which is left out; empty where no base map says anything.
    """
    now = ground_now()
    if not now.pk:
        return ""
    is_zh = (get_language() or "zh").startswith("zh")
    district = next((row for row in _districts(now.pk) if inside(place, row.parts)), None)
    words = [district.called(is_zh)] if district else []
    near = [name for one in NAMED if (name := _nearest(now.pk, one, place, is_zh, but))]
    if near:
        words.append(_("近%(names)s") % {"names": ("、" if is_zh else ", ").join(near[:2])})
    return " · ".join(words)


@lru_cache(maxsize=2)
def _districts(map_id: int) -> tuple[Feature, ...]:
    return tuple(row for row in features_of(map_id) if row.kind == "district" and row.is_area and row.name)


@lru_cache(maxsize=6)
def _marks(map_id: int, kind: str) -> _Marks:
    at: list[Point] = []
    owner: list[Feature] = []
    for row in features_of(map_id):
        if row.kind == kind and (row.name or row.name_en):
            found = [point for part in row.parts for point in _along(part)]
            at += found
            owner += [row] * len(found)
    return _Marks(np.array(at, dtype=float).reshape(-1, 2), owner)


def _along(part: Sequence[Point]) -> list[Point]:
    """Points of a line, at most ``EVERY_M`` apart."""
    found = list(part[:1])
    for (ax, ay), (bx, by) in pairwise(part):
        n = min(max(int(np.hypot(bx - ax, by - ay) * METRES / EVERY_M), 1), 200)
        found += [(ax + (bx - ax) * k / n, ay + (by - ay) * k / n) for k in range(1, n + 1)]
    return found


def _nearest(map_id: int, kind: str, place: Point, is_zh: bool, but: str) -> str:
    marks = _marks(map_id, kind)
    if not marks.owner:
        return ""
    flat = np.cos(np.radians(place[1]))
    away = np.hypot((marks.at[:, 0] - place[0]) * flat, marks.at[:, 1] - place[1]) * METRES
    for row in np.argsort(away)[:400]:
        if away[row] > NEAR_M:
            break
        feature = marks.owner[int(row)]
        if not but or but not in (feature.name, feature.name_en):
            return feature.called(is_zh)
    return ""
