"""Which facts change what is to be done next."""

from typing import Protocol

from app.core.unit_of_work.event_handlers import EventHandlers
from app.core.unit_of_work.session import WriteSession
from app.guidance.steps import reconciler
from app.kit.ids import ApplicationId
from app.reflection.debriefs.events import SignalsObserved
from app.reflection.feedback.events import (
    FeedbackReceived,
    FeedbackReleased,
    FeedbackRequested,
    FeedbackRequestWithdrawn,
    FeedbackSent,
)
from app.tracking.applications.events import ApplicationOutcomeRecorded, ApplicationOutcomeTakenBack
from app.tracking.interviews.events import (
    InterviewCancelled,
    InterviewConcluded,
    InterviewFormatChanged,
    InterviewRescheduled,
    InterviewScheduled,
)
from app.tracking.references.events import (
    ReferenceGiven,
    ReferenceNamed,
    ReferenceRequested,
    ReferenceThanked,
    ReferenceWarned,
)


class _OfApplication(Protocol):
    @property
    def application(self) -> ApplicationId: ...


def keep(session: WriteSession, fact: _OfApplication) -> None:
    """Keep the steps that follow from what is on record now."""
    reconciler.reconcile(session, fact.application)


# A new application alone asks for nothing: no step of the guide is counted from there.
EVENT_HANDLERS: EventHandlers = dict.fromkeys(
    (
        ApplicationOutcomeRecorded,
        ApplicationOutcomeTakenBack,
        InterviewScheduled,
        InterviewRescheduled,
        InterviewFormatChanged,
        InterviewConcluded,
        InterviewCancelled,
        SignalsObserved,
        FeedbackSent,
        FeedbackReceived,
        FeedbackReleased,
        FeedbackRequested,
        FeedbackRequestWithdrawn,
        ReferenceNamed,
        ReferenceWarned,
        ReferenceRequested,
        ReferenceGiven,
        ReferenceThanked,
    ),
    (keep,),
)
