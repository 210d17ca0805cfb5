"""Domain events of members."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent


@dataclass(frozen=True, slots=True)
class MemberErased(DomainEvent):
    """A member and all their records were erased; the model is refitted without them.

    The event is not persisted, because it would be the only record left that names the member.
    """

    name: ClassVar[str] = "member.erased"
    subject_field: ClassVar[str] = "candidate"
    is_persisted: ClassVar[bool] = False
