"""Domain events: what happened, named in the past tense."""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from app.kit.ids import ApplicationId, MemberId

UNTOLD = {"is_told": False}
"""Metadata of a field of a fact that is for those who act on it, and is not told."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to the records of one candidate; subclasses say what.

    `candidate` is whose records they are. A fact that is not kept is acted on by
    subscribers, and nobody outside is told. One that is private is told to the candidate
    alone, and so is one that is hidden for what it tells of; any other also to the recruiter
    to whom its application is open at that moment, or to the one it names itself. One that is
    addressed goes to a single endpoint.
    """

    name: ClassVar[str]
    about: ClassVar[str]  # the field that names the resource by which facts are ordered
    schema_version: ClassVar[int] = 1
    is_kept: ClassVar[bool] = True
    is_private: ClassVar[bool] = False
    is_addressed: ClassVar[bool] = False

    candidate: MemberId
    recruiter: MemberId | None = field(default=None, kw_only=True, metadata=UNTOLD)
    is_hidden: bool = field(default=False, kw_only=True, metadata=UNTOLD)

    @property
    def subject(self) -> str:
        """The id of the resource it is about."""
        return str(getattr(self, self.about))

    @property
    def of_application(self) -> ApplicationId | None:
        """The application it belongs to, if any, whose recruiter may be told."""
        return getattr(self, "application", None)

    def payload(self) -> dict[str, Any]:
        """Return what the outside may read of it."""
        told = told_names(type(self))  # type: ignore[arg-type]  # classes can be hashed
        return {name: getattr(self, name) for name in told}


@cache
def told_names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of what the outside may read of such a fact."""
    return tuple(each.name for each in fields(kind) if each.metadata.get("is_told", True))
