"""Which facts change what is to be done next."""

from typing import Protocol

from app.applications.events import ApplicationOutcomeRecorded, ApplicationOutcomeTakenBack
from app.core.work import Subscriptions, Writing
from app.debriefs.events import SignalsObserved
from app.feedback.events import (
    FeedbackReceived,
    FeedbackReleased,
    FeedbackRequested,
    FeedbackRequestWithdrawn,
    FeedbackSent,
)
from app.interviews.events import (
    InterviewCancelled,
    InterviewConcluded,
    InterviewFormatChanged,
    InterviewRescheduled,
    InterviewScheduled,
)
from app.kit.ids import ApplicationId
from app.references.events import (
    ReferenceGiven,
    ReferenceNamed,
    ReferenceRequested,
    ReferenceThanked,
    ReferenceWarned,
)
from app.steps import keeping


class _OfApplication(Protocol):
    @property
    def application(self) -> ApplicationId: ...


def keep(work: Writing, fact: _OfApplication) -> None:
    """Keep the steps that follow from what is on record now."""
    keeping.keep(work, fact.application)


# A new application alone asks for nothing: no step of the guide is counted from there.
SUBSCRIPTIONS: Subscriptions = dict.fromkeys(
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
