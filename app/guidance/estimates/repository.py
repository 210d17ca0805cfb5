"""Queries over estimates, the model and its training cases."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery, on_same_workspace
from app.core.persistence.types import UtcDateTime
from app.guidance.estimates.models import CaseRow, EstimateRow, ModelRow
from app.kit.ids import ApplicationId, EstimateId, InterviewId, MemberId
from app.reflection.debriefs.models import SignalSheetRow
from app.scoring import Result, Round
from app.tracking.applications.lifecycle import Status
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.models import InterviewRow


class EstimateRecord(NamedTuple):
    """A stored estimate of an application."""

    id: EstimateId
    application_id: ApplicationId
    cause: str
    answer: dict[str, Any]
    created_at: datetime


class EstimateInputs(NamedTuple):
    """The digests of the inputs of an estimate."""

    id: EstimateId
    inputs_digest: str
    model_version: str


class StoredAnswer(NamedTuple):
    """A stored estimate, as it was returned."""

    id: EstimateId
    created_at: datetime
    answer: dict[str, Any]


class ModelVersion(NamedTuple):
    """The digest of the training input of a model."""

    id: str
    version: int
    training: str


class ModelRecord(NamedTuple):
    """The model of a workspace."""

    id: str
    version: int
    event_position: int
    training: str
    posterior: dict[str, Any]
    is_shared: bool


class CaseRecord(NamedTuple):
    """The training case of one application."""

    id: str
    application_id: ApplicationId
    result: Result | None
    known_on: date | None
    last_round_on: date | None
    encoded: bytes | None
    forecast: float | None
    known_at: datetime | None
    updated_at: datetime
    version: int


class ApplicationIdRecord(NamedTuple):
    """The id of an application."""

    id: ApplicationId


class EndingRecord(NamedTuple):
    """The status and outcome of an application."""

    id: ApplicationId
    candidate_id: MemberId
    status: Status
    outcome_known_on: date | None
    created_at: datetime


class EvidenceOfApplication(NamedTuple):
    """An interview of one of several applications, with its signals."""

    id: InterviewId
    application_id: ApplicationId
    round: Round
    state: InterviewState
    starts_at: datetime
    signals: dict[str, Any] | None


ESTIMATES = keyset_query(
    EstimateRow,
    EstimateRecord,
    select(*EstimateRow.columns_of(EstimateRecord)).where(
        EstimateRow.application_id == bindparam("application_id")
    ),
    Order(EstimateRow.id, descending=True),
)

NEWEST_ESTIMATE = TenantQuery(
    EstimateRow,
    EstimateInputs,
    select(*EstimateRow.columns_of(EstimateInputs))
    .where(EstimateRow.application_id == bindparam("application_id"))
    .order_by(EstimateRow.id.desc())
    .limit(1),
)

_ANSWERS = select(*EstimateRow.columns_of(StoredAnswer)).where(
    EstimateRow.application_id == bindparam("application_id")
)

LAST_ESTIMATE_UNTIL = TenantQuery(
    EstimateRow,
    StoredAnswer,
    _ANSWERS.where(EstimateRow.created_at <= bindparam("until", type_=UtcDateTime()))
    .order_by(EstimateRow.id.desc())
    .limit(1),
)
"""The last estimate until an instant, that instant included."""

ALL_ESTIMATES = TenantQuery(
    EstimateRow,
    StoredAnswer,
    _ANSWERS.order_by(EstimateRow.id).limit(bindparam("limit")),
)

# --- the model --------------------------------------------------------------

MODEL_VERSION = TenantQuery(ModelRow, ModelVersion, select(*ModelRow.columns_of(ModelVersion)))

MODEL = TenantQuery(ModelRow, ModelRecord, select(*ModelRow.columns_of(ModelRecord)))

# --- training cases ---------------------------------------------------------

_CASES = select(*CaseRow.columns_of(CaseRecord))

CASES = TenantQuery(CaseRow, CaseRecord, _CASES)

CASE_OF = TenantQuery(
    CaseRow, CaseRecord, _CASES.where(CaseRow.application_id == bindparam("application_id"))
)

CASES_OF = TenantQuery(
    CaseRow,
    CaseRecord,
    _CASES.where(CaseRow.application_id.in_(bindparam("applications", expanding=True))),
)

APPLICATIONS_AFTER = TenantQuery(
    ApplicationRow,
    ApplicationIdRecord,
    select(ApplicationRow.id)
    .where(ApplicationRow.id > bindparam("after"))
    .order_by(ApplicationRow.id)
    .limit(bindparam("limit")),
)

ENDINGS_OF = TenantQuery(
    ApplicationRow,
    EndingRecord,
    select(*ApplicationRow.columns_of(EndingRecord)).where(
        ApplicationRow.id.in_(bindparam("applications", expanding=True))
    ),
)

EVIDENCE_OF = TenantQuery(
    InterviewRow,
    EvidenceOfApplication,
    select(
        InterviewRow.id,
        InterviewRow.application_id,
        InterviewRow.round,
        InterviewRow.state,
        InterviewRow.starts_at,
        SignalSheetRow.signals,
    )
    .select_from(InterviewRow)
    .outerjoin(
        SignalSheetRow,
        on_same_workspace(
            InterviewRow, SignalSheetRow, SignalSheetRow.interview_id == InterviewRow.id
        ),
    )
    .where(InterviewRow.application_id.in_(bindparam("applications", expanding=True)))
    .order_by(InterviewRow.application_id, InterviewRow.starts_at, InterviewRow.id),
)
