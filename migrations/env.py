"""Alembic environment: one metadata, the database of the settings, one transaction."""

from typing import Literal

from alembic import context
from sqlalchemy import Enum, create_engine
from sqlalchemy.pool import NullPool

import app.main  # noqa: F401 - importing the whole service registers every table
from app.core.config.settings import Settings
from app.core.persistence.base import Base
from app.core.persistence.pools import database_url
from app.core.persistence.types import TypeIdType, UtcDateTime


def _render(kind: str, item: object, _: object) -> str | Literal[False]:
    """Render column types as revisions spell them: by what the database stores."""
    if kind == "type" and isinstance(item, TypeIdType):
        return 'sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")'
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return "sa.String()"
    return False


# A revision changes the rows of every workspace at once; nothing else may.
_FOR_ALL = {"is_migration": True}

settings = context.config.attributes.get("settings") or Settings()

if context.is_offline_mode():
    context.configure(url=database_url(settings), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine(database_url(settings), poolclass=NullPool, execution_options=_FOR_ALL)
    with engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_render,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        context.run_migrations()
