"""Which failed units of work are retried."""

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
)

from app.core.persistence.commit_pipeline import COMMIT

MAX_ATTEMPTS = 5
# PostgreSQL: a serialization failure, a deadlock, and a statement whose name somebody in between,
# such as a pool of connections, has had forgotten.
_RACES = frozenset({"40001", "40P01", "26000"})
_TAKEN = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


class ConcurrentUpdateError(Exception):
    """Another transaction changed the row between our reading and our writing of it."""


def is_unique_violation(error: IntegrityError) -> bool:
    """Tell whether somebody else has what may be there once; anything else is a mistake of ours."""
    kind = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return kind in _TAKEN


def is_retryable(error: ConcurrentUpdateError | DBAPIError) -> bool:
    """Whether the unit of work failed for a reason that may be gone the next time."""
    match error:
        case ConcurrentUpdateError():
            return True
        case IntegrityError():
            # Two callers made the same company at once: the second now finds it.
            return True
        case OperationalError() if error.connection_invalidated:
            # Nothing was committed: had the COMMIT been sent, the statement would be COMMIT.
            return error.statement != COMMIT
        case _:
            return getattr(error.orig, "sqlstate", None) in _RACES
