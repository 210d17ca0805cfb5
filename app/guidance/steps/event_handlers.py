"""Event handlers: events after which the steps of an application are reconciled."""

from typing import Protocol

from app.core.unit_of_work.session import EventHandlers, WriteSession
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
from app.tracking.applications.events import ApplicationOutcomeRecorded, ApplicationOutcomeRetracted
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


class _ApplicationEvent(Protocol):
    @property
    def application(self) -> ApplicationId: ...


def reconcile_steps(session: WriteSession, event: _ApplicationEvent) -> None:
    """Update the steps of the application to its current records."""
    reconciler.reconcile(session, event.application)


# Not the creation of an application: no step of the guide is counted from it.
EVENT_HANDLERS: EventHandlers = dict.fromkeys(
    (
        ApplicationOutcomeRecorded,
        ApplicationOutcomeRetracted,
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
    (reconcile_steps,),
)
