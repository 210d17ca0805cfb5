"""Which facts lead to a new estimate, and which of them there is something to learn from."""

from datetime import date, datetime, timedelta

from app.accounts.events import MemberErased
from app.core.unit_of_work.event_handlers import EventHandlers
from app.core.unit_of_work.session import WriteSession
from app.guidance.estimates import service
from app.guidance.estimates.model_sharing import TRAIN
from app.reflection.debriefs.events import SignalsObserved
from app.tracking.applications.events import (
    ApplicationDeleted,
    ApplicationImported,
    ApplicationOutcomeRecorded,
    ApplicationOutcomeTakenBack,
)
from app.tracking.interviews.events import (
    InterviewCancelled,
    InterviewDeleted,
    InterviewRescheduled,
    InterviewRoundChanged,
    InterviewScheduled,
)

_BEFORE_SILENCE_SPEAKS = timedelta(days=1)


def re_estimate(
    session: WriteSession, fact: SignalsObserved | InterviewCancelled | InterviewDeleted
) -> None:
    """Keep the estimate that follows from a change of the evidence."""
    service.snapshot(session, fact.application, fact.name)


def re_estimate_and_retrain(session: WriteSession, fact: InterviewRoundChanged) -> None:
    """Keep the estimate of another round, and have the case packed again: no event tells of it."""
    service.snapshot(session, fact.application, fact.name)
    service.invalidate_case(session, fact.application)


def freeze(session: WriteSession, fact: ApplicationOutcomeRecorded) -> None:
    """Keep what was believed when the outcome became known; a correction comes after that."""
    service.snapshot(session, fact.application, fact.name)
    if fact.is_correction:
        service.exclude_from_calibration(session, fact.application)
    else:
        service.freeze_forecast(session, fact.application, date.fromisoformat(fact.known_on))


def forget_outcome(session: WriteSession, fact: ApplicationOutcomeTakenBack) -> None:
    """Have the worker forget an outcome, which no later estimate was made without knowing."""
    service.exclude_from_calibration(session, fact.application)
    session.enqueue(TRAIN)


def learn(
    session: WriteSession,
    _: ApplicationImported | ApplicationDeleted | MemberErased,
) -> None:
    """Have the worker learn from what is known now."""
    session.enqueue(TRAIN)


def schedule_silence_check(session: WriteSession, fact: InterviewScheduled) -> None:
    """Have the worker look at a new interview once it was held: silence after it may mean a no.

    Silence before it means nothing any more.
    """
    service.invalidate_case(session, fact.application)
    starts_at = datetime.fromisoformat(fact.starts_at)
    session.enqueue(TRAIN, at=max(starts_at, session.now) + _BEFORE_SILENCE_SPEAKS)


EVENT_HANDLERS: EventHandlers = {
    SignalsObserved: (re_estimate,),
    InterviewScheduled: (schedule_silence_check,),
    InterviewCancelled: (re_estimate,),
    InterviewDeleted: (re_estimate,),
    InterviewRescheduled: (re_estimate,),
    InterviewRoundChanged: (re_estimate_and_retrain,),
    ApplicationOutcomeRecorded: (freeze,),
    ApplicationOutcomeTakenBack: (forget_outcome,),
    ApplicationImported: (learn,),
    ApplicationDeleted: (learn,),
    MemberErased: (learn,),
}
