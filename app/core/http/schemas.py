"""The base of every schema: strict on the way in, complete on the way out."""

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
)

from app.core.http.field_types import (
    ANY_SPELLING,
    Currency,
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
        return self.model_dump(exclude_unset=given, exclude=set(without))


LONGEST_PAGE = 100


def example(value: Example, **keywords: Any) -> ConfigDict:  # noqa: ANN401 - whatever JSON Schema has
    """Give a schema the example that the docs page offers; it works as it stands.

    Keywords of JSON Schema say what the fields alone cannot.
    """
    return ConfigDict(json_schema_extra={"examples": [value], **keywords})


def left_out() -> Any:  # noqa: ANN401 - stands for a value of whatever type the field has
    """Default of a field that may be left out, but not be null."""
    return Field(default_factory=_nothing)


def _nothing() -> None:
    """Stand for what was not given; made by a factory, it does not show up in the contract."""


class Money(Schema):
    """An amount, or a span of amounts, of money for a period of work."""

    minimum: Annotated[
        int,
        Field(strict=True, ge=0, le=10**12, description="In minor units (cents, pence)."),
        ANY_SPELLING,
    ]
    maximum: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=10**12), ANY_SPELLING] | None,
        Field(description="Left out: the amount is exact."),
    ] = None
    currency: Annotated[Currency, Field(description="ISO 4217 code.")]
    period: Annotated[
        Literal["hour", "day", "month", "year"], Field(description="What the amount is paid for.")
    ] = "year"


class Page(Schema, Generic[Item]):
    """One page of a list."""

    data: Annotated[
        list[Item],
        Field(
            description="The rows of this page.",
            json_schema_extra={"maxItems": LONGEST_PAGE},
        ),
    ]
    has_more: Annotated[bool, Field(description="Whether the list goes on after this page.")]
    next_cursor: Annotated[
        str | None,
        Field(description="Hand this back as `cursor` to read on; null on the last page."),
    ]
