"""Read a network file: kept with its findings, to be looked at before anything changes."""

import hashlib
from datetime import datetime

from django.db import transaction

from jiedian.core.grid.network import Network
from jiedian.core.grid.packing import pack
from jiedian.core.grid.readers.files import Reading, read_file
from jiedian.journal.services import Actor, record

from ..models import Import
from .versions import as_rows


def read_in(
    name: str,
    parts: list[tuple[str, bytes]],
    *,
    grid_code: str,
    actor: Actor,
    at: datetime,
    format: str = "auto",
) -> Import:
    """Read the parts of one network. What cannot be read is kept too, as refused, with the reasons."""
    digest = hashlib.sha256()
    for _, content in parts:
        digest.update(content)
    size = sum(len(content) for _, content in parts)
    reading = read_file(name, parts, format=format)
    return keep(
        reading, name=name, grid_code=grid_code, sha256=digest.hexdigest(), size=size, actor=actor, at=at
    )


@transaction.atomic
def keep(
    reading: Reading, *, name: str, grid_code: str, sha256: str, size: int, actor: Actor, at: datetime
) -> Import:
    """Write down what became of a file."""
    network = reading.network
    done = Import.objects.create(
        grid_code=grid_code[:60],
        name=name[:200],
        format=reading.format,
        sha256=sha256,
        size_bytes=size,
        state=Import.State.READ if network else Import.State.REFUSED,
        findings=as_rows(reading.findings)[:2000],
        counts=reading.counts,
        snapshot=pack(network) if network else None,
        read_by=actor.name,
        read_at=at,
    )
    data = {"file": name[:120], "findings": len(reading.findings), "readable": network is not None}
    record("grid.imported", stream=f"grid:{grid_code}"[:60], actor=actor, at=at, data=data)
    return done


def of_network(network: Network, *, format: str) -> Reading:  # noqa: A002 - the word people use
    """A network that is already in memory, as if it had been read from a file."""
    from jiedian.core.grid.readers.files import checked

    return checked(network, [], known=format)
