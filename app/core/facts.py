"""Facts: what happened, named in the past tense, so that later rooms and the outside can act.

A service announces a fact to its unit of work. Subscribers act on it in the
same transaction, and the same fact becomes the outbox row from which others
are told. A fact carries ids and public words, never a private text.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped

from app.core.models import WorkspaceOwned, primary_id


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to one candidate's records; subclasses say what."""

    name: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def payload(self) -> dict[str, Any]:
        """Return what the outside may read of it."""
        return asdict(self)


class OutboxRow(WorkspaceOwned):
    """A fact, written in the transaction of the change it tells of."""

    __tablename__ = "outbox"

    id_prefix = "evt"

    id: Mapped[str] = primary_id("evt")
    name: Mapped[str]
    schema_version: Mapped[int]
    payload: Mapped[dict[str, Any]]
