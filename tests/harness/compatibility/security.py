"""Which credentials open an operation, and how they are sent."""

from collections.abc import Mapping
from typing import Any

from tests.harness.compatibility.document import Node

_SCHEME = ("type", "in", "name", "openIdConnectUrl")
_FLOW_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl")


def requirements(document: Node, operation: Node) -> list[dict[str, list[str]]]:
    """Return the alternatives of credentials, one of which an operation needs."""
    told = operation.value.get("security", document.value.get("security"))
    return list(told or [{}])


def opens(held: dict[str, list[str]], needed: dict[str, list[str]]) -> bool:
    """Tell whether credentials that were enough for one are enough for the other."""
    return all(name in held and set(scopes) <= set(held[name]) for name, scopes in needed.items())


def scopes_of(requirement: dict[str, list[str]]) -> str:
    """Spell a requirement out."""
    return ", ".join(f"{name} {' '.join(scopes)}".strip() for name, scopes in requirement.items())


def is_same_scheme(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether credentials are sent and got as before."""
    if any(old.get(word) != new.get(word) for word in _SCHEME):
        return False
    if str(old.get("scheme")).lower() != str(new.get("scheme")).lower():
        return False
    return all(
        _is_same_flow(flow, new.get("flows", {}).get(name, {}))
        for name, flow in old.get("flows", {}).items()
    )


def _is_same_flow(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    same_place = all(old.get(url) == new.get(url) for url in _FLOW_URLS)
    return same_place and old.get("scopes", {}).keys() <= new.get("scopes", {}).keys()
