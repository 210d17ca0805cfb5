"""The examples of the document in the order in which their schemas name the fields.

Pydantic sorts the fields of an example by name, so that it begins with whatever comes first in
the alphabet; somebody who reads one wants to see first what matters first.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def order_example_fields(schemas: Node) -> None:
    """Order the fields of every example as the schema that it belongs to."""
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [_ordered(each, schema, schemas) for each in schema["examples"]]


def _ordered(value: Any, schema: Node, schemas: Node) -> Any:  # noqa: ANN401 - any JSON
    shapes = list(_shapes(schema, schemas))
    match value:
        case dict():
            fields = {name: field for shape in shapes for name, field in _fields(shape, value)}
            told = {name: _ordered(value[name], field, schemas) for name, field in fields.items()}
            return told | value  # for those without a schema of their own
        case list():
            items: Node = next((shape["items"] for shape in shapes if "items" in shape), {})
            return [_ordered(each, items, schemas) for each in value]
        case _:
            return value


def _fields(shape: Node, value: Node) -> Iterator[tuple[str, Node]]:
    for name, field in shape.get("properties", {}).items():
        if name in value:
            yield name, field


def _shapes(schema: Node, schemas: Node) -> Iterator[Node]:
    """Walk over the schemas that may describe a value: this one, or those that it stands for."""
    yield schema
    if "$ref" in schema:
        yield from _shapes(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for one in schema.get("anyOf", ()):
        yield from _shapes(one, schemas)
