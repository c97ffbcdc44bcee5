"""Event logs in XES, the exchange format of process mining, read as a table: one row an event, ``case:`` before what a trace says."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from jiedian.core.findings import refuse
from jiedian.core.sheets import fold

UNPACKED_BYTES = 1_500_000_000
WHOLE_ROWS = 50
"""So many first rows are kept with every column, to be looked at; of the others only what is asked for."""
VALUES = {"string", "date", "int", "float", "boolean", "id"}
PACKED = b"\x1f\x8b"
Told = dict[str, str]


def is_xes(data: bytes, name: str) -> bool:
    """True if a file is an event log in XES, packed or not, whatever it is called."""
    head = data[:4000]
    if head.startswith(PACKED):
        try:
            head = zlib.decompressobj(wbits=31).decompress(data[:20_000], 4000)
        except zlib.error:
            head = b""
    return name.lower().endswith((".xes", ".xes.gz")) or b"<log" in head


def rows_of(data: bytes, wanted: Sequence[str]) -> tuple[list[str], list[list[str]], int]:
    """Headings and rows of a log, and how many traces it has; a trace without events is a row without one.

    Raises Refused when it is no XES, or grows beyond all bounds when unpacked.
    """
    columns = _Columns(wanted)
    rows: list[list[str]] = []
    traces = 0
    try:
        for told, events in _traces(_unpacked(data)):
            traces += 1
            case = {f"case:{key}": value for key, value in told.items()}
            for event in events or [{}]:
                rows.append(columns.row(case | event, is_whole=len(rows) < WHOLE_ROWS))
    except (etree.XMLSyntaxError, OSError, EOFError, zlib.error) as error:
        raise refuse("history.xes", error=error) from error
    return list(columns.places), rows, traces


class _Columns:
    """The columns of a log as they turn up, and which of them are asked for."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self.places: dict[str, int] = {}
        self.is_all = any(name.startswith("#") for name in wanted)
        self.wanted = {fold(name) for name in wanted}
        self.asked: dict[str, bool] = {}

    def row(self, told: Told, *, is_whole: bool) -> list[str]:
        """The cells of a row; one told by its place (``#3``) may be any column."""
        cells: list[str] = []
        for key, value in told.items():
            at = self.places.setdefault(key, len(self.places))
            if is_whole or self.is_all or self._is_asked(key):
                cells += [""] * (at + 1 - len(cells))
                cells[at] = value
        return cells

    def _is_asked(self, key: str) -> bool:
        if key not in self.asked:
            self.asked[key] = fold(key) in self.wanted
        return self.asked[key]


class _Bounded(io.RawIOBase):
    """A packed log that is unpacked as it is read, and refused when it swells."""

    def __init__(self, packed: bytes) -> None:
        self.left, self.inner = UNPACKED_BYTES, gzip.GzipFile(fileobj=io.BytesIO(packed))

    def read(self, size: int = -1) -> bytes:
        """The next bytes, never all at once."""
        part = self.inner.read(size if size > 0 else 1 << 16)
        self.left -= len(part)
        if self.left < 0:
            raise refuse("history.xes", error="size")
        return part


def _unpacked(data: bytes) -> Any:
    return _Bounded(data) if data.startswith(PACKED) else io.BytesIO(data)


def _traces(source: Any) -> Iterator[tuple[Told, list[Told]]]:
    """Traces of a log with their events; a trace that was read is let go, entities are not followed."""
    reading = etree.iterparse(
        source,
        events=("end",),
        tag="{*}trace",
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
    )
    for _event, trace in reading:
        yield _told(trace), [_told(child) for child in trace if _name(child) == "event"]
        trace.clear()
        while trace.getprevious() is not None:
            del trace.getparent()[0]


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _told(element: Any) -> Told:
    """What an element says of itself: its own keys and values, not those nested below."""
    return {child.get("key") or "": child.get("value") or "" for child in element if _name(child) in VALUES}
