"""Validation errors: from pydantic's errors to field errors with pointer, code and detail."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.problems import FieldError

# The code and detail of each type of pydantic error; other types keep pydantic's type and message.
_BY_TYPE = {
    "extra_forbidden": ("unknown_field", "unknown field; leave it out or check its spelling"),
    "missing": ("missing", "required; add it"),
    "json_invalid": ("undecodable", "not valid JSON"),
    "string_pattern_mismatch": (
        "string_pattern_mismatch",
        "does not match the `pattern` of this field in the OpenAPI document",
    ),
    "string_unicode": ("string_unicode", "must be well-formed Unicode (no lone surrogates)"),
    "model_attributes_type": ("model_attributes_type", "must be an object, `{…}`"),
    "model_type": ("model_type", "must be an object, `{…}`"),
}
_KEY = "[key]"  # the last part of a location when a key of a mapping is invalid


def field_errors(errors: Sequence[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    """Return the field error of each pydantic error.

    The first part of its `loc` is `body` or the part of the request: `query`, `header`, `path`.
    """
    return tuple(_field_error(error) for error in errors)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    code, detail = _BY_TYPE.get(error["type"], (error["type"], _message(error)))
    if error["type"] == "json_invalid":  # its location is the offset of a character
        return FieldError("#", code, detail)
    pointer = _pointer(error["loc"])
    if pointer == "#" and error["type"] == "missing":
        return FieldError(pointer, code, "a JSON body is required; `{}` if no field is required")
    return FieldError(pointer, code, detail)


def _message(error: Mapping[str, Any]) -> str:
    message: str = error["msg"]
    return message.removeprefix("Value error, ")


def _pointer(location: Sequence[str | int]) -> str:
    source, *steps = [str(step) for step in location if step != _KEY]
    if source != "body":
        return "/".join([source, *steps])
    return "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
