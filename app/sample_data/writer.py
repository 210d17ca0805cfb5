"""Writes sample data through the same services that the API uses.

`ensure_sample` creates the objects that the OpenAPI examples name; `write_story` creates one of
the applications of `debrief demo`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from app.accounts import service as accounts
from app.accounts.repository import KEY_BY_ID
from app.accounts.scopes import SCOPES
from app.core.persistence.tenancy import Caller, Role, system_caller
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.delivery import service as deliveries
from app.integrations.webhooks.delivery.schemas import ReplayCreate
from app.integrations.webhooks.subscriptions.schemas import EndpointCreate
from app.integrations.webhooks.subscriptions.service import ENCRYPTION_PURPOSE, EndpointService
from app.kit.ids import ApplicationId, InterviewId, MemberId, WorkspaceId
from app.kit.sample_ids import (
    APPLICATION,
    APPLICATION_CLOSED,
    ENDPOINT,
    KEY,
    SampleIds,
)
from app.reflection.debriefs import release
from app.reflection.debriefs import service as debriefs
from app.reflection.debriefs.schemas import SignalReleasePut, SignalsPut
from app.reflection.feedback import requests
from app.reflection.feedback import service as feedback
from app.reflection.feedback.schemas import FeedbackCreate, FeedbackRequestPut
from app.sample_data.objects import (
    SAMPLE_APPLICATIONS,
    SAMPLE_ENDPOINTS,
    SAMPLE_FEEDBACK,
    SAMPLE_KEYS,
    SAMPLE_REFERENCES,
    SAMPLE_RELEASE,
    SAMPLE_STEPS,
)
from app.sample_data.stories import (
    DECISION_MAKERS,
    WARM,
    Story,
    StoryInterview,
)
from app.tracking.applications import service as applications
from app.tracking.applications.lifecycle import Outcome
from app.tracking.applications.schemas import ApplicationCreate, OutcomePut
from app.tracking.interviews import service as interviews
from app.tracking.interviews.schemas import ConclusionCreate, InterviewCreate
from app.tracking.references import service as references
from app.tracking.references.schemas import ReferenceCreate

_DEMO_NAME = "Demo candidate"


def ensure_workspace(runner: UnitOfWorkRunner) -> WorkspaceId:
    """Return the first workspace; create it if there is none yet."""
    writers = runner.database.writers

    def unit(connection: Connection) -> WorkspaceId:
        with writers.transaction(connection):
            existing = accounts.first_workspace(connection)
            if existing is not None:
                return existing
            return accounts.create_workspace(connection, "Debrief", runner.clock(), runner.new_id)

    return writers.run_sync(unit)


def create_candidate(runner: UnitOfWorkRunner, name: str) -> Caller:
    """Create a candidate in the first workspace and return them as a caller."""
    workspace_id = ensure_workspace(runner)
    member_id = runner.write_sync(
        system_caller(workspace_id), accounts.create_member_row, name, Role.CANDIDATE
    )
    return candidate(workspace_id, member_id)


def candidate(workspace_id: WorkspaceId, member_id: MemberId) -> Caller:
    """Return a candidate as a caller with all scopes of the role."""
    return Caller(workspace_id, member_id, Role.CANDIDATE, SCOPES[Role.CANDIDATE])


def issue_demo_key(
    runner: UnitOfWorkRunner, caller: Caller, name: str, *, live: bool, lasts: timedelta | None
) -> str:
    """Create a key for the demo candidate; expired demo keys are deleted."""
    expires_at = runner.clock() + lasts if lasts else None

    def issue(session: WriteSession) -> str:
        accounts.delete_expired_demo_keys(session)
        grant = accounts.Grant(Role.CANDIDATE, expires_at=expires_at, is_demo=True)
        return accounts.issue_key(session, caller.member_id, name, grant, live=live).text

    return runner.write_sync(system_caller(caller.workspace_id), issue)


def ensure_sample(runner: UnitOfWorkRunner) -> Caller:
    """Create the objects that the examples name, once; return their candidate.

    Objects that were deleted since are not created again.
    """
    workspace_id = ensure_workspace(runner)
    owner = runner.read_sync(system_caller(workspace_id), _sample_owner)
    if owner is not None:
        return candidate(workspace_id, owner)
    caller = create_candidate(runner, _DEMO_NAME)
    sampler = replace(runner, new_id=SampleIds(runner.new_id))
    sampler.write_sync(system_caller(workspace_id), _write_sample_accounts, caller.member_id)
    sampler.write_sync(caller, _write_sample)
    sampler.write_sync(caller, _write_sample_endpoints)
    return caller


def write_story(runner: UnitOfWorkRunner, caller: Caller, story: Story) -> None:
    """Create one application with its interviews and outcome, each at its time in the story."""
    today = runner.clock()
    then = _at(today, story.applied_days_ago, 9)
    application_id = _as_of(runner, then).write_sync(caller, _apply, story, then.date())
    for interview in story.interviews:
        start = _at(today, interview.days_ago, 14)
        _as_of(runner, start + timedelta(hours=5)).write_sync(
            caller, _add_interview, application_id, interview, start
        )
    if story.outcome is not None:
        known = _at(today, story.known_days_ago, 17)
        body = OutcomePut(outcome=story.outcome, known_on=known.date())
        _as_of(runner, known).write_sync(caller, applications.record_outcome, application_id, body)


def _sample_owner(session: ReadSession) -> MemberId | None:
    """Return the owner of the sample: the owner of its key, which cannot be deleted."""
    row = session.one_or_none(KEY_BY_ID, id=KEY)
    return row.member_id if row else None


def _write_sample_accounts(session: WriteSession, owner: MemberId) -> None:
    """Create two recruiters, and the keys that the examples name."""
    accounts.create_member_row(session, "Sam Ellery", Role.RECRUITER)
    accounts.create_member_row(session, "Robin Achterberg", Role.RECRUITER)
    for name in SAMPLE_KEYS:
        accounts.issue_key(session, owner, name, accounts.Grant(Role.CANDIDATE), live=False)


def _write_sample(session: WriteSession) -> None:
    """Create the objects of `app.kit.sample_ids`, in the order of their ids."""
    for story in SAMPLE_APPLICATIONS:
        applications.create(session, story)
    _write_sample_steps(session)
    applications.record_outcome(
        session,
        APPLICATION_CLOSED,
        OutcomePut(outcome=Outcome.NO_OFFER, known_on=date(2026, 10, 30)),
    )
    morning = datetime(2026, 11, 2, 10, tzinfo=UTC)
    interview_id = _interview(session, "first", "panel", morning, DECISION_MAKERS)
    interviews.conclude(
        session, interview_id, ConclusionCreate(ended_at=morning + timedelta(minutes=85))
    )
    debriefs.record_signals(session, interview_id, SignalsPut.model_validate({"signals": WARM}))
    release.release(
        session, interview_id, SignalReleasePut.model_validate({"signals": list(SAMPLE_RELEASE)})
    )
    _interview(session, "second", "video", datetime(2026, 11, 9, 13, tzinfo=UTC))
    _interview(session, "final", "presentation", session.now + timedelta(days=14))
    _interview(session, "first", "phone", datetime(2026, 10, 26, 9, tzinfo=UTC))
    for message in SAMPLE_FEEDBACK:
        feedback.create(session, interview_id, FeedbackCreate.model_validate(message))
    expected = (session.now + timedelta(days=7)).date()
    requests.upsert(session, interview_id, FeedbackRequestPut(answer_expected_on=expected))
    for fields, steps in SAMPLE_REFERENCES:
        body = ReferenceCreate.model_validate(fields)
        reference_id = references.create(session, APPLICATION, body).row.id
        for step in steps:
            references.record_step(session, reference_id, step)


def _write_sample_steps(session: WriteSession) -> None:
    """Create a closed application that no example changes, so that its steps stay."""
    application_id = applications.create(session, SAMPLE_STEPS).row.id
    applications.record_outcome(session, application_id, OutcomePut(outcome=Outcome.NO_OFFER))


def _write_sample_endpoints(session: WriteSession) -> None:
    """Create endpoints on a closed port of this machine that subscribe to a rare event only."""
    cipher = SecretCipher(session.signer.secret, ENCRYPTION_PURPOSE)
    endpoints = EndpointService(cipher, development=True)
    for description in SAMPLE_ENDPOINTS:
        body = {
            "url": "http://127.0.0.1:9/hooks",
            "event_types": ["endpoint.disabled"],
            "description": description,
        }
        endpoints.create(session, EndpointCreate.model_validate(body))
    deliveries.test(session, ENDPOINT)
    since = datetime(2026, 11, 1, tzinfo=UTC)
    deliveries.replay(session, ENDPOINT, ReplayCreate(since=since))


def _interview(
    session: WriteSession,
    round_: str,
    format_: str,
    starts_at: datetime,
    panel: tuple[Mapping[str, object], ...] = (),
) -> InterviewId:
    body = InterviewCreate.model_validate(
        {
            "round": round_,
            "format": format_,
            "starts_at": starts_at,
            "planned_minutes": 60,
            "panel": list(panel),
        }
    )
    return interviews.schedule(session, APPLICATION, body).row.interview.id


def _apply(session: WriteSession, story: Story, applied_on: date) -> ApplicationId:
    manager = {"name": story.hiring_manager} if story.hiring_manager else None
    body = ApplicationCreate.model_validate(
        {
            "company": {"name": story.company},
            "job_title": story.job_title,
            "hiring_manager": manager,
            "source": story.source,
            "location": story.location,
            "applied_on": applied_on,
        }
    )
    return applications.create(session, body).row.id


def _add_interview(
    session: WriteSession, application_id: ApplicationId, interview: StoryInterview, start: datetime
) -> None:
    body = InterviewCreate.model_validate(
        {
            "round": interview.round,
            "format": interview.format,
            "starts_at": start,
            "planned_minutes": interview.planned,
            "panel": list(interview.panel),
        }
    )
    interview_id = interviews.schedule(session, application_id, body).row.interview.id
    ended_at = start + timedelta(minutes=interview.took)
    interviews.conclude(session, interview_id, ConclusionCreate(ended_at=ended_at))
    debriefs.record_signals(
        session, interview_id, SignalsPut.model_validate({"signals": dict(interview.signals)})
    )


def _at(today: datetime, days_ago: int, hour: int) -> datetime:
    return (today - timedelta(days=days_ago)).replace(hour=hour, minute=0, second=0, microsecond=0)


def _as_of(runner: UnitOfWorkRunner, then: datetime) -> UnitOfWorkRunner:
    return replace(runner, clock=lambda: min(then, runner.clock()))
