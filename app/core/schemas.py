"""The base of every schema: strict on the way in, complete on the way out."""

import re
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

Item = TypeVar("Item")
Example = dict[str, Any]
Columns = dict[str, Any]


class Schema(BaseModel):
    """A shape of the contract: unknown fields are refused, types are not guessed.

    A field is private to the candidate unless `shared_with_recruiter` names it.
    """

    model_config = ConfigDict(extra="forbid")
    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset()

    def columns(self, *, given: bool = False, without: frozenset[str] = frozenset()) -> Columns:
        """Return the fields as column values, all of them or only those that were given."""
        fields = self.model_dump(exclude_unset=given, exclude=set(without))
        return {
            name: value.value if isinstance(value, Enum) else value
            for name, value in fields.items()
        }


def _without_control_characters(text: str) -> str:
    # NUL cannot be stored by PostgreSQL, and the others serve nobody but an attacker of terminals.
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in text):  # noqa: PLR2004 - ASCII
        message = "must not contain control characters"
        raise ValueError(message)
    try:
        text.encode()
    except UnicodeEncodeError:
        message = "must be well-formed Unicode (no lone surrogates)"
        raise ValueError(message) from None
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
]
"""One line of text a person typed: 1 to 200 characters."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(_without_control_characters),
]
"""A longer text a person typed: 1 to 10,000 characters."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EARLIEST, _LATEST = 1970, 2200


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
    _storable_day(instant.date())
    return instant.astimezone(UTC)


def _storable_day(day: date) -> date:
    if not _EARLIEST < day.year < _LATEST:
        message = f"the year must be between {_EARLIEST + 1} and {_LATEST - 1}"
        raise ValueError(message)
    return day


Instant = Annotated[
    AwareDatetime, BeforeValidator(_spelled_instant), AfterValidator(_storable_instant)
]
"""An instant with its offset, RFC 3339; kept and shown in UTC."""

Day = Annotated[date, BeforeValidator(_spelled_day), AfterValidator(_storable_day)]
"""A calendar day, `YYYY-MM-DD`."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number; `true` and `"1"` are not numbers."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false; 1 and "yes" are neither."""

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2_000)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9 ()./-]{3,40}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def example(value: Example) -> ConfigDict:
    """Give a schema the example that the docs page offers; it works as it stands."""
    return ConfigDict(json_schema_extra={"examples": [value]})


def left_out() -> Any:  # noqa: ANN401 - stands for a value of whatever type the field has
    """Default of a field that a PATCH may leave out but not set to null."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Money(Schema):
    """An amount, or a span of amounts, of money for a period of work."""

    minimum: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=10**12,
            description="In minor units (cents, pence) of the currency.",
        ),
    ]
    maximum: Annotated[
        int | None,
        Field(strict=True, ge=0, le=10**12, description="Left out: the amount is exact."),
    ] = None
    currency: Annotated[Currency, Field(description="ISO 4217 code.")]
    period: Annotated[
        Literal["hour", "day", "month", "year"], Field(description="What the amount is paid for.")
    ] = "year"


class Page(Schema, Generic[Item]):
    """One page of a list."""

    data: Annotated[list[Item], Field(description="The rows of this page.")]
    has_more: Annotated[bool, Field(description="Whether the list goes on after this page.")]
    next_cursor: Annotated[
        str | None,
        Field(description="Hand this back as `cursor` to read on; null on the last page."),
    ]
