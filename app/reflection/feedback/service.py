"""Feedback: draft, send, record what was received, update, acknowledge, delete."""

from datetime import datetime

from app.core.http.pagination import fetch_page
from app.core.http.representations import Resource, ResourcePage
from app.core.http.schemas import Columns
from app.core.persistence.tenancy import Role
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession, row_etag
from app.kit.ids import FeedbackId, InterviewId
from app.reflection.feedback import presenters, requests
from app.reflection.feedback.events import (
    FeedbackAcknowledged,
    FeedbackEvent,
    FeedbackReceived,
    FeedbackReleased,
    FeedbackSent,
)
from app.reflection.feedback.lifecycle import (
    FEEDBACK,
    Audience,
    Direction,
    FeedbackState,
    Move,
)
from app.reflection.feedback.models import FeedbackRow
from app.reflection.feedback.problems import (
    AcknowledgementNotYours,
    AudiencePrivate,
    DirectionNotYours,
    FeedbackNotFound,
    FeedbackNotYours,
)
from app.reflection.feedback.repository import (
    ALL_OF_INTERVIEW,
    FEEDBACK_BY_ID,
    FEEDBACK_OF_INTERVIEW,
    FeedbackRecord,
)
from app.reflection.feedback.schemas import FeedbackCreate, FeedbackUpdate
from app.tracking.interviews import service as interviews
from app.tracking.interviews.events import InterviewConcluded
from app.tracking.interviews.repository import InterviewRecord

_SECONDS_IN_A_MINUTE = 60


def show(session: ReadSession, feedback_id: FeedbackId) -> Resource[FeedbackRecord]:
    """Show one piece of feedback."""
    return presenters.feedback(get(session, feedback_id))


def get(session: ReadSession, feedback_id: FeedbackId) -> FeedbackRecord:
    """Return the feedback; raise FeedbackNotFound."""
    return session.get(FEEDBACK_BY_ID, FeedbackNotFound, id=feedback_id)


def list_(
    session: ReadSession, interview_id: InterviewId, limit: int, cursor: str | None
) -> ResourcePage[FeedbackRecord]:
    """Show the feedback on one interview, in the order in which it was created."""
    interviews.get(session, interview_id)
    return fetch_page(
        session,
        FEEDBACK_OF_INTERVIEW,
        presenters.FEEDBACK,
        filters={"interview_id": interview_id},
        limit=limit,
        cursor=cursor,
    )


def create(
    session: WriteSession, interview_id: InterviewId, body: FeedbackCreate
) -> Resource[FeedbackRecord]:
    """Create a draft, or record feedback that was received."""
    interview = interviews.get(session, interview_id)
    _check_author(session.caller.role, body)
    state = FeedbackState.DRAFT if body.direction.is_given else FeedbackState.RECEIVED
    feedback_id = FeedbackId(
        session.add(
            FeedbackRow,
            candidate_id=interview.candidate_id,
            interview_id=interview_id,
            written_by=session.caller.member_id,
            direction=body.direction,
            audience=body.audience,
            state=state,
            text=body.text,
            sent_at=None,
            acknowledged_at=None,
            minutes_after_interview=None,
        )
    )
    if state is FeedbackState.RECEIVED:
        row = get(session, feedback_id)
        requests.mark_answered(session, row)
        _publish(session, FeedbackReceived, row)
    return show(session, feedback_id)


def update(
    session: WriteSession, feedback_id: FeedbackId, body: FeedbackUpdate
) -> Resource[FeedbackRecord]:
    """Change a draft or the record of received feedback; sent feedback cannot be changed."""
    row = _get_own_for_update(session, feedback_id)
    state = FEEDBACK.next_state(row.state, Move.REWRITE)
    changes = body.columns(given=True)
    if changes.get("text", row.text) != row.text:
        changes["acknowledged_at"] = None  # the recipient read another text
    session.update(FeedbackRow, row, state=state, **changes)
    if state is FeedbackState.RECEIVED and _is_released(row, changes):
        requests.mark_answered(session, get(session, feedback_id))
        _publish(session, FeedbackReleased, row)
    return show(session, feedback_id)


def send(session: WriteSession, feedback_id: FeedbackId) -> Resource[FeedbackRecord]:
    """Send a draft: from now on its audience sees it, and it cannot be changed."""
    row = _get_own_for_update(session, feedback_id)
    state = FEEDBACK.next_state(row.state, Move.SEND)
    if row.audience is Audience.PRIVATE:
        raise AudiencePrivate
    interview = interviews.get(session, row.interview_id)
    session.update(
        FeedbackRow,
        row,
        state=state,
        sent_at=session.now,
        minutes_after_interview=_minutes_since_end(interview, session.now),
    )
    _publish(session, FeedbackSent, row)
    return show(session, feedback_id)


def recompute_delay(session: WriteSession, event: InterviewConcluded) -> None:
    """Update the minutes between interview and sending, after the interview's end changed."""
    interview = interviews.get(session, event.interview)
    for row in session.all(ALL_OF_INTERVIEW, interview_id=event.interview):
        if row.sent_at is not None:
            minutes = _minutes_since_end(interview, row.sent_at)
            session.update(FeedbackRow, row, minutes_after_interview=minutes)


def acknowledge(session: WriteSession, feedback_id: FeedbackId) -> Resource[FeedbackRecord]:
    """Record that the recipient has read it; a repeat changes nothing."""
    row = get(session, feedback_id)
    is_for_recruiter = row.direction.is_given
    if is_for_recruiter is not (session.caller.role is Role.RECRUITER):
        raise AcknowledgementNotYours
    state = FEEDBACK.next_state(row.state, Move.ACKNOWLEDGE)
    if row.acknowledged_at is None:
        session.update(FeedbackRow, row, state=state, acknowledged_at=session.now)
        _publish(session, FeedbackAcknowledged, row)
    return show(session, feedback_id)


def delete(session: WriteSession, feedback_id: FeedbackId) -> None:
    """Delete the feedback."""
    row = _get_own_for_update(session, feedback_id)
    session.delete(FeedbackRow, row)


def _get_own_for_update(session: WriteSession, feedback_id: FeedbackId) -> FeedbackRecord:
    """Return the feedback in the version that the request names; raise FeedbackNotYours."""
    row = get(session, feedback_id)
    if row.written_by != session.caller.member_id:
        raise FeedbackNotYours
    session.check_precondition(row_etag(row))
    return row


def _publish(session: WriteSession, kind: type[FeedbackEvent], row: FeedbackRecord) -> None:
    application = interviews.get(session, row.interview_id).application_id
    is_private = row.audience is Audience.PRIVATE and kind is not FeedbackReleased
    ids = (row.candidate_id, application, row.interview_id, row.id, row.direction)
    session.publish(kind(*ids, is_private_instance=is_private))


def _is_released(row: FeedbackRecord, changes: Columns) -> bool:
    was_private = row.audience is Audience.PRIVATE
    return was_private and changes.get("audience", Audience.PRIVATE) != Audience.PRIVATE


def _check_author(role: Role, body: FeedbackCreate) -> None:
    if role is not Role.RECRUITER:
        return
    directions = (Direction.RECRUITER_TO_CANDIDATE, Direction.INTERVIEWER_TO_RECRUITER)
    errors = []
    if body.direction not in directions:
        detail = f"a recruiter may use {' or '.join(directions)}"
        errors.append(FieldError("#/direction", "not_yours", detail))
    if body.audience is Audience.PRIVATE:
        errors.append(FieldError("#/audience", "not_yours", "a recruiter may not use private"))
    if errors:
        raise DirectionNotYours(faults=errors)


def _minutes_since_end(interview: InterviewRecord, now: datetime) -> int | None:
    if interview.ended_at is None:
        return None
    return max(0, round((now - interview.ended_at).total_seconds() / _SECONDS_IN_A_MINUTE))
