"""Jobs: nothing that was done is undone by a worker that fails, or by one that comes too late."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from app.core.jobs import Claim, Job, LeaseLostError, Rest, advance, ask, asking, give_back, take
from app.core.transactions import transaction
from app.kit.ids import WorkspaceId
from tests.people import Service

Done = TypeVar("Done")

KIND = "test"
MINUTE = timedelta(minutes=1)


def write(service: Service, change: Callable[[Connection], Done]) -> Done:
    writers = service.work.database.writers

    def unit(connection: Connection) -> Done:
        with transaction(connection, writers.begin):
            return change(connection)

    return writers.call(unit)


def asked(service: Service, times: int) -> WorkspaceId:
    workspace, now = service.workspace(), service.clock()
    write(service, lambda connection: ask(connection, asking(workspace, KIND, now, times=times)))
    return workspace


def taken(service: Service, workspace: WorkspaceId, lease: str) -> Job:
    claim = Claim(KIND, 100, lease, MINUTE)
    jobs = write(service, lambda connection: take(connection, claim, service.clock()))
    (job,) = (job for job in jobs if job.workspace_id == workspace)
    return job


def test_what_was_done_stays_done_when_its_worker_fails_half_way(service: Service) -> None:
    workspace = asked(service, times=3)
    job, now = taken(service, workspace, "first"), service.clock()
    write(service, lambda connection: advance(connection, job, 0, 2, now + MINUTE))
    write(service, lambda connection: give_back(connection, job, Rest(job.done, now), now))
    assert taken(service, workspace, "second").done == 2


def test_a_lease_that_ran_out_writes_nothing(service: Service) -> None:
    workspace = asked(service, times=3)
    late = taken(service, workspace, "first")
    with service.clock.later(2 * MINUTE):
        now = service.clock()
        assert taken(service, workspace, "second").done == 0
        with pytest.raises(LeaseLostError):
            write(service, lambda connection: advance(connection, late, 0, 3, now + MINUTE))
        assert not write(service, lambda connection: give_back(connection, late, Rest(3), now))
