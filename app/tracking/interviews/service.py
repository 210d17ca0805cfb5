"""Interviews: schedule, list, update, conclude, cancel, delete."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.http.pagination import fetch_rows
from app.core.http.representations import Resource, ResourcePage
from app.core.problems import FieldError, InvalidTransition
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.clock import to_rfc3339
from app.kit.ids import ApplicationId, InterviewId
from app.scoring import Round
from app.tracking.applications import service as applications
from app.tracking.interviews import presenters
from app.tracking.interviews.events import (
    InterviewCancelled,
    InterviewConcluded,
    InterviewDeleted,
    InterviewFormatChanged,
    InterviewRescheduled,
    InterviewRoundChanged,
    InterviewScheduled,
)
from app.tracking.interviews.lifecycle import (
    INTERVIEW,
    STAGE_OF_ROUND,
    InterviewState,
    Move,
)
from app.tracking.interviews.models import InterviewRow, PanelMemberRow
from app.tracking.interviews.problems import (
    EndNotPossible,
    InterviewNotFound,
    InterviewNotTakenPlace,
)
from app.tracking.interviews.repository import (
    INTERVIEW_BY_ID,
    INTERVIEWS,
    PANELS,
    InterviewRecord,
    InterviewWithPanel,
    PanelMemberRecord,
)
from app.tracking.interviews.schemas import (
    ConclusionCreate,
    InterviewCreate,
    InterviewUpdate,
    PanelMemberInput,
)
from app.tracking.people.schemas import PersonInput
from app.tracking.people.service import get_or_create_person

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clock of a caller may be ahead of the server's."""

_MAX_DURATION = timedelta(days=1)
_CONCLUDED_ALREADY = "This interview is concluded. `PATCH` corrects its `ended_at`."


def get(session: ReadSession, interview_id: InterviewId) -> InterviewRecord:
    """Return the interview without its panel; raise InterviewNotFound."""
    return session.get(INTERVIEW_BY_ID, InterviewNotFound, id=interview_id)


def get_started(session: ReadSession, interview_id: InterviewId) -> InterviewRecord:
    """Return an interview that has started; raise InterviewNotTakenPlace before that."""
    row = get(session, interview_id)
    if not has_started(row.state, row.starts_at, session.now):
        raise InterviewNotTakenPlace(starts_at=to_rfc3339(row.starts_at))
    return row


def has_started(state: InterviewState, starts_at: datetime, now: datetime) -> bool:
    """Whether signals can be observed: the interview is concluded, or its start has passed."""
    match state:
        case InterviewState.CONCLUDED:
            return True
        case InterviewState.SCHEDULED:
            return starts_at <= now
        case InterviewState.CANCELLED:
            return False


def show(session: ReadSession, interview_id: InterviewId) -> Resource[InterviewWithPanel]:
    """Show one interview with its panel."""
    return presenters.interview(_with_panel(session, get(session, interview_id)))


def list_(
    session: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> ResourcePage[InterviewWithPanel]:
    """Show the interviews of an application in the order they were created."""
    applications.get_summary(session, application_id)
    filters = {"application_id": application_id}
    page = fetch_rows(session, INTERVIEWS, filters=filters, limit=limit, cursor=cursor)
    panels = _panels(session, [row.id for row in page.rows])
    rows = [InterviewWithPanel(row, panels.get(row.id, ())) for row in page.rows]
    return ResourcePage(rows, presenters.INTERVIEW, page.has_more, page.next_cursor)


def schedule(
    session: WriteSession, application_id: ApplicationId, body: InterviewCreate
) -> Resource[InterviewWithPanel]:
    """Create an interview, planned or already held."""
    application = applications.get_summary(session, application_id)
    interview_id = InterviewId(
        session.add(
            InterviewRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            state=InterviewState.SCHEDULED,
            ended_at=None,
            **body.columns(without=frozenset({"panel"})),
        )
    )
    _add_panel(session, interview_id, body.panel)
    applications.advance_stage(session, application_id, STAGE_OF_ROUND[body.round])
    starts_at = to_rfc3339(body.starts_at)
    session.publish(
        InterviewScheduled(application.candidate_id, application_id, interview_id, starts_at)
    )
    return show(session, interview_id)


def update(
    session: WriteSession, interview_id: InterviewId, body: InterviewUpdate
) -> Resource[InterviewWithPanel]:
    """Change the fields that are sent; a new start reschedules the interview."""
    current = _get_for_update(session, interview_id)
    row = current.interview
    changes = body.columns(given=True, without=frozenset({"panel"}))
    ids = (row.candidate_id, row.application_id, row.id)
    if changes.get("starts_at", row.starts_at) != row.starts_at:
        changes["state"] = INTERVIEW.next_state(row.state, Move.RESCHEDULE)
        session.publish(InterviewRescheduled(*ids, to_rfc3339(body.starts_at)))
    if "ended_at" in changes:
        _check_correction(row, changes["ended_at"], session.now)
        if changes["ended_at"] != row.ended_at:
            session.publish(InterviewConcluded(*ids, to_rfc3339(changes["ended_at"])))
    has_panel = "panel" in body.model_fields_set
    if has_panel:
        _delete_panel(session, current.panel)
        _add_panel(session, interview_id, body.panel)
    if "round" in changes:
        applications.advance_stage(session, row.application_id, STAGE_OF_ROUND[Round(body.round)])
    if changes.get("format", row.format) != row.format:
        session.publish(InterviewFormatChanged(*ids))
    if changes.get("round", row.round) != row.round:
        session.publish(InterviewRoundChanged(*ids))
    (session.force_update if has_panel else session.update)(InterviewRow, row, **changes)
    return show(session, interview_id)


def conclude(
    session: WriteSession, interview_id: InterviewId, body: ConclusionCreate
) -> Resource[InterviewWithPanel]:
    """Record that the interview took place and when it ended; the same again changes nothing."""
    row = _get_for_update(session, interview_id).interview
    if row.state is InterviewState.CONCLUDED and row.ended_at == body.ended_at:
        return show(session, interview_id)
    if row.state is InterviewState.CONCLUDED:
        raise InvalidTransition(_CONCLUDED_ALREADY, state=row.state, allowed_transitions=[])
    state = INTERVIEW.next_state(row.state, Move.CONCLUDE)
    _check_end(row, body.ended_at, session.now)
    session.update(InterviewRow, row, state=state, ended_at=body.ended_at)
    ids = (row.candidate_id, row.application_id, row.id)
    session.publish(InterviewConcluded(*ids, to_rfc3339(body.ended_at)))
    return show(session, interview_id)


def cancel(session: WriteSession, interview_id: InterviewId) -> Resource[InterviewWithPanel]:
    """Record that the interview will not take place."""
    row = _get_for_update(session, interview_id).interview
    session.update(InterviewRow, row, state=INTERVIEW.next_state(row.state, Move.CANCEL))
    session.publish(InterviewCancelled(row.candidate_id, row.application_id, row.id))
    return show(session, interview_id)


def delete(session: WriteSession, interview_id: InterviewId) -> None:
    """Delete the interview with all that was recorded about it."""
    row = _get_for_update(session, interview_id).interview
    session.delete(InterviewRow, row)
    session.publish(InterviewDeleted(row.candidate_id, row.application_id, row.id))


def panel_of(session: ReadSession, interview_id: InterviewId) -> Sequence[PanelMemberRecord]:
    """Return the panel of one interview, in the order in which it was sent."""
    return _panels(session, [interview_id]).get(interview_id, ())


def latest_end(starts_at: datetime, now: datetime) -> datetime:
    """Return the latest instant at which an interview that started then can have ended."""
    return min(starts_at + _MAX_DURATION, now + CLOCK_SKEW)


def _get_for_update(session: WriteSession, interview_id: InterviewId) -> InterviewWithPanel:
    """Return the interview and its panel, in the version that the request names."""
    current = _with_panel(session, get(session, interview_id))
    session.check_precondition(presenters.etag(current))
    return current


def _with_panel(session: ReadSession, row: InterviewRecord) -> InterviewWithPanel:
    return InterviewWithPanel(row, panel_of(session, row.id))


def _panels(
    session: ReadSession, interviews: Sequence[InterviewId]
) -> dict[InterviewId, list[PanelMemberRecord]]:
    panels: dict[InterviewId, list[PanelMemberRecord]] = {}
    if interviews:
        for row in session.all(PANELS, interviews=list(interviews)):
            panels.setdefault(row.interview_id, []).append(row)
    return panels


def _add_panel(
    session: WriteSession, interview_id: InterviewId, panel: Sequence[PanelMemberInput]
) -> None:
    person_fields = set(PersonInput.model_fields)
    session.add_all(
        PanelMemberRow,
        [
            {
                "candidate_id": session.caller.member_id,
                "interview_id": interview_id,
                "person_id": get_or_create_person(
                    session, PersonInput(**member.model_dump(include=person_fields)), None
                ),
                "place": place,
                "seniority": member.seniority,
                "has_final_say": member.has_final_say,
            }
            for place, member in enumerate(panel)
        ],
    )


def _delete_panel(session: WriteSession, panel: Sequence[PanelMemberRecord]) -> None:
    for member in panel:
        session.delete(PanelMemberRow, member)


def _check_correction(row: InterviewRecord, ended_at: datetime, now: datetime) -> None:
    if row.state is not InterviewState.CONCLUDED:
        detail = "the interview is not concluded yet; record its end with `POST …/conclusion`"
        raise EndNotPossible(faults=[FieldError("#/ended_at", "not_concluded", detail)])
    _check_end(row, ended_at, now)


def _check_end(row: InterviewRecord, ended_at: datetime, now: datetime) -> None:
    if row.starts_at < ended_at <= latest_end(row.starts_at, now):
        return
    detail = f"it started at {to_rfc3339(row.starts_at)}, and it is now {to_rfc3339(now)}"
    raise EndNotPossible(faults=[FieldError("#/ended_at", "end_not_possible", detail)])
