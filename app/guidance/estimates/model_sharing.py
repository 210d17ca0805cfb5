"""Model sharing: summaries that workspaces exchange, as sums over many cases.

Only a workspace that shares its summary receives those of the others.
"""

from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from app.core.messaging.job_queue import enqueue, enqueue_params
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates.job_kinds import TRAIN
from app.guidance.estimates.models import SharedSummaryRow
from app.scoring import Summary

_summaries = SharedSummaryRow.table()


def start_sharing(session: WriteSession) -> None:
    """Start sharing, with an empty summary until the next training."""
    row = {"workspace_id": session.caller.workspace_id, "name": None, "summary": None}
    session.connection.execute(insert(_summaries).values(**row))


def stop_sharing(session: WriteSession) -> None:
    """Delete the summary; all other workspaces that share are trained again without it."""
    session.connection.execute(delete(_summaries).where(_own(session)))
    _enqueue_training_of_others(session)


def publish_summary(session: WriteSession, summary: Summary | None) -> None:
    """Store this summary, or none, for the others; when it changed, they are trained again."""
    before = session.connection.execute(select(_summaries.c.name).where(_own(session))).scalar_one()
    name = summary.name if summary else None
    if before != name:
        values = {"name": name, "summary": _plain(summary) if summary else None}
        session.connection.execute(update(_summaries).where(_own(session)).values(**values))
        _enqueue_training_of_others(session)


def is_unpublished(session: ReadSession) -> bool:
    """Whether this workspace, which shares, has not published a summary yet."""
    name = session.connection.execute(select(_summaries.c.name).where(_own(session))).scalar_one()
    return name is None


def _enqueue_training_of_others(session: WriteSession) -> None:
    workspaces = session.connection.execute(select(_summaries.c.workspace_id)).scalars()
    for workspace_id in sorted(workspaces):
        if workspace_id != session.caller.workspace_id:
            enqueue(session.connection, enqueue_params(workspace_id, TRAIN, session.now))


def peer_summaries(session: ReadSession) -> list[Summary]:
    """Return the published summaries of the other workspaces that share."""
    rows = session.connection.execute(
        select(_summaries.c.summary).where(~_own(session), _summaries.c.name.is_not(None))
    )
    return [_summary(row.summary) for row in rows]


def _own(session: ReadSession) -> ColumnElement[bool]:
    return _summaries.c.workspace_id == session.caller.workspace_id


def _plain(summary: Summary) -> dict[str, Any]:
    return {
        "information": [list(row) for row in summary.information],
        "vector": list(summary.vector),
        "outcomes": summary.outcomes,
    }


def _summary(plain: dict[str, Any]) -> Summary:
    return Summary(
        tuple(map(tuple, plain["information"])), tuple(plain["vector"]), plain["outcomes"]
    )
