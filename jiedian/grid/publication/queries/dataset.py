"""The public description of the data set: what OpenAPI says of it, built from the same fields that the answers are written from."""

from typing import Any

from django.utils.translation import override

from jiedian.grid.network.models import Device

from .rows import FIELDS, KINDS, LEVELS, Field

MOST, USUAL = 5000, 1000
"""So many rows an answer of the API may have, and has when nobody says."""
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "grid": ({"type": "string"}, "Code of the grid; without it the city's grid"),
    "issue": ({"type": "integer", "minimum": 1}, "Number of the issue; without it the last"),
    "kind": (
        {"type": "string", "enum": [*KINDS, "all"]},
        "Kind of device; without it everything but nodes, `all` with them",
    ),
    "feeder": ({"type": "string"}, "Code of a feeder: it and what hangs on it"),
    "level": ({"type": "string", "enum": list(LEVELS)}, "How much is open, in a word"),
    "q": ({"type": "string", "maxLength": 60}, "A part of the name or code"),
    "near": (
        {"type": "string", "pattern": r"^-?[0-9.]+,-?[0-9.]+$"},
        "Longitude,latitude: nearest first, with `distance_m`; not for nodes and not with `after`",
    ),
    "limit": ({"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "Rows of one answer"),
    "after": ({"type": "string", "pattern": "^[0-9]+$"}, "From `next` of the answer before"),
}
FILTERS = ("grid", "issue", "kind", "feeder", "level", "q")
"""What the files take; the API takes all of ``PARAMETERS``."""


def schema_of(field: Field) -> dict[str, Any]:
    """JSON Schema (2020-12) of a field, with its unit and what it means."""
    name = field.type.removesuffix("?")
    made: dict[str, Any] = {"type": "string" if name in ("date", "month") else name}
    if field.type.endswith("?"):
        made["type"] = [made["type"], "null"]
    if name == "date":
        made["format"] = "date"
    if name == "month":
        made["pattern"] = "^[0-9]{4}-(0[1-9]|1[0-2])$"
    if field.key == "kind":
        made["enum"] = list(KINDS)
    if field.key == "level":
        made["enum"] = [*LEVELS, None]
    with override("en"):
        made["description"] = str(field.label) + (f" [{field.unit}]" if field.unit else "")
    return made


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description of the open-capacity part of ``/api/v1``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Open capacity",
            "version": "1",
            "description": (
                "Monthly issues of the capacity that can still be connected. An issue never changes. Figures of several "
                "devices are not additive: they share what feeds them. Describes the open-capacity addresses only."
            ),
        },
        "paths": {
            "/api/v1/capacity": {"get": _get("Rows of an issue", "Capacity", list(PARAMETERS))},
            "/api/v1/capacity/issues": {"get": _get("The issues, newest first", "Issues", ["grid"])},
            "/capacity.geojson": {
                "get": _get(
                    "An issue as GeoJSON (RFC 7946)", "GeoJSON", list(FILTERS), "application/geo+json"
                )
            },
            "/capacity.csv": {"get": _file("An issue as CSV, UTF-8 with byte order mark", "text/csv")},
            "/capacity.xlsx": {"get": _file("An issue as a workbook, up to 5,000 rows", XLSX)},
        },
        "components": {"schemas": _schemas()},
    }


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _get(summary: str, schema: str, names: list[str], media: str = "application/json") -> dict[str, Any]:
    content = {media: {"schema": _refers(schema)}}
    return {
        "summary": summary,
        "parameters": [_parameter(name) for name in names],
        "responses": {"200": {"description": summary, "content": content}, **_problems()},
    }


def _file(summary: str, media: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": [_parameter(name) for name in FILTERS],
        "responses": {
            "200": {"description": summary, "content": {media: {"schema": {"type": "string"}}}},
            **_problems(),
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    schema, words = PARAMETERS[name]
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}


def _problems() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _refers("Problem")}}
    return {
        "304": {"description": "The issue is the one you have (ETag)"},
        "400": {
            "description": "A parameter is not known, or has a value that it cannot have",
            "content": content,
        },
        "404": {"description": "No such grid, issue or feeder", "content": content},
        "422": {"description": "Too many rows for this kind of file", "content": content},
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
DAY: dict[str, Any] = {"type": "string", "format": "date"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
SHARED = {
    "grid": TEXT,
    "grid_name": TEXT,
    "number": WHOLE,
    "due_on": DAY,
    "published_at": MOMENT,
    "late_days": WHOLE,
    "formula": TEXT,
    "edition": WHOLE,
}
PUBLICATION = SHARED | {
    "next_due_on": DAY,
    "measured_to": {"type": ["string", "null"]},
    "version": WHOLE,
    "parameters": {"type": "object", "additionalProperties": {"type": "number"}},
    "unit": {"const": "kW"},
    "crs": {"const": "WGS 84"},
    "is_additive": {"const": False},
    "is_simulated": {"type": "boolean"},
    "note_zh": TEXT,
    "note_en": TEXT,
    "grid_note_zh": TEXT,
    "grid_note_en": TEXT,
}
ISSUE = SHARED | {"devices": WHOLE, "by_hand": WHOLE, "url": TEXT}


def _refers(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Any]:
    row = _object({field.key: schema_of(field) for field in FIELDS})
    distance = {"distance_m": {"type": "number", "description": "With `near` only"}}
    many = {
        "publication": _refers("Publication"),
        "count": WHOLE | {"description": "Rows that are wanted in all"},
        "next": {"type": ["string", "null"], "description": "Address of the following rows"},
        "capacity": {"type": "array", "items": _refers("Row")},
    }
    feature = {
        "type": {"const": "Feature"},
        "id": TEXT,
        "geometry": {"oneOf": [{"type": "null"}, *_geometries()]},
        "properties": row,
    }
    features = {
        "type": {"const": "FeatureCollection"},
        "publication": _refers("Publication"),
        "features": {"type": "array", "items": _refers("Feature")},
    }
    problem = {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "detail_zh": TEXT}
    return {
        "Row": row | {"properties": row["properties"] | distance},
        "Publication": _object(PUBLICATION),
        "Capacity": _object(many),
        "Issues": _object({"issues": {"type": "array", "items": _object(ISSUE)}}),
        "Feature": _object(feature),
        "GeoJSON": _object(features),
        "Problem": _object(problem),
    }


def _geometries() -> list[dict[str, Any]]:
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    line = {"type": "array", "items": point, "minItems": 2}
    many = {"type": "array", "items": line, "minItems": 1}
    kinds = {"Point": point, "LineString": line, "MultiLineString": many}
    return [_object({"type": {"const": name}, "coordinates": shape}) for name, shape in kinds.items()]


def kind_words() -> dict[str, str]:
    """Kinds in the reader's language."""
    return {kind: str(Device.Kind(kind).label) for kind in KINDS}
