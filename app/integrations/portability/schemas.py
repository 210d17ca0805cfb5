"""How the lines of what goes in and out look in the contract."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from app.core.http.field_types import (
    Day,
    Instant,
    Line,
    Text,
)
from app.core.http.schemas import Schema, example
from app.kit.ids import MemberId, length, pattern
from app.kit.sample_ids import MEMBER_TO_ERASE
from app.reflection.debriefs.schemas import Signals
from app.scoring import Round, SignalId
from app.tracking.applications.lifecycle import Outcome
from app.tracking.applications.schemas import ApplicationDetails
from app.tracking.interviews.lifecycle import Format, InterviewState
from app.tracking.interviews.schemas import Panel, Place, PlannedMinutes


class PastInterview(Schema):
    """An interview of a past application, with what was observed in it."""

    round: Round
    format: Annotated[
        Format, Field(description="Left out: `one_to_one`; no estimate depends on it.")
    ] = Format.ONE_TO_ONE
    state: Annotated[InterviewState, Field(description="Left out: it took place.")] = (
        InterviewState.CONCLUDED
    )
    starts_at: Annotated[
        Instant | None,
        Field(
            description="Left out: as the interview before it, or the beginning of the day you "
            "applied. Estimates go by the order alone."
        ),
    ] = None
    planned_minutes: PlannedMinutes | None = None
    ended_at: Annotated[
        Instant | None, Field(description="When it really ended, where that is known.")
    ] = None
    place: Place | None = None
    panel: Panel = Field(default_factory=list)
    notes: Annotated[Text | None, Field(description="Private: no recruiter sees them.")] = None
    signals: Annotated[Signals, Field(default_factory=Signals)]
    signal_notes: Annotated[
        dict[SignalId, Text],
        Field(default_factory=dict, description="A private remark on a signal, by its name."),
    ]

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.ended_at is None:
            return self
        if self.state is not InterviewState.CONCLUDED:
            message = "only an interview that took place has an `ended_at`"
            raise ValueError(message)
        if self.starts_at is None or self.ended_at <= self.starts_at:
            message = "`ended_at` is after `starts_at`, which is needed with it"
            raise ValueError(message)
        return self


class PastApplication(ApplicationDetails):
    """One line of a history: an application with its interviews and what became of it."""

    model_config = example(
        {
            "external_id": "tracker-17",
            "company": {"name": "Wharfedale Systems"},
            "job_title": "Backend Engineer",
            "applied_on": "2026-03-02",
            "interviews": [
                {
                    "round": "first",
                    "format": "video",
                    "starts_at": "2026-03-12T10:00:00Z",
                    "signals": {"conversational": "clearly", "rambled": "absent"},
                },
                {"round": "second", "signals": {"clear_next_steps": "somewhat"}},
            ],
            "outcome": "no_offer",
            "known_on": "2026-03-30",
        }
    )

    external_id: Annotated[
        Line,
        Field(
            description="Your own id for it, by which it is known again: the same line sent twice "
            "is taken in once.",
            examples=["tracker-17"],
        ),
    ]
    applied_on: Annotated[Day, Field(examples=["2026-03-02"])]
    interviews: Annotated[
        list[PastInterview],
        Field(default_factory=list, max_length=100, description="In the order they were held."),
    ]
    outcome: Annotated[
        Outcome | None, Field(description="Left out: the answer is still awaited.")
    ] = None
    known_on: Annotated[
        Day | None,
        Field(description="The day you knew the outcome. Left out: the day it is taken in (UTC)."),
    ] = None

    @model_validator(mode="after")
    def _known_is_an_outcome(self) -> Self:
        if self.known_on is not None and self.outcome is None:
            message = "`known_on` is the day of an `outcome`, which is missing"
            raise ValueError(message)
        return self


class FaultOfLine(Schema):
    """One thing wrong with a line."""

    pointer: Annotated[str, Field(description="Where: a JSON Pointer into the line.")]
    code: Annotated[str, Field(description="Which kind of mistake, stable.")]
    detail: Annotated[str, Field(description="What to do about it.")]


class _Counted(Schema):
    kind: str
    lines: Annotated[int, Field(description="How many lines of yours are settled, empty ones too.")]
    taken_in: Annotated[int, Field(description="Lines that are in now and were not before.")]
    unchanged: Annotated[int, Field(description="Lines that were in already.")]
    refused: Annotated[int, Field(description="Lines that were refused, each told by number.")]


class LineRefused(Schema):
    """A line that was refused; nothing of it is kept."""

    kind: Literal["refused"] = "refused"
    line: Annotated[int, Field(description="Its number, counted from 1.")]
    errors: list[FaultOfLine]


class HistoryProgress(_Counted):
    """How far it is: whatever is counted here is committed."""

    kind: Literal["progress"] = "progress"


class HistoryDone(_Counted):
    """The last line when everything was read."""

    kind: Literal["done"] = "done"


class HistoryStopped(_Counted):
    """The last line when it was not; what is counted is kept, and the rest can be sent again."""

    kind: Literal["stopped"] = "stopped"
    code: Annotated[
        Literal["body_too_large", "too_many_refused", "unexpected"], Field(description="Why.")
    ]
    detail: Annotated[str, Field(description="What to do about it.")]


class KeptRecord(Schema):
    """One line of a person's export: a record, as it is kept."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"kind", "data"})

    kind: Annotated[str, Field(description="What it is a record of.", examples=["application"])]
    data: Annotated[dict[str, Any], Field(description="The record, without secrets.")]


class Confirmation(Schema):
    """Whom to erase, said once more."""

    model_config = example({"confirm": MEMBER_TO_ERASE})

    confirm: Annotated[
        MemberId,
        Field(
            pattern=pattern("mem"),
            max_length=length("mem"),
            description="The id of the member who is to be erased; yours is in `GET /v1/me`.",
        ),
    ]


class Erased(Schema):
    """What was erased: how many records of each kind. None of them can be had back."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"records"})

    records: Annotated[
        dict[str, int], Field(examples=[{"application": 12, "interview": 20, "member": 1}])
    ]
