"""A believable search, told through the same services that people use.

`ensure_sample` makes the few objects that the examples of the contract name;
`tell` adds one story of a dozen, as `debrief demo` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from app.accounts import service as accounts
from app.accounts.repository import KEY_BY_ID
from app.accounts.scopes import SCOPES
from app.applications import service as applications
from app.applications.lifecycle import Outcome
from app.applications.schemas import ApplicationCreate, OutcomePut
from app.core.samples import APPLICATION, APPLICATION_CLOSED, ENDPOINT, KEY, SampleIds
from app.core.tenancy import Caller, Role, steward
from app.core.transactions import transaction
from app.core.work import Reading, Work, Writing
from app.debriefs import releases
from app.debriefs import service as debriefs
from app.debriefs.schemas import SignalReleasePut, SignalsPut
from app.feedback import requests
from app.feedback import service as feedback
from app.feedback.schemas import FeedbackCreate, FeedbackRequestPut
from app.interviews import service as interviews
from app.interviews.schemas import Conclusion, InterviewCreate
from app.kit.ids import ApplicationId, InterviewId, MemberId, WorkspaceId
from app.references import service as references
from app.references.schemas import ReferenceCreate
from app.webhooks import service as webhooks
from app.webhooks.schemas import EndpointCreate, ReplayCreate
from app.webhooks.sealing import Sealer
from app.webhooks.service import Registrar

_DEMO_NAME = "Demo candidate"


@dataclass(frozen=True)
class Sitting:
    """One interview of a story: how long ago, what kind, and what was noticed."""

    round: str
    format: str
    days_ago: int
    planned: int = 45
    took: int = 45
    signals: Mapping[str, str] = field(default_factory=dict)
    panel: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True)
class Story:
    """One application, from the first word to what came of it."""

    company: str
    job_title: str
    applied_days_ago: int
    location: str
    source: str
    hiring_manager: str | None = None
    sittings: tuple[Sitting, ...] = ()
    outcome: Outcome | None = None
    known_days_ago: int = 0


_WARM = {
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
_DECIDERS = (
    {"name": "Marguerite Hale", "title": "Chief Technology Officer", "seniority": "executive"},
    {"name": "Tomasz Wilk", "title": "Senior Engineer", "seniority": "peer"},
)

STORIES: tuple[Story, ...] = (
    Story(
        "Fernhill Software", "Backend Engineer", 62, "Sheffield", "job board", "Priya Raman",
        (Sitting("first", "video", 50, signals=_MIXED),), Outcome.NO_OFFER, 43,
    ),
    Story(
        "Calder Valley Trust", "Platform Engineer", 58, "Halifax", "referral", "Owen Marsh",
        (
            Sitting("first", "phone", 48, 30, 35, _WARM),
            Sitting("second", "panel", 39, 60, 80, _WARM, _DECIDERS),
        ), Outcome.OFFER, 30,
    ),
    Story("Brightwater Energy", "Staff Engineer", 55, "Hull", "company page", None, (),
          Outcome.NO_RESPONSE, 15),
    Story(
        "Lumen and Lark", "Engineering Manager", 50, "Leeds", "recruiter", "Sabine Vogt",
        (Sitting("first", "video", 41, 45, 30, _COOL),), Outcome.NO_OFFER, 36,
    ),
    Story(
        "Tidemark Analytics", "Data Platform Engineer", 44, "Remote", "recruiter", "Ines Duarte",
        (
            Sitting("first", "video", 37, 45, 50, _MIXED),
            Sitting("second", "task", 29, 120, 125, _WARM),
            Sitting("final", "panel", 22, 60, 62, _MIXED, _DECIDERS),
        ), Outcome.NO_OFFER, 16,
    ),
    Story(
        "Oakridge Health", "Senior Backend Engineer", 40, "York", "job board", "Femi Adeyemi",
        (Sitting("first", "one_to_one", 31, 45, 45, _MIXED),), Outcome.NO_RESPONSE, 1,
    ),
    Story("Parcel & Pine", "Senior Python Engineer", 35, "Bradford", "job board"),
    Story(
        "Meridian Rail", "Principal Engineer", 33, "York", "referral", "Helen Stott",
        (
            Sitting("first", "video", 24, 60, 75, _WARM),
            Sitting("second", "presentation", 13, 60, 65, _WARM, _DECIDERS),
        ),
    ),
    Story("Kestrel Mapping", "API Engineer", 27, "Remote", "company page", "Jon Abara",
          (Sitting("first", "phone", 17, 30, 28, _MIXED),), Outcome.WITHDRAWN, 12),
    Story("Saltaire Learning", "Platform Lead", 20, "Shipley", "recruiter", "Ruth Kaplan",
          (Sitting("first", "panel", 6, 60, 70, _WARM, _DECIDERS),)),
    Story("Greyfriars Bank", "Backend Engineer, Payments", 16, "Leeds", "recruiter", "Anil Kohli",
          (Sitting("first", "video", 3, 45, 40, _COOL),)),
    Story("Hollin Robotics", "Senior Software Engineer", 9, "Huddersfield", "event"),
)  # fmt: skip


def ensure_workspace(work: Work) -> WorkspaceId:
    """Return the first workspace, made if there is none yet."""

    def found(connection: Connection) -> WorkspaceId:
        with transaction(connection, work.database.writers.begin):
            existing = accounts.first_workspace(connection)
            if existing is not None:
                return existing
            return accounts.found_workspace(connection, "Debrief", work.clock(), work.new_id)

    return work.database.writers.call(found)


def take_in_candidate(work: Work, name: str) -> Caller:
    """Take a candidate into the first workspace and return them as the caller they will be."""
    workspace_id = ensure_workspace(work)
    member_id = work.do(steward(workspace_id), accounts.take_in, name, Role.CANDIDATE)
    return candidate(workspace_id, member_id)


def candidate(workspace_id: WorkspaceId, member_id: MemberId) -> Caller:
    """Return a candidate as a caller, with all that a candidate's key may do."""
    return Caller(workspace_id, member_id, Role.CANDIDATE, SCOPES[Role.CANDIDATE])


def hand_key(work: Work, caller: Caller, name: str, *, live: bool, lasts: timedelta | None) -> str:
    """Make a key for the demo's candidate; one with an end replaces those that have ended."""
    expires_at = work.clock() + lasts if lasts else None

    def issue(writing: Writing) -> str:
        accounts.forget_expired_demo_keys(writing)
        grant = accounts.Grant(Role.CANDIDATE, expires_at=expires_at, is_demo=True)
        return accounts.issue_key(writing, caller.member_id, name, grant, live=live).text

    return work.do(steward(caller.workspace_id), issue)


def ensure_sample(work: Work) -> Caller:
    """Make the objects that the examples name, once; return their candidate.

    What somebody has deleted of them since is not made again.
    """
    workspace_id = ensure_workspace(work)
    owner = work.ask(steward(workspace_id), _sample_owner)
    if owner is not None:
        return candidate(workspace_id, owner)
    caller = take_in_candidate(work, _DEMO_NAME)
    sampling = replace(work, new_id=SampleIds(work.new_id))
    sampling.do(steward(workspace_id), _write_sample_accounts, caller.member_id)
    sampling.do(caller, _write_sample)
    sampling.do(caller, _write_sample_endpoints)
    return caller


def tell(work: Work, caller: Caller, story: Story) -> None:
    """Live through one story, each part at the time it happened."""
    today = work.clock()
    then = _at(today, story.applied_days_ago, 9)
    application_id = _as_of(work, then).do(caller, _apply, story, then.date())
    for sitting in story.sittings:
        start = _at(today, sitting.days_ago, 14)
        _as_of(work, start + timedelta(hours=5)).do(caller, _sit, application_id, sitting, start)
    if story.outcome is not None:
        known = _at(today, story.known_days_ago, 17)
        wanted = OutcomePut(outcome=story.outcome, known_on=known.date())
        _as_of(work, known).do(caller, applications.record_outcome, application_id, wanted)


def _sample_owner(work: Reading) -> MemberId | None:
    """Return whose the sample is; told by a key of theirs, which cannot be deleted."""
    row = work.find(KEY_BY_ID, id=KEY)
    return row.member_id if row else None


def _write_sample_accounts(work: Writing, owner: MemberId) -> None:
    """Take two recruiters in, and give the owner the keys that the examples name."""
    accounts.take_in(work, "Sam Ellery", Role.RECRUITER)
    accounts.take_in(work, "Robin Achterberg", Role.RECRUITER)
    for name in _SAMPLE_KEYS:
        accounts.issue_key(work, owner, name, accounts.Grant(Role.CANDIDATE), live=False)


def _write_sample(work: Writing) -> None:
    """Write down the objects of `app.core.samples`, in the order of their ids."""
    for story in _SAMPLE_APPLICATIONS:
        applications.apply(work, story)
    _write_sample_steps(work)
    applications.record_outcome(
        work,
        APPLICATION_CLOSED,
        OutcomePut(outcome=Outcome.NO_OFFER, known_on=date(2026, 10, 30)),
    )
    morning = datetime(2026, 11, 2, 10, tzinfo=UTC)
    held = _interview(work, "first", "panel", morning, _DECIDERS)
    interviews.conclude(work, held, Conclusion(ended_at=morning + timedelta(minutes=85)))
    debriefs.observe(work, held, SignalsPut.model_validate({"signals": _WARM}))
    releases.release(
        work, held, SignalReleasePut.model_validate({"signals": list(_SAMPLE_RELEASE)})
    )
    _interview(work, "second", "video", datetime(2026, 11, 9, 13, tzinfo=UTC))
    _interview(work, "final", "presentation", work.now + timedelta(days=14))
    _interview(work, "first", "phone", datetime(2026, 10, 26, 9, tzinfo=UTC))
    for text in _SAMPLE_FEEDBACK:
        feedback.enter(work, held, FeedbackCreate.model_validate(text))
    expected = (work.now + timedelta(days=7)).date()
    requests.ask(work, held, FeedbackRequestPut(answer_expected_on=expected))
    for named, steps in _SAMPLE_REFERENCES:
        made = references.name(work, APPLICATION, ReferenceCreate.model_validate(named))
        for step in steps:
            references.take(work, made.value.id, step)


def _write_sample_steps(work: Writing) -> None:
    """Let one more application end, which no example changes: what is to be done then stays."""
    ended = applications.apply(work, _SAMPLE_OF_STEPS).value.id
    applications.record_outcome(work, ended, OutcomePut(outcome=Outcome.NO_OFFER))


def _write_sample_endpoints(work: Writing) -> None:
    """Make endpoints on this machine where nobody listens, told of next to nothing."""
    registrar = Registrar(Sealer(work.signer.secret), development=True)
    for description in _SAMPLE_ENDPOINTS:
        told = {
            "url": "http://127.0.0.1:9/hooks",
            "types": ["endpoint.disabled"],
            "description": description,
        }
        registrar.register(work, EndpointCreate.model_validate(told))
    webhooks.test(work, ENDPOINT)
    wanted = ReplayCreate(since=datetime(2026, 11, 1, tzinfo=UTC))
    webhooks.replay(work, ENDPOINT, wanted)


def _interview(
    work: Writing,
    round_: str,
    format_: str,
    starts_at: datetime,
    panel: tuple[Mapping[str, object], ...] = (),
) -> InterviewId:
    wanted = InterviewCreate.model_validate(
        {
            "round": round_,
            "format": format_,
            "starts_at": starts_at,
            "planned_minutes": 60,
            "panel": list(panel),
        }
    )
    return interviews.schedule(work, APPLICATION, wanted).value.id


def _apply(work: Writing, story: Story, applied_on: date) -> ApplicationId:
    manager = {"name": story.hiring_manager} if story.hiring_manager else None
    wanted = ApplicationCreate.model_validate(
        {
            "company": {"name": story.company},
            "job_title": story.job_title,
            "hiring_manager": manager,
            "source": story.source,
            "location": story.location,
            "applied_on": applied_on,
        }
    )
    return applications.apply(work, wanted).value.id


def _sit(work: Writing, application_id: ApplicationId, sitting: Sitting, start: datetime) -> None:
    wanted = InterviewCreate.model_validate(
        {
            "round": sitting.round,
            "format": sitting.format,
            "starts_at": start,
            "planned_minutes": sitting.planned,
            "panel": list(sitting.panel),
        }
    )
    interview_id = interviews.schedule(work, application_id, wanted).value.id
    ended_at = start + timedelta(minutes=sitting.took)
    interviews.conclude(work, interview_id, Conclusion(ended_at=ended_at))
    debriefs.observe(
        work, interview_id, SignalsPut.model_validate({"signals": dict(sitting.signals)})
    )


def _at(today: datetime, days_ago: int, hour: int) -> datetime:
    return (today - timedelta(days=days_ago)).replace(hour=hour, minute=0, second=0, microsecond=0)


def _as_of(work: Work, then: datetime) -> Work:
    return replace(work, clock=lambda: min(then, work.clock()))


_SAMPLE_ENDPOINTS = ("our CRM", "a dashboard", "an old CRM")

_SAMPLE_KEYS = ("calendar widget", "spreadsheet", "old laptop")

_SAMPLE_APPLICATIONS = (
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Northwind Labs", "website": "https://northwind.example"},
            "job_title": "Staff Platform Engineer",
            "hiring_manager": {"name": "Dana Okafor", "title": "Head of Platform"},
            "recruiter": {"name": "Sam Ellery", "email": "sam.ellery@talent.example"},
            "source": "referral",
            "applied_on": date(2026, 10, 19),
            "location": "Leeds",
            "work_mode": "hybrid",
        }
    ),
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Brackwell Optics"},
            "job_title": "Platform Engineer",
            "applied_on": date(2026, 10, 5),
        }
    ),
    ApplicationCreate.model_validate(
        {
            "company": {"name": "Old Mill Games"},
            "job_title": "Tools Engineer",
            "applied_on": date(2026, 9, 28),
        }
    ),
)

_SAMPLE_OF_STEPS = ApplicationCreate.model_validate(
    {
        "company": {"name": "Heron Street Studio"},
        "job_title": "Infrastructure Engineer",
        "applied_on": date(2026, 9, 21),
    }
)

_SAMPLE_REFERENCES = (
    (
        {
            "referee": {"name": "Esther Lindqvist", "email": "esther.lindqvist@quayside.example"},
            "note": "My manager for three years; saw the whole migration.",
        },
        (references.WARNING,),
    ),
    ({"referee": {"name": "Joel Abiola", "title": "Engineering Manager"}}, ()),
    ({"referee": {"name": "Mina Castellano"}}, (references.WARNING,)),
    ({"referee": {"name": "Rhys Penhale"}}, (references.WARNING, references.REQUEST)),
    ({"referee": {"name": "Yuki Tanabe"}}, (references.WARNING, references.DELIVERY)),
    ({"referee": {"name": "Carl Ostrander"}}, ()),
)

_SAMPLE_RELEASE = ("conversational", "interviewer_engaged")

_SAMPLE_FEEDBACK = (
    {
        "direction": "candidate_to_recruiter",
        "audience": "recruiter",
        "text": "Thank you for arranging this. I enjoyed the talk and would like the role.",
    },
    {
        "direction": "candidate_to_recruiter",
        "audience": "recruiter",
        "text": "Could you ask when they mean to decide? I would like to plan around it.",
    },
    {
        "direction": "recruiter_to_candidate",
        "audience": "recruiter",
        "text": "They liked how you explained the migration. More on incident work next time.",
    },
    {
        "direction": "interviewer_to_candidate",
        "audience": "recruiter",
        "text": "A pleasure to talk to. We will decide by the end of the month.",
    },
)
