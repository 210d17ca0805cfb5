"""From rows of feedback and feedback requests to responses."""

from datetime import datetime
from typing import NamedTuple

from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.preconditions import etag_of
from app.core.unit_of_work.session import row_etag
from app.reflection.feedback.repository import FeedbackRecord, FeedbackRequestRecord
from app.reflection.feedback.schemas import Feedback, FeedbackRequest


class RequestStatus(NamedTuple):
    """A feedback request as one caller sees it now."""

    request: FeedbackRequestRecord
    answered_at: datetime | None
    is_overdue: bool


FEEDBACK = JsonView(Feedback, FeedbackRecord, interview="interview_id")

FEEDBACK_REQUEST = JsonView(
    FeedbackRequest,
    RequestStatus,
    within="request",
    interview="request.interview_id",
    asked_at="request.created_at",
    answered_at="answered_at",
    is_overdue="is_overdue",
)


def feedback(row: FeedbackRecord) -> Resource[FeedbackRecord]:
    """Return a piece of feedback as it is shown."""
    return Resource(row, FEEDBACK, row_etag(row))


def request_etag(row: RequestStatus) -> str:
    """Return the ETag of a request, which becomes overdue without a change of the row."""
    return etag_of(row.request.version, int(row.is_overdue))


def feedback_request(row: RequestStatus) -> Resource[RequestStatus]:
    """Return a feedback request as it is shown."""
    return Resource(row, FEEDBACK_REQUEST, request_etag(row))
