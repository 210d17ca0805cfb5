"""Every event that others are told of: its name, what it means, and what it carries.

An event is a fact of the rooms below, so that nothing is described twice: its docstring is what
it means, and its fields are what it carries.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_type_hints

from pydantic import BaseModel, Field, create_model

from app.core.http.field_types import Instant
from app.core.http.schemas import Schema
from app.core.messaging.domain_event import DomainEvent, public_fields
from app.guidance.estimates.events import EstimateUpdated
from app.guidance.steps.events import StepDue
from app.integrations.events import endpoint_events as endpoints
from app.kit import sample_ids
from app.reflection.debriefs.events import DebriefReleased, SignalsObserved
from app.reflection.feedback import events as feedback
from app.tracking.applications import events as applications
from app.tracking.interviews import events as interviews
from app.tracking.references import events as references


class EventType(StrEnum):
    """What can be told of."""

    APPLICATION_CREATED = "application.created"
    APPLICATION_STAGE_CHANGED = "application.stage_changed"
    APPLICATION_OUTCOME_RECORDED = "application.outcome_recorded"
    APPLICATION_OUTCOME_TAKEN_BACK = "application.outcome_taken_back"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    APPLICATION_IMPORTED = "application.imported"
    APPLICATION_DELETED = "application.deleted"
    CANDIDATE_INTEREST_CHANGED = "candidate.interest_changed"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    INTERVIEW_SCHEDULED = "interview.scheduled"
    INTERVIEW_RESCHEDULED = "interview.rescheduled"
    INTERVIEW_CANCELLED = "interview.cancelled"
    INTERVIEW_CONCLUDED = "interview.concluded"
    INTERVIEW_DELETED = "interview.deleted"
    DEBRIEF_SIGNALS_OBSERVED = "debrief.signals_observed"
    DEBRIEF_RELEASED = "debrief.released"
    ESTIMATE_UPDATED = "estimate.updated"
    FEEDBACK_SENT = "feedback.sent"
    FEEDBACK_RECEIVED = "feedback.received"
    FEEDBACK_ACKNOWLEDGED = "feedback.acknowledged"
    FEEDBACK_RELEASED = "feedback.released"
    FEEDBACK_REQUESTED = "feedback.requested"
    REFERENCE_NAMED = "reference.named"
    REFERENCE_WARNED = "reference.warned"
    REFERENCE_REQUESTED = "reference.requested"
    REFERENCE_GIVEN = "reference.given"
    REFERENCE_THANKED = "reference.thanked"
    STEP_DUE = "step.due"
    ENDPOINT_DISABLED = "endpoint.disabled"
    ENDPOINT_TESTED = "endpoint.tested"


EVENT_CLASSES: Final[dict[EventType, type[DomainEvent]]] = {
    EventType(kind.name): kind
    for kind in (
        applications.ApplicationCreated,
        applications.ApplicationStageChanged,
        applications.ApplicationOutcomeRecorded,
        applications.ApplicationOutcomeTakenBack,
        applications.ApplicationWithdrawn,
        applications.ApplicationImported,
        applications.ApplicationDeleted,
        applications.InterestChanged,
        applications.ConsentGiven,
        applications.ConsentWithdrawn,
        interviews.InterviewScheduled,
        interviews.InterviewRescheduled,
        interviews.InterviewCancelled,
        interviews.InterviewConcluded,
        interviews.InterviewDeleted,
        SignalsObserved,
        DebriefReleased,
        EstimateUpdated,
        feedback.FeedbackSent,
        feedback.FeedbackReceived,
        feedback.FeedbackAcknowledged,
        feedback.FeedbackReleased,
        feedback.FeedbackRequested,
        references.ReferenceNamed,
        references.ReferenceWarned,
        references.ReferenceRequested,
        references.ReferenceGiven,
        references.ReferenceThanked,
        StepDue,
        endpoints.EndpointDisabled,
        endpoints.EndpointTested,
    )
}
"""The fact behind each type of event."""

UNICAST_EVENTS: Final = frozenset(name for name, kind in EVENT_CLASSES.items() if kind.is_unicast)
"""What goes to the one endpoint that it was made for."""

_EXAMPLES: Final[dict[str, Any]] = {
    "candidate": sample_ids.CANDIDATE,
    "application": sample_ids.APPLICATION,
    "interview": sample_ids.INTERVIEW,
    "feedback": sample_ids.FEEDBACK,
    "reference": sample_ids.REFERENCE,
    "step": sample_ids.STEP,
    "endpoint": sample_ids.ENDPOINT,
    "stage_before": "first",
    "stage_after": "second",
    "outcome": "no_offer",
    "known_on": "2026-11-20",
    "interest": "high",
    "starts_at": "2026-11-12T14:00:00Z",
    "ended_at": "2026-11-12T15:05:00Z",
    "answer_expected_on": "2026-11-16",
    "guide_step": "report_to_recruiter",
    "due_at": "2026-11-12T16:05:00Z",
    "direction": "candidate_to_recruiter",
    "band": "possible",
    "because": "failing",
}

_STATES: Final[dict[type[DomainEvent], str]] = {
    references.ReferenceNamed: "named",
    references.ReferenceWarned: "warned",
    references.ReferenceRequested: "awaited",
    references.ReferenceGiven: "given",
    references.ReferenceThanked: "thanked",
}
"""In which state each of these leaves what it is about, in an example."""


class EventData(Schema):
    """What every event carries."""

    event: Annotated[str, Field(description="Its id; the same on every attempt and replay.")]
    subject: Annotated[str, Field(description="The resource it is about.")]
    sequence: Annotated[
        int,
        Field(
            ge=1,
            description="Counts the events of this subject that the endpoint's owner is told of, "
            "without a gap: deliveries may overtake one another, and this tells in which order "
            "things happened. Types that the endpoint does not take are counted too.",
        ),
    ]
    schema_version: Annotated[int, Field(ge=1)]


def example_of(kind: type[DomainEvent]) -> dict[str, Any]:
    """Return what such a fact carries, in an example."""
    examples = _EXAMPLES | {"state": _STATES.get(kind)}
    return {name: examples[name] for name in payload_fields(kind)}


def payload_fields(kind: type[DomainEvent]) -> list[str]:
    """Return the names of what such a fact carries."""
    names = list(public_fields(kind))  # type: ignore[arg-type]  # classes can be hashed
    return names if not issubclass(kind, endpoints.EndpointEvent) else names[1:]


def description(kind: type[DomainEvent]) -> str:
    """Return what such a fact means, in a sentence."""
    return " ".join((kind.__doc__ or "").split())


def message_schema(name: EventType) -> type[BaseModel]:
    """Return the schema of the message that tells of such an event."""
    kind = EVENT_CLASSES[name]
    hints, examples = get_type_hints(kind), example_of(kind)
    said: Any = {
        field: (Annotated[hints[field], Field(examples=[example])], ...)
        for field, example in examples.items()
    }
    data = create_model(
        f"{kind.__name__}Data", __base__=EventData, __doc__=description(kind), **said
    )
    data.model_fields["subject"].examples = [_EXAMPLES[kind.subject_field]]
    whole: Any = {
        "type": (Literal[name.value], ...),
        "timestamp": (Annotated[Instant, Field(description="When it happened.")], ...),
        "data": (data, ...),
        "object": (
            Annotated[
                dict[str, Any] | None,
                Field(
                    description="In a full payload: the subject as it is now, as far as a "
                    "recruiter may see it. Null where it is gone, or private."
                ),
            ],
            None,
        ),
    }
    doc = f"{description(kind)} Sent to endpoints as `{name}`."
    return create_model(f"{kind.__name__}Message", __base__=Schema, __doc__=doc, **whole)
