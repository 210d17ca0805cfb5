"""Tables of estimates, of what cases teach, and of what is believed from that."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Index, LargeBinary, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.persistence.base import (
    Base,
    CandidateModel,
    TenantModel,
    id_column,
    tenant_foreign_key,
)
from app.core.persistence.types import Json, TypeIdType
from app.kit.ids import ApplicationId, EstimateId, WorkspaceId
from app.scoring import Result


class EstimateRow(CandidateModel):
    """An estimate as it was made: written once, superseded by newer ones and never changed.

    It has the inputs that it can be made again from, bit for bit.
    """

    __tablename__ = "estimates"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        Index("ix_estimates_application", "workspace_id", "application_id", "id"),
    )
    id_prefix = "est"

    id: Mapped[EstimateId] = id_column("est")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    cause: Mapped[str]
    model_version: Mapped[str]
    inputs_digest: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    answer: Mapped[dict[str, Any]] = mapped_column(Json)


class CaseRow(CandidateModel):
    """What one application teaches, packed for the scoring, and what was foretold of it.

    `packed` is null while it teaches nothing. `known_at` is when an outcome first became known,
    null while none was, whatever is corrected or taken back since. `foretold` is the probability
    that stood until then.
    """

    __tablename__ = "cases"
    __table_args__ = (
        tenant_foreign_key("members", "candidate_id"),
        tenant_foreign_key("applications", "application_id"),
        Index("uq_cases_application", "workspace_id", "application_id", unique=True),
    )
    id_prefix = "cas"

    id: Mapped[str] = id_column("cas")
    application_id: Mapped[ApplicationId] = mapped_column(TypeIdType("app"))
    result: Mapped[Result | None]
    known_on: Mapped[date | None]
    last_round_on: Mapped[date | None]
    encoded: Mapped[bytes | None] = mapped_column(LargeBinary)
    forecast: Mapped[float | None] = mapped_column(Double)
    known_at: Mapped[datetime | None]


class ModelRow(TenantModel):
    """What is believed in a workspace; everybody in it may read that, and nobody's case in it.

    `place` is the position of the last event that was learnt from, `training` names the cases.
    """

    __tablename__ = "models"
    __table_args__ = (Index("uq_models_workspace", "workspace_id", unique=True),)
    id_prefix = "mod"

    id: Mapped[str] = id_column("mod")
    event_position: Mapped[int] = mapped_column(BigInteger)
    training: Mapped[str]
    posterior: Mapped[dict[str, Any]] = mapped_column(Json)
    is_shared: Mapped[bool]

    @classmethod
    def candidate_filter(cls) -> ColumnElement[bool]:
        """Let candidates see by what their estimates are made."""
        return true()

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Let recruiters read the model card."""
        return true()


class SharedSummaryRow(Base):
    """What a workspace that shares says of the signals: sums over its cases, and never a case.

    There is a row for each workspace that shares; it is empty while its cases are too few.
    """

    __tablename__ = "shared_summaries"

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(Json)
