"""Every query over estimates."""

from sqlalchemy import and_, bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.core.persistence.types import UtcDateTime
from app.guidance.estimates.models import CaseRow, EstimateRow, ModelRow
from app.reflection.debriefs.models import SignalSheetRow
from app.tracking.applications.models import ApplicationRow
from app.tracking.interviews.models import InterviewRow

_COLUMNS = EstimateRow.data_columns()

ESTIMATES = keyset_query(
    EstimateRow,
    select(*_COLUMNS).where(EstimateRow.application_id == bindparam("application_id")),
    Order(EstimateRow.id, descending=True),
)

NEWEST_ESTIMATE = TenantQuery(
    EstimateRow,
    select(
        EstimateRow.id, EstimateRow.version, EstimateRow.inputs_digest, EstimateRow.model_version
    )
    .where(EstimateRow.application_id == bindparam("application_id"))
    .order_by(EstimateRow.id.desc())
    .limit(1),
)

# What was believed last until an instant, what was kept at that very instant included.
FORETOLD = TenantQuery(
    EstimateRow,
    select(EstimateRow.id, EstimateRow.answer)
    .where(
        EstimateRow.application_id == bindparam("application_id"),
        EstimateRow.created_at <= bindparam("until", type_=UtcDateTime()),
    )
    .order_by(EstimateRow.id.desc())
    .limit(1),
)

ALL_ESTIMATES = TenantQuery(
    EstimateRow,
    select(EstimateRow.id, EstimateRow.created_at, EstimateRow.answer)
    .where(EstimateRow.application_id == bindparam("application_id"))
    .order_by(EstimateRow.id)
    .limit(bindparam("limit")),
)

# --- what is believed -------------------------------------------------------

MODEL = TenantQuery(ModelRow, select(ModelRow.id, ModelRow.version, ModelRow.training))

WHOLE_MODEL = TenantQuery(
    ModelRow,
    select(
        ModelRow.id,
        ModelRow.version,
        ModelRow.place,
        ModelRow.training,
        ModelRow.belief,
        ModelRow.is_shared,
    ),
)

# --- what is learnt from ----------------------------------------------------

_CASE = CaseRow.data_columns()

CASES = TenantQuery(CaseRow, select(*_CASE))

CASE_OF = TenantQuery(
    CaseRow, select(*_CASE).where(CaseRow.application_id == bindparam("application_id"))
)

CASES_OF = TenantQuery(
    CaseRow,
    select(*_CASE).where(CaseRow.application_id.in_(bindparam("applications", expanding=True))),
)

APPLICATIONS_AFTER = TenantQuery(
    ApplicationRow,
    select(ApplicationRow.id)
    .where(ApplicationRow.id > bindparam("after"))
    .order_by(ApplicationRow.id)
    .limit(bindparam("limit")),
)

ENDINGS_OF = TenantQuery(
    ApplicationRow,
    select(
        ApplicationRow.id,
        ApplicationRow.candidate_id,
        ApplicationRow.status,
        ApplicationRow.outcome_known_on,
        ApplicationRow.created_at,
    ).where(ApplicationRow.id.in_(bindparam("applications", expanding=True))),
)

EVIDENCE_OF = TenantQuery(
    InterviewRow,
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
        and_(
            SignalSheetRow.workspace_id == InterviewRow.workspace_id,
            SignalSheetRow.interview_id == InterviewRow.id,
        ),
    )
    .where(InterviewRow.application_id.in_(bindparam("applications", expanding=True)))
    .order_by(InterviewRow.application_id, InterviewRow.starts_at, InterviewRow.id),
)
