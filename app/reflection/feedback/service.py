"""What can be done with feedback: draft it, send it, write down what was received."""

from collections.abc import Sequence
from datetime import datetime

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Columns, Page
from app.core.persistence.tenancy import Role
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import FeedbackId, InterviewId
from app.reflection.feedback import requests
from app.reflection.feedback.events import (
    FeedbackAcknowledged,
    FeedbackFact,
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
)
from app.reflection.feedback.schemas import Feedback, FeedbackCreate, FeedbackUpdate
from app.tracking.interviews import service as interviews
from app.tracking.interviews.events import InterviewConcluded
from app.tracking.interviews.models import InterviewRow

_SECONDS_IN_A_MINUTE = 60


def get(work: ReadSession, feedback_id: FeedbackId) -> FeedbackRow:
    """Return the feedback; raise FeedbackNotFound when this caller sees none."""
    row = work.one_or_none(FEEDBACK_BY_ID, id=feedback_id)
    if row is None:
        raise FeedbackNotFound
    return row


def show(work: ReadSession, feedback_id: FeedbackId) -> Versioned[Feedback]:
    """Show one piece of feedback."""
    row = get(work, feedback_id)
    return Versioned(_present(row), etag_of(row.version))


def list_(
    work: ReadSession, interview_id: InterviewId, limit: int, cursor: str | None
) -> Page[Feedback]:
    """Show the feedback about one interview in the order it was entered."""
    interviews.get(work, interview_id)
    return fetch_page(
        work,
        FEEDBACK_OF_INTERVIEW,
        _present_all,
        filters={"interview_id": interview_id},
        limit=limit,
        cursor=cursor,
    )


def create(
    work: WriteSession, interview_id: InterviewId, wanted: FeedbackCreate
) -> Versioned[Feedback]:
    """Start a draft, or write down feedback that was received."""
    interview = interviews.get(work, interview_id)
    _check_author(work.caller.role, wanted)
    state = FeedbackState.DRAFT if wanted.direction.is_given else FeedbackState.RECEIVED
    feedback_id = FeedbackId(
        work.add(
            FeedbackRow,
            candidate_id=interview.candidate_id,
            interview_id=interview_id,
            written_by=work.caller.member_id,
            direction=wanted.direction.value,
            audience=wanted.audience.value,
            state=state.value,
            text=wanted.text,
            sent_at=None,
            acknowledged_at=None,
            minutes_after_interview=None,
        )
    )
    if state is FeedbackState.RECEIVED:
        row = get(work, feedback_id)
        requests.mark_answered(work, row)
        _announce(work, FeedbackReceived, row)
    return show(work, feedback_id)


def update(
    work: WriteSession, feedback_id: FeedbackId, wanted: FeedbackUpdate
) -> Versioned[Feedback]:
    """Change a draft or a record; what was sent stays as it was sent."""
    row = _own(work, feedback_id)
    state = FEEDBACK.next_state(FeedbackState(row.state), Move.REWRITE)
    changes = wanted.columns(given=True)
    if changes.get("text", row.text) != row.text:
        changes["acknowledged_at"] = None  # what was read were other words
    work.update(FeedbackRow, row, state=state.value, **changes)
    if state is FeedbackState.RECEIVED and _is_released(row, changes):
        requests.mark_answered(work, get(work, feedback_id))
        _announce(work, FeedbackReleased, row)
    return show(work, feedback_id)


def send(work: WriteSession, feedback_id: FeedbackId) -> Versioned[Feedback]:
    """Send a draft: from now on its audience sees it and it no longer changes."""
    row = _own(work, feedback_id)
    state = FEEDBACK.next_state(FeedbackState(row.state), Move.SEND)
    if row.audience == Audience.PRIVATE:
        raise AudiencePrivate
    interview = interviews.get(work, row.interview_id)
    work.update(
        FeedbackRow,
        row,
        state=state.value,
        sent_at=work.now,
        minutes_after_interview=_minutes_since_end(interview, work.now),
    )
    _announce(work, FeedbackSent, row)
    return show(work, feedback_id)


def recompute_delay(work: WriteSession, fact: InterviewConcluded) -> None:
    """Say how fresh what was sent was, now that the interview's end is another."""
    interview = interviews.get(work, fact.interview)
    for row in work.all(ALL_OF_INTERVIEW, interview_id=fact.interview):
        if row.sent_at is not None:
            minutes = _minutes_since_end(interview, row.sent_at)
            work.update(FeedbackRow, row, minutes_after_interview=minutes)


def acknowledge(work: WriteSession, feedback_id: FeedbackId) -> Versioned[Feedback]:
    """Say that whom it is for has read it; once is enough."""
    row = get(work, feedback_id)
    is_for_recruiter = Direction(row.direction).is_given
    if is_for_recruiter is not (work.caller.role is Role.RECRUITER):
        raise AcknowledgementNotYours
    state = FEEDBACK.next_state(FeedbackState(row.state), Move.ACKNOWLEDGE)
    if row.acknowledged_at is None:
        work.update(FeedbackRow, row, state=state.value, acknowledged_at=work.now)
        _announce(work, FeedbackAcknowledged, row)
    return show(work, feedback_id)


def delete(work: WriteSession, feedback_id: FeedbackId) -> None:
    """Delete it."""
    row = _own(work, feedback_id)
    work.delete(FeedbackRow, row)


def _own(work: WriteSession, feedback_id: FeedbackId) -> FeedbackRow:
    """Return the feedback if it is the caller's to change, in the version they name."""
    row = get(work, feedback_id)
    if row.written_by != work.caller.member_id:
        raise FeedbackNotYours
    work.check_precondition(etag_of(row.version))
    return row


def _announce(work: WriteSession, kind: type[FeedbackFact], row: FeedbackRow) -> None:
    application = interviews.get(work, row.interview_id).application_id
    is_private = row.audience == Audience.PRIVATE and kind is not FeedbackReleased
    about = (row.candidate_id, application, row.interview_id, row.id, row.direction)
    work.publish(kind(*about, is_private_instance=is_private))


def _is_released(row: FeedbackRow, changes: Columns) -> bool:
    was_private = row.audience == Audience.PRIVATE
    return was_private and changes.get("audience", Audience.PRIVATE) != Audience.PRIVATE


def _check_author(role: Role, wanted: FeedbackCreate) -> None:
    if role is not Role.RECRUITER:
        return
    theirs = {Direction.RECRUITER_TO_CANDIDATE, Direction.INTERVIEWER_TO_RECRUITER}
    faults = []
    if wanted.direction not in theirs:
        faults.append(FieldError("#/direction", "not_yours", "use one of your own"))
    if wanted.audience is Audience.PRIVATE:
        faults.append(FieldError("#/audience", "not_yours", "say who is to read it"))
    if faults:
        raise DirectionNotYours(faults=faults)


def _minutes_since_end(interview: InterviewRow, now: datetime) -> int | None:
    if interview.ended_at is None:
        return None
    return max(0, round((now - interview.ended_at).total_seconds() / _SECONDS_IN_A_MINUTE))


def _present_all(rows: Sequence[FeedbackRow]) -> list[Feedback]:
    return [_present(row) for row in rows]


def _present(row: FeedbackRow) -> Feedback:
    return Feedback(
        id=row.id,
        interview=row.interview_id,
        written_by=row.written_by,
        direction=Direction(row.direction),
        audience=Audience(row.audience),
        state=FeedbackState(row.state),
        text=row.text,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        minutes_after_interview=row.minutes_after_interview,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
