"""Event catalogue: the public event types, their descriptions and their payload fields.

Each event type is a domain event of a package below, so that nothing is described twice: its
docstring is the description, and its public fields are the payload.
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
    """The type of an event."""

    APPLICATION_CREATED = "application.created"
    APPLICATION_STAGE_CHANGED = "application.stage_changed"
    APPLICATION_OUTCOME_RECORDED = "application.outcome_recorded"
    APPLICATION_OUTCOME_RETRACTED = "application.outcome_retracted"
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
        applications.ApplicationOutcomeRetracted,
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
"""The domain event class of each event type."""

UNICAST_EVENTS: Final = frozenset(name for name, kind in EVENT_CLASSES.items() if kind.is_unicast)
"""Event types that are sent to a single endpoint."""

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
"""The state of the reference after each of these events, in the examples."""


class EventData(Schema):
    """The fields that every event has."""

    event: Annotated[str, Field(description="The event id; the same on every attempt and replay.")]
    subject: Annotated[str, Field(description="The id of the resource that the event is about.")]
    sequence: Annotated[
        int,
        Field(
            ge=1,
            description="The number of the event among those of its subject that the endpoint's "
            "owner may see, from 1 and without gaps. Deliveries may arrive out of order: use it to "
            "order events. Event types that the endpoint does not receive are counted too.",
        ),
    ]
    schema_version: Annotated[int, Field(ge=1)]


def example_of(kind: type[DomainEvent]) -> dict[str, Any]:
    """Return an example payload of this event."""
    examples = _EXAMPLES | {"state": _STATES.get(kind)}
    return {name: examples[name] for name in payload_fields(kind)}


def payload_fields(kind: type[DomainEvent]) -> list[str]:
    """Return the names of the payload fields of this event."""
    names = list(public_fields(kind))  # type: ignore[arg-type]  # classes can be hashed
    return names if not issubclass(kind, endpoints.EndpointEvent) else names[1:]


def description(kind: type[DomainEvent]) -> str:
    """Return the description of this event: its docstring as one line."""
    return " ".join((kind.__doc__ or "").split())


def message_schema(name: EventType) -> type[BaseModel]:
    """Return the schema of the webhook message of this event type."""
    kind = EVENT_CLASSES[name]
    hints, examples = get_type_hints(kind), example_of(kind)
    payload: Any = {
        field: (Annotated[hints[field], Field(examples=[example])], ...)
        for field, example in examples.items()
    }
    data = create_model(
        f"{kind.__name__}Data", __base__=EventData, __doc__=description(kind), **payload
    )
    data.model_fields["subject"].examples = [_EXAMPLES[kind.subject_field]]
    members: Any = {
        "type": (Literal[name.value], ...),
        "timestamp": (Annotated[Instant, Field(description="When the event occurred.")], ...),
        "data": (data, ...),
        "object": (
            Annotated[
                dict[str, Any] | None,
                Field(
                    description="In a full payload: the subject as it is when the message is sent, "
                    "with the fields that a recruiter may see. Null if it was deleted or is "
                    "private."
                ),
            ],
            None,
        ),
    }
    doc = f"{description(kind)} Sent to endpoints as `{name}`."
    return create_model(f"{kind.__name__}Message", __base__=Schema, __doc__=doc, **members)
