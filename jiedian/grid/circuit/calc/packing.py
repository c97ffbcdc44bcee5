"""电网存取: a network as compressed bytes for keeping, and as plain JSON values for handing on."""

import json
from dataclasses import fields
from io import BytesIO
from typing import Any, get_type_hints

import numpy as np

from jiedian.core.findings import Finding, refuse

from .network import Network

FORMAT = "jiedian-network-1"
TABLES = tuple(
    (name, kind) for name, kind in get_type_hints(Network).items() if hasattr(kind, "__dataclass_fields__")
)
"""(field of Network, class of its rows)."""


def pack(network: Network) -> bytes:
    """Compressed arrays (NPZ) and one JSON entry for the words; opened again by ``unpack`` without any code inside."""
    words: dict[str, Any] = {
        "format": FORMAT,
        "name": network.name,
        "note": network.note,
        "hz": network.hz,
        "places": network.places,
        "routes": network.routes,
        "held_pu": network.held_pu,
        "held_by": network.held_by,
        "stars": network.stars,
        "names": network.names,
    }
    arrays: dict[str, Any] = {}
    for table, kind in TABLES:
        rows = getattr(network, table)
        for column in fields(kind):
            value = getattr(rows, column.name)
            if isinstance(value, tuple):
                words[f"{table}.{column.name}"] = value
            else:
                arrays[f"{table}.{column.name}"] = value
    text = json.dumps(words, ensure_ascii=False).encode()
    kept = BytesIO()
    np.savez_compressed(kept, words=np.frombuffer(text, np.uint8), **arrays)
    return kept.getvalue()


def unpack(content: bytes) -> Network:
    """The network as packed. Raises Refused when the bytes are something else."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as kept:
            words = json.loads(kept["words"].tobytes())
            arrays = {name: kept[name] for name in kept.files if name != "words"}
        if words.get("format") != FORMAT:
            raise ValueError(FORMAT)
        return _network(words, lambda table, column: arrays[f"{table}.{column}"])
    except Exception as error:  # a damaged archive raises whatever its parts raise
        raise refuse("grid.pack") from error


def _network(words: dict[str, Any], array: Any) -> Network:
    tables: dict[str, Any] = {}
    for table, kind in TABLES:
        tables[table] = kind(
            **{
                column.name: tuple(words[f"{table}.{column.name}"])
                if f"{table}.{column.name}" in words
                else array(table, column.name)
                for column in fields(kind)
            }
        )
    network = Network(
        name=str(words["name"] or ""),
        note=words["note"],
        hz=float(words["hz"]),
        places={bus: (float(x), float(y)) for bus, (x, y) in words["places"].items()},
        stars=tuple(words.get("stars", ())),
        held_pu={bus: float(pu) for bus, pu in words.get("held_pu", {}).items()},
        held_by={bus: tuple(map(str, by)) for bus, by in words.get("held_by", {}).items()},
        names={str(key): str(name) for key, name in words.get("names", {}).items()},
        routes={line: tuple((float(x), float(y)) for x, y in way) for line, way in words["routes"].items()},
        **tables,
    )
    numbers = [
        network.hz,
        *network.held_pu.values(),
        *(x for place in network.places.values() for x in place),
    ]
    numbers += [x for way in network.routes.values() for place in way for x in place]
    if not np.isfinite(numbers).all() or not network.hz > 0:
        raise ValueError("hz, places, routes, held_pu")
    return network


def as_json(network: Network) -> dict[str, Any]:
    """Plain values: a table is a mapping of columns to lists, a missing number is null; columns named by ``network.py``."""
    plain: dict[str, Any] = {
        "format": FORMAT,
        "name": network.name,
        "note": network.note,
        "hz": network.hz,
    }
    for table, kind in TABLES:
        rows = getattr(network, table)
        plain[table] = {column.name: _plain(getattr(rows, column.name)) for column in fields(kind)}
    plain["places"] = {bus: list(place) for bus, place in network.places.items()}
    plain["stars"] = list(network.stars)
    plain["held_pu"] = dict(network.held_pu)
    plain["held_by"] = {bus: list(by) for bus, by in network.held_by.items()}
    plain["names"] = dict(network.names)
    plain["routes"] = {line: [list(point) for point in way] for line, way in network.routes.items()}
    return plain


def _plain(values: Any) -> list[Any]:
    if isinstance(values, tuple):
        return list(values)
    listed = values.tolist()
    if values.dtype.kind != "f":
        return list(listed)
    return [value if np.isfinite(value) else None for value in listed]


def from_json(data: dict[str, Any]) -> Network:
    """The network of ``as_json``. Raises Refused when columns are missing or of different length."""
    try:
        if data["format"] != FORMAT:
            raise ValueError(FORMAT)
        words = {
            f"{table}.{column.name}": [str(word) for word in data[table][column.name]]
            for table, kind in TABLES
            for column in fields(kind)
            if column.type == "tuple[str, ...]" or column.name == "id"
        }
        words |= {name: data[name] for name in ("name", "note", "hz", "places", "routes")}
        words |= {"held_pu": data.get("held_pu", {}), "stars": data.get("stars", ())}
        words |= {name: data.get(name, {}) for name in ("names", "held_by")}
        network = _network(words, lambda table, column: _array(table, column, data[table][column]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise refuse("grid.json", error=error) from error
    for table, kind in TABLES:
        columns = {column.name: getattr(getattr(network, table), column.name) for column in fields(kind)}
        if len({len(values) for values in columns.values()}) > 1:
            raise refuse("grid.columns", table=table)
        ends = [values for name, values in columns.items() if name.endswith("bus")]
        if any(((values < 0) | (values >= len(network.buses.id))).any() for values in ends):
            raise refuse("grid.no_such_end", table=table)
    return network


def from_text(content: bytes, *, name: str = "") -> tuple[Network, list[Finding]]:
    """The network of a file that import-grid wrote, and what was found when it was read first. Raises Refused."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
        found = [Finding.from_row(row) for row in data.get("findings", ())]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refuse("grid.json", name, error=error) from error
    return from_json(data), found


def _array(table: str, column: str, values: list[Any]) -> Any:
    kind = dict(TABLES)[table]
    wanted = str(get_type_hints(kind)[column])
    if "int64" in wanted or "bool" in wanted:
        if any(not isinstance(value, int | float) or value != int(value) for value in values):
            raise ValueError(f"{table}.{column}")
        return np.asarray(values, np.int64 if "int64" in wanted else np.bool_)
    missing = np.inf if column == "rated_a" else np.nan  # a line without a rating is unlimited
    return np.asarray([missing if value is None else float(value) for value in values], np.float64)
