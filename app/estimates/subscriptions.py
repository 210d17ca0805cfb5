"""Which facts lead to a new estimate."""

from app.applications.events import ApplicationOutcomeRecorded
from app.core.work import Subscriptions, Writing
from app.debriefs.events import SignalsObserved
from app.estimates import service
from app.interviews.events import InterviewCancelled, InterviewDeleted


def estimate_anew(
    work: Writing, fact: SignalsObserved | InterviewCancelled | InterviewDeleted
) -> None:
    """Keep the estimate that follows from a change of the evidence."""
    service.keep(work, fact.application, fact.name)


def freeze(work: Writing, fact: ApplicationOutcomeRecorded) -> None:
    """Keep what was believed when the outcome became known."""
    service.keep(work, fact.application, fact.name)


SUBSCRIPTIONS: Subscriptions = {
    SignalsObserved: (estimate_anew,),
    InterviewCancelled: (estimate_anew,),
    InterviewDeleted: (estimate_anew,),
    ApplicationOutcomeRecorded: (freeze,),
}
