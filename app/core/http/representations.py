"""Representations: from rows to the JSON objects of responses.

A view maps the fields of a response schema to columns of a row, and is checked when its module is
imported. Rows come from the database, where only valid values are stored, so a view validates
nothing. It also hides fields that a recruiter may not see. The schema remains the contract: the
OpenAPI document is generated from it, and tests validate every response against it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.core.http.schemas import Schema
from app.core.persistence.tenancy import Role

Row = TypeVar("Row")
Model = TypeVar("Model", bound=BaseModel)
JsonObject = dict[str, Any]


class ViewError(TypeError):
    """A field of the schema has no source in the row, or a source names no field."""


class JsonView(Generic[Row]):
    """Builds the JSON object of one schema from a row.

    Each field is read from the column of the same name, or from its source: another column
    (`"company_id"`, `"step.due_at"`) or a function of the row. With `within`, columns of the same
    name are looked for there: the row then is a NamedTuple that holds another one.
    """

    def __init__(
        self,
        schema: type[Schema],
        projection: type[Row],
        *,
        within: str = "",
        **sources: str | Callable[[Row], object],
    ) -> None:
        """Resolve the source of every field; raise ViewError where there is none."""
        names: Sequence[str] = projection._fields  # type: ignore[attr-defined]  # a NamedTuple
        if within:
            names = projection.__annotations__[within]._fields
        unknown = sources.keys() - schema.model_fields.keys()
        missing = schema.model_fields.keys() - sources.keys() - set(names)
        if unknown or missing:
            message = f"{schema.__name__}: no fields {sorted(unknown)}, no source {sorted(missing)}"
            raise ViewError(message)
        prefix = f"{within}." if within else ""
        self._fields: list[tuple[str, Callable[[Row], object]]] = [
            (name, _getter(sources.get(name, prefix + name))) for name in schema.model_fields
        ]
        shared = schema.shared_with_recruiter
        self._shared_fields = [
            (name, get if name in shared else _null) for name, get in self._fields
        ]
        self._only_shared = [(name, get) for name, get in self._fields if name in shared]

    def render(self, row: Row, role: Role) -> JsonObject:
        """Return the object; for a recruiter, fields that are not shared are null."""
        fields = self._shared_fields if role is Role.RECRUITER else self._fields
        return {name: get(row) for name, get in fields}

    def render_nested(self, row: Row) -> JsonObject:
        """Return the object as a part of another one, whose view decides who may see it."""
        return {name: get(row) for name, get in self._fields}

    def render_shared(self, row: Row) -> JsonObject:
        """Return only the fields that are shared with recruiters (for webhook payloads)."""
        return {name: get(row) for name, get in self._only_shared}


def object_of(schema: type[Schema], content: Mapping[str, Any] | None) -> JsonObject | None:
    """Return stored JSON with the fields of its schema, in their order; None for null.

    A field that is not stored has its default, or null when it has none.
    """
    if content is None:
        return None
    return {
        name: content[name] if name in content else _default(field)
        for name, field in schema.model_fields.items()
    }


@dataclass(frozen=True, slots=True)
class Resource(Generic[Row]):
    """One row, the view that renders it, and the ETag of the representation."""

    row: Row
    view: JsonView[Row]
    etag: str


@dataclass(frozen=True, slots=True)
class ResourcePage(Generic[Row]):
    """One page of a list."""

    rows: Sequence[Row]
    view: JsonView[Row]
    has_more: bool
    next_cursor: str | None

    def render(self, role: Role) -> JsonObject:
        """Return the page as an object."""
        return {
            "data": [self.view.render(row, role) for row in self.rows],
            "has_more": self.has_more,
            "next_cursor": self.next_cursor,
        }


@dataclass(frozen=True, slots=True)
class Versioned(Generic[Model]):
    """A model that is computed, not read from one row, and its ETag."""

    value: Model
    etag: str


def _default(field: FieldInfo) -> object:
    return None if field.is_required() else field.get_default()


def _getter(source: str | Callable[[Row], object]) -> Callable[[Row], object]:
    return attrgetter(source) if isinstance(source, str) else source


def _null(_: object) -> None:
    return None
