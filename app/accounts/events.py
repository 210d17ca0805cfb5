"""What happens to members, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.messaging.domain_event import Fact


@dataclass(frozen=True, slots=True)
class MemberErased(Fact):
    """A member was erased with all that was theirs; what was learnt from it has to be unlearnt.

    It is not kept: it would be the one thing left that names them.
    """

    name: ClassVar[str] = "member.erased"
    about: ClassVar[str] = "candidate"
    is_kept: ClassVar[bool] = False
