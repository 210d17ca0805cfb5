"""Database migrations (Alembic): run them, and compare the database's revision with the code's."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.core.config.settings import Settings
from app.core.persistence.pools import database_url

_IN_CHECKOUT = Path(__file__).parents[3] / "migrations"
_IN_WHEEL = Path(__file__).parents[2] / "_migrations"


class NotMigratedError(Exception):
    """The database is not at the revision that this version needs."""

    def __init__(self, current: str | None, required: str | None) -> None:
        """Name both revisions and what to do."""
        is_newer = current is not None and current not in revisions()
        advice = "Use a newer version" if is_newer else "Run: debrief migrate"
        super().__init__(
            f"The database is at revision {current or 'none'}, this version of Debrief needs "
            f"{required}. {advice}"
        )


def migrate(settings: Settings, revision: str = "head") -> str | None:
    """Upgrade or downgrade the database to a revision; return its new revision.

    Raises NotMigratedError for a database that a newer version has migrated.
    """
    if settings.is_sqlite:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        # An empty file is an empty database; SQLite gives its log file the same permissions.
        settings.sqlite_path.touch(mode=0o600)
    config = _config(settings)
    current = current_revision(settings)
    known = revisions()
    if current is not None and current not in known:
        raise NotMigratedError(current, known[0])
    if revision == "base" or (current in known and revision in known[known.index(current) :]):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
    return current_revision(settings)


def check_migrated(settings: Settings) -> None:
    """Raise NotMigratedError unless the database is at the newest revision of this version."""
    current = current_revision(settings)
    required = revisions()[0]
    if current != required:
        raise NotMigratedError(current, required)


def has_pending_migrations(connection: Connection) -> bool:
    """Whether the database is at an older revision than this version needs.

    A revision that this version does not know belongs to a later version, which is being rolled
    out beside it. Revisions only add to the tables, so this version still works.
    """
    current = connection.execute(_CURRENT_REVISION).scalar_one_or_none()
    required, *older = revisions()
    return current is None or (current != required and current in older)


def current_revision(settings: Settings) -> str | None:
    """Return the revision of the database, or None for an empty one."""
    if settings.is_sqlite and not settings.sqlite_path.exists():
        return None
    engine = create_engine(database_url(settings), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


_CURRENT_REVISION = text("SELECT version_num FROM alembic_version")


@cache
def revisions() -> tuple[str, ...]:
    """Return all revisions of this version, newest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.walk_revisions())


def _config(settings: Settings | None = None) -> Config:
    config = Config()
    scripts = _IN_CHECKOUT if _IN_CHECKOUT.exists() else _IN_WHEEL
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["settings"] = settings
    return config
