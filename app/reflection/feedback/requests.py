"""Asking for feedback: what a candidate wants to hear of an interview, and by when.

A request is answered by the first feedback to the candidate that is written down after it. What
the candidate keeps private answers it for them alone: to the recruiter it is still open.
"""

from datetime import datetime

from app.core.http.representations import Versioned, etag_of
from app.core.persistence.tenancy import Role
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import InterviewId
from app.reflection.feedback.events import FeedbackRequested, FeedbackRequestWithdrawn
from app.reflection.feedback.lifecycle import Audience, Direction
from app.reflection.feedback.models import FeedbackRequestRow, FeedbackRow
from app.reflection.feedback.problems import FeedbackRequestNotFound, FeedbackRequestNotYours
from app.reflection.feedback.repository import REQUEST_OF_INTERVIEW
from app.reflection.feedback.schemas import FeedbackRequest, FeedbackRequestPut
from app.tracking.interviews import service as interviews
from app.tracking.interviews.models import InterviewRow


def show(work: ReadSession, interview_id: InterviewId) -> Versioned[FeedbackRequest]:
    """Show what was asked, and whether it was answered."""
    interviews.get(work, interview_id)
    return _present(work, _get(work, interview_id))


def upsert(
    work: WriteSession, interview_id: InterviewId, wanted: FeedbackRequestPut
) -> Versioned[FeedbackRequest]:
    """Ask, or ask for another day; the same again changes nothing."""
    _only_the_candidate(work)
    interview = interviews.get(work, interview_id)
    kept = _find(work, interview_id)
    if kept is None:
        _begin(work, interview, wanted)
    elif not _says(kept, wanted):
        _change(work, interview, kept, wanted)
    return show(work, interview_id)


def withdraw(work: WriteSession, interview_id: InterviewId) -> None:
    """Ask no longer."""
    _only_the_candidate(work)
    interview = interviews.get(work, interview_id)
    kept = _get(work, interview_id)
    work.check_precondition(_tag(work, kept))
    work.delete(FeedbackRequestRow, kept)
    about = (interview.candidate_id, interview.application_id, interview.id)
    work.publish(FeedbackRequestWithdrawn(*about))


def mark_answered(work: WriteSession, feedback: FeedbackRow) -> None:
    """Take feedback, just written down or released, as the answer to what was asked before it."""
    kept = _find(work, feedback.interview_id)
    is_for_candidate = Direction(feedback.direction).is_for_candidate
    if kept is None or not is_for_candidate or feedback.created_at < kept.created_at:
        return
    answers = {"answered_at": kept.answered_at or work.now}
    if feedback.audience != Audience.PRIVATE:
        answers["openly_answered_at"] = kept.openly_answered_at or work.now
    if any(getattr(kept, name) != at for name, at in answers.items()):
        work.update(FeedbackRequestRow, kept, **answers)


def _only_the_candidate(work: WriteSession) -> None:
    # Asked before anything is looked up: a recruiter is told the same of every interview.
    if work.caller.role is Role.RECRUITER:
        raise FeedbackRequestNotYours


def _find(work: ReadSession, interview_id: InterviewId) -> FeedbackRequestRow | None:
    return work.one_or_none(REQUEST_OF_INTERVIEW, interview_id=interview_id)


def _get(work: ReadSession, interview_id: InterviewId) -> FeedbackRequestRow:
    kept = _find(work, interview_id)
    if kept is None:
        raise FeedbackRequestNotFound
    return kept


def _begin(work: WriteSession, interview: InterviewRow, wanted: FeedbackRequestPut) -> None:
    work.check_precondition(None)
    work.add(
        FeedbackRequestRow,
        candidate_id=interview.candidate_id,
        interview_id=interview.id,
        answered_at=None,
        openly_answered_at=None,
        **wanted.columns(),
    )
    _announce(work, interview, wanted)


def _change(
    work: WriteSession,
    interview: InterviewRow,
    kept: FeedbackRequestRow,
    wanted: FeedbackRequestPut,
) -> None:
    work.check_precondition(_tag(work, kept))
    work.update(FeedbackRequestRow, kept, **wanted.columns())
    if wanted.answer_expected_on != kept.answer_expected_on:
        _announce(work, interview, wanted)


def _announce(work: WriteSession, interview: InterviewRow, wanted: FeedbackRequestPut) -> None:
    day = wanted.answer_expected_on
    about = (interview.candidate_id, interview.application_id, interview.id)
    work.publish(FeedbackRequested(*about, day.isoformat() if day else None))


def _says(kept: FeedbackRequestRow, wanted: FeedbackRequestPut) -> bool:
    return all(getattr(kept, name) == value for name, value in wanted.columns().items())


def _answered_at(work: ReadSession, kept: FeedbackRequestRow) -> datetime | None:
    """Return when it was answered, as far as the caller may know of it."""
    is_recruiter = work.caller.role is Role.RECRUITER
    return kept.openly_answered_at if is_recruiter else kept.answered_at


def _is_overdue(work: ReadSession, kept: FeedbackRequestRow) -> bool:
    expected = kept.answer_expected_on
    is_past = expected is not None and expected < work.now.date()
    return is_past and _answered_at(work, kept) is None


def _tag(work: ReadSession, kept: FeedbackRequestRow) -> str:
    # Overdue is what time makes of it, and no change of the row.
    return etag_of(kept.version, int(_is_overdue(work, kept)))


def _present(work: ReadSession, kept: FeedbackRequestRow) -> Versioned[FeedbackRequest]:
    shown = FeedbackRequest(
        interview=kept.interview_id,
        answer_expected_on=kept.answer_expected_on,
        note=kept.note,
        asked_at=kept.created_at,
        answered_at=_answered_at(work, kept),
        is_overdue=_is_overdue(work, kept),
        updated_at=kept.updated_at,
    )
    return Versioned(shown, _tag(work, kept))
