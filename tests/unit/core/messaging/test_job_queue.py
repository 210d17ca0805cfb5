"""The job queue: events enqueue jobs, and progress survives workers that fail or are late."""

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


def enqueued(service: Service, times: int) -> WorkspaceId:
    workspace, now = service.workspace(), service.clock()
    write(
        service,
        lambda connection: enqueue(connection, enqueue_params(workspace, KIND, now, times=times)),
    )
    return workspace


def leased(service: Service, workspace: WorkspaceId, lease: str) -> Job:
    request = LeaseRequest(KIND, 100, lease, MINUTE)
    jobs = write(service, lambda connection: lease_due(connection, request, service.clock()))
    (job,) = (job for job in jobs if job.workspace_id == workspace)
    return job


def test_a_checkpoint_survives_a_worker_that_fails_half_way(service: Service) -> None:
    workspace = enqueued(service, times=3)
    job, now = leased(service, workspace, "first"), service.clock()
    write(service, lambda connection: checkpoint(connection, job, 0, 2, now + MINUTE))
    write(
        service,
        lambda connection: release(connection, job, JobResult(job.completed_count, now), now),
    )
    assert leased(service, workspace, "second").completed_count == 2


def test_an_expired_lease_writes_nothing(service: Service) -> None:
    workspace = enqueued(service, times=3)
    late = leased(service, workspace, "first")
    with service.clock.later(2 * MINUTE):
        now = service.clock()
        assert leased(service, workspace, "second").completed_count == 0
        with pytest.raises(LeaseLostError):
            write(service, lambda connection: checkpoint(connection, late, 0, 3, now + MINUTE))
        assert not write(service, lambda connection: release(connection, late, JobResult(3), now))


_events, _jobs = EventRow.table(), JobRow.table()


def publish_events(service: Service, person: Person, times: int) -> None:
    """Publish this many events of a candidate in one transaction."""
    member = MemberId(person.member_id)
    caller = Caller(person.workspace_id, member, Role.CANDIDATE, frozenset())

    def publish(session: WriteSession) -> None:
        for _ in range(times):
            session.publish(ApplicationCreated(member, ApplicationId(new_id("app"))))

    service.runner.write_sync(caller, publish)


def fan_out_job(service: Service, workspace: WorkspaceId) -> Row[Any]:
    """Return the fan-out job of the workspace."""
    query = select(_jobs).where(_jobs.c.workspace_id == workspace, _jobs.c.kind == FAN_OUT)
    return write(service, lambda connection: connection.execute(query).one())


def test_events_are_counted_without_a_gap_and_enqueue_the_fan_out(service: Service) -> None:
    ada = service.candidate()
    with service.clock.stopped():
        for times in (1, 3, 1):
            publish_events(service, ada, times)
        query = select(_events.c.position).where(_events.c.workspace_id == ada.workspace_id)
        positions = service.runner.write_sync(
            system_caller(ada.workspace_id),
            lambda session: session.connection.execute(query).scalars().all(),
        )
        assert sorted(positions) == [1, 2, 3, 4, 5]
        job = fan_out_job(service, ada.workspace_id)
        assert (job.requested_count, job.completed_count, job.key, job.due_at) == (
            5,
            0,
            "",
            service.clock(),
        )


def test_an_event_makes_its_job_due_unless_it_is_leased(service: Service) -> None:
    ada = service.candidate()
    publish_events(service, ada, 1)
    is_job = (_jobs.c.workspace_id == ada.workspace_id, _jobs.c.kind == FAN_OUT)
    with service.clock.stopped():
        now = service.clock()
        for lease, due, expected in (
            (None, None, now),  # idle
            (None, now + MINUTE, now),  # to be retried later
            (None, now - MINUTE, now - MINUTE),  # due already
            ("held", now + MINUTE, now + MINUTE),  # leased: due when the lease expires
        ):
            change = update(_jobs).where(*is_job).values(lease_id=lease, due_at=due)
            write(service, partial(Connection.execute, statement=change))
            before = fan_out_job(service, ada.workspace_id).requested_count
            publish_events(service, ada, 1)
            job = fan_out_job(service, ada.workspace_id)
            assert (job.requested_count, job.due_at) == (before + 1, expected)
