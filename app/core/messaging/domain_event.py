"""Domain events: changes that happened, named in the past tense.

A service publishes an event on its session. Event handlers of later packages run in the same
transaction, and the event becomes a row of the outbox, from which webhooks and streams are sent.
An event carries ids and public words, never a private text.
"""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from app.kit.ids import ApplicationId, MemberId

INTERNAL = {"is_public": False}
"""Metadata of a field that event handlers need and the payload leaves out."""


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """An event on the records of one candidate; each subclass is a type of event.

    `candidate` owns the records. An event that is not persisted only runs its handlers. A private
    event is visible to the candidate alone, by its type or for this one instance. Any other is
    visible to the recruiter whose application it is too, or to the `recruiter` it names. A
    unicast event goes to a single webhook endpoint.
    """

    name: ClassVar[str]
    subject_field: ClassVar[str]  # names the resource whose events are numbered in sequence
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
        """The application it belongs to, if any, whose recruiter may see the event."""
        return getattr(self, "application", None)

    def payload(self) -> dict[str, Any]:
        """Return the public fields."""
        names = public_fields(type(self))  # type: ignore[arg-type]  # classes can be hashed
        return {name: getattr(self, name) for name in names}


@cache
def public_fields(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the payload's fields for this type of event."""
    return tuple(item.name for item in fields(kind) if item.metadata.get("is_public", True))
