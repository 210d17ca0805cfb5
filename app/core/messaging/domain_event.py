"""Domain events: what happened, named in the past tense."""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from app.kit.ids import ApplicationId, MemberId

INTERNAL = {"is_told": False}
"""Metadata of a field of a fact that is for those who act on it, and is not told."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Something that happened to the records of one candidate; subclasses say what.

    `candidate` is whose records they are. A fact that is not kept is acted on by
    subscribers, and nobody outside is told. One that is private is told to the candidate
    alone, and so is one that is hidden for what it tells of; any other also to the recruiter
    to whom its application is open at that moment, or to the one it names itself. One that is
    addressed goes to a single endpoint.
    """

    name: ClassVar[str]
    subject_field: ClassVar[str]  # the field that names the resource by which facts are ordered
    schema_version: ClassVar[int] = 1
    is_persisted: ClassVar[bool] = True
    is_private: ClassVar[bool] = False
    is_unicast: ClassVar[bool] = False

    candidate: MemberId
    recruiter: MemberId | None = field(default=None, kw_only=True, metadata=INTERNAL)
    is_private_instance: bool = field(default=False, kw_only=True, metadata=INTERNAL)

    @property
    def subject(self) -> str:
        """The id of the resource it is about."""
        return str(getattr(self, self.subject_field))

    @property
    def application_id(self) -> ApplicationId | None:
        """The application it belongs to, if any, whose recruiter may be told."""
        return getattr(self, "application", None)

    def payload(self) -> dict[str, Any]:
        """Return what the outside may read of it."""
        told = public_fields(type(self))  # type: ignore[arg-type]  # classes can be hashed
        return {name: getattr(self, name) for name in told}


@cache
def public_fields(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of what the outside may read of such a fact."""
    return tuple(each.name for each in fields(kind) if each.metadata.get("is_told", True))
