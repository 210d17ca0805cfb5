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
    # PostgreSQL cannot store NUL; the others can attack the terminal of a reader.
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
"""The pattern of every text: no control characters except tab and line ends."""

# The validation of `Line` and `Text` as a JSON Schema pattern: at least one visible character, and
# no control characters.
_VISIBLE_TEXT = (
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*"
    r"[^\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
)

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
    Field(json_schema_extra={"pattern": _VISIBLE_TEXT}),
]
"""A short text: 1 to 200 characters."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_without_control_characters),
    Field(json_schema_extra={"pattern": _VISIBLE_TEXT}),
]
"""A long text: 1 to 10,000 characters."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EARLIEST, _LATEST = 1970, 2199


def _require_date_time(value: object) -> object:
    # Without this, pydantic reads a number or a text of digits as a Unix time.
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        message = "must be a date and time with an offset, such as 2026-11-02T10:00:00Z"
        raise ValueError(message)
    if isinstance(value, (int, float)):
        message = "must be a date and time as a string, such as 2026-11-02T10:00:00Z"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError into an input error
    return value


def _require_date(value: object) -> object:
    if isinstance(value, (int, float)) or (isinstance(value, str) and not _DAY.fullmatch(value)):
        message = "must be a date as a string, such as 2026-11-02"
        raise ValueError(message)
    return value


def _in_utc(instant: datetime) -> datetime:
    try:
        utc = instant.astimezone(UTC)
    except OverflowError:
        utc = instant  # in the year 1 or 9999, which is rejected below
    _within_years(utc.date())
    return utc


def _within_years(day: date) -> date:
    if not _EARLIEST <= day.year <= _LATEST:
        message = f"the year must be between {_EARLIEST} and {_LATEST}"
        raise ValueError(message)
    return day


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_require_date_time),
    AfterValidator(_in_utc),
    Field(json_schema_extra={"maxLength": len("2026-11-02T10:00:00.123456789+01:00")}),
]
"""An RFC 3339 date and time with offset; stored and returned in UTC."""

Day = Annotated[
    date,
    BeforeValidator(_require_date),
    AfterValidator(_within_years),
    Field(json_schema_extra={"maxLength": len("2026-11-02")}),
]
"""A calendar day, `YYYY-MM-DD`."""


def _whole_float_to_int(value: object) -> object:
    # In JSON 1.0 and 1 are the same number, and both are an integer in JSON Schema.
    return int(value) if isinstance(value, float) and value.is_integer() else value


ANY_SPELLING = BeforeValidator(_whole_float_to_int)
"""Follows the `Field` of a strict integer: accepts 60.0 as 60, but neither `true` nor `"60"`."""

Flag = Annotated[bool, Field(strict=True)]
"""A strict boolean: 1 and "yes" are rejected."""

# Listed, because `\s` matches different characters in each regular expression dialect. Strings are
# stripped, because in some dialects `$` also matches before a final line end.
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
