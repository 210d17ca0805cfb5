"""From pydantic's mistakes to the faults of this contract: where, which kind, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.problems import Fault

# What pydantic calls a mistake, and what we call it and advise; others keep pydantic's own words.
_FAULTS = {
    "extra_forbidden": ("unknown_field", "not a field here; leave it out or check its spelling"),
    "missing": ("missing", "needed; add it"),
    "json_invalid": ("undecodable", "not valid JSON"),
}


def faults(mistakes: Sequence[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Return one fault for each mistake; its `loc` begins with `body` or where else it is."""
    return tuple(_fault(mistake) for mistake in mistakes)


def _fault(mistake: Mapping[str, Any]) -> Fault:
    code, detail = _FAULTS.get(mistake["type"], (mistake["type"], _advice(mistake)))
    return Fault(_pointer(mistake["loc"]), code, detail)


def _advice(mistake: Mapping[str, Any]) -> str:
    message: str = mistake["msg"]
    return message.removeprefix("Value error, ")


def _pointer(location: Sequence[str | int]) -> str:
    place, *steps = [str(step) for step in location]
    if place != "body":
        return "/".join([place, *steps])
    return "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
