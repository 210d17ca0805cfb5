"""What workspaces let each other have: sums over many cases, for whoever gives theirs."""

from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from app.core.messaging.job_queue import enqueue, enqueue_params
from app.core.unit_of_work.session import ReadSession, WriteSession
from app.guidance.estimates.models import SharedSummaryRow
from app.scoring import Summary

TRAIN = "train"
"""The kind of job that learns from what became of the cases of one workspace."""

_summaries = SharedSummaryRow.table()


def start_sharing(session: WriteSession) -> None:
    """Begin to share: with nothing, until something is learnt."""
    told = {"workspace_id": session.caller.workspace_id, "name": None, "summary": None}
    session.connection.execute(insert(_summaries).values(**told))


def stop_sharing(session: WriteSession) -> None:
    """Share nothing any more; whoever has learnt from it learns again without."""
    session.connection.execute(delete(_summaries).where(_own(session)))
    _tell_others(session)


def publish_summary(session: WriteSession, summary: Summary | None) -> None:
    """Let the others have this summary, or none; they learn again when it is another one."""
    before = session.connection.execute(select(_summaries.c.name).where(_own(session))).scalar_one()
    name = summary.name if summary else None
    if before != name:
        told = {"name": name, "summary": _plain(summary) if summary else None}
        session.connection.execute(update(_summaries).where(_own(session)).values(**told))
        _tell_others(session)


def is_unpublished(session: ReadSession) -> bool:
    """Tell whether this workspace, which shares, has said nothing yet."""
    name = session.connection.execute(select(_summaries.c.name).where(_own(session))).scalar_one()
    return name is None


def _tell_others(session: WriteSession) -> None:
    sharing = session.connection.execute(select(_summaries.c.workspace_id)).scalars()
    for other in sorted(sharing):
        if other != session.caller.workspace_id:
            enqueue(session.connection, enqueue_params(other, TRAIN, session.now))


def peer_summaries(session: ReadSession) -> list[Summary]:
    """Return what the other workspaces that share say, once they have enough to say."""
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
