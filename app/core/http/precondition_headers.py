"""Conditional requests (RFC 9110, section 13): the headers `If-Match` and `If-None-Match`."""

import re
from collections.abc import Mapping

from app.core.problems import FieldError, InvalidInput
from app.core.unit_of_work.preconditions import ANY, ETags, Preconditions

MAX_HEADER_LENGTH = 1_000
_ETAG = re.compile(r'(?:W/)?"[!#-~]*"')


def parse_preconditions(headers: Mapping[str, str]) -> Preconditions:
    """Parse the preconditions of a request; text that is no ETag matches nothing.

    Raises InvalidInput for a header of more than MAX_HEADER_LENGTH characters.
    """
    none_match = _etags(headers, "If-None-Match")
    if none_match is not None:
        # Weak comparison: the caller only asks whether its copy is current.
        none_match = frozenset(etag.removeprefix("W/") for etag in none_match)
    return Preconditions(_etags(headers, "If-Match"), none_match)


def _etags(headers: Mapping[str, str], name: str) -> ETags | None:
    text = headers.get(name)
    if text is None:
        return None
    if len(text) > MAX_HEADER_LENGTH:
        detail = f"send {MAX_HEADER_LENGTH:,} characters at most; one ETag is enough"
        raise InvalidInput(faults=[FieldError(f"header/{name}", "too_long", detail)])
    return frozenset({ANY}) if text.strip() == ANY else frozenset(_ETAG.findall(text))
