"""Read any network file: find out what it is, read it, check it. One answer for pages and commands."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from jiedian.core.findings import Finding, Refused, refuse
from jiedian.grid.cim.calc import cim
from jiedian.grid.circuit.calc.contradictions import contradictions, say
from jiedian.grid.circuit.calc.network import Network, upright
from jiedian.grid.circuit.calc.packing import FORMAT, from_text

from . import pandapower, tables
from .kinds import as_utf8, other_program, refused
from .opening import open_files

BLANK = b"\xef\xbb\xbf \r\n\t"
FORMATS = ("auto", "pandapower", "cim", "tables", "simbench", "jiedian")
ENDINGS = ("json", "xml", "zip", "xlsx", "xlsm", "xls", "csv", "txt")
BLOCKING = frozenset(("grid.unbalanced", "grid.unbalanced_power", "grid.no_source"))
"""Findings with which a network can be kept and shown, while its open capacity is refused."""
NETWORKS = (FORMAT.encode(), b"pandapowerNet")
"""Words by which a JSON is a whole network, and not something that lies beside one."""
ONCE = (
    "grid.bad_line",
    "grid.zero_impedance",
    "grid.bad_trafo",
    "grid.no_source",
    "grid.line_voltages",
    "grid.bad_power",
)
"""What a reader already said of as many in its own words is not said again by the check."""


@dataclass(frozen=True)
class GridFile:
    """Network read from a file (None when it could not be read), its format, and every finding."""

    network: Network | None
    format: str
    findings: tuple[Finding, ...]

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Findings for which open capacity is refused; empty when it may be calculated."""
        return tuple(finding for finding in self.findings if finding.code in BLOCKING)

    @property
    def counts(self) -> dict[str, int]:
        """Number of things of each kind."""
        if self.network is None:
            return {}
        names = ("buses", "lines", "transformers", "links", "loads", "generators")
        return {name: len(getattr(self.network, name).id) for name in names} | {
            "sources": len(self.network.sources.bus)
        }


def read_file(name: str, parts: list[tuple[str, bytes]], *, format: str = "auto") -> GridFile:
    """Read the parts of one network (one file, or several that belong together) by what they hold.

    Never raises for a bad file: the findings say what is wrong, and nothing is half read. ``name`` is that of the file or
    folder; the network is called so, without its ending, where the files have no better name.
    """
    known = format
    try:
        files = [one for inner, content in parts for one in open_files(inner, content)]
        if not any(content for _, content in files):
            raise refuse("file.empty", name)
        known = _format(files) if format == "auto" else format
        return checked(*_read(known, files, _title(name)), known=known)
    except Refused as refusal:
        return GridFile(None, known, refusal.findings)
    except (RecursionError, MemoryError, OverflowError) as error:
        word = type(error).__name__
        return GridFile(
            None,
            known,
            (Finding("file.beyond", name, word=word),),
        )


def _format(files: list[tuple[str, bytes]]) -> str:
    if tables.is_set(files):
        return "tables"
    other = other_program("", files[0][1][:8192]) if len(files) == 1 else ""
    if other:
        raise refuse("file.other_format", files[0][0], kind=other)
    if any(_is_json(content) for _, content in files):
        return "jiedian" if any(FORMAT.encode() in as_utf8(content) for _, content in files) else "pandapower"
    if any(_is_xml(content) for _, content in files):
        return "cim"
    raise refused(*next((file for file in files if file[1]), files[0]))


def _is_xml(content: bytes) -> bool:
    """Whether it begins like XML, in UTF-8 or UTF-16, and is no web page."""
    head = as_utf8(content[:4096]).lstrip(BLANK).lower()
    return head[:1] == b"<" and not head.startswith((b"<!doctype html", b"<html"))


def _is_json(content: bytes) -> bool:
    """Whether it begins like JSON, in UTF-8 or UTF-16."""
    return as_utf8(content[:4096]).lstrip(BLANK)[:1] in (b"{", b'"')


def _title(name: str) -> str:
    """A file's name without its ending; nothing where it is only that of a table.

    >>> _title("town.zip"), _title("buses.csv"), _title("1-MV-urban--0-sw"), _title("CIM_v2.4.15.zip")
    ('town', '', '1-MV-urban--0-sw', 'CIM_v2.4.15')
    """
    stem, dot, ending = name.removesuffix(".gz").rpartition(".")
    stem = stem if dot and ending.lower() in ENDINGS else name
    return "" if tables.is_table(stem) else stem


def _json_of(files: list[tuple[str, bytes]], name: str) -> tuple[bytes, list[Finding]]:
    """The network among the files, and that the others are not read. Raises Refused where there are two: one would be left out."""
    texts = [(n, as_utf8(content)) for n, content in files if _is_json(content)] or files[:1]
    networks = [row for row in texts if any(mark in row[1] for mark in NETWORKS)] if len(files) > 1 else []
    if len(networks) > 1:
        raise refuse("file.two_networks", name, names="、".join(n for n, _ in networks))
    chosen, content = (networks or texts)[0]
    return content, [Finding("file.skipped", n) for n, _ in files if n != chosen]


def _read(known: str, files: list[tuple[str, bytes]], name: str) -> tuple[Network, list[Finding]]:
    if known == "cim":
        xml = [(n, c) for n, c in files if _is_xml(c)]
        skipped = [Finding("file.skipped", n) for n, c in files if (n, c) not in xml]
        if not xml:
            raise refuse("cim.none", name)
        network, findings = cim.read(xml)
        return network, findings + skipped
    if known == "tables":
        return tables.read(files, name=name)
    if known in ("pandapower", "jiedian"):
        content, skipped = _json_of(files, name)
        network, findings = (pandapower.read if known == "pandapower" else from_text)(content, name=name)
        return network, findings + skipped
    raise refuse("file.format", known=known)


def checked(network: Network, findings: list[Finding], *, known: str) -> GridFile:
    """A network that was read, with what contradicts itself in it."""
    said: Counter[str] = Counter()
    for finding in findings:
        said[finding.code] += finding.facts.get("count", 1)
    network, turned = upright(network)
    network, unrated = _rated(network)
    more = [
        finding
        for finding in [
            *say("grid.trafo_turned", list(turned), "transformers"),
            *unrated,
            *contradictions(network),
        ]
        if finding not in findings
        and not (finding.code in ONCE and finding.facts.get("count", 1) <= said[finding.code])
    ]
    return GridFile(_distinct(network), known, tuple(findings + more))


def _rated(network: Network) -> tuple[Network, list[Finding]]:
    """A line whose rated current is nought or below is unlimited, and named."""
    lines = network.lines
    rows = np.flatnonzero(lines.rated_a <= 0)
    if not len(rows):
        return network, []
    rated_a = lines.rated_a.copy()
    rated_a[rows] = np.inf
    named = say("grid.no_rating", [lines.id[row] for row in rows.tolist()], "lines")
    return replace(network, lines=replace(lines, rated_a=rated_a)), named


def _distinct(network: Network) -> Network:
    """Ids used twice get a serial, so that a name means one thing."""
    changed = {}
    for table in ("buses", "lines", "transformers", "links", "loads", "generators"):
        rows = getattr(network, table)
        times = Counter(rows.id)
        if max(times.values(), default=1) > 1:
            seen: Counter[str] = Counter()
            ids = []
            for name in rows.id:
                seen[name] += 1
                ids.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
            changed[table] = replace(rows, id=tuple(ids))
    return replace(network, **changed)
