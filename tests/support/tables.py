"""Rows as they are stored, for tests that look behind a service."""

from typing import Any

from sqlalchemy import ColumnElement, select, update

from app.core.persistence.base import TenantModel
from app.core.unit_of_work.session import ReadSession, WriteSession
from tests.support.callers import Services


def stored_rows(services: Services, model: type[TenantModel]) -> list[Any]:
    """Return every row of this table in the workspace, whoever it belongs to, by id."""
    table = model.table()
    workspace_id = services.caller.workspace_id
    statement = select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.id)

    def read(session: ReadSession) -> list[Any]:
        return list(session.connection.execute(statement))

    return services.read(read)


def change_rows(
    services: Services, model: type[TenantModel], *criteria: ColumnElement[bool], **values: object
) -> None:
    """Change rows of this table in the workspace behind the back of the services."""
    table = model.table()
    workspace_id = services.caller.workspace_id
    statement = update(table).where(table.c.workspace_id == workspace_id, *criteria)

    def write(session: WriteSession) -> None:
        session.connection.execute(statement.values(values))

    services.write(write)
