"""The part of JSON Schema (2020-12) that our description uses, checked by hand: no library of it is among the dependencies."""

import re
from datetime import date, datetime
from typing import Any

TYPES: dict[str, Any] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
KNOWN = set(
    [
        *(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "pattern",
            "format",
        ),
        *(
            "oneOf",
            "$ref",
            "description",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "maxLength",
            "default",
        ),
    ]
)


def faults(value: Any, schema: dict[str, Any], told: dict[str, Any], at: str = "$") -> list[str]:
    """What of a value is not as a schema says; a word of the schema that is not known here is a fault of its own."""
    if "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found = [f"{at}: {word} is not checked" for word in set(schema) - KNOWN]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{at}: {value!r} is no {kinds}"]
    found += _chosen(value, schema, told, at)
    if isinstance(value, str):
        found += _text(value, schema, at)
    if isinstance(value, list):
        found += _array(value, schema, told, at)
    if isinstance(value, dict):
        found += _object(value, schema, told, at)
    return found


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _chosen(value: Any, schema: dict[str, Any], told: dict[str, Any], at: str) -> list[str]:
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']!r}")
    if "oneOf" in schema and sum(not faults(value, one, told, at) for one in schema["oneOf"]) != 1:
        found.append(f"{at}: {value!r} is not one of its kinds")
    return found


def _array(value: list[Any], schema: dict[str, Any], told: dict[str, Any], at: str) -> list[str]:
    found = []
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append(f"{at}: {len(value)} items")
    for row, item in enumerate(value):
        found += faults(item, schema.get("items", {}), told, f"{at}[{row}]")
    return found


def _text(value: str, schema: dict[str, Any], at: str) -> list[str]:
    found = []
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at}: {value!r} is not {schema['pattern']}")
    read = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}.get(schema.get("format", ""))
    try:
        if read:
            read(value)
    except ValueError:
        found.append(f"{at}: {value!r} is no {schema['format']}")
    return found


def _object(value: dict[str, Any], schema: dict[str, Any], told: dict[str, Any], at: str) -> list[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in properties:
            found += faults(item, properties[name], told, f"{at}.{name}")
        elif more is False:
            found.append(f"{at}: {name} is not described")
        elif isinstance(more, dict):
            found += faults(item, more, told, f"{at}.{name}")
    return found
