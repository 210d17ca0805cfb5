"""How large the values are that this service sends, said for every schema that does not say it.

What a caller sends is limited where its schema is written, and refused beyond; a
linter finds the schema that forgot to. What we send was taken in under such a limit
or is made by ourselves, and stays within the limits below.
"""

from collections.abc import Iterator
from typing import Any

from app.core.http.field_types import LONGEST_TEXT, NO_CONTROLS

Node = dict[str, Any]

_LONGEST = {"date": len("2026-11-02"), "date-time": len("2026-11-02T10:00:00.123456789+01:00")}
_MOST_ITEMS = 100_000
_INT32 = 2**31 - 1
_REFERENCE = "#/components/schemas/"


def add_limits(document: Node) -> None:
    """Complete the limits of all answers, and tell of every whole number how wide it is."""
    schemas = document["components"]["schemas"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    asked = _reached([operation.get("requestBody") for operation in operations], schemas)
    answered = [operation["responses"] for operation in operations]
    for node in _nodes([answered, *(schemas[name] for name in schemas.keys() - asked)]):
        _limit(node)
    for node in _nodes(document):
        if node.get("type") == "integer":
            node["format"] = "int32" if node.get("maximum", 0) <= _INT32 else "int64"


def _limit(node: Node) -> None:
    match node:
        case {"enum": _} | {"const": _}:
            pass
        case {"type": "string"}:
            node.setdefault("maxLength", _LONGEST.get(node.get("format", ""), LONGEST_TEXT))
            if not {"format", "pattern"} & node.keys():
                node["pattern"] = NO_CONTROLS
        case {"type": "integer"}:
            node.setdefault("minimum", -_INT32)
            node.setdefault("maximum", _INT32)
        case {"type": "array"}:
            node.setdefault("maxItems", _MOST_ITEMS)


def _reached(start: Any, schemas: Node) -> set[str]:  # noqa: ANN401 - any part of a document
    """Return the names of the schemas that this part of the document is made of."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for node in _nodes(ahead.pop()):
            name = str(node.get("$ref", "")).removeprefix(_REFERENCE)
            if name in schemas and name not in found:
                found.add(name)
                ahead.append(schemas[name])
    return found


def _nodes(part: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of a document
    """Walk over everything in this part that could be a schema; examples are not."""
    if isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name not in {"examples", "example", "default"}:
                yield from _nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _nodes(inner)
