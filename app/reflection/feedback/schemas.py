"""Request and response schemas of feedback and feedback requests."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import Day, Instant, Text
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import FeedbackId, InterviewId, MemberId
from app.reflection.feedback.lifecycle import Audience, Direction, FeedbackState

_Text = Annotated[
    Text,
    Field(
        description="The text of the message.",
        examples=["Thank you for arranging this. I enjoyed meeting Dana and am keen on the role."],
    ),
]


class FeedbackCreate(Schema):
    """New feedback: a draft if the candidate gives it, otherwise a record of what was received."""

    model_config = example(
        {
            "direction": "candidate_to_recruiter",
            "audience": "recruiter",
            "text": "Thank you for arranging this. I enjoyed the talk and would like the role.",
        }
    )

    direction: Direction
    audience: Annotated[
        Audience,
        Field(
            description="Who may read it: only you, the recruiter too, or also the company (the "
            "recruiter may forward it)."
        ),
    ] = Audience.PRIVATE
    text: _Text


class FeedbackUpdate(Schema):
    """The fields to change in a draft, or in the record of received feedback."""

    model_config = example({"text": "Thank you. I am keen, and I liked the team."})

    audience: Audience = left_out()
    text: _Text = left_out()


class Feedback(Schema):
    """A piece of feedback."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "interview", "written_by", "direction", "audience", "state", "text", "sent_at",
            "acknowledged_at", "minutes_after_interview", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: FeedbackId
    interview: InterviewId
    written_by: Annotated[
        MemberId,
        Field(description="The member who wrote it and may change it: candidate or recruiter."),
    ]
    direction: Direction
    audience: Audience
    state: FeedbackState
    text: str
    sent_at: Instant | None
    acknowledged_at: Annotated[
        Instant | None, Field(description="When the recipient acknowledged that they read it.")
    ]
    minutes_after_interview: Annotated[
        int | None,
        Field(description="Minutes from the end of the interview until the feedback was sent."),
    ]
    created_at: Instant
    updated_at: Instant


class FeedbackRequestPut(Schema):
    """A candidate's request for feedback from the recruiter."""

    model_config = example(
        {"answer_expected_on": "2026-11-16", "note": "Above all on how the design part went."}
    )

    answer_expected_on: Annotated[
        Day | None,
        Field(
            description="The day by which you expect an answer. Left out: none was agreed.",
            examples=["2026-11-16"],
        ),
    ] = None
    note: Annotated[
        Text | None,
        Field(description="A note to the recruiter with whom the application is shared."),
    ] = None


class FeedbackRequest(Schema):
    """A feedback request, and whether it was answered."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "interview", "answer_expected_on", "note", "asked_at", "answered_at", "is_overdue",
            "updated_at",
        }
    )  # fmt: skip

    interview: InterviewId
    answer_expected_on: Day | None
    note: str | None
    asked_at: Instant
    answered_at: Annotated[
        Instant | None,
        Field(
            description="When the first feedback to the candidate was recorded after the request. "
            "For a recruiter, feedback that the candidate keeps private does not count."
        ),
    ]
    is_overdue: Annotated[
        bool, Field(description="Whether the expected day has passed (UTC) without an answer.")
    ]
    updated_at: Instant
