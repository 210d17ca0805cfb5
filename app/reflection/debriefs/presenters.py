"""From rows of signals and releases to responses."""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from pydantic_core import to_json

from app.core.http.representations import JsonObject, JsonView, Resource
from app.core.unit_of_work.preconditions import etag_of
from app.reflection.debriefs.repository import SignalReleaseRecord, SignalSheetRecord
from app.reflection.debriefs.schemas import SignalRelease, Signals, SignalSheet
from app.reflection.debriefs.suggestions import Suggestion
from app.tracking.interviews.repository import InterviewRecord


class SheetOfInterview(NamedTuple):
    """The signals of an interview; without a sheet, all of them are unknown."""

    interview: InterviewRecord
    sheet: SignalSheetRecord | None
    suggestions: Sequence[Suggestion]


def _signals(row: SheetOfInterview) -> JsonObject:
    recorded = row.sheet.signals if row.sheet else {}
    return {name: recorded.get(name) for name in Signals.model_fields}


def _suggestions(row: SheetOfInterview) -> list[JsonObject]:
    return [
        {"signal": suggestion.signal, "level": suggestion.level, "reason": suggestion.reason}
        for suggestion in row.suggestions
    ]


def _released(row: SignalReleaseRecord) -> list[JsonObject]:
    return [
        {"signal": name, "level": row.observed[name]}
        for name in row.signals
        if name in row.observed
    ]


SHEET = JsonView(
    SignalSheet,
    SheetOfInterview,
    interview="interview.id",
    signals=_signals,
    notes=lambda row: row.sheet.notes if row.sheet else {},
    suggestions=_suggestions,
    updated_at=lambda row: row.sheet and row.sheet.updated_at,
)

RELEASE = JsonView(
    SignalRelease,
    SignalReleaseRecord,
    interview="interview_id",
    signals=_released,
    released_at="created_at",
)


def sheet_etag(interview: InterviewRecord, sheet: SignalSheetRecord | None) -> str:
    """Return the ETag of a sheet, whose suggestions are derived from the interview."""
    return etag_of(sheet.version if sheet else 0, interview.version)


def sheet(row: SheetOfInterview) -> Resource[SheetOfInterview]:
    """Return the signals of an interview as they are shown."""
    return Resource(row, SHEET, sheet_etag(row.interview, row.sheet))


def release(row: SignalReleaseRecord) -> Resource[SignalReleaseRecord]:
    """Return the released signals as they are shown.

    The ETag depends on what is shown and not on the sheet's version, so that a recruiter who reads
    again does not learn that something private has changed.
    """
    shown = to_json([_released(row), row.updated_at])
    return Resource(row, RELEASE, etag_of(row.version, crc32(shown)))
