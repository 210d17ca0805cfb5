"""Retries: which failed units of work are run again from their start."""

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
)

from app.core.persistence.commit_pipeline import COMMIT

MAX_ATTEMPTS = 5
# PostgreSQL: serialization failure, deadlock, and an unknown prepared statement, which a
# connection pooler in between may have dropped.
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "26000"})
_UNIQUE_VIOLATIONS = frozenset(
    {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
)


class ConcurrentUpdateError(Exception):
    """Another transaction changed the row after this one had read it."""


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether another transaction inserted the same key; other violations are bugs."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in _UNIQUE_VIOLATIONS


def is_retryable(error: ConcurrentUpdateError | DBAPIError) -> bool:
    """Whether the cause may be gone at the next attempt, and nothing was committed at this one."""
    match error:
        case ConcurrentUpdateError():
            return True
        case IntegrityError():
            # Two callers created the same company at once: the next attempt finds it.
            return True
        case OperationalError() if error.connection_invalidated:
            # A connection that was lost in the COMMIT may have committed.
            return error.statement != COMMIT
        case _:
            return getattr(error.orig, "sqlstate", None) in _RETRYABLE_SQLSTATES
