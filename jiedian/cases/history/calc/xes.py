"""Event logs in XES, the exchange format of process mining, read as a table: one row an event, ``case:`` before what a trace says."""

import gzip
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from jiedian.core.findings import refuse
from jiedian.core.sheets import csv_bytes

UNPACKED_BYTES = 1_500_000_000
VALUES = {"string", "date", "int", "float", "boolean", "id"}


def is_xes(data: bytes, name: str) -> bool:
    """True if a file is an event log in XES, packed or not."""
    return name.lower().endswith((".xes", ".xes.gz")) or b"<log" in data[:4000]


def as_table(data: bytes) -> bytes:
    """A log as CSV. Raises Refused when it is no XES, or grows beyond all bounds when unpacked."""
    traces: list[tuple[dict[str, str], list[dict[str, str]]]] = []
    try:
        traces = list(_traces(_unpacked(data)))
    except (etree.XMLSyntaxError, OSError, EOFError) as error:
        raise refuse("history.xes", error=error) from error
    of_case = _keys(told for told, _events in traces)
    of_event = _keys(event for _told, events in traces for event in events)
    heading = [*(f"case:{key}" for key in of_case), *of_event]
    rows = (
        [*(told.get(key, "") for key in of_case), *(event.get(key, "") for key in of_event)]
        for told, events in traces
        for event in events
    )
    return csv_bytes(heading, rows)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    with gzip.GzipFile(fileobj=BytesIO(data)) as packed:
        found = packed.read(UNPACKED_BYTES + 1)
    if len(found) > UNPACKED_BYTES:
        raise refuse("history.xes", error="size")
    return found


def _traces(data: bytes) -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Traces of a log with their events; a trace that was read is let go, entities are not followed."""
    reading = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag="{*}trace",
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
    )
    for _event, trace in reading:
        events = [child for child in trace if etree.QName(child).localname == "event"]
        yield _told(trace), [_told(event) for event in events]
        trace.clear()
        while trace.getprevious() is not None:
            del trace.getparent()[0]


def _told(element: Any) -> dict[str, str]:
    """What an element says of itself: its own keys and values, not those nested below."""
    return {
        child.get("key") or "": child.get("value") or ""
        for child in element
        if isinstance(child.tag, str) and etree.QName(child).localname in VALUES
    }


def _keys(rows: Iterator[dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))
