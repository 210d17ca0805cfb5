"""What a candidate can do with the signals of an interview."""

from collections.abc import Collection

from app.core.http.representations import Versioned, etag_of
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import InterviewId
from app.reflection.debriefs.events import SignalsObserved
from app.reflection.debriefs.models import SignalSheetRow
from app.reflection.debriefs.proposals import propose
from app.reflection.debriefs.repository import SHEET_OF_INTERVIEW
from app.reflection.debriefs.schemas import (
    SignalProposed,
    Signals,
    SignalSheet,
    SignalsPut,
)
from app.scoring import Level, SignalId
from app.tracking.interviews import service as interviews
from app.tracking.interviews.lifecycle import InterviewState
from app.tracking.interviews.models import InterviewRow


def show(work: ReadSession, interview_id: InterviewId) -> Versioned[SignalSheet]:
    """Show the sheet of an interview; one not written yet shows every signal as unknown."""
    interview = interviews.get(work, interview_id)
    return _present(
        work, interview, work.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview_id)
    )


def record_signals(
    work: WriteSession, interview_id: InterviewId, wanted: SignalsPut
) -> Versioned[SignalSheet]:
    """Write the whole sheet; only of an interview that has begun at least."""
    interview = interviews.get_started(work, interview_id)
    sheet = work.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview_id)
    work.check_precondition(_tag(interview, sheet))
    content = {
        "signals": {
            signal.value: level.value for signal, level in wanted.signals.observed().items()
        },
        "notes": {signal.value: note for signal, note in wanted.notes.items()},
    }
    if sheet is None:
        work.add(
            SignalSheetRow,
            candidate_id=interview.candidate_id,
            application_id=interview.application_id,
            interview_id=interview_id,
            **content,
        )
    elif not work.update(SignalSheetRow, sheet, **content):
        return _present(work, interview, sheet)
    work.publish(SignalsObserved(interview.candidate_id, interview.application_id, interview_id))
    return _present(
        work, interview, work.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview_id)
    )


def _present(
    work: ReadSession, interview: InterviewRow, sheet: SignalSheetRow | None
) -> Versioned[SignalSheet]:
    recorded = sheet.signals if sheet else {}
    shown = SignalSheet(
        interview=interview.id,
        signals=Signals(**recorded),
        notes={SignalId(name): note for name, note in sheet.notes.items()} if sheet else {},
        proposals=_proposals(work, interview, recorded.keys()),
        updated_at=sheet.updated_at if sheet else None,
    )
    return Versioned(shown, _tag(interview, sheet))


def _proposals(
    work: ReadSession, interview: InterviewRow, recorded: Collection[str]
) -> list[SignalProposed]:
    if interview.state != InterviewState.CONCLUDED:
        return []
    found = propose(
        interview.planned_minutes,
        interviews.actual_minutes(interview),
        interviews.panel_of(work, interview.id),
    )
    return [
        SignalProposed(
            signal=SignalId(proposal.signal), level=Level(proposal.level), reason=proposal.reason
        )
        for proposal in found
        if proposal.signal not in recorded
    ]


def _tag(interview: InterviewRow, sheet: SignalSheetRow | None) -> str:
    # The proposals come from the interview: a change of it changes what is shown.
    return etag_of(sheet.version if sheet else 0, interview.version)
