"""The OpenAPI document of the service, generated once per process."""

import copy
from typing import Any

from app.api.application import describe


def inline_components(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with every operation's own copy of its responses and parameters."""
    document = copy.deepcopy(document)
    for path in document["paths"].values():
        for operation in path.values():
            inline_components_of(operation, document)
    return document


def inline_components_of(operation: dict[str, Any], document: dict[str, Any]) -> None:
    """Replace the references of one operation to shared responses, parameters and headers."""

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        return copy.deepcopy(document["components"][kind][name])

    if "parameters" in operation:
        operation["parameters"] = [resolved(parameter) for parameter in operation["parameters"]]
    for status, response in operation["responses"].items():
        operation["responses"][status] = own = resolved(response)
        if "headers" in own:
            own["headers"] = {name: resolved(header) for name, header in own["headers"].items()}


SERVED = describe()
"""The document as it is served."""

DOCUMENT = inline_components(SERVED)
"""The same without shared responses and parameters."""
