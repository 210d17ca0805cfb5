"""Representations: what a service returns, with its version."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

Value = TypeVar("Value", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[Value]):
    """A representation, with the tag of the version it shows (a strong ETag)."""

    value: Value
    tag: str


def etag_of(*versions: int) -> str:
    """Return the entity tag made of the versions of the rows that a representation shows."""
    return '"' + ".".join(str(version) for version in versions) + '"'
