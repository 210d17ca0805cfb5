"""What happens to members, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import DomainEvent


@dataclass(frozen=True, slots=True)
class MemberErased(DomainEvent):
    """A member was erased with all that was theirs; what was learnt from it has to be unlearnt.

    It is not kept: it would be the one thing left that names them.
    """

    name: ClassVar[str] = "member.erased"
    subject_field: ClassVar[str] = "candidate"
    is_persisted: ClassVar[bool] = False
