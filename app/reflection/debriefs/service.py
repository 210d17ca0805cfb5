"""Signals of an interview: show and record, with suggestions."""

from collections.abc import Collection

from app.core.http.representations import Resource
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import InterviewId
from app.reflection.debriefs import presenters
from app.reflection.debriefs.events import SignalsObserved
from app.reflection.debriefs.models import SignalSheetRow
from app.reflection.debriefs.presenters import SheetOfInterview
from app.reflection.debriefs.repository import SHEET_OF_INTERVIEW, SignalSheetRecord
from app.reflection.debriefs.schemas import SignalsPut
from app.reflection.debriefs.suggestions import Suggestion, propose
from app.tracking.interviews import service as interviews
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.presenters import actual_minutes
from app.tracking.interviews.repository import InterviewRecord


def show(session: ReadSession, interview_id: InterviewId) -> Resource[SheetOfInterview]:
    """Show the sheet of an interview; without a sheet every signal is unknown."""
    interview = interviews.get(session, interview_id)
    return _present(session, interview, _sheet(session, interview_id))


def record_signals(
    session: WriteSession, interview_id: InterviewId, body: SignalsPut
) -> Resource[SheetOfInterview]:
    """Replace the sheet of an interview that has started."""
    interview = interviews.get_started(session, interview_id)
    sheet = _sheet(session, interview_id)
    session.check_precondition(presenters.sheet_etag(interview, sheet))
    content = {
        "signals": {signal.value: level.value for signal, level in body.signals.observed().items()},
        "notes": {signal.value: note for signal, note in body.notes.items()},
    }
    if sheet is None:
        session.add(
            SignalSheetRow,
            candidate_id=interview.candidate_id,
            application_id=interview.application_id,
            interview_id=interview_id,
            **content,
        )
    elif not session.update(SignalSheetRow, sheet, **content):
        return _present(session, interview, sheet)
    session.publish(SignalsObserved(interview.candidate_id, interview.application_id, interview_id))
    return _present(session, interview, _sheet(session, interview_id))


def _sheet(session: ReadSession, interview_id: InterviewId) -> SignalSheetRecord | None:
    return session.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview_id)


def _present(
    session: ReadSession, interview: InterviewRecord, sheet: SignalSheetRecord | None
) -> Resource[SheetOfInterview]:
    recorded = sheet.signals if sheet else {}
    suggestions = _suggestions(session, interview, recorded.keys())
    return presenters.sheet(SheetOfInterview(interview, sheet, suggestions))


def _suggestions(
    session: ReadSession, interview: InterviewRecord, recorded: Collection[str]
) -> list[Suggestion]:
    if interview.state is not InterviewState.CONCLUDED:
        return []
    suggestions = propose(
        interview.planned_minutes,
        actual_minutes(interview),
        interviews.panel_of(session, interview.id),
    )
    return [suggestion for suggestion in suggestions if suggestion.signal not in recorded]
