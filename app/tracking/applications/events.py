"""Domain events of applications."""

from dataclasses import dataclass, field
from typing import ClassVar

from app.core.messaging.domain_event import INTERNAL, DomainEvent
from app.kit.ids import ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationEvent(DomainEvent):
    """An event about one application."""

    subject_field: ClassVar[str] = "application"
    application: ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationCreated(ApplicationEvent):
    """An application was created."""

    name: ClassVar[str] = "application.created"


@dataclass(frozen=True, slots=True)
class ApplicationStageChanged(ApplicationEvent):
    """An application moved from one stage to another."""

    name: ClassVar[str] = "application.stage_changed"
    stage_before: str
    stage_after: str


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeRecorded(ApplicationEvent):
    """The outcome of an application was recorded or corrected."""

    name: ClassVar[str] = "application.outcome_recorded"
    outcome: str
    known_on: str
    is_correction: bool = field(kw_only=True, metadata=INTERNAL)


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeRetracted(ApplicationEvent):
    """The outcome of an application was removed because it was recorded by mistake."""

    name: ClassVar[str] = "application.outcome_retracted"


@dataclass(frozen=True, slots=True)
class ApplicationImported(ApplicationEvent):
    """A past application was imported, with its interviews, signals and outcome."""

    name: ClassVar[str] = "application.imported"
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ApplicationDeleted(ApplicationEvent):
    """An application was deleted with everything that belonged to it."""

    name: ClassVar[str] = "application.deleted"


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(ApplicationEvent):
    """The candidate withdrew an application."""

    name: ClassVar[str] = "application.withdrawn"


@dataclass(frozen=True, slots=True)
class InterestChanged(ApplicationEvent):
    """The candidate's interest in the role changed (null: no longer stated)."""

    name: ClassVar[str] = "candidate.interest_changed"
    interest: str | None


@dataclass(frozen=True, slots=True)
class ConsentGiven(ApplicationEvent):
    """The candidate shared an application with a recruiter, who may see it from now on."""

    name: ClassVar[str] = "consent.given"


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(ApplicationEvent):
    """An application is no longer shared with a recruiter; this is their last event about it."""

    name: ClassVar[str] = "consent.withdrawn"
