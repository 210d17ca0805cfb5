"""Which facts lead to a new estimate, and which of them there is something to learn from."""

from datetime import date, datetime, timedelta

from app.accounts.events import MemberErased
from app.core.unit_of_work.event_handlers import Subscriptions
from app.core.unit_of_work.session import Writing
from app.guidance.estimates import service
from app.guidance.estimates.model_sharing import LEARN
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


def estimate_anew(
    work: Writing, fact: SignalsObserved | InterviewCancelled | InterviewDeleted
) -> None:
    """Keep the estimate that follows from a change of the evidence."""
    service.keep(work, fact.application, fact.name)


def count_anew(work: Writing, fact: InterviewRoundChanged) -> None:
    """Keep the estimate of another round, and have the case packed again: no event tells of it."""
    service.keep(work, fact.application, fact.name)
    service.unpack(work, fact.application)


def freeze(work: Writing, fact: ApplicationOutcomeRecorded) -> None:
    """Keep what was believed when the outcome became known; a correction comes after that."""
    service.keep(work, fact.application, fact.name)
    if fact.is_correction:
        service.leave_out(work, fact.application)
    else:
        service.freeze(work, fact.application, date.fromisoformat(fact.known_on))


def take_back(work: Writing, fact: ApplicationOutcomeTakenBack) -> None:
    """Have the worker forget an outcome, which no later estimate was made without knowing."""
    service.leave_out(work, fact.application)
    work.ask_for(LEARN)


def learn(
    work: Writing,
    _: ApplicationImported | ApplicationDeleted | MemberErased,
) -> None:
    """Have the worker learn from what is known now."""
    work.ask_for(LEARN)


def watch(work: Writing, fact: InterviewScheduled) -> None:
    """Have the worker look at a new interview once it was held: silence after it may mean a no.

    Silence before it means nothing any more.
    """
    service.unpack(work, fact.application)
    starts_at = datetime.fromisoformat(fact.starts_at)
    work.ask_for(LEARN, at=max(starts_at, work.now) + _BEFORE_SILENCE_SPEAKS)


SUBSCRIPTIONS: Subscriptions = {
    SignalsObserved: (estimate_anew,),
    InterviewScheduled: (watch,),
    InterviewCancelled: (estimate_anew,),
    InterviewDeleted: (estimate_anew,),
    InterviewRescheduled: (estimate_anew,),
    InterviewRoundChanged: (count_anew,),
    ApplicationOutcomeRecorded: (freeze,),
    ApplicationOutcomeTakenBack: (take_back,),
    ApplicationImported: (learn,),
    ApplicationDeleted: (learn,),
    MemberErased: (learn,),
}
