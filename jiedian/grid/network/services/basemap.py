"""底图: street data is taken in whole or not at all, and taken back."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from jiedian.core.findings import Finding, refuse
from jiedian.ground.journal.services import Actor, record

from ..calc.features import Feature, pack
from ..calc.geojson import MapFile, read_map
from ..models import BaseMap
from ..queries.basemap import grid_box

STREAM = "grid:basemap"


def look(content: bytes | dict[str, Any]) -> MapFile:
    """A map file as it would be taken in, with its findings; nothing is written. Raises Refused when it is of no use."""
    found = read_map(content)
    box = grid_box()
    if box and not any(_meets(feature, box) for feature in found.features):
        found.findings = (*found.findings, Finding("basemap.elsewhere"))
    return found


@transaction.atomic
def take_map(
    content: bytes | dict[str, Any], *, name: str, actor: Actor, at: datetime, source: str = ""
) -> BaseMap:
    """Take a GeoJSON FeatureCollection in as the base map from now on; taking an older one again brings it back.

    Raises Refused with every finding when nothing in it can be used; then nothing is written. What could not be used
    of a good file stands in ``findings``.
    """
    found = look(content)
    raw = content if isinstance(content, bytes) else json.dumps([asdict(f) for f in found.features]).encode()
    done = BaseMap.objects.create(
        name=(found.name or name)[:120],
        source=(source or name)[:200],
        note=found.note,
        is_made_up=found.is_made_up,
        sha256=hashlib.sha256(raw).hexdigest(),
        counts=dict(Counter(feature.kind for feature in found.features)),
        findings=[finding.row() for finding in found.findings],
        snapshot=pack(found.features),
        taken_by=actor.name[:80],
        taken_at=at,
    )
    data = {"map": done.pk, "name": done.name, "features": len(found.features), "sha256": done.sha256}
    record("grid.map_taken", stream=STREAM, actor=actor, at=at, data=data)
    return done


@transaction.atomic
def undo_map(done: BaseMap, *, actor: Actor, at: datetime) -> BaseMap | None:
    """Take a base map back; the one before stands again and is returned, None when there was none. Refused when it was undone."""
    if not BaseMap.objects.filter(pk=done.pk, undone_at=None).update(undone_at=at):
        raise refuse("basemap.undone", name=done.name)
    before = BaseMap.objects.filter(undone_at=None).defer("snapshot").first()
    data = {"map": done.pk, "name": done.name, "back_to": before.name if before else ""}
    record("grid.map_undone", stream=STREAM, actor=actor, at=at, data=data)
    return before


def _meets(feature: Feature, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    return any(west <= lon <= east and south <= lat <= north for part in feature.parts for lon, lat in part)
