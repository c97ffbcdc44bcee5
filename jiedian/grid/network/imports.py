"""Files of streets and places on their way through the one life of imports: read, looked at, the base map, taken back."""

from datetime import datetime
from typing import Any

from jiedian.core.sheets import Column
from jiedian.ground.files.importers import Kept, Told, Work
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.services import became_of, remember
from jiedian.ground.journal.services import Actor

from .models import BaseMap
from .services.basemap import look, take_map, undo_map


def map_columns(options: dict[str, Any]) -> list[Column]:
    """No columns: the file is no table."""
    return []


def read_base_map(work: Work) -> Told:
    """Content of a file of streets: how many features it has, and what could not be used."""
    seen = look(work.content)
    lost = sum(int(finding.facts.get("count", 0)) for finding in seen.findings)
    return Told(len(seen.features) + lost, len(seen.features), lost, seen.findings, title=seen.name)


def take_base_map(work: Work) -> Kept:
    """Make the file the base map from now on."""
    done = take_map(work.content, name=work.row.name, source=work.row.name, actor=work.actor, at=work.at)
    remember(work.row, done.pk)
    return Kept(sum(done.counts.values()), facts=1)


def undo_base_map(row: FileImport, *, actor: Actor, at: datetime) -> int:
    """Take the base map back that a file became; returns how many features went."""
    done = BaseMap.objects.defer("snapshot").get(pk=became_of(row))
    if done.undone_at is None:  # it may have been taken back by the command
        undo_map(done, actor=actor, at=at)
    return sum(done.counts.values())
