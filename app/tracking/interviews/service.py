"""What a candidate can do with interviews."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core.http.pagination import fetch_page
from app.core.http.representations import Versioned, etag_of
from app.core.http.schemas import Page
from app.core.problems import FieldError, MoveNotAllowed
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.kit.clock import to_rfc3339
from app.kit.ids import ApplicationId, InterviewId
from app.scoring import Round
from app.tracking.applications import service as applications
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
from app.tracking.interviews.repository import INTERVIEW_BY_ID, INTERVIEWS, PANELS
from app.tracking.interviews.schemas import (
    Conclusion,
    Interview,
    InterviewCreate,
    InterviewUpdate,
    PanelMember,
    PanelMemberNamed,
    Seniority,
)
from app.tracking.people.schemas import PersonInput
from app.tracking.people.service import get_or_create_person

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of ours a caller's clock may be."""

_LONGEST = timedelta(days=1)
_CONCLUDED_ALREADY = "This interview is concluded. `PATCH` corrects its `ended_at`."

Seats = Sequence[Any]
"""Rows of a panel, each joined from the seat and the person on it."""


def get(work: ReadSession, interview_id: InterviewId) -> InterviewRow:
    """Return the interview; raise InterviewNotFound when this caller sees none."""
    row = work.one_or_none(INTERVIEW_BY_ID, id=interview_id)
    if row is None:
        raise InterviewNotFound
    return row


def get_started(work: ReadSession, interview_id: InterviewId) -> InterviewRow:
    """Return an interview that has begun at least; raise InterviewNotTakenPlace before that."""
    row = get(work, interview_id)
    if not has_started(row, work.now):
        raise InterviewNotTakenPlace(starts_at=to_rfc3339(row.starts_at))
    return row


def has_started(row: InterviewRow, now: datetime) -> bool:
    """Tell whether there can be anything to observe: it is concluded, or at least under way."""
    match InterviewState(row.state):
        case InterviewState.CONCLUDED:
            return True
        case InterviewState.SCHEDULED:
            return row.starts_at <= now
        case InterviewState.CANCELLED:
            return False


def show(work: ReadSession, interview_id: InterviewId) -> Versioned[Interview]:
    """Show one interview with its panel."""
    row = get(work, interview_id)
    seats = _seats(work, [row.id]).get(row.id, ())
    return Versioned(_present(row, seats), _tag(row, seats))


def list_(
    work: ReadSession, application_id: ApplicationId, limit: int, cursor: str | None
) -> Page[Interview]:
    """Show the interviews of an application in the order they were entered."""
    applications.get_summary(work, application_id)

    def present(rows: Sequence[InterviewRow]) -> list[Interview]:
        seats = _seats(work, [row.id for row in rows])
        return [_present(row, seats.get(row.id, ())) for row in rows]

    return fetch_page(
        work,
        INTERVIEWS,
        present,
        filters={"application_id": application_id},
        limit=limit,
        cursor=cursor,
    )


def schedule(
    work: WriteSession, application_id: ApplicationId, wanted: InterviewCreate
) -> Versioned[Interview]:
    """Plan an interview, or enter one that was already held."""
    application = applications.get_summary(work, application_id)
    interview_id = InterviewId(
        work.add(
            InterviewRow,
            candidate_id=application.candidate_id,
            application_id=application_id,
            state=InterviewState.SCHEDULED.value,
            ended_at=None,
            **wanted.columns(without=frozenset({"panel"})),
        )
    )
    _seat(work, interview_id, wanted.panel)
    applications.advance_stage(work, application_id, STAGE_OF_ROUND[wanted.round])
    starts_at = to_rfc3339(wanted.starts_at)
    work.publish(
        InterviewScheduled(application.candidate_id, application_id, interview_id, starts_at)
    )
    return show(work, interview_id)


def update(
    work: WriteSession, interview_id: InterviewId, wanted: InterviewUpdate
) -> Versioned[Interview]:
    """Change what is given; a new time reschedules, which a concluded interview does not allow."""
    row = _expected(work, interview_id)
    changes = wanted.columns(given=True, without=frozenset({"panel"}))
    if changes.get("starts_at", row.starts_at) != row.starts_at:
        changes["state"] = INTERVIEW.next_state(InterviewState(row.state), Move.RESCHEDULE).value
        work.publish(
            InterviewRescheduled(
                row.candidate_id, row.application_id, row.id, to_rfc3339(wanted.starts_at)
            )
        )
    if "ended_at" in changes:
        _check_correction(row, changes["ended_at"], work.now)
        if changes["ended_at"] != row.ended_at:
            work.publish(_concluded(row, changes["ended_at"]))
    seats_anew = "panel" in wanted.model_fields_set
    if seats_anew:
        _clear_seats(work, interview_id)
        _seat(work, interview_id, wanted.panel)
    if "round" in changes:
        applications.advance_stage(work, row.application_id, STAGE_OF_ROUND[Round(wanted.round)])
    if changes.get("format", row.format) != row.format:
        work.publish(InterviewFormatChanged(row.candidate_id, row.application_id, row.id))
    if changes.get("round", row.round) != row.round:
        work.publish(InterviewRoundChanged(row.candidate_id, row.application_id, row.id))
    (work.force_update if seats_anew else work.update)(InterviewRow, row, **changes)
    return show(work, interview_id)


def conclude(
    work: WriteSession, interview_id: InterviewId, wanted: Conclusion
) -> Versioned[Interview]:
    """Say that the interview took place and when it ended; the same again changes nothing."""
    row = _expected(work, interview_id)
    if row.state == InterviewState.CONCLUDED and row.ended_at == wanted.ended_at:
        return show(work, interview_id)
    if row.state == InterviewState.CONCLUDED:
        raise MoveNotAllowed(_CONCLUDED_ALREADY, state=row.state, legal_moves=[])
    state = INTERVIEW.next_state(InterviewState(row.state), Move.CONCLUDE)
    _check_end(row, wanted.ended_at, work.now)
    work.update(InterviewRow, row, state=state.value, ended_at=wanted.ended_at)
    work.publish(_concluded(row, wanted.ended_at))
    return show(work, interview_id)


def cancel(work: WriteSession, interview_id: InterviewId) -> Versioned[Interview]:
    """Say that the interview will not take place."""
    row = _expected(work, interview_id)
    state = INTERVIEW.next_state(InterviewState(row.state), Move.CANCEL)
    work.update(InterviewRow, row, state=state.value)
    work.publish(InterviewCancelled(row.candidate_id, row.application_id, row.id))
    return show(work, interview_id)


def delete(work: WriteSession, interview_id: InterviewId) -> None:
    """Delete the interview with all that was recorded about it."""
    row = _expected(work, interview_id)
    work.delete(InterviewRow, row)
    work.publish(InterviewDeleted(row.candidate_id, row.application_id, row.id))


def panel_of(work: ReadSession, interview_id: InterviewId) -> list[PanelMember]:
    """Return the panel of one interview, in the order it was given."""
    return [_member(seat) for seat in _seats(work, [interview_id]).get(interview_id, ())]


def actual_minutes(row: InterviewRow) -> int | None:
    """Return how long a concluded interview took."""
    if row.ended_at is None:
        return None
    return round((row.ended_at - row.starts_at).total_seconds() / 60)


def latest_end(starts_at: datetime, now: datetime) -> datetime:
    """Return the latest instant at which an interview that began then can have ended."""
    return min(starts_at + _LONGEST, now + CLOCK_SKEW)


def _expected(work: WriteSession, interview_id: InterviewId) -> InterviewRow:
    """Return the interview, once it is known to be the version that the caller has seen."""
    row = get(work, interview_id)
    work.check_precondition(_tag(row, _seats(work, [row.id]).get(row.id, ())))
    return row


def _tag(row: InterviewRow, seats: Seats) -> str:
    return etag_of(row.version, *(seat.person_version for seat in seats))


def _seats(work: ReadSession, interviews: Sequence[str]) -> dict[str, list[Any]]:
    seats: dict[str, list[Any]] = {}
    rows: Seats = work.all(PANELS, interviews=list(interviews)) if interviews else ()
    for row in rows:
        seats.setdefault(row.interview_id, []).append(row)
    return seats


def _member(seat: Any) -> PanelMember:  # noqa: ANN401 - a row joined from two tables
    return PanelMember(
        person=seat.person_id,
        name=seat.name,
        title=seat.title,
        profile_url=seat.profile_url,
        seniority=Seniority(seat.seniority) if seat.seniority else None,
        has_final_say=seat.has_final_say,
    )


def _seat(work: WriteSession, interview_id: InterviewId, panel: Sequence[PanelMemberNamed]) -> None:
    person_fields = set(PersonInput.model_fields)
    work.add_all(
        PanelMemberRow,
        [
            {
                "candidate_id": work.caller.member_id,
                "interview_id": interview_id,
                "person_id": get_or_create_person(
                    work, PersonInput(**member.model_dump(include=person_fields)), None
                ),
                "place": place,
                "seniority": member.seniority.value if member.seniority else None,
                "has_final_say": member.has_final_say,
            }
            for place, member in enumerate(panel)
        ],
    )


def _clear_seats(work: WriteSession, interview_id: InterviewId) -> None:
    for seat in work.all(PANELS, interviews=[interview_id]):
        work.delete(PanelMemberRow, seat)


def _concluded(row: InterviewRow, ended_at: datetime) -> InterviewConcluded:
    return InterviewConcluded(row.candidate_id, row.application_id, row.id, to_rfc3339(ended_at))


def _check_correction(row: InterviewRow, ended_at: datetime, now: datetime) -> None:
    if row.state != InterviewState.CONCLUDED:
        detail = "not concluded yet; `POST …/conclusion` says when it ended"
        raise EndNotPossible(faults=[FieldError("#/ended_at", "not_concluded", detail)])
    _check_end(row, ended_at, now)


def _check_end(row: InterviewRow, ended_at: datetime, now: datetime) -> None:
    if row.starts_at < ended_at <= latest_end(row.starts_at, now):
        return
    detail = f"it started at {to_rfc3339(row.starts_at)}, and it is now {to_rfc3339(now)}"
    raise EndNotPossible(faults=[FieldError("#/ended_at", "end_not_possible", detail)])


def _present(row: InterviewRow, seats: Seats) -> Interview:
    return Interview(
        id=row.id,
        application=row.application_id,
        round=row.round,
        format=row.format,
        state=row.state,
        starts_at=row.starts_at,
        planned_minutes=row.planned_minutes,
        ended_at=row.ended_at,
        actual_minutes=actual_minutes(row),
        place=row.place,
        panel=[_member(seat) for seat in seats],
        notes=row.notes,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
