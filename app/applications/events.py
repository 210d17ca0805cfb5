"""What happens to applications, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.facts import Fact
from app.kit.ids import ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationCreated(Fact):
    """An application was entered."""

    name: ClassVar[str] = "application.created"
    application: ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationStageChanged(Fact):
    """An application moved from one stage to another."""

    name: ClassVar[str] = "application.stage_changed"
    application: ApplicationId
    stage_before: str
    stage_after: str


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeRecorded(Fact):
    """It became known what came of an application, or that was corrected."""

    name: ClassVar[str] = "application.outcome_recorded"
    application: ApplicationId
    outcome: str
    known_on: str


@dataclass(frozen=True, slots=True)
class ApplicationOutcomeTakenBack(Fact):
    """A recorded outcome turned out to be wrong and was removed."""

    name: ClassVar[str] = "application.outcome_taken_back"
    application: ApplicationId


@dataclass(frozen=True, slots=True)
class ApplicationImported(Fact):
    """An application of the past was taken in, with its interviews, signals and outcome."""

    name: ClassVar[str] = "application.imported"
    application: ApplicationId
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ApplicationDeleted(Fact):
    """An application was removed with all that belonged to it."""

    name: ClassVar[str] = "application.deleted"
    application: ApplicationId
