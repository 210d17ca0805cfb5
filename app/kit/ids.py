"""Identifiers: UUIDv7 in the database, TypeID text everywhere else.

The prefix of the text is the type of the resource (`app_01h4…` is an application). Ids sort by the
time of their creation. The text and the sixteen stored bytes convert into each other without loss.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

import uuid_utils

WorkspaceId = NewType("WorkspaceId", str)
MemberId = NewType("MemberId", str)
KeyId = NewType("KeyId", str)
CompanyId = NewType("CompanyId", str)
PersonId = NewType("PersonId", str)
ApplicationId = NewType("ApplicationId", str)
InterviewId = NewType("InterviewId", str)
FeedbackId = NewType("FeedbackId", str)
ReferenceId = NewType("ReferenceId", str)
StepId = NewType("StepId", str)
EstimateId = NewType("EstimateId", str)
EventId = NewType("EventId", str)
EndpointId = NewType("EndpointId", str)
DeliveryId = NewType("DeliveryId", str)
ReplayId = NewType("ReplayId", str)

# Crockford's alphabet in lower case, as TypeID requires: no i, l, o, u.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
# From Crockford's letters to the digits of Python's base 32; every other byte becomes `!`.
_DIGITS = bytes.maketrans(
    bytes(range(256)),
    bytes(
        b"0123456789abcdefghijklmnopqrstuv"[_ALPHABET.index(chr(byte))]
        if chr(byte) in _ALPHABET
        else ord("!")
        for byte in range(256)
    ),
)
SUFFIX_LENGTH = 26


class MalformedIdError(ValueError):
    """The text is not an identifier of the expected type."""


class Ids(Protocol):
    """A generator of identifiers; tests and the sample data use a repeatable one."""

    def __call__(self, prefix: str) -> str:
        """Return a new identifier with this prefix."""


def encode(prefix: str, value: int) -> str:
    """Return a 128-bit value as TypeID text."""
    # Unrolled, two letters per look-up: a page of fifty rows encodes some hundred and fifty ids.
    p = _PAIRS
    return (
        f"{prefix}_{p[value >> 120]}{p[value >> 110 & 1023]}{p[value >> 100 & 1023]}"
        f"{p[value >> 90 & 1023]}{p[value >> 80 & 1023]}{p[value >> 70 & 1023]}"
        f"{p[value >> 60 & 1023]}{p[value >> 50 & 1023]}{p[value >> 40 & 1023]}"
        f"{p[value >> 30 & 1023]}{p[value >> 20 & 1023]}{p[value >> 10 & 1023]}{p[value & 1023]}"
    )


def decode(prefix: str, text: str) -> int:
    """Return the value of a TypeID text; raise MalformedIdError unless it has this prefix."""
    head, _, suffix = text.rpartition("_")
    if head != prefix or len(suffix) != SUFFIX_LENGTH:
        raise MalformedIdError(text)
    try:
        value = int(suffix.encode("ascii").translate(_DIGITS), 32)
    except ValueError:
        raise MalformedIdError(text) from None
    if value >> 128:
        raise MalformedIdError(text)
    return value


def min_id(prefix: str) -> str:
    """Return the smallest id of this type, which is never generated."""
    return encode(prefix, 0)


def min_id_at(prefix: str, at: datetime) -> str:
    """Return the id that sorts before every id of this type created at or after an instant."""
    return encode(prefix, int(at.timestamp() * 1000) << 80)


def is_id(prefix: str, text: str) -> bool:
    """Whether the text is an identifier of this type."""
    try:
        decode(prefix, text)
    except MalformedIdError:
        return False
    return True


def pattern(prefix: str) -> str:
    """Return the regular expression of this type of id, for the OpenAPI document."""
    return f"^{prefix}_[0-7][{_ALPHABET}]{{25}}$"


def length(prefix: str) -> int:
    """Return how many characters an id of this type has."""
    return len(prefix) + 1 + SUFFIX_LENGTH


def new_id(prefix: str) -> str:
    """Return a new, time-ordered identifier."""
    return encode(prefix, uuid_utils.uuid7().int)


@dataclass
class CountingIds:
    """Repeatable identifiers for examples and tests: every run generates the same ids.

    They are well-formed version 7 UUIDs of one fixed instant and differ by a counter.
    """

    milliseconds: int
    count: int = 0

    def __call__(self, prefix: str) -> str:
        """Return the next identifier."""
        self.count += 1
        value = (self.milliseconds << 80) | (7 << 76) | (2 << 62) | self.count
        return encode(prefix, value)


def uuid_decoder(prefix: str) -> Callable[[str], UUID]:
    """Return the function that converts ids of this type to UUIDs."""
    return lambda text: UUID(int=decode(prefix, text))
