"""Preconditions of a request: `If-Match` and `If-None-Match`."""

import pytest

from app.core.http.precondition_headers import MAX_HEADER_LENGTH, parse_preconditions
from app.core.problems import InvalidInput


def test_without_headers_everything_is_allowed() -> None:
    preconditions = parse_preconditions({})
    assert not preconditions.is_conditional
    assert preconditions.allows('"1"')
    assert preconditions.allows(None)
    assert not preconditions.is_not_modified('"1"')


@pytest.mark.parametrize(
    ("header", "etag", "expected"),
    [
        ('"1"', '"1"', True),
        ('"1", "2"', '"2"', True),
        ("*", '"1"', True),
        ('"2"', '"1"', False),
        ('W/"1"', '"1"', False),  # strong comparison
        ("1", '"1"', False),  # no ETag
        ("*", None, False),  # there is nothing yet
    ],
)
def test_if_match_names_the_version_that_may_be_changed(
    header: str, etag: str | None, *, expected: bool
) -> None:
    preconditions = parse_preconditions({"If-Match": header})
    assert preconditions.is_conditional
    assert preconditions.allows(etag) is expected


@pytest.mark.parametrize(
    ("header", "etag", "expected"),
    [('"1"', '"1"', True), ('W/"1"', '"1"', True), ("*", '"9"', True), ('"2"', '"1"', False)],
)
def test_if_none_match_names_what_the_client_has(header: str, etag: str, *, expected: bool) -> None:
    preconditions = parse_preconditions({"If-None-Match": header})
    assert preconditions.is_not_modified(etag) is expected
    assert preconditions.allows(etag) is not expected
    assert preconditions.allows(None)


def test_a_header_that_is_too_long_is_rejected() -> None:
    with pytest.raises(InvalidInput):
        parse_preconditions({"If-Match": "x" * (MAX_HEADER_LENGTH + 1)})
