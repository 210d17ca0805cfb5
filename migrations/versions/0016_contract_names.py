"""The names of the public contract for columns, event names and stored estimates.

Names change in place, as in revision 0015: stop the processes of the previous version first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_COLUMNS = (
    ("api_keys", "made_by", "created_by"),
    ("attempts", "milliseconds", "duration_ms"),
    ("attempts", "first_bytes", "response_excerpt"),
    ("deliveries", "cause", "trigger"),
    ("deliveries", "attempts_made", "attempt_count"),
    ("replays", "types", "event_types"),
    ("replays", "looked_at", "scanned_count"),
    ("replays", "replayed", "replayed_count"),
    ("steps", "settled_at", "closed_at"),
    ("webhook_endpoints", "types", "event_types"),
    ("webhook_endpoints", "payload", "payload_format"),
    ("webhook_endpoints", "disabled_because", "disabled_reason"),
    ("webhook_endpoints", "waits_until", "throttled_until"),
)
_EVENT = ("application.outcome_taken_back", "application.outcome_retracted")
_EVENT_FILTERS = ("replays", "webhook_endpoints")
_FIELDS = (
    ("ask_next", "next_questions"),
    ("nothing_learnt_because", "fallback_reason"),
    ("direction_overturned", "reversed_signals"),
    ("hold", "shrinkage"),
)
_LEVELS = (("80", 0.8), ("95", 0.95))
_BATCH_SIZE = 500

Answer = dict[str, Any]


def upgrade() -> None:
    """Rename."""
    for table, old, new in _COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    _rename_event(*_EVENT)
    _convert_answers(_to_new)


def downgrade() -> None:
    """Rename back."""
    _convert_answers(_to_old)
    _rename_event(*reversed(_EVENT))
    for table, old, new in _COLUMNS:
        op.alter_column(table, new, new_column_name=old)


def _rename_event(old: str, new: str) -> None:
    with _all_workspaces("events"):
        events = sa.table("events", sa.column("name"))
        op.execute(events.update().where(events.c.name == old).values(name=new))
    for table in _EVENT_FILTERS:
        with _all_workspaces(table):
            _rename_in_filters(table, old, new)


def _rename_in_filters(table: str, old: str, new: str) -> None:
    """Rename the event in the lists of event types; it is no part of another event's name."""
    column = "event_types"
    renamed = f"""replace(CAST({column} AS TEXT), '"{old}"', '"{new}"')"""
    if not _is_sqlite():
        renamed = f"CAST({renamed} AS JSONB)"
    op.execute(
        f"UPDATE {table} SET {column} = {renamed} WHERE {column} IS NOT NULL"  # noqa: S608 - constants
    )


def _convert_answers(convert: Callable[[Answer], Answer]) -> None:
    """Convert the stored estimates, in batches by primary key."""
    bind = op.get_bind()
    table = sa.table(
        "estimates", sa.column("workspace_id", ID), sa.column("id", ID), sa.column("answer", JSON)
    )
    key = sa.tuple_(table.c.workspace_id, table.c.id)
    rows = sa.select(table).order_by(table.c.workspace_id, table.c.id).limit(_BATCH_SIZE)
    store = (
        table.update()
        .where(table.c.workspace_id == sa.bindparam("of"), table.c.id == sa.bindparam("one"))
        .values(answer=sa.bindparam("converted", type_=JSON))
    )
    with _all_workspaces("estimates"):
        batch = bind.execute(rows).all()
        while batch:
            bind.execute(
                store,
                [
                    {"of": row.workspace_id, "one": row.id, "converted": convert(row.answer)}
                    for row in batch
                ],
            )
            last = sa.tuple_(sa.literal(batch[-1].workspace_id, ID), sa.literal(batch[-1].id, ID))
            batch = bind.execute(rows.where(key > last)).all()


def _to_new(answer: Answer) -> Answer:
    names = dict(_FIELDS)
    converted = {names.get(name, name): value for name, value in answer.items()}
    bounds = converted.pop("interval")
    converted["intervals"] = [
        {"level": level, "low": bounds[name][0], "high": bounds[name][1]} for name, level in _LEVELS
    ]
    return _rename_shrinkage_of_change(converted, "hold", "shrinkage")


def _to_old(answer: Answer) -> Answer:
    names = {new: old for old, new in _FIELDS}
    converted = {names.get(name, name): value for name, value in answer.items()}
    intervals = converted.pop("intervals")
    converted["interval"] = {
        name: [interval["low"], interval["high"]]
        for (name, _), interval in zip(_LEVELS, intervals, strict=True)
    }
    return _rename_shrinkage_of_change(converted, "shrinkage", "hold")


def _rename_shrinkage_of_change(answer: Answer, old: str, new: str) -> Answer:
    if answer.get("change"):
        change = answer["change"]
        answer["change"] = {new if name == old else name: value for name, value in change.items()}
    return answer


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


@contextmanager
def _all_workspaces(table: str) -> Iterator[None]:
    """Switch off row-level security for the owner of the table, which would hide all rows."""
    if not _is_sqlite():
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    if not _is_sqlite():
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
