"""From pydantic's mistakes to the faults of this contract: where, which kind, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.problems import FieldError

# What pydantic calls a mistake, and what we call it and advise; others keep pydantic's own words.
_FAULTS = {
    "extra_forbidden": ("unknown_field", "not a field here; leave it out or check its spelling"),
    "missing": ("missing", "needed; add it"),
    "json_invalid": ("undecodable", "not valid JSON"),
    "string_pattern_mismatch": (
        "string_pattern_mismatch",
        "not of the form that is needed here, which the document gives as `pattern`",
    ),
    "string_unicode": ("string_unicode", "must be well-formed Unicode (no lone surrogates)"),
    "model_attributes_type": ("model_attributes_type", "must be an object, `{…}`"),
    "model_type": ("model_type", "must be an object, `{…}`"),
}
_KEY = "[key]"  # with which pydantic ends the place of a name


def field_errors(mistakes: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """Return one fault for each mistake; its `loc` begins with `body` or where else it is."""
    return tuple(_fault(mistake) for mistake in mistakes)


def _fault(mistake: Mapping[str, Any]) -> FieldError:
    code, detail = _FAULTS.get(mistake["type"], (mistake["type"], _advice(mistake)))
    if mistake["type"] == "json_invalid":  # its place is that of a character
        return FieldError("#", code, detail)
    pointer = _pointer(mistake["loc"])
    if pointer == "#" and mistake["type"] == "missing":
        return FieldError(pointer, code, "a JSON body is needed; `{}` where no field of it is")
    return FieldError(pointer, code, detail)


def _advice(mistake: Mapping[str, Any]) -> str:
    message: str = mistake["msg"]
    return message.removeprefix("Value error, ")


def _pointer(location: Sequence[str | int]) -> str:
    place, *steps = [str(step) for step in location if step != _KEY]
    if place != "body":
        return "/".join([place, *steps])
    return "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
