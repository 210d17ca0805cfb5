"""What happens to applications, as facts."""

from dataclasses import dataclass, field
from typing import ClassVar

from app.core.messaging.domain_event import INTERNAL, DomainEvent
from app.kit.ids import ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationEvent(DomainEvent):
    """Something that happened to one application."""

    subject_field: ClassVar[str] = "application"
    application: ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationCreated(ApplicationEvent):
    """An application was entered."""

    name: ClassVar[str] = "application.created"


@dataclass(frozen=True, slots=True)
class ApplicationStageChanged(ApplicationEvent):
    """An application moved from one stage to another."""

    name: ClassVar[str] = "application.stage_changed"
    stage_before: str
    stage_after: str


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeRecorded(ApplicationEvent):
    """It became known what came of an application, or that was corrected."""

    name: ClassVar[str] = "application.outcome_recorded"
    outcome: str
    known_on: str
    is_correction: bool = field(kw_only=True, metadata=INTERNAL)


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeTakenBack(ApplicationEvent):
    """A recorded outcome turned out to be wrong and was removed."""

    name: ClassVar[str] = "application.outcome_taken_back"


@dataclass(frozen=True, slots=True)
class ApplicationImported(ApplicationEvent):
    """An application of the past was taken in, with its interviews, signals and outcome."""

    name: ClassVar[str] = "application.imported"
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ApplicationDeleted(ApplicationEvent):
    """An application was removed with all that belonged to it."""

    name: ClassVar[str] = "application.deleted"


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(ApplicationEvent):
    """The candidate withdrew an application."""

    name: ClassVar[str] = "application.withdrawn"


@dataclass(frozen=True, slots=True)
class InterestChanged(ApplicationEvent):
    """The candidate is more or less keen on the role than before; null: they no longer say."""

    name: ClassVar[str] = "candidate.interest_changed"
    interest: str | None


@dataclass(frozen=True, slots=True)
class ConsentGiven(ApplicationEvent):
    """The candidate opened an application to a recruiter, who may see it from now on."""

    name: ClassVar[str] = "consent.given"


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(ApplicationEvent):
    """An application is no longer open to a recruiter, who is told of it this last time."""

    name: ClassVar[str] = "consent.withdrawn"
