"""Applications of the sample job search, each with its interviews and outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.tracking.applications.lifecycle import Outcome


@dataclass(frozen=True)
class StoryInterview:
    """One interview of a story: its time, kind, signals and panel."""

    round: str
    format: str
    days_ago: int
    planned: int = 45
    took: int = 45
    signals: Mapping[str, str] = field(default_factory=dict)
    panel: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class Story:
    """One application with its interviews and outcome."""

    company: str
    job_title: str
    applied_days_ago: int
    location: str
    source: str
    hiring_manager: str | None = None
    interviews: tuple[StoryInterview, ...] = ()
    outcome: Outcome | None = None
    known_days_ago: int = 0


WARM = {
    "conversational": "clearly",
    "interviewer_engaged": "clearly",
    "felt_excited": "clearly",
    "questions_answered_in_full": "somewhat",
    "clear_next_steps": "clearly",
    "rambled": "absent",
}
_MIXED = {
    "conversational": "somewhat",
    "interviewer_engaged": "somewhat",
    "told_what_you_would_do": "absent",
    "clear_next_steps": "somewhat",
    "caught_off_guard": "somewhat",
}
_COOL = {
    "conversational": "absent",
    "interviewer_engaged": "absent",
    "ran_longer": "absent",
    "clear_next_steps": "absent",
    "rambled": "clearly",
    "no_questions_prepared": "somewhat",
}
DECISION_MAKERS = (
    {"name": "Marguerite Hale", "title": "Chief Technology Officer", "seniority": "executive"},
    {"name": "Tomasz Wilk", "title": "Senior Engineer", "seniority": "peer"},
)

STORIES: tuple[Story, ...] = (
    Story(
        "Fernhill Software", "Backend Engineer", 62, "Sheffield", "job board", "Priya Raman",
        (StoryInterview("first", "video", 50, signals=_MIXED),), Outcome.NO_OFFER, 43,
    ),
    Story(
        "Calder Valley Trust", "Platform Engineer", 58, "Halifax", "referral", "Owen Marsh",
        (
            StoryInterview("first", "phone", 48, 30, 35, WARM),
            StoryInterview("second", "panel", 39, 60, 80, WARM, DECISION_MAKERS),
        ), Outcome.OFFER, 30,
    ),
    Story("Brightwater Energy", "Staff Engineer", 55, "Hull", "company page", None, (),
          Outcome.NO_RESPONSE, 15),
    Story(
        "Lumen and Lark", "Engineering Manager", 50, "Leeds", "recruiter", "Sabine Vogt",
        (StoryInterview("first", "video", 41, 45, 30, _COOL),), Outcome.NO_OFFER, 36,
    ),
    Story(
        "Tidemark Analytics", "Data Platform Engineer", 44, "Remote", "recruiter", "Ines Duarte",
        (
            StoryInterview("first", "video", 37, 45, 50, _MIXED),
            StoryInterview("second", "task", 29, 120, 125, WARM),
            StoryInterview("final", "panel", 22, 60, 62, _MIXED, DECISION_MAKERS),
        ), Outcome.NO_OFFER, 16,
    ),
    Story(
        "Oakridge Health", "Senior Backend Engineer", 40, "York", "job board", "Femi Adeyemi",
        (StoryInterview("first", "one_to_one", 31, 45, 45, _MIXED),), Outcome.NO_RESPONSE, 1,
    ),
    Story("Parcel & Pine", "Senior Python Engineer", 35, "Bradford", "job board"),
    Story(
        "Meridian Rail", "Principal Engineer", 33, "York", "referral", "Helen Stott",
        (
            StoryInterview("first", "video", 24, 60, 75, WARM),
            StoryInterview("second", "presentation", 13, 60, 65, WARM, DECISION_MAKERS),
        ),
    ),
    Story("Kestrel Mapping", "API Engineer", 27, "Remote", "company page", "Jon Abara",
          (StoryInterview("first", "phone", 17, 30, 28, _MIXED),), Outcome.WITHDRAWN, 12),
    Story("Saltaire Learning", "Platform Lead", 20, "Shipley", "recruiter", "Ruth Kaplan",
          (StoryInterview("first", "panel", 6, 60, 70, WARM, DECISION_MAKERS),)),
    Story("Greyfriars Bank", "Backend Engineer, Payments", 16, "Leeds", "recruiter", "Anil Kohli",
          (StoryInterview("first", "video", 3, 45, 40, _COOL),)),
    Story("Hollin Robotics", "Senior Software Engineer", 9, "Huddersfield", "event"),
)  # fmt: skip
