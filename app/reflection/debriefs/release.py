"""Release of signals: the candidate chooses which signals of an interview the recruiter may read.

Only names are stored. The level is that of the sheet at the time of reading, so the recruiter sees
corrections, and no longer sees a signal that was removed from the sheet.
"""

from app.core.http.representations import Resource
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import InterviewId
from app.reflection.debriefs import presenters
from app.reflection.debriefs.events import DebriefReleased
from app.reflection.debriefs.models import SignalReleaseRow
from app.reflection.debriefs.problems import SignalNotRecorded, SignalReleaseNotFound
from app.reflection.debriefs.repository import (
    RELEASE_OF_INTERVIEW,
    SHEET_OF_INTERVIEW,
    SignalReleaseRecord,
)
from app.reflection.debriefs.schemas import SignalReleasePut
from app.tracking.interviews import service as interviews
from app.tracking.interviews.repository import InterviewRecord


def show(session: ReadSession, interview_id: InterviewId) -> Resource[SignalReleaseRecord]:
    """Show the released signals of an interview, at their current levels."""
    interviews.get(session, interview_id)
    return presenters.release(_get(session, interview_id))


def release(
    session: WriteSession, interview_id: InterviewId, body: SignalReleasePut
) -> Resource[SignalReleaseRecord]:
    """Release exactly these signals; the same again changes nothing."""
    interview = interviews.get(session, interview_id)
    names = _recorded_names(session, interview, body)
    existing = session.one_or_none(RELEASE_OF_INTERVIEW, interview_id=interview_id)
    if existing is None:
        session.check_precondition(None)
        session.add(
            SignalReleaseRow,
            candidate_id=interview.candidate_id,
            interview_id=interview_id,
            signals=names,
        )
        _publish(session, interview)
    elif existing.signals != names:
        session.check_precondition(presenters.release(existing).etag)
        session.update(SignalReleaseRow, existing, signals=names)
        _publish(session, interview)
    return show(session, interview_id)


def withdraw(session: WriteSession, interview_id: InterviewId) -> None:
    """Make all signals of the interview private again."""
    interviews.get(session, interview_id)
    existing = _get(session, interview_id)
    session.check_precondition(presenters.release(existing).etag)
    session.delete(SignalReleaseRow, existing)


def _get(session: ReadSession, interview_id: InterviewId) -> SignalReleaseRecord:
    return session.get(RELEASE_OF_INTERVIEW, SignalReleaseNotFound, interview_id=interview_id)


def _recorded_names(
    session: WriteSession, interview: InterviewRecord, body: SignalReleasePut
) -> list[str]:
    """Return the names in a fixed order; raise SignalNotRecorded for any not on the sheet."""
    sheet = session.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview.id)
    observed = sheet.signals if sheet else {}
    errors = [
        FieldError(f"#/signals/{index}", "signal_not_recorded", f"{signal.value} is not recorded")
        for index, signal in enumerate(body.signals)
        if signal.value not in observed
    ]
    if errors:
        raise SignalNotRecorded(faults=errors)
    return sorted({signal.value for signal in body.signals})


def _publish(session: WriteSession, interview: InterviewRecord) -> None:
    ids = (interview.candidate_id, interview.application_id, interview.id)
    session.publish(DebriefReleased(*ids))
