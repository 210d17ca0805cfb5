"""OpenAPI links: from the response of a creation to the operations that take the new id."""

import re
from typing import Any

METHODS = {"get", "put", "post", "patch", "delete"}


def add_links(paths: dict[str, Any]) -> None:
    """Add links to the responses that create a resource.

    A 201 links to every operation that takes the new id. A PUT links to the DELETE of its path.
    """
    targets: dict[str, list[str]] = {}
    for template, path in paths.items():
        for parameter in re.findall(r"{(\w+)}", template):
            targets.setdefault(parameter, []).extend(
                operation["operationId"] for method, operation in path.items() if method in METHODS
            )
    for path in paths.values():
        created = path.get("post", {}).get("responses", {}).get("201", {})
        name = str(created.get("content", {}).get("application/json", {}).get("schema", {}))
        parameter = re.sub(r".*/(\w+)'}$", r"\1_id", name).lower()
        for target in targets.get(parameter, ()):
            _add_link(created, target, parameter, "$response.body#/id")
        if {"put", "delete"} <= path.keys():
            (id_parameter,) = [
                entry for entry in path["put"]["parameters"] if entry["in"] == "path"
            ]
            put, target = path["put"]["responses"]["200"], path["delete"]["operationId"]
            _add_link(put, target, id_parameter["name"], f"$request.path.{id_parameter['name']}")


def _add_link(response: dict[str, Any], target: str, parameter: str, expression: str) -> None:
    response.setdefault("links", {})[target] = {
        "operationId": target,
        "parameters": {parameter: expression},
    }
