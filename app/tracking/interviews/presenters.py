"""From rows of interviews and panels to responses."""

from app.core.http.representations import JsonView, Resource
from app.core.unit_of_work.preconditions import etag_of
from app.tracking.interviews.repository import (
    InterviewRecord,
    InterviewWithPanel,
    PanelMemberRecord,
)
from app.tracking.interviews.schemas import Interview, PanelMember

_SECONDS_PER_MINUTE = 60


def actual_minutes(row: InterviewRecord) -> int | None:
    """Return how many minutes a concluded interview took; None before it is concluded."""
    if row.ended_at is None:
        return None
    return round((row.ended_at - row.starts_at).total_seconds() / _SECONDS_PER_MINUTE)


PANEL_MEMBER = JsonView(PanelMember, PanelMemberRecord, person="person_id")

INTERVIEW = JsonView(
    Interview,
    InterviewWithPanel,
    within="interview",
    application="interview.application_id",
    actual_minutes=lambda row: actual_minutes(row.interview),
    panel=lambda row: [PANEL_MEMBER.render_nested(member) for member in row.panel],
)


def etag(row: InterviewWithPanel) -> str:
    """Return the ETag of an interview, which shows the people of its panel too."""
    return etag_of(row.interview.version, *(member.person_version for member in row.panel))


def interview(row: InterviewWithPanel) -> Resource[InterviewWithPanel]:
    """Return an interview as it is shown."""
    return Resource(row, INTERVIEW, etag(row))
