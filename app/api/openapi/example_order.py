"""Examples in the OpenAPI document: their fields get the order of the schema.

Pydantic sorts the fields of an example by name. The schema lists the most important fields first.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def order_example_fields(schemas: Node) -> None:
    """Give the fields of every example the order of its schema."""
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [
                _ordered(example, schema, schemas) for example in schema["examples"]
            ]


def _ordered(value: Any, schema: Node, schemas: Node) -> Any:  # noqa: ANN401 - any JSON
    candidates = list(_resolved(schema, schemas))
    match value:
        case dict():
            fields = {name: field for node in candidates for name, field in _fields(node, value)}
            ordered = {
                name: _ordered(value[name], field, schemas) for name, field in fields.items()
            }
            return ordered | value  # adds the fields that no schema describes
        case list():
            items: Node = next((node["items"] for node in candidates if "items" in node), {})
            return [_ordered(item, items, schemas) for item in value]
        case _:
            return value


def _fields(schema: Node, value: Node) -> Iterator[tuple[str, Node]]:
    for name, field in schema.get("properties", {}).items():
        if name in value:
            yield name, field


def _resolved(schema: Node, schemas: Node) -> Iterator[Node]:
    """Yield the schemas that may describe a value: this one and those that it refers to."""
    yield schema
    if "$ref" in schema:
        yield from _resolved(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for alternative in schema.get("anyOf", ()):
        yield from _resolved(alternative, schemas)
