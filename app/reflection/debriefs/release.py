"""Releasing signals: the candidate chooses which of an interview's the recruiter may read.

Only names are kept. The level is that of the sheet whenever somebody reads, so that what was
corrected is corrected for the recruiter too, and what was taken off the sheet is gone for them.
"""

from typing import Any
from zlib import crc32

from app.core.http.representations import Versioned, etag_of
from app.core.problems import FieldError
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.ids import InterviewId
from app.reflection.debriefs.events import DebriefReleased
from app.reflection.debriefs.models import SignalReleaseRow
from app.reflection.debriefs.problems import SignalNotRecorded, SignalReleaseNotFound
from app.reflection.debriefs.repository import RELEASE_OF_INTERVIEW, SHEET_OF_INTERVIEW
from app.reflection.debriefs.schemas import SignalRelease, SignalReleased, SignalReleasePut
from app.scoring import Level, SignalId
from app.tracking.interviews import service as interviews
from app.tracking.interviews.models import InterviewRow


def show(work: ReadSession, interview_id: InterviewId) -> Versioned[SignalRelease]:
    """Show what is released of an interview, at its present levels."""
    interviews.get(work, interview_id)
    return _present(_get(work, interview_id))


def release(
    work: WriteSession, interview_id: InterviewId, wanted: SignalReleasePut
) -> Versioned[SignalRelease]:
    """Release just these signals; the same again changes nothing."""
    interview = interviews.get(work, interview_id)
    chosen = _recorded(work, interview, wanted)
    kept = _find(work, interview_id)
    if kept is None:
        work.check_precondition(None)
        work.add(
            SignalReleaseRow,
            candidate_id=interview.candidate_id,
            interview_id=interview_id,
            signals=chosen,
        )
        _announce(work, interview)
    elif kept.signals != chosen:
        work.check_precondition(_present(kept).tag)
        work.update(SignalReleaseRow, kept, signals=chosen)
        _announce(work, interview)
    return show(work, interview_id)


def withdraw(work: WriteSession, interview_id: InterviewId) -> None:
    """Make everything private again."""
    interviews.get(work, interview_id)
    kept = _get(work, interview_id)
    work.check_precondition(_present(kept).tag)
    work.delete(SignalReleaseRow, kept)


def _find(work: ReadSession, interview_id: InterviewId) -> Any:  # noqa: ANN401 - a row joined from two tables
    return work.one_or_none(RELEASE_OF_INTERVIEW, interview_id=interview_id)


def _get(work: ReadSession, interview_id: InterviewId) -> Any:  # noqa: ANN401 - a row joined from two tables
    kept = _find(work, interview_id)
    if kept is None:
        raise SignalReleaseNotFound
    return kept


def _recorded(work: WriteSession, interview: InterviewRow, wanted: SignalReleasePut) -> list[str]:
    """Return the names in a fixed order; raise SignalNotRecorded for any not on the sheet."""
    sheet = work.one_or_none(SHEET_OF_INTERVIEW, interview_id=interview.id)
    observed = sheet.signals if sheet else {}
    faults = [
        FieldError(f"#/signals/{place}", "signal_not_recorded", f"{signal.value} is not recorded")
        for place, signal in enumerate(wanted.signals)
        if signal.value not in observed
    ]
    if faults:
        raise SignalNotRecorded(faults=faults)
    return sorted({signal.value for signal in wanted.signals})


def _announce(work: WriteSession, interview: InterviewRow) -> None:
    about = (interview.candidate_id, interview.application_id, interview.id)
    work.publish(DebriefReleased(*about))


def _present(kept: Any) -> Versioned[SignalRelease]:  # noqa: ANN401 - a row joined from two tables
    shown = SignalRelease(
        interview=kept.interview_id,
        signals=[
            SignalReleased(signal=SignalId(name), level=Level(kept.observed[name]))
            for name in kept.signals
            if name in kept.observed
        ],
        released_at=kept.created_at,
        updated_at=kept.updated_at,
    )
    # Of what is shown, and not of the sheet's version: a recruiter who reads again must not learn
    # that something private was changed.
    return Versioned(shown, etag_of(kept.version, crc32(shown.model_dump_json().encode())))
