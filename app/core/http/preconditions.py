"""Conditional requests (RFC 9110, 13): change only what was read, send only what is new."""

import re
from collections.abc import Mapping

from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.preconditions import (
    ANY,
    Preconditions,
    Tags,
)

LONGEST_TAGS = 1_000
_TAG = re.compile(r'(?:W/)?"[!#-~]*"')


def parse_preconditions(headers: Mapping[str, str]) -> Preconditions:
    """Read the conditions of a request; what is no tag matches nothing.

    Raises InvalidInput for more than LONGEST_TAGS characters.
    """
    none_match = _tags(headers, "If-None-Match")
    if none_match is not None:
        # Weak comparison, which is what a cache does that only wants to know whether it is current.
        none_match = frozenset(tag.removeprefix("W/") for tag in none_match)
    return Preconditions(_tags(headers, "If-Match"), none_match)


def _tags(headers: Mapping[str, str], name: str) -> Tags | None:
    text = headers.get(name)
    if text is None:
        return None
    if len(text) > LONGEST_TAGS:
        detail = f"send {LONGEST_TAGS:,} characters at most; one tag is enough"
        raise InvalidInput(faults=[FieldError(f"header/{name}", "too_long", detail)])
    return frozenset({ANY}) if text.strip() == ANY else frozenset(_TAG.findall(text))
