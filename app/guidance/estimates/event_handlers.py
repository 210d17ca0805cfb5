"""Event handlers: events that lead to a new estimate, or to a training of the model."""

from datetime import date, datetime, timedelta

from app.accounts.events import MemberErased
from app.core.unit_of_work.session import EventHandlers, WriteSession
from app.guidance.estimates import service
from app.guidance.estimates.job_kinds import TRAIN
from app.reflection.debriefs.events import SignalsObserved
from app.tracking.applications.events import (
    ApplicationDeleted,
    ApplicationImported,
    ApplicationOutcomeRecorded,
    ApplicationOutcomeRetracted,
)
from app.tracking.interviews.events import (
    InterviewCancelled,
    InterviewDeleted,
    InterviewRescheduled,
    InterviewRoundChanged,
    InterviewScheduled,
)

_TRAINING_DELAY = timedelta(days=1)


def re_estimate(
    session: WriteSession, event: SignalsObserved | InterviewCancelled | InterviewDeleted
) -> None:
    """Store a new estimate after a change of the evidence."""
    service.snapshot(session, event.application, event.name)


def re_estimate_and_retrain(session: WriteSession, event: InterviewRoundChanged) -> None:
    """Store a new estimate, and invalidate the training case.

    The trainer reads the event log, and this event is not in it.
    """
    service.snapshot(session, event.application, event.name)
    service.invalidate_case(session, event.application)


def freeze_forecast(session: WriteSession, event: ApplicationOutcomeRecorded) -> None:
    """Freeze the forecast at the time when the outcome first became known.

    A correction comes after that time, so that no forecast is frozen for it.
    """
    service.snapshot(session, event.application, event.name)
    if event.is_correction:
        service.exclude_from_calibration(session, event.application)
    else:
        service.freeze_forecast(session, event.application, date.fromisoformat(event.known_on))


def remove_outcome(session: WriteSession, event: ApplicationOutcomeRetracted) -> None:
    """Train the model without a deleted outcome.

    Later estimates were made with knowledge of it, so that they do not count as forecasts.
    """
    service.exclude_from_calibration(session, event.application)
    session.enqueue(TRAIN)


def retrain(
    session: WriteSession,
    _: ApplicationImported | ApplicationDeleted | MemberErased,
) -> None:
    """Train the model on the present outcomes."""
    session.enqueue(TRAIN)


def schedule_training(session: WriteSession, event: InterviewScheduled) -> None:
    """Train the model after a new interview was held: a missing answer may then mean no offer.

    The training case is invalidated, because a missing answer before the interview has no meaning.
    """
    service.invalidate_case(session, event.application)
    starts_at = datetime.fromisoformat(event.starts_at)
    session.enqueue(TRAIN, at=max(starts_at, session.now) + _TRAINING_DELAY)


EVENT_HANDLERS: EventHandlers = {
    SignalsObserved: (re_estimate,),
    InterviewScheduled: (schedule_training,),
    InterviewCancelled: (re_estimate,),
    InterviewDeleted: (re_estimate,),
    InterviewRescheduled: (re_estimate,),
    InterviewRoundChanged: (re_estimate_and_retrain,),
    ApplicationOutcomeRecorded: (freeze_forecast,),
    ApplicationOutcomeRetracted: (remove_outcome,),
    ApplicationImported: (retrain,),
    ApplicationDeleted: (retrain,),
    MemberErased: (retrain,),
}
