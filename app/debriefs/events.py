"""What happens to a debrief, as facts; none of them carries what was observed."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.facts import Fact
from app.kit.ids import ApplicationId, InterviewId


@dataclass(frozen=True, slots=True)
class SignalsObserved(Fact):
    """The candidate wrote down, or changed, what they observed in an interview."""

    name: ClassVar[str] = "debrief.signals_observed"
    about: ClassVar[str] = "interview"
    is_private: ClassVar[bool] = True
    application: ApplicationId
    interview: InterviewId
