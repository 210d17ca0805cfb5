"""Shared components: what many operations have in common stands in the document once.

Error responses, parameters and headers are moved to `components`, and operations refer to them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

_MOVED_STATUS = re.compile(r"[345]\d\d")
_CODE = re.compile(r"`(\w+)`")
_NOT_MODIFIED = "304"


def share_components(document: Node) -> None:
    """Move error responses, headers, and the parameters that are not part of a path."""
    components = document["components"]
    headers = _Shared("headers", components["headers"])
    responses, parameters = _Shared("responses", {}), _Shared("parameters", {})
    for operation in _operations(document):
        for status, response in operation["responses"].items():
            _share_headers(response, headers)
            # Without a rate limit: the few operations that monitoring calls keep their own.
            if _MOVED_STATUS.fullmatch(status) and "RateLimit" in response.get("headers", {}):
                name = _response_name(status, response)
                operation["responses"][status] = responses.refer_to(name, response)
        if "parameters" in operation:
            operation["parameters"] = [
                entry if entry["in"] == "path" else parameters.refer_to(entry["name"], entry)
                for entry in operation["parameters"]
            ]
    components["responses"] = responses.components
    components["parameters"] = parameters.components


def _operations(document: Node) -> Iterator[Node]:
    for path in (*document["paths"].values(), *document["webhooks"].values()):
        yield from path.values()


def _share_headers(response: Node, headers: "_Shared") -> None:
    for name, header in response.get("headers", {}).items():
        if "$ref" not in header:
            response["headers"][name] = headers.refer_to(name, header)


def _response_name(status: str, response: Node) -> str:
    """Return a name made of the problem codes: `InvalidInput-RecruiterUnknown`."""
    if status == _NOT_MODIFIED:
        return "NotModified"
    codes = sorted(_CODE.findall(response["description"]))
    return "-".join("".join(word.capitalize() for word in code.split("_")) for code in codes)


class _Shared:
    """The components of one kind; of the same name there may be several that differ."""

    def __init__(self, kind: str, components: Node) -> None:
        self.components = components
        self._kind = kind
        self._names: dict[str, str] = {}  # by content

    def refer_to(self, name: str, value: Node) -> Node:
        """Return the reference to a component that equals the value, which is added if needed."""
        content = json.dumps([name, value], sort_keys=True)
        if content not in self._names:
            namesakes = sum(other.partition(".")[0] == name for other in self.components)
            self._names[content] = f"{name}.{namesakes + 1}" if namesakes else name
            self.components[self._names[content]] = value
        return {"$ref": f"#/components/{self._kind}/{self._names[content]}"}
