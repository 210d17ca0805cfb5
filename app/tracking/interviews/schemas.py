"""Request and response schemas of interviews."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import (
    ANY_SPELLING,
    Flag,
    Instant,
    Line,
    Text,
)
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import ApplicationId, InterviewId, PersonId
from app.scoring import Round
from app.tracking.interviews.lifecycle import Format, InterviewState
from app.tracking.people.schemas import PersonInput

_DAY_IN_MINUTES = 24 * 60


class Seniority(StrEnum):
    """The seniority of an interviewer."""

    JUNIOR = "junior"
    PEER = "peer"
    SENIOR = "senior"
    MANAGER = "manager"
    DIRECTOR = "director"
    EXECUTIVE = "executive"


Starts = Annotated[
    Instant,
    Field(
        description="The start of the interview, with UTC offset.",
        examples=["2026-11-02T10:00:00Z"],
    ),
]
PlannedMinutes = Annotated[
    int,
    Field(
        strict=True,
        ge=1,
        le=_DAY_IN_MINUTES,
        description="The planned length, in minutes.",
        examples=[60],
    ),
    ANY_SPELLING,
]
Place = Annotated[
    Line, Field(description="Address, room or link.", examples=["14 Canal Street, Leeds"])
]


class PanelMemberInput(PersonInput):
    """One interviewer, as far as known."""

    seniority: Seniority | None = None
    has_final_say: Annotated[
        Flag | None,
        Field(description="Whether this person makes the decision. Left out: not known."),
    ] = None


class PanelMember(Schema):
    """One interviewer."""

    person: PersonId
    name: str
    title: str | None
    profile_url: str | None
    seniority: Seniority | None
    has_final_say: bool | None


Panel = Annotated[
    list[PanelMemberInput], Field(max_length=30, description="The interviewers, as far as known.")
]


class InterviewCreate(Schema):
    """A new interview, planned or already held."""

    model_config = example(
        {
            "round": "second",
            "format": "panel",
            "starts_at": "2026-11-12T14:00:00Z",
            "planned_minutes": 60,
            "place": "14 Canal Street, Leeds",
            "panel": [
                {"name": "Marguerite Hale", "title": "CTO", "seniority": "executive"},
                {"name": "Tomasz Wilk", "title": "Engineer", "seniority": "peer"},
            ],
        }
    )

    round: Round
    format: Format
    starts_at: Starts
    planned_minutes: PlannedMinutes | None = None
    place: Place | None = None
    panel: Panel = Field(default_factory=list)
    notes: Annotated[Text | None, Field(description="Private: recruiters never see them.")] = None


class InterviewUpdate(Schema):
    """The fields to change; one left out keeps its value. A new start reschedules the interview."""

    model_config = example({"planned_minutes": 90, "place": "Video call"})

    round: Round = left_out()
    format: Format = left_out()
    starts_at: Starts = left_out()
    planned_minutes: PlannedMinutes | None = None
    ended_at: Annotated[
        Instant, Field(description="Corrects the end of an interview that is concluded.")
    ] = left_out()
    place: Place | None = None
    panel: Panel = left_out()
    notes: Text | None = None


class ConclusionCreate(Schema):
    """The conclusion of an interview: when it ended."""

    model_config = example({"ended_at": "2026-11-09T14:10:00Z"})

    ended_at: Annotated[
        Instant,
        Field(description="When the interview ended.", examples=["2026-11-02T11:25:00Z"]),
    ]


class Interview(Schema):
    """An interview."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "application", "round", "format", "state", "starts_at", "planned_minutes",
            "ended_at", "actual_minutes", "place", "panel", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: InterviewId
    application: ApplicationId
    round: Round
    format: Format
    state: InterviewState
    starts_at: Instant
    planned_minutes: int | None
    ended_at: Instant | None
    actual_minutes: Annotated[
        int | None,
        Field(description="Minutes from start to end; null until the interview is concluded."),
    ]
    place: str | None
    panel: list[PanelMember]
    notes: str | None
    created_at: Instant
    updated_at: Instant
