"""Ids of the sample data, which the examples of the OpenAPI document use.

`debrief serve` creates these objects on its first start, so that every example works unchanged. An
example that changes an object irreversibly has an object of its own.
"""

from dataclasses import dataclass, field

from app.kit.ids import (
    ApplicationId,
    DeliveryId,
    EndpointId,
    EventId,
    FeedbackId,
    Ids,
    InterviewId,
    KeyId,
    MemberId,
    ReferenceId,
    ReplayId,
    StepId,
)

APPLICATION = ApplicationId("app_01k9a00000debr1ef0app00001")
APPLICATION_CLOSED = ApplicationId("app_01k9a00000debr1ef0app00002")
APPLICATION_TO_DELETE = ApplicationId("app_01k9a00000debr1ef0app00003")

INTERVIEW = InterviewId("int_01k9a00000debr1ef00nt00001")
INTERVIEW_TO_CONCLUDE = InterviewId("int_01k9a00000debr1ef00nt00002")
INTERVIEW_AHEAD = InterviewId("int_01k9a00000debr1ef00nt00003")
INTERVIEW_TO_DELETE = InterviewId("int_01k9a00000debr1ef00nt00004")

FEEDBACK = FeedbackId("fb_01k9a00000debr1ef0fbk00001")
FEEDBACK_TO_SEND = FeedbackId("fb_01k9a00000debr1ef0fbk00002")
FEEDBACK_TO_DELETE = FeedbackId("fb_01k9a00000debr1ef0fbk00003")
FEEDBACK_RECEIVED = FeedbackId("fb_01k9a00000debr1ef0fbk00004")

REFERENCE = ReferenceId("ref_01k9a00000debr1ef0ref00001")
REFERENCE_TO_NOTIFY = ReferenceId("ref_01k9a00000debr1ef0ref00002")
REFERENCE_TO_REQUEST = ReferenceId("ref_01k9a00000debr1ef0ref00003")
REFERENCE_TO_GIVE = ReferenceId("ref_01k9a00000debr1ef0ref00004")
REFERENCE_TO_THANK = ReferenceId("ref_01k9a00000debr1ef0ref00005")
REFERENCE_TO_DELETE = ReferenceId("ref_01k9a00000debr1ef0ref00006")

STEP = StepId("stp_01k9a00000debr1ef0stp00001")
STEP_TO_COMPLETE = StepId("stp_01k9a00000debr1ef0stp00002")
STEP_TO_DISMISS = StepId("stp_01k9a00000debr1ef0stp00003")

ENDPOINT = EndpointId("whe_01k9a00000debr1ef0whe00001")
ENDPOINT_TO_ROTATE = EndpointId("whe_01k9a00000debr1ef0whe00002")
ENDPOINT_TO_DELETE = EndpointId("whe_01k9a00000debr1ef0whe00003")
EVENT = EventId("evt_01k9a00000debr1ef0evt00001")
DELIVERY = DeliveryId("dvy_01k9a00000debr1ef0dvy00001")
REPLAY = ReplayId("rpy_01k9a00000debr1ef0rpy00001")

CANDIDATE = MemberId("mem_01k9a00000debr1ef0mem00000")
"""The candidate in the examples of events; no member has this id."""

RECRUITER = MemberId("mem_01k9a00000debr1ef0mem00001")
MEMBER_TO_ERASE = MemberId("mem_01k9a00000debr1ef0mem00002")

KEY = KeyId("key_01k9a00000debr1ef0key00001")
KEY_TO_ROTATE = KeyId("key_01k9a00000debr1ef0key00002")
KEY_TO_REVOKE = KeyId("key_01k9a00000debr1ef0key00003")

SERIES: dict[str, tuple[str, ...]] = {
    "app": (APPLICATION, APPLICATION_CLOSED, APPLICATION_TO_DELETE),
    "int": (INTERVIEW, INTERVIEW_TO_CONCLUDE, INTERVIEW_AHEAD, INTERVIEW_TO_DELETE),
    "mem": (RECRUITER, MEMBER_TO_ERASE),
    "key": (KEY, KEY_TO_ROTATE, KEY_TO_REVOKE),
    "whe": (ENDPOINT, ENDPOINT_TO_ROTATE, ENDPOINT_TO_DELETE),
    "dvy": (DELIVERY,),
    "rpy": (REPLAY,),
    "fb": (FEEDBACK, FEEDBACK_TO_SEND, FEEDBACK_TO_DELETE, FEEDBACK_RECEIVED),
    "ref": (
        *(REFERENCE, REFERENCE_TO_NOTIFY, REFERENCE_TO_REQUEST),
        *(REFERENCE_TO_GIVE, REFERENCE_TO_THANK, REFERENCE_TO_DELETE),
    ),
    "stp": (STEP, STEP_TO_COMPLETE, STEP_TO_DISMISS),
}


@dataclass
class SampleIds:
    """Returns the known ids of each type in order, then new ids of a fallback."""

    fallback: Ids
    remaining: dict[str, list[str]] = field(
        default_factory=lambda: {prefix: list(ids) for prefix, ids in SERIES.items()}
    )

    def __call__(self, prefix: str) -> str:
        """Return the next id of this type."""
        known = self.remaining.get(prefix)
        return known.pop(0) if known else self.fallback(prefix)
