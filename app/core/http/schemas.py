"""Base class of request and response schemas, and the schemas that packages share."""

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
    """A request or response schema: unknown fields are rejected, types are not coerced.

    A field is private to the candidate unless it is in `shared_with_recruiter`.
    """

    model_config = ConfigDict(extra="forbid")
    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset()

    def columns(self, *, given: bool = False, without: frozenset[str] = frozenset()) -> Columns:
        """Return the fields as column values; with `given`, only those in the request.

        An object in the request is stored whole, with the defaults of its fields.
        """
        fields = self.model_fields_set if given else type(self).model_fields.keys()
        return self.model_dump(include=set(fields) - without)


MAX_PAGE_SIZE = 100


def example(value: Example, **keywords: Any) -> ConfigDict:  # noqa: ANN401 - any JSON Schema keyword
    """Return the model config with a working example for the docs page.

    JSON Schema keywords add constraints that fields cannot express.
    """
    return ConfigDict(json_schema_extra={"examples": [value], **keywords})


def left_out() -> Any:  # noqa: ANN401 - the default of a field of any type
    """Return the default of a field that is optional but not nullable."""
    return Field(default_factory=_missing)


def _missing() -> None:
    """Return the value of a missing field; a factory keeps it out of the OpenAPI document."""


class Money(Schema):
    """A salary: an amount or a range of amounts, for a period of work."""

    minimum: Annotated[
        int,
        Field(strict=True, ge=0, le=10**12, description="In minor units (cents, pence)."),
        ANY_SPELLING,
    ]
    maximum: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=10**12), ANY_SPELLING] | None,
        Field(description="The upper end of a range. Default: the amount is exact."),
    ] = None
    currency: Annotated[Currency, Field(description="ISO 4217 code.")]
    period: Annotated[
        Literal["hour", "day", "month", "year"],
        Field(description="The period that the amount is paid for."),
    ] = "year"


class Page(Schema, Generic[Item]):
    """One page of a list."""

    data: Annotated[
        list[Item],
        Field(
            description="The items of this page.",
            json_schema_extra={"maxItems": MAX_PAGE_SIZE},
        ),
    ]
    has_more: Annotated[bool, Field(description="Whether more items follow this page.")]
    next_cursor: Annotated[
        str | None,
        Field(description="Pass it as `cursor` to get the next page; null on the last page."),
    ]
