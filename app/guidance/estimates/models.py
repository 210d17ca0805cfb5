"""Tables of estimates, training cases, models and shared summaries."""

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
    """An estimate at one time. It is never changed; newer rows supersede it.

    `inputs` contains everything from which it can be computed again, bit for bit.
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
    """The training case of one application, and the forecast of its outcome.

    `encoded` is the record for the scoring, null while the case has no label. `known_at` is when an
    outcome first became known, null before; later corrections and deletions do not change it.
    `forecast` is the last probability before that time.
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
    """The model of a workspace. All its members may read it, because it contains no single case.

    `event_position` is the position of the last event ingested. `training` is the digest of the
    training input.
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
        """Allow candidates to read the model of their estimates."""
        return true()

    @classmethod
    def recruiter_filter(cls) -> ColumnElement[bool]:
        """Allow recruiters to read the model card."""
        return true()


class SharedSummaryRow(Base):
    """The summary of a workspace that shares: sums over its cases, never a single case.

    There is a row for each workspace that shares; `summary` is null while its cases are too few.
    """

    __tablename__ = "shared_summaries"

    workspace_id: Mapped[WorkspaceId] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(Json)
