"""A believable search, told through the same services that people use.

`ensure_sample` makes the few objects that the examples of the contract name;
`tell` adds one story of a dozen, as `debrief demo` does.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from app.accounts import service as accounts
from app.accounts.repository import KEY_BY_ID
from app.accounts.scopes import SCOPES
from app.core.persistence.tenancy import Caller, Role, system_caller
from app.core.persistence.transactions import transaction
from app.core.security.encryption import SecretCipher
from app.core.unit_of_work.runner import UnitOfWorkRunner
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.integrations.webhooks.delivery import service as deliveries
from app.integrations.webhooks.delivery.schemas import ReplayCreate
from app.integrations.webhooks.subscriptions.schemas import EndpointCreate
from app.integrations.webhooks.subscriptions.service import EndpointService
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
    Sitting,
    Story,
)
from app.tracking.applications import service as applications
from app.tracking.applications.lifecycle import Outcome
from app.tracking.applications.schemas import ApplicationCreate, OutcomePut
from app.tracking.interviews import service as interviews
from app.tracking.interviews.schemas import Conclusion, InterviewCreate
from app.tracking.references import service as references
from app.tracking.references.schemas import ReferenceCreate

_DEMO_NAME = "Demo candidate"


def ensure_workspace(work: UnitOfWorkRunner) -> WorkspaceId:
    """Return the first workspace, made if there is none yet."""

    def found(connection: Connection) -> WorkspaceId:
        with transaction(connection, work.database.writers.begin):
            existing = accounts.first_workspace(connection)
            if existing is not None:
                return existing
            return accounts.create_workspace(connection, "Debrief", work.clock(), work.new_id)

    return work.database.writers.run_sync(found)


def create_candidate(work: UnitOfWorkRunner, name: str) -> Caller:
    """Take a candidate into the first workspace and return them as the caller they will be."""
    workspace_id = ensure_workspace(work)
    member_id = work.write_sync(
        system_caller(workspace_id), accounts.create_member_row, name, Role.CANDIDATE
    )
    return candidate(workspace_id, member_id)


def candidate(workspace_id: WorkspaceId, member_id: MemberId) -> Caller:
    """Return a candidate as a caller, with all that a candidate's key may do."""
    return Caller(workspace_id, member_id, Role.CANDIDATE, SCOPES[Role.CANDIDATE])


def issue_demo_key(
    work: UnitOfWorkRunner, caller: Caller, name: str, *, live: bool, lasts: timedelta | None
) -> str:
    """Make a key for the demo's candidate; one with an end replaces those that have ended."""
    expires_at = work.clock() + lasts if lasts else None

    def issue(writing: WriteSession) -> str:
        accounts.forget_expired_demo_keys(writing)
        grant = accounts.Grant(Role.CANDIDATE, expires_at=expires_at, is_demo=True)
        return accounts.issue_key(writing, caller.member_id, name, grant, live=live).text

    return work.write_sync(system_caller(caller.workspace_id), issue)


def ensure_sample(work: UnitOfWorkRunner) -> Caller:
    """Make the objects that the examples name, once; return their candidate.

    What somebody has deleted of them since is not made again.
    """
    workspace_id = ensure_workspace(work)
    owner = work.read_sync(system_caller(workspace_id), _sample_owner)
    if owner is not None:
        return candidate(workspace_id, owner)
    caller = create_candidate(work, _DEMO_NAME)
    sampling = replace(work, new_id=SampleIds(work.new_id))
    sampling.write_sync(system_caller(workspace_id), _write_sample_accounts, caller.member_id)
    sampling.write_sync(caller, _write_sample)
    sampling.write_sync(caller, _write_sample_endpoints)
    return caller


def write_story(work: UnitOfWorkRunner, caller: Caller, story: Story) -> None:
    """Live through one story, each part at the time it happened."""
    today = work.clock()
    then = _at(today, story.applied_days_ago, 9)
    application_id = _as_of(work, then).write_sync(caller, _apply, story, then.date())
    for sitting in story.sittings:
        start = _at(today, sitting.days_ago, 14)
        _as_of(work, start + timedelta(hours=5)).write_sync(
            caller, _sit, application_id, sitting, start
        )
    if story.outcome is not None:
        known = _at(today, story.known_days_ago, 17)
        wanted = OutcomePut(outcome=story.outcome, known_on=known.date())
        _as_of(work, known).write_sync(caller, applications.record_outcome, application_id, wanted)


def _sample_owner(work: ReadSession) -> MemberId | None:
    """Return whose the sample is; told by a key of theirs, which cannot be deleted."""
    row = work.one_or_none(KEY_BY_ID, id=KEY)
    return row.member_id if row else None


def _write_sample_accounts(work: WriteSession, owner: MemberId) -> None:
    """Take two recruiters in, and give the owner the keys that the examples name."""
    accounts.create_member_row(work, "Sam Ellery", Role.RECRUITER)
    accounts.create_member_row(work, "Robin Achterberg", Role.RECRUITER)
    for name in SAMPLE_KEYS:
        accounts.issue_key(work, owner, name, accounts.Grant(Role.CANDIDATE), live=False)


def _write_sample(work: WriteSession) -> None:
    """Write down the objects of `app.kit.sample_ids`, in the order of their ids."""
    for story in SAMPLE_APPLICATIONS:
        applications.create(work, story)
    _write_sample_steps(work)
    applications.record_outcome(
        work,
        APPLICATION_CLOSED,
        OutcomePut(outcome=Outcome.NO_OFFER, known_on=date(2026, 10, 30)),
    )
    morning = datetime(2026, 11, 2, 10, tzinfo=UTC)
    held = _interview(work, "first", "panel", morning, DECISION_MAKERS)
    interviews.conclude(work, held, Conclusion(ended_at=morning + timedelta(minutes=85)))
    debriefs.record_signals(work, held, SignalsPut.model_validate({"signals": WARM}))
    release.release(work, held, SignalReleasePut.model_validate({"signals": list(SAMPLE_RELEASE)}))
    _interview(work, "second", "video", datetime(2026, 11, 9, 13, tzinfo=UTC))
    _interview(work, "final", "presentation", work.now + timedelta(days=14))
    _interview(work, "first", "phone", datetime(2026, 10, 26, 9, tzinfo=UTC))
    for text in SAMPLE_FEEDBACK:
        feedback.create(work, held, FeedbackCreate.model_validate(text))
    expected = (work.now + timedelta(days=7)).date()
    requests.upsert(work, held, FeedbackRequestPut(answer_expected_on=expected))
    for named, steps in SAMPLE_REFERENCES:
        made = references.create(work, APPLICATION, ReferenceCreate.model_validate(named))
        for step in steps:
            references.record_step(work, made.value.id, step)


def _write_sample_steps(work: WriteSession) -> None:
    """Let one more application end, which no example changes: what is to be done then stays."""
    ended = applications.create(work, SAMPLE_STEPS).value.id
    applications.record_outcome(work, ended, OutcomePut(outcome=Outcome.NO_OFFER))


def _write_sample_endpoints(work: WriteSession) -> None:
    """Make endpoints on this machine where nobody listens, told of next to nothing."""
    registrar = EndpointService(SecretCipher(work.signer.secret), development=True)
    for description in SAMPLE_ENDPOINTS:
        told = {
            "url": "http://127.0.0.1:9/hooks",
            "types": ["endpoint.disabled"],
            "description": description,
        }
        registrar.create(work, EndpointCreate.model_validate(told))
    deliveries.test(work, ENDPOINT)
    wanted = ReplayCreate(since=datetime(2026, 11, 1, tzinfo=UTC))
    deliveries.replay(work, ENDPOINT, wanted)


def _interview(
    work: WriteSession,
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


def _apply(work: WriteSession, story: Story, applied_on: date) -> ApplicationId:
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
    return applications.create(work, wanted).value.id


def _sit(
    work: WriteSession, application_id: ApplicationId, sitting: Sitting, start: datetime
) -> None:
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
    debriefs.record_signals(
        work, interview_id, SignalsPut.model_validate({"signals": dict(sitting.signals)})
    )


def _at(today: datetime, days_ago: int, hour: int) -> datetime:
    return (today - timedelta(days=days_ago)).replace(hour=hour, minute=0, second=0, microsecond=0)


def _as_of(work: UnitOfWorkRunner, then: datetime) -> UnitOfWorkRunner:
    return replace(work, clock=lambda: min(then, work.clock()))
