"""Limits of response values: sets maximum lengths and ranges in schemas that declare none.

Schemas of requests declare their own limits, which are enforced; a linter finds a schema without.
Values of responses were accepted under those limits or are created by the service, and stay within
the limits below.
"""

from collections.abc import Iterator
from typing import Any

from app.core.http.field_types import LONGEST_TEXT, NO_CONTROLS

Node = dict[str, Any]

_MAX_LENGTH = {"date": len("2026-11-02"), "date-time": len("2026-11-02T10:00:00.123456789+01:00")}
_MAX_ITEMS = 100_000
_INT32 = 2**31 - 1
_SCHEMA_PREFIX = "#/components/schemas/"


def add_limits(document: Node) -> None:
    """Set the missing limits of all responses, and the format (int32, int64) of all integers."""
    schemas = document["components"]["schemas"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    in_requests = _referenced([operation.get("requestBody") for operation in operations], schemas)
    responses = [operation["responses"] for operation in operations]
    for node in _nodes([responses, *(schemas[name] for name in schemas.keys() - in_requests)]):
        _limit(node)
    for node in _nodes(document):
        if node.get("type") == "integer":
            node["format"] = "int32" if node.get("maximum", 0) <= _INT32 else "int64"


def _limit(node: Node) -> None:
    match node:
        case {"enum": _} | {"const": _}:
            pass
        case {"type": "string"}:
            node.setdefault("maxLength", _MAX_LENGTH.get(node.get("format", ""), LONGEST_TEXT))
            if not {"format", "pattern"} & node.keys():
                node["pattern"] = NO_CONTROLS
        case {"type": "integer"}:
            node.setdefault("minimum", -_INT32)
            node.setdefault("maximum", _INT32)
        case {"type": "array"}:
            node.setdefault("maxItems", _MAX_ITEMS)


def _referenced(start: Any, schemas: Node) -> set[str]:  # noqa: ANN401 - any part of a document
    """Return the names of the schemas that this part of the document refers to, also indirectly."""
    names: set[str] = set()
    pending = [start]
    while pending:
        for node in _nodes(pending.pop()):
            name = str(node.get("$ref", "")).removeprefix(_SCHEMA_PREFIX)
            if name in schemas and name not in names:
                names.add(name)
                pending.append(schemas[name])
    return names


def _nodes(part: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of a document
    """Yield every object in this part that may be a schema; examples are left out."""
    if isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name not in {"examples", "example", "default"}:
                yield from _nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _nodes(inner)
