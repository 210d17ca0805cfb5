"""Facts: what happened, named in the past tense, so that later rooms and the outside can act.

A service announces a fact to its unit of work. Subscribers act on it in the
same transaction, and the same fact becomes the outbox row from which others
are told. A fact carries ids and public words, never a private text.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Id, WorkspaceOwned, primary_id, references
from app.kit.ids import MemberId


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to the records of one candidate; subclasses say what.

    `candidate` is whose records they are. A fact that is not kept is acted on by
    subscribers, and nobody outside is told.
    """

    name: ClassVar[str]
    schema_version: ClassVar[int] = 1
    is_kept: ClassVar[bool] = True

    candidate: MemberId

    def payload(self) -> dict[str, Any]:
        """Return what the outside may read of it."""
        return asdict(self)


class OutboxRow(WorkspaceOwned):
    """A fact, written in the transaction of the change it tells of."""

    __tablename__ = "outbox"
    __table_args__ = (
        references("members", "candidate_id"),
        Index("ix_outbox_candidate", "workspace_id", "candidate_id", "id"),
    )
    id_prefix = "evt"

    id: Mapped[str] = primary_id("evt")
    candidate_id: Mapped[MemberId | None] = mapped_column(Id("mem"))
    name: Mapped[str]
    schema_version: Mapped[int]
    payload: Mapped[dict[str, Any]]
