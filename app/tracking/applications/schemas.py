"""Request and response schemas of applications and outcomes."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from app.core.http.field_types import (
    Day,
    Instant,
    Line,
    Text,
    Url,
)
from app.core.http.schemas import (
    Money,
    Schema,
    example,
    left_out,
)
from app.kit.ids import ApplicationId, MemberId, length, pattern
from app.tracking.applications.lifecycle import (
    Interest,
    Outcome,
    Stage,
    Status,
)
from app.tracking.people.schemas import (
    Company,
    CompanyInput,
    Person,
    PersonInput,
)


class WorkMode(StrEnum):
    """Where the work is done."""

    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


_JobTitle = Annotated[
    Line, Field(description="The role applied for.", examples=["Staff Platform Engineer"])
]
_Member = Annotated[
    MemberId,
    Field(
        pattern=pattern("mem"),
        max_length=length("mem"),
        description="The recruiter of this workspace with whom you share the application. They "
        "see it, its interviews and what you sent them, and nothing that is private.",
    ),
]


class ApplicationDetails(Schema):
    """The fields of an application that can be set when it is created or imported."""

    company: CompanyInput
    job_title: _JobTitle
    hiring_manager: PersonInput | None = None
    recruiter: PersonInput | None = None
    source: Annotated[
        Line | None, Field(description="How you found the role.", examples=["referral"])
    ] = None
    applied_on: Annotated[
        Day | None,
        Field(description="The day you applied. Left out: today (UTC).", examples=["2026-10-19"]),
    ] = None
    location: Annotated[Line | None, Field(examples=["Leeds"])] = None
    work_mode: WorkMode | None = None
    posting_url: Annotated[Url | None, Field(description="The URL of the job posting.")] = None
    salary: Annotated[
        Money | None, Field(description="The salary that the posting or a conversation named.")
    ] = None
    notes: Annotated[Text | None, Field(description="Private: recruiters never see them.")] = None
    interest: Annotated[
        Interest | None,
        Field(
            description="How interested you are in the role. The recruiter with whom the "
            "application is shared sees it."
        ),
    ] = None
    stage: Stage = Stage.APPLIED


class ApplicationCreate(ApplicationDetails):
    """A new application; only `company` and `job_title` are required."""

    model_config = example(
        {
            "company": {"name": "Tidemark Analytics", "website": "https://tidemark.example"},
            "job_title": "Data Platform Engineer",
            "hiring_manager": {"name": "Ines Duarte", "title": "Head of Data"},
            "recruiter": {"name": "Sam Ellery", "email": "sam.ellery@talent.example"},
            "source": "recruiter",
            "applied_on": "2026-10-12",
            "location": "Leeds",
            "work_mode": "hybrid",
            "salary": {
                "minimum": 6_200_000,
                "maximum": 7_000_000,
                "currency": "GBP",
                "period": "year",
            },
        }
    )

    shared_with: _Member | None = None


class ApplicationUpdate(Schema):
    """The fields to change; one left out keeps its value, null clears an optional one."""

    model_config = example({"location": "York", "work_mode": "remote", "stage": "second"})

    company: CompanyInput = left_out()
    job_title: _JobTitle = left_out()
    hiring_manager: PersonInput | None = None
    recruiter: PersonInput | None = None
    shared_with: _Member | None = None
    source: Line | None = None
    applied_on: Day = left_out()
    location: Line | None = None
    work_mode: WorkMode | None = None
    posting_url: Url | None = None
    salary: Money | None = None
    notes: Text | None = None
    interest: Interest | None = None
    stage: Stage = left_out()


class OutcomePut(Schema):
    """The outcome to record."""

    model_config = example({"outcome": "no_offer", "known_on": "2026-11-20"})

    outcome: Annotated[
        Outcome,
        Field(
            description="How the application ended. In the training of the model `no_response` "
            "counts as no offer, from some weeks after the last interview until a response comes "
            "after all; `withdrawn` is not used.",
            examples=["no_offer"],
        ),
    ]
    known_on: Annotated[
        Day | None,
        Field(
            description="The day you learnt the outcome. Left out: today (UTC).",
            examples=["2026-11-20"],
        ),
    ] = None


class OutcomeRecorded(Schema):
    """A recorded outcome."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {"application", "outcome", "known_on", "recorded_at"}
    )

    application: ApplicationId
    outcome: Outcome
    known_on: Day
    recorded_at: Instant


class Application(Schema):
    """An application."""

    shared_with_recruiter: ClassVar[frozenset[str]] = frozenset(
        {
            "id", "company", "job_title", "hiring_manager", "recruiter", "shared_with",
            "applied_on", "location", "work_mode", "posting_url", "interest", "stage", "status",
            "outcome_known_on", "created_at", "updated_at",
        }
    )  # fmt: skip

    id: ApplicationId
    company: Company
    job_title: str
    hiring_manager: Person | None
    recruiter: Person | None
    shared_with: Annotated[
        MemberId | None, Field(description="The recruiter who may see it; null: not shared.")
    ]
    source: str | None
    applied_on: Day
    location: str | None
    work_mode: WorkMode | None
    posting_url: str | None
    salary: Money | None
    notes: str | None
    interest: Annotated[
        Interest | None, Field(description="How interested the candidate is in the role.")
    ]
    stage: Annotated[Stage, Field(description="The current stage.")]
    status: Annotated[
        Status, Field(description="`active` while no outcome is recorded, then the outcome.")
    ]
    outcome_known_on: Day | None
    created_at: Instant
    updated_at: Instant


class ApplicationSort(StrEnum):
    """The sort orders of the list; a minus sign means descending."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    UPDATED_LAST = "-updated_at"
    UPDATED_FIRST = "updated_at"
    APPLIED_LAST = "-applied_on"
    APPLIED_FIRST = "applied_on"
