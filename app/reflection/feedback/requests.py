"""Feedback requests: a candidate asks for feedback on an interview, by a day if one was agreed.

The first feedback to the candidate that is written after a request answers it. Feedback that the
candidate keeps private answers it for them alone; to the recruiter it is still open.
"""

from app.core.http.representations import Resource
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import ReadSession, WriteSession, has_changes
from app.kit.ids import InterviewId
from app.reflection.feedback import presenters
from app.reflection.feedback.events import FeedbackRequested, FeedbackRequestWithdrawn
from app.reflection.feedback.lifecycle import Audience
from app.reflection.feedback.models import FeedbackRequestRow
from app.reflection.feedback.presenters import RequestStatus
from app.reflection.feedback.problems import FeedbackRequestNotFound, FeedbackRequestNotYours
from app.reflection.feedback.repository import (
    REQUEST_OF_INTERVIEW,
    FeedbackRecord,
    FeedbackRequestRecord,
)
from app.reflection.feedback.schemas import FeedbackRequestPut
from app.tracking.interviews import service as interviews
from app.tracking.interviews.repository import InterviewRecord


def show(session: ReadSession, interview_id: InterviewId) -> Resource[RequestStatus]:
    """Show the request, and whether it was answered."""
    interviews.get(session, interview_id)
    return presenters.feedback_request(_status(session, _get(session, interview_id)))


def upsert(
    session: WriteSession, interview_id: InterviewId, body: FeedbackRequestPut
) -> Resource[RequestStatus]:
    """Create or replace the request; the same again changes nothing."""
    _require_candidate(session)
    interview = interviews.get(session, interview_id)
    existing = _find(session, interview_id)
    if existing is None:
        _create(session, interview, body)
    elif has_changes(existing, body.columns()):
        _update(session, interview, existing, body)
    return show(session, interview_id)


def withdraw(session: WriteSession, interview_id: InterviewId) -> None:
    """Withdraw the request."""
    _require_candidate(session)
    interview = interviews.get(session, interview_id)
    existing = _get(session, interview_id)
    session.check_precondition(presenters.request_etag(_status(session, existing)))
    session.delete(FeedbackRequestRow, existing)
    ids = (interview.candidate_id, interview.application_id, interview.id)
    session.publish(FeedbackRequestWithdrawn(*ids))


def mark_answered(session: WriteSession, feedback: FeedbackRecord) -> None:
    """Mark the request as answered by feedback that was just written or released."""
    existing = _find(session, feedback.interview_id)
    is_answer = feedback.direction.is_for_candidate
    if existing is None or not is_answer or feedback.created_at < existing.created_at:
        return
    changes = {"answered_at": existing.answered_at or session.now}
    if feedback.audience is not Audience.PRIVATE:
        changes["openly_answered_at"] = existing.openly_answered_at or session.now
    session.update(FeedbackRequestRow, existing, **changes)


def _require_candidate(session: WriteSession) -> None:
    # Checked before any query, so that a recruiter gets the same response for every interview.
    if session.caller.role is Role.RECRUITER:
        raise FeedbackRequestNotYours


def _find(session: ReadSession, interview_id: InterviewId) -> FeedbackRequestRecord | None:
    return session.one_or_none(REQUEST_OF_INTERVIEW, interview_id=interview_id)


def _get(session: ReadSession, interview_id: InterviewId) -> FeedbackRequestRecord:
    return session.get(REQUEST_OF_INTERVIEW, FeedbackRequestNotFound, interview_id=interview_id)


def _create(session: WriteSession, interview: InterviewRecord, body: FeedbackRequestPut) -> None:
    session.check_precondition(None)
    session.add(
        FeedbackRequestRow,
        candidate_id=interview.candidate_id,
        interview_id=interview.id,
        answered_at=None,
        openly_answered_at=None,
        **body.columns(),
    )
    _publish(session, interview, body)


def _update(
    session: WriteSession,
    interview: InterviewRecord,
    existing: FeedbackRequestRecord,
    body: FeedbackRequestPut,
) -> None:
    session.check_precondition(presenters.request_etag(_status(session, existing)))
    session.update(FeedbackRequestRow, existing, **body.columns())
    if body.answer_expected_on != existing.answer_expected_on:
        _publish(session, interview, body)


def _publish(session: WriteSession, interview: InterviewRecord, body: FeedbackRequestPut) -> None:
    day = body.answer_expected_on
    ids = (interview.candidate_id, interview.application_id, interview.id)
    session.publish(FeedbackRequested(*ids, day.isoformat() if day else None))


def _status(session: ReadSession, request: FeedbackRequestRecord) -> RequestStatus:
    """Return the request with its answer, if the caller may see the answer."""
    is_recruiter = session.caller.role is Role.RECRUITER
    answered_at = request.openly_answered_at if is_recruiter else request.answered_at
    expected_on = request.answer_expected_on
    is_past = expected_on is not None and expected_on < session.now.date()
    return RequestStatus(request, answered_at, is_overdue=is_past and answered_at is None)
