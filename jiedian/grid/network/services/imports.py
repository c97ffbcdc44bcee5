"""Take a network file in and read it: kept with its findings, to be looked at before anything changes."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.grid.circuit.calc.network import Network
from jiedian.grid.circuit.calc.packing import pack
from jiedian.grid.readers.calc import simbench
from jiedian.grid.readers.calc.files import GridFile, checked, read_file
from jiedian.grid.readers.calc.opening import CEILINGS
from jiedian.ground.journal.models import Fact
from jiedian.ground.journal.services import Actor, record
from jiedian.ground.vault.models import Upload
from jiedian.ground.vault.services import ANYTHING, Label, forget, path_of, store, too_large

from ..models import Import, Progress
from .versions import say

log = logging.getLogger(__name__)
CODE = re.compile(r"[-a-zA-Z0-9_]{1,60}")


def checked_code(grid_code: str) -> str:
    """The code of a grid, as it will stand in addresses and files. Raises Refused when it is more than letters, digits and dashes."""
    if not CODE.fullmatch(grid_code):
        raise refuse("grid.code_word", code=grid_code[:60])
    return grid_code


@transaction.atomic
def ask(files: Sequence["UploadedFile[Any]"], *, grid_code: str, actor: Actor, at: datetime) -> Import:
    """Put the parts of one network into the vault, piece by piece, and order their reading; the worker does it.

    Raises Refused when there is none, one is empty or all are too large together; then nothing is left.
    """
    size = sum(file.size or 0 for file in files)
    if not files or any(not file.size for file in files):
        raise refuse("file.empty")
    if size > CEILINGS.given_bytes:
        raise too_large(CEILINGS.given_bytes)
    asked = Import.objects.create(
        grid_code=checked_code(grid_code),
        name=_name([file.name or "upload" for file in files])[:200],
        size_bytes=size,
        state=Import.State.WAITING,
        read_by=actor.name,
        read_at=at,
    )
    asked.parts.set([_stored(file, asked, actor=actor, at=at) for file in files])
    Progress.objects.create(of=asked)
    data = {"import": asked.pk, "parts": len(files), "bytes": size}
    record("grid.import_asked", stream=f"grid:{grid_code}"[:60], actor=actor, at=at, data=data)
    return asked


@transaction.atomic
def ask_code(code: str, *, state: str, grid_code: str, actor: Actor, at: datetime) -> Import:
    """Order the reading of a SimBench code in a ``state`` (nominal or peak). Raises Refused when it is none."""
    if not simbench.is_code(code):
        raise refuse("grid.not_a_code", simbench_code=code)
    asked = Import.objects.create(
        grid_code=checked_code(grid_code),
        name=code,
        format="simbench",
        size_bytes=0,
        state=Import.State.WAITING,
        ask={"code": code, "state": state},
        read_by=actor.name,
        read_at=at,
    )
    Progress.objects.create(of=asked)
    data = {"import": asked.pk, "code": code}
    record("grid.import_asked", stream=f"grid:{grid_code}"[:60], actor=actor, at=at, data=data)
    return asked


def _name(names: Sequence[str]) -> str:
    """What a set of files is called: its one file, or the first and how many more."""
    return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"


def _stored(file: "UploadedFile[Any]", asked: Import, *, actor: Actor, at: datetime) -> Upload:
    return store(
        file,
        Label(file.name or "upload", f"grid-import:{asked.pk}", "grid", actor.id),
        at=at,
        kinds=ANYTHING,
        ceiling_bytes=CEILINGS.given_bytes,
    )


@transaction.atomic
def read_asked(fact: Fact) -> None:
    """Read the file a fact asks for; run twice it does nothing more. Of a file that is refused the bytes go."""
    asked = Import.objects.select_for_update().filter(pk=fact.data["import"]).first()
    if asked is None or asked.state != Import.State.WAITING:
        return
    uploads = list(asked.parts.order_by("name", "id"))
    say(asked.pk, Progress.Stage.OPENING)
    parts = [(upload.name, path_of(upload.sha256).read_bytes()) for upload in uploads]
    say(asked.pk, Progress.Stage.READING)
    reading = _read(asked, parts)
    say(asked.pk, Progress.Stage.KEEPING)
    values = _become(reading) | {"sha256": _digest(parts), "ask": {}}
    Import.objects.filter(pk=asked.pk).update(**values)
    if reading.network is None:
        for upload in uploads:
            forget(upload)
    actor = Actor(fact.actor_id, fact.actor_name, fact.actor_role)
    _say_imported(asked, reading, actor=actor, at=fact.occurred_at)


def _read(asked: Import, parts: list[tuple[str, bytes]]) -> GridFile:
    """What a reader did not foresee is a refusal too: raised on, the import would wait for ever."""
    try:
        return _of_code(**asked.ask) if asked.ask else read_file(asked.name, parts)
    except Exception as error:
        log.exception("import %s", asked.pk)
        word = type(error).__name__
        failed = Finding("grid.failed", asked.name, word=word)
        return GridFile(None, asked.format or "auto", (failed,))


def _of_code(code: str, state: str) -> GridFile:
    try:
        return checked(*simbench.read(code, state=state), known="simbench")
    except Refused as refusal:
        return GridFile(None, "simbench", refusal.findings)


def _digest(parts: Sequence[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for _name, content in parts:
        digest.update(content)
    return digest.hexdigest()


def read_in(
    name: str,
    parts: list[tuple[str, bytes]],
    *,
    grid_code: str,
    actor: Actor,
    at: datetime,
    format: str = "auto",
) -> Import:
    """Read the parts of one network at once. What cannot be read is kept too, as refused, with the reasons."""
    size = sum(len(content) for _, content in parts)
    reading = read_file(name, parts, format=format)
    return keep(reading, Source(name, grid_code, _digest(parts), size), actor=actor, at=at)


@dataclass(frozen=True)
class Source:
    """Source of a network: the name, hash and size of its file, and the grid it is meant for."""

    name: str
    grid_code: str
    sha256: str = ""
    size_bytes: int = 0


@transaction.atomic
def keep(reading: GridFile, source: Source, *, actor: Actor, at: datetime) -> Import:
    """Write down what became of a file."""
    done = Import.objects.create(
        grid_code=checked_code(source.grid_code),
        name=source.name[:200],
        sha256=source.sha256,
        size_bytes=source.size_bytes,
        read_by=actor.name,
        read_at=at,
        **_become(reading),
    )
    _say_imported(done, reading, actor=actor, at=at)
    return done


def _become(reading: GridFile) -> dict[str, Any]:
    """What a reading makes of an import."""
    network = reading.network
    return {
        "format": reading.format,
        "state": Import.State.READ if network else Import.State.REFUSED,
        "findings": [finding.row() for finding in reading.findings[:2000]],
        "counts": reading.counts,
        "snapshot": pack(network) if network else None,
    }


def _say_imported(done: Import, reading: GridFile, *, actor: Actor, at: datetime) -> None:
    data = {
        "file": done.name[:120],
        "findings": len(reading.findings),
        "readable": reading.network is not None,
    }
    record("grid.imported", stream=f"grid:{done.grid_code}"[:60], actor=actor, at=at, data=data)


def of_network(network: Network, *, format: str) -> GridFile:  # noqa: A002 - the word people use
    """A network that is already in memory, as if it had been read from a file."""
    return checked(network, [], known=format)
