"""What two shapes of one JSON type say of a value, keyword by keyword."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.harness.compatibility.findings import Code
from tests.harness.compatibility.shapes import UPPER, Shape
from tests.harness.compatibility.values import is_one_of, spelt

Codes = tuple[Code, Code]  # what a difference is called in a request, and in an answer

_VALUE = (Code.REQUEST_VALUE_REMOVED, Code.RESPONSE_VALUE_ADDED)
_BOUND = (Code.REQUEST_BOUND_TIGHTENED, Code.RESPONSE_BOUND_LOOSENED)
_PATTERN = (Code.REQUEST_PATTERN_CHANGED, Code.RESPONSE_PATTERN_CHANGED)
_FORMAT = (Code.REQUEST_FORMAT_CHANGED, Code.RESPONSE_FORMAT_CHANGED)
_RULE = (Code.REQUEST_CONSTRAINT_ADDED, Code.RESPONSE_CONSTRAINT_REMOVED)
_UNKNOWN = (Code.KEYWORD_NOT_UNDERSTOOD, Code.KEYWORD_NOT_UNDERSTOOD)

_OF_KIND = {
    "string": ("minLength", "maxLength"),
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
_WIDER_FORMATS = {"int32": {"int64"}, "float": {"double"}}


def differences(said: Shape, understood: Shape, *, grows: bool) -> Iterator[tuple[Codes, str]]:
    """Find each keyword by which the sender may say what the receiver does not understand.

    Where values grow, the receiver knows that it does not know them all.
    """
    yield from _values(said, understood, grows=grows)
    if said.values is None:
        yield from _bounds(said, understood)
        yield from _texts(said, understood)
        if understood.is_unique and not said.is_unique:
            yield _RULE, "uniqueItems"
    theirs = said.rules()
    for keyword, spelling in understood.rules().items():
        if not spelling <= theirs.get(keyword, set()):
            yield _RULE, keyword
    names = _differing(said.unknown(), understood.unknown())
    if names:
        yield _UNKNOWN, ", ".join(names)


def _values(said: Shape, understood: Shape, *, grows: bool) -> Iterator[tuple[Codes, str]]:
    known = understood.values
    if known is not None and grows:
        return
    if said.values is not None:
        strange = [value for value in said.values if not _lets_through(understood, value)]
        if strange:
            yield _VALUE, _listing(strange)
    elif known is not None and not _is_whole(said.kind, known):
        yield _VALUE, f"any {said.kind}, where there were only {_listing(known)}"


def _bounds(said: Shape, understood: Shape) -> Iterator[tuple[Codes, str]]:
    for keyword in _OF_KIND.get(said.kind, ()):
        (sent, sent_open), (known, known_open) = said.bound(keyword), understood.bound(keyword)
        is_further = sent > known if keyword in UPPER else sent < known
        if is_further or (sent == known and known_open and not sent_open):
            yield _BOUND, f"{keyword} {_number(sent)} on one side, {_number(known)} on the other"
    for step in understood.numbers("multipleOf"):
        if not any(_divides(step, theirs) for theirs in said.numbers("multipleOf")):
            yield _BOUND, f"multipleOf {_number(step)}"


def _texts(said: Shape, understood: Shape) -> Iterator[tuple[Codes, str]]:
    if said.kind == "string" and understood.texts("pattern") - said.texts("pattern"):
        yield _PATTERN, _differing_texts(said, understood, "pattern")
    formats = said.texts("format")
    wider = {each for narrow in formats for each in _WIDER_FORMATS.get(narrow, ())}
    if understood.texts("format") - formats - wider:
        yield _FORMAT, _differing_texts(said, understood, "format")


def _lets_through(shape: Shape, value: Any) -> bool:
    """Tell whether one value fits, as far as keywords of its own type go."""
    if shape.values is not None and not is_one_of(value, shape.values):
        return False
    if isinstance(value, str):
        return _within(shape, len(value), "minLength", "maxLength") and all(
            re.search(pattern, value) for pattern in shape.texts("pattern")
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _within(shape, value, "minimum", "maximum") and all(
            _divides(step, value) for step in shape.numbers("multipleOf")
        )
    return True


def _divides(step: float, value: float) -> bool:
    return math.isclose(math.remainder(value, step), 0, abs_tol=1e-9)


def _within(shape: Shape, size: float, lower: str, upper: str) -> bool:
    (least, least_open), (most, most_open) = shape.bound(lower), shape.bound(upper)
    return (size > least if least_open else size >= least) and (
        size < most if most_open else size <= most
    )


def _is_whole(kind: str, values: tuple[Any, ...]) -> bool:
    """Tell whether the values listed are all that there are of this type."""
    return kind == "null" or (kind == "boolean" and len({bool(value) for value in values}) == 2)


def _listing(values: Any) -> str:
    return ", ".join(spelt(value) for value in values)


def _number(value: float) -> str:
    return "none" if math.isinf(value) else f"{value:g}"


def _differing(these: Mapping[str, Any], those: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {**these, **those} if these.get(name) != those.get(name))


def _differing_texts(said: Shape, understood: Shape, keyword: str) -> str:
    theirs, ours = (sorted(each.texts(keyword)) for each in (said, understood))
    return f"{_listing(theirs) or 'none'} on one side, {_listing(ours) or 'none'} on the other"
