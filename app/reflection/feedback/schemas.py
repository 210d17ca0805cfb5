"""How feedback looks in the contract."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import Day, Instant, Text
from app.core.http.schemas import Schema, example, left_out
from app.kit.ids import FeedbackId, InterviewId, MemberId
from app.reflection.feedback.lifecycle import Audience, Direction, FeedbackState

_Text = Annotated[
    Text,
    Field(
        description="The message, as it is to be read.",
        examples=["Thank you for arranging this. I enjoyed meeting Dana and am keen on the role."],
    ),
]


class FeedbackCreate(Schema):
    """A new piece of feedback: a draft when the candidate gives it, else as it was received."""

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
            description="Who may read it: you alone, the recruiter too, or the company as well "
            "(the recruiter may pass it on)."
        ),
    ] = Audience.PRIVATE
    text: _Text


class FeedbackUpdate(Schema):
    """What to change in a draft, or in the record of what was received."""

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
        Field(description="Who wrote it down, and may change it: the candidate or a recruiter."),
    ]
    direction: Direction
    audience: Audience
    state: FeedbackState
    text: str
    sent_at: Instant | None
    acknowledged_at: Annotated[
        Instant | None, Field(description="When whom it is for said that they have read it.")
    ]
    minutes_after_interview: Annotated[
        int | None,
        Field(description="How fresh it was: minutes from the interview's end to the sending."),
    ]
    created_at: Instant
    updated_at: Instant


class FeedbackRequestPut(Schema):
    """What the candidate asks the recruiter for."""

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
        Text | None, Field(description="For the recruiter to whom the application is open.")
    ] = None


class FeedbackRequest(Schema):
    """What was asked for, and whether it was answered."""

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
            description="When the first feedback to the candidate was written down since. A "
            "recruiter is not told of what the candidate keeps private."
        ),
    ]
    is_overdue: Annotated[
        bool, Field(description="Whether the day has passed without an answer (UTC).")
    ]
    updated_at: Instant
