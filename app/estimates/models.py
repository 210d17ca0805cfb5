"""The table of estimates: written once, superseded by newer ones, never changed."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import CandidateOwned, Id, Json, primary_id, references
from app.kit.ids import ApplicationId, EstimateId


class EstimateRow(CandidateOwned):
    """An estimate as it was made, with the inputs it can be made again from, bit for bit."""

    __tablename__ = "estimates"
    __table_args__ = (
        references("members", "candidate_id"),
        references("applications", "application_id"),
        Index("ix_estimates_application", "workspace_id", "application_id", "id"),
    )
    id_prefix = "est"

    id: Mapped[EstimateId] = primary_id("est")
    application_id: Mapped[ApplicationId] = mapped_column(Id("app"))
    cause: Mapped[str]
    model_version: Mapped[str]
    inputs_digest: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
