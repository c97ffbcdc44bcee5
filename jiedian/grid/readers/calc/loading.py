"""One loader of grids for every command: a file, several files of one model, a folder, an archive, our own JSON, or a code."""

import sys
from collections.abc import Sequence
from pathlib import Path

from jiedian.core.findings import Finding, Refused
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.network import Network

from . import simbench
from .files import GridFile, checked, read_file

HELP = """a grid: pandapower JSON; CGMES or CIM-XML (an archive, a folder, or its files one after the other); tables (a folder,
an archive or a workbook); what import-grid wrote; a SimBench code; or - for standard input"""


def load_grid(names: Sequence[str], *, format: str = "auto", state: str = "nominal") -> GridFile:  # noqa: A002
    """Read what the words of a command name. Never raises for bad input: then there is no network and the findings say why.

    ``state`` is that of the loads of a SimBench code: nominal or peak.
    """
    if not names or "" in names:
        return _refused("file.open", "", error=Text("没有文件名", "no name of a file"))
    if list(names).count("-") > 1:
        return _refused("file.once", "-")
    first = Path(names[0])
    is_code = len(names) == 1 and format in ("auto", "simbench") and simbench.is_code(names[0])
    if is_code and not first.exists():
        try:
            return checked(*simbench.read(names[0], state=state), known="simbench")
        except Refused as refusal:
            return GridFile(None, "simbench", refusal.findings)
    try:
        held = {name: _parts(Path(name)) for name in names}
    except OSError as error:
        return _refused("file.open", str(error.filename or first), error=error.strerror or str(error))
    if empty := [name for name, parts in held.items() if not parts]:
        return _refused("file.empty", empty[0])
    parts = [part for name in names for part in held[name]]
    return read_file(_title(first, parts), parts, format=format)


def _parts(path: Path) -> list[tuple[str, bytes]]:
    """A file, standard input, or the files of a folder that are not hidden."""
    if str(path) == "-":
        return [("stdin", sys.stdin.buffer.read())]
    if not path.is_dir():
        return [(path.name, path.read_bytes())]
    files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    return [(p.name, p.read_bytes()) for p in files]


def _title(first: Path, parts: Sequence[object]) -> str:
    """The name of a network: that of its file, or of the folder its files lie in."""
    if first.is_dir():
        return first.resolve().name
    return first.name if len(parts) < 2 else first.resolve().parent.name


def _refused(code: str, where: str, /, **facts: object) -> GridFile:
    return GridFile(None, "", (Finding(code, where, **facts),))


def solvable(reading: GridFile) -> Network:
    """The network, if open capacity may be calculated on it. Raises Refused with the reasons when there is none or it may not."""
    if reading.network is None:
        raise Refused(reading.findings)
    if reading.refusals:
        raise Refused(reading.refusals)
    return reading.network
