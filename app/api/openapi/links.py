"""OpenAPI links: from a created resource to the operations that take its id."""

import re
from typing import Any

METHODS = {"get", "put", "post", "patch", "delete"}


def add_links(paths: dict[str, Any]) -> None:
    """Tell what can be done with something new: every operation that takes its id."""
    takers: dict[str, list[str]] = {}
    for template, path in paths.items():
        for parameter in re.findall(r"{(\w+)}", template):
            takers.setdefault(parameter, []).extend(
                operation["operationId"] for method, operation in path.items() if method in METHODS
            )
    for path in paths.values():
        made = path.get("post", {}).get("responses", {}).get("201", {})
        name = str(made.get("content", {}).get("application/json", {}).get("schema", {}))
        parameter = re.sub(r".*/(\w+)'}$", r"\1_id", name).lower()
        for taker in takers.get(parameter, ()):
            _lead(made, taker, parameter, "$response.body#/id")
        if {"put", "delete"} <= path.keys():
            (at,) = [each for each in path["put"]["parameters"] if each["in"] == "path"]
            put, taker = path["put"]["responses"]["200"], path["delete"]["operationId"]
            _lead(put, taker, at["name"], f"$request.path.{at['name']}")


def _lead(answer: dict[str, Any], taker: str, parameter: str, where: str) -> None:
    answer.setdefault("links", {})[taker] = {
        "operationId": taker,
        "parameters": {parameter: where},
    }
