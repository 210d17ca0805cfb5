"""Values of JSON: which type they are of, and when two are equal."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def is_one_of(value: Any, values: Iterable[Any]) -> bool:
    """Tell whether a value is among others, true and 1 being two."""
    return spelt(value) in {spelt(other) for other in values}


def spelt(value: Any) -> str:
    """Spell a value out, alike for values that are equal in JSON."""
    return json.dumps(_plain(value), sort_keys=True)


def kind_of(value: Any, kind: str) -> bool:
    """Tell whether a value is of a JSON type."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    kinds = next(kinds for python, kinds in _KINDS_OF if isinstance(value, python))
    return kind in kinds


_KINDS_OF: tuple[tuple[type, tuple[str, ...]], ...] = (
    (type(None), ("null",)),
    (bool, ("boolean",)),
    (int, ("integer", "number")),
    (float, ("number",)),
    (str, ("string",)),
    (list, ("array",)),
    (object, ("object",)),
)


def _plain(value: Any) -> Any:
    """Write whole numbers without a point, wherever they stand."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_plain(each) for each in value]
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
    return value
