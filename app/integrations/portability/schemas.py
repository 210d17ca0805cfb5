"""Schemas of the lines of imports and exports, and of erasures."""

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
    """An interview of a past application, with the signals observed in it."""

    round: Round
    format: Annotated[
        Format, Field(description="Left out: `one_to_one`; no estimate depends on it.")
    ] = Format.ONE_TO_ONE
    state: Annotated[InterviewState, Field(description="Left out: `concluded`.")] = (
        InterviewState.CONCLUDED
    )
    starts_at: Annotated[
        Instant | None,
        Field(
            description="Left out: the start of the interview before it, or the beginning of the "
            "day you applied. Estimates depend on the order only."
        ),
    ] = None
    planned_minutes: PlannedMinutes | None = None
    ended_at: Annotated[
        Instant | None, Field(description="When the interview ended, if that is known.")
    ] = None
    place: Place | None = None
    panel: Panel = Field(default_factory=list)
    notes: Annotated[Text | None, Field(description="Private: recruiters never see them.")] = None
    signals: Annotated[Signals, Field(default_factory=Signals)]
    signal_notes: Annotated[
        dict[SignalId, Text],
        Field(default_factory=dict, description="Private notes on signals, by signal name."),
    ]

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        if self.ended_at is None:
            return self
        if self.state is not InterviewState.CONCLUDED:
            message = "only a concluded interview has an `ended_at`"
            raise ValueError(message)
        if self.starts_at is None or self.ended_at <= self.starts_at:
            message = "`ended_at` needs a `starts_at` that is before it"
            raise ValueError(message)
        return self


class PastApplication(ApplicationDetails):
    """One line of an import or export: an application with its interviews and outcome."""

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
            description="Your own id of the application, by which it is recognised: the same line "
            "sent twice is imported once.",
            examples=["tracker-17"],
        ),
    ]
    applied_on: Annotated[Day, Field(examples=["2026-03-02"])]
    interviews: Annotated[
        list[PastInterview],
        Field(
            default_factory=list,
            max_length=100,
            description="The interviews, in the order in which they were held.",
        ),
    ]
    outcome: Annotated[
        Outcome | None, Field(description="The outcome. Left out: not known yet.")
    ] = None
    known_on: Annotated[
        Day | None,
        Field(description="The day you learnt the outcome. Left out: the day of the import (UTC)."),
    ] = None

    @model_validator(mode="after")
    def _check_known_on(self) -> Self:
        if self.known_on is not None and self.outcome is None:
            message = "`known_on` needs an `outcome`"
            raise ValueError(message)
        return self


class LineError(Schema):
    """An error in a line."""

    pointer: Annotated[str, Field(description="A JSON Pointer to the error in the line.")]
    code: Annotated[str, Field(description="The kind of error; a stable code.")]
    detail: Annotated[str, Field(description="What is wrong, or what to do about it.")]


class _Counts(Schema):
    kind: str
    lines: Annotated[
        int, Field(description="The number of lines that were processed, including empty ones.")
    ]
    imported: Annotated[int, Field(description="The number of lines that were imported.")]
    unchanged: Annotated[int, Field(description="The number of lines that were stored already.")]
    rejected: Annotated[
        int, Field(description="The number of lines that were rejected; each is reported.")
    ]


class RejectedLine(Schema):
    """A line that was rejected; nothing of it is stored."""

    kind: Literal["rejected"] = "rejected"
    line: Annotated[int, Field(description="The line number, counted from 1.")]
    errors: list[LineError]


class ImportProgress(_Counts):
    """The progress so far; everything that is counted is committed."""

    kind: Literal["progress"] = "progress"


class ImportDone(_Counts):
    """The last line when the whole body was processed."""

    kind: Literal["done"] = "done"


class ImportStopped(_Counts):
    """The last line when the import stopped early: what is counted is stored; resend the rest."""

    kind: Literal["stopped"] = "stopped"
    code: Annotated[
        Literal["body_too_large", "too_many_rejected", "internal_error"],
        Field(description="Why the import stopped."),
    ]
    detail: Annotated[str, Field(description="Why it stopped, or what to do about it.")]


class ExportedRecord(Schema):
    """One line of a personal data export: a record as it is stored."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"kind", "data"})

    kind: Annotated[str, Field(description="The kind of record.", examples=["application"])]
    data: Annotated[dict[str, Any], Field(description="The record, without secrets.")]


class ErasureCreate(Schema):
    """The confirmation of an erasure."""

    model_config = example({"confirm": MEMBER_TO_ERASE})

    confirm: Annotated[
        MemberId,
        Field(
            pattern=pattern("mem"),
            max_length=length("mem"),
            description="The id of the member to erase; yours is in `GET /v1/me`.",
        ),
    ]


class ErasedRecords(Schema):
    """The number of erased records of each kind; they cannot be restored."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset({"records"})

    records: Annotated[
        dict[str, int], Field(examples=[{"application": 12, "interview": 20, "member": 1}])
    ]
