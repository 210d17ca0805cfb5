"""Every query over feedback and what was asked for."""

from sqlalchemy import and_, bindparam, select

from app.core.http.pagination import Order, keyset_query
from app.core.persistence.tenancy import TenantQuery
from app.reflection.feedback.models import FeedbackRequestRow, FeedbackRow
from app.tracking.interviews.models import InterviewRow

_COLUMNS = FeedbackRow.data_columns()

_REQUESTED = FeedbackRequestRow.data_columns()

# Joined to its interview, through which it is seen whether a recruiter may see it.
_FEEDBACK = (
    select(*_COLUMNS)
    .select_from(FeedbackRow)
    .join(
        InterviewRow,
        and_(
            InterviewRow.workspace_id == FeedbackRow.workspace_id,
            InterviewRow.id == FeedbackRow.interview_id,
        ),
    )
)

FEEDBACK_BY_ID = TenantQuery(FeedbackRow, _FEEDBACK.where(FeedbackRow.id == bindparam("id")))

FEEDBACK_OF_INTERVIEW = keyset_query(
    FeedbackRow,
    _FEEDBACK.where(FeedbackRow.interview_id == bindparam("interview_id")),
    Order(FeedbackRow.id),
)

ALL_OF_INTERVIEW = TenantQuery(
    FeedbackRow,
    select(*_COLUMNS).where(FeedbackRow.interview_id == bindparam("interview_id")),
)

REQUEST_OF_INTERVIEW = TenantQuery(
    FeedbackRequestRow,
    select(*_REQUESTED).where(FeedbackRequestRow.interview_id == bindparam("interview_id")),
)
