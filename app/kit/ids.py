"""Identifiers: UUIDv7 in the database, TypeID text everywhere a person looks.

The text says what it names (`app_01h4…` is an application), sorts by the time
it was made, and turns into the sixteen stored bytes and back without loss.
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

# Crockford's alphabet in lower case, as TypeID asks: no i, l, o, u.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
# From our letters to the digits of Python's own base 32; every other byte is a digit of none.
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
    """The text is not an identifier of the kind that was expected."""


class Ids(Protocol):
    """A source of new identifiers; tests and the demo hand over a repeatable one."""

    def __call__(self, prefix: str) -> str:
        """Return a new identifier with this prefix."""


def encode(prefix: str, value: int) -> str:
    """Write a 128-bit value as TypeID text."""
    # Two letters a look-up, written out: a page of fifty rows encodes some hundred and fifty ids.
    p = _PAIRS
    return (
        f"{prefix}_{p[value >> 120]}{p[value >> 110 & 1023]}{p[value >> 100 & 1023]}"
        f"{p[value >> 90 & 1023]}{p[value >> 80 & 1023]}{p[value >> 70 & 1023]}"
        f"{p[value >> 60 & 1023]}{p[value >> 50 & 1023]}{p[value >> 40 & 1023]}"
        f"{p[value >> 30 & 1023]}{p[value >> 20 & 1023]}{p[value >> 10 & 1023]}{p[value & 1023]}"
    )


def decode(prefix: str, text: str) -> int:
    """Read TypeID text back; raise MalformedIdError when it is not one with this prefix."""
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
    """Return what sorts before every identifier of this kind, and is none that is handed out."""
    return encode(prefix, 0)


def min_id_at(prefix: str, at: datetime) -> str:
    """Return what sorts before every identifier of this kind that was made from then on."""
    return encode(prefix, int(at.timestamp() * 1000) << 80)


def is_id(prefix: str, text: str) -> bool:
    """Tell whether the text is an identifier of this kind."""
    try:
        decode(prefix, text)
    except MalformedIdError:
        return False
    return True


def pattern(prefix: str) -> str:
    """Return the regular expression that describes this kind of id in the contract."""
    return f"^{prefix}_[0-7][{_ALPHABET}]{{25}}$"


def length(prefix: str) -> int:
    """Return how many characters an id of this kind has."""
    return len(prefix) + 1 + SUFFIX_LENGTH


def new_id(prefix: str) -> str:
    """Return a fresh, time-ordered identifier."""
    return encode(prefix, uuid_utils.uuid7().int)


@dataclass
class CountingIds:
    """Repeatable identifiers for examples and tests: the same run makes the same ids.

    They are well-formed version 7 UUIDs of one fixed instant, told apart by a counter.
    """

    milliseconds: int
    count: int = 0

    def __call__(self, prefix: str) -> str:
        """Return the next identifier of the series."""
        self.count += 1
        value = (self.milliseconds << 80) | (7 << 76) | (2 << 62) | self.count
        return encode(prefix, value)


def uuid_decoder(prefix: str) -> Callable[[str], UUID]:
    """Return the function that reads ids of this kind as UUID."""
    return lambda text: UUID(int=decode(prefix, text))
