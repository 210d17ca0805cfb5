"""Field types of request and response schemas."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _without_control_characters(text: str) -> str:
    # NUL cannot be stored by PostgreSQL, and the others serve nobody but an attacker of terminals.
    if _CONTROL.search(text):
        message = "must not contain control characters"
        raise ValueError(message)
    try:
        text.encode()
    except UnicodeEncodeError:
        message = "must be well-formed Unicode (no lone surrogates)"
        raise ValueError(message) from None
    return text


LONGEST_TEXT = 10_000
NO_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""What every text holds to: no control characters but tab and line ends."""

# What the two functions around it do, for those who read the schema alone: something to read, and
# no control characters.
_TYPED = (
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*"
    r"[^\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
)

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
    Field(json_schema_extra={"pattern": _TYPED}),
]
"""One line of text a person typed: 1 to 200 characters."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_without_control_characters),
    Field(json_schema_extra={"pattern": _TYPED}),
]
"""A longer text a person typed: 1 to 10,000 characters."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EARLIEST, _LATEST = 1970, 2199


def _spelled_instant(value: object) -> object:
    # Without this a number, or a text of digits, would be guessed to be a Unix time.
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        message = "write an instant with its offset, like 2026-11-02T10:00:00Z"
        raise ValueError(message)
    if isinstance(value, (int, float)):
        message = "write an instant as text, like 2026-11-02T10:00:00Z"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError into an input error
    return value


def _spelled_day(value: object) -> object:
    if isinstance(value, (int, float)) or (isinstance(value, str) and not _DAY.fullmatch(value)):
        message = "write a day as text, like 2026-11-02"
        raise ValueError(message)
    return value


def _storable_instant(instant: datetime) -> datetime:
    try:
        kept = instant.astimezone(UTC)
    except OverflowError:
        kept = instant
    _storable_day(kept.date())
    return kept


def _storable_day(day: date) -> date:
    if not _EARLIEST <= day.year <= _LATEST:
        message = f"the year must be between {_EARLIEST} and {_LATEST}"
        raise ValueError(message)
    return day


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_spelled_instant),
    AfterValidator(_storable_instant),
    Field(json_schema_extra={"maxLength": len("2026-11-02T10:00:00.123456789+01:00")}),
]
"""An instant with its offset, RFC 3339; kept and shown in UTC."""

Day = Annotated[
    date,
    BeforeValidator(_spelled_day),
    AfterValidator(_storable_day),
    Field(json_schema_extra={"maxLength": len("2026-11-02")}),
]
"""A calendar day, `YYYY-MM-DD`."""


def _whole(value: object) -> object:
    # In JSON 1.0 and 1 are one number, and JSON Schema calls both an integer.
    return int(value) if isinstance(value, float) and value.is_integer() else value


ANY_SPELLING = BeforeValidator(_whole)
"""Goes behind the `Field` of a strict whole number: 60.0 is 60, while `true` and `"60"` are not."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false; 1 and "yes" are neither."""

# Spelt out, because what `\s` takes in differs from one dialect of regular expressions to the next;
# stripped, because in some of them `$` lets a last line end through.
_NO_SPACE = r"\x00-\x20\x7f-\xa0"

Url = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=rf'^https?://[^<>"{_NO_SPACE}]+$', max_length=2_000
    ),
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        pattern=rf"^[^@{_NO_SPACE}]+@[^@{_NO_SPACE}]+$",
        max_length=254,
    ),
]
Phone = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        pattern=r"^\+?[0-9()./-][0-9 ()./-]{1,38}[0-9()./-]$",
        max_length=41,
    ),
]
Currency = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z]{3}$", max_length=3)
]
