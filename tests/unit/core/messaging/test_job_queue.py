"""Jobs: asked for by what happens, and never undone by a worker that fails or comes too late."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Row, select, update

from app.core.messaging.job_queue import (
    Job,
    JobResult,
    JobRow,
    LeaseLostError,
    LeaseRequest,
    checkpoint,
    enqueue,
    enqueue_params,
    lease_due,
    release,
)
from app.core.messaging.outbox import FAN_OUT, EventRow
from app.core.persistence.tenancy import Caller, Role, system_caller
from app.core.unit_of_work.session import WriteSession
from app.kit.ids import ApplicationId, MemberId, WorkspaceId, new_id
from app.tracking.applications.events import ApplicationCreated
from tests.support.service import Person, Service

Done = TypeVar("Done")

KIND = "test"
MINUTE = timedelta(minutes=1)


def write(service: Service, change: Callable[[Connection], Done]) -> Done:
    writers = service.runner.database.writers

    def unit(connection: Connection) -> Done:
        with writers.transaction(connection):
            return change(connection)

    return writers.run_sync(unit)


def asked(service: Service, times: int) -> WorkspaceId:
    workspace, now = service.workspace(), service.clock()
    write(
        service,
        lambda connection: enqueue(connection, enqueue_params(workspace, KIND, now, times=times)),
    )
    return workspace


def taken(service: Service, workspace: WorkspaceId, lease: str) -> Job:
    claim = LeaseRequest(KIND, 100, lease, MINUTE)
    jobs = write(service, lambda connection: lease_due(connection, claim, service.clock()))
    (job,) = (job for job in jobs if job.workspace_id == workspace)
    return job


def test_what_was_done_stays_done_when_its_worker_fails_half_way(service: Service) -> None:
    workspace = asked(service, times=3)
    job, now = taken(service, workspace, "first"), service.clock()
    write(service, lambda connection: checkpoint(connection, job, 0, 2, now + MINUTE))
    write(
        service,
        lambda connection: release(connection, job, JobResult(job.completed_count, now), now),
    )
    assert taken(service, workspace, "second").completed_count == 2


def test_a_lease_that_ran_out_writes_nothing(service: Service) -> None:
    workspace = asked(service, times=3)
    late = taken(service, workspace, "first")
    with service.clock.later(2 * MINUTE):
        now = service.clock()
        assert taken(service, workspace, "second").completed_count == 0
        with pytest.raises(LeaseLostError):
            write(service, lambda connection: checkpoint(connection, late, 0, 3, now + MINUTE))
        assert not write(service, lambda connection: release(connection, late, JobResult(3), now))


_own, _jobs = EventRow.table(), JobRow.table()


def happen(service: Service, person: Person, times: int) -> None:
    """Have so much happen to this candidate in one transaction."""
    member = MemberId(person.member_id)
    caller = Caller(person.workspace_id, member, Role.CANDIDATE, frozenset())

    def announce(session: WriteSession) -> None:
        for _ in range(times):
            session.publish(ApplicationCreated(member, ApplicationId(new_id("app"))))

    service.runner.write_sync(caller, announce)


def telling(service: Service, workspace: WorkspaceId) -> Row[Any]:
    """Return the job that tells of what happens there."""
    wanted = select(_jobs).where(_jobs.c.workspace_id == workspace, _jobs.c.kind == FAN_OUT)
    return write(service, lambda connection: connection.execute(wanted).one())


def test_events_are_counted_without_a_gap_and_ask_to_be_told(service: Service) -> None:
    ada = service.candidate()
    with service.clock.stopped():
        for times in (1, 3, 1):
            happen(service, ada, times)
        here = select(_own.c.position).where(_own.c.workspace_id == ada.workspace_id)
        look = system_caller(ada.workspace_id)
        found = service.runner.write_sync(
            look, lambda session: session.connection.execute(here).scalars().all()
        )
        assert sorted(found) == [1, 2, 3, 4, 5]
        job = telling(service, ada.workspace_id)
        assert (job.requested_count, job.completed_count, job.key, job.due_at) == (
            5,
            0,
            "",
            service.clock(),
        )


def test_an_event_makes_its_job_due_unless_that_is_taken(service: Service) -> None:
    ada = service.candidate()
    happen(service, ada, 1)
    mine = (_jobs.c.workspace_id == ada.workspace_id, _jobs.c.kind == FAN_OUT)
    with service.clock.stopped():
        now = service.clock()
        for lease, due, expected in (
            (None, None, now),  # at rest
            (None, now + MINUTE, now),  # to be tried again later
            (None, now - MINUTE, now - MINUTE),  # due already
            ("held", now + MINUTE, now + MINUTE),  # when the lease runs out
        ):
            change = update(_jobs).where(*mine).values(lease_id=lease, due_at=due)
            write(service, partial(Connection.execute, statement=change))
            before = telling(service, ada.workspace_id).requested_count
            happen(service, ada, 1)
            job = telling(service, ada.workspace_id)
            assert (job.requested_count, job.due_at) == (before + 1, expected)
