"""Which version of the tables the database has, and how it gets the one this code needs."""

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

_BESIDE_THE_PACKAGE = Path(__file__).parents[3] / "migrations"
_INSIDE_THE_WHEEL = Path(__file__).parents[2] / "_migrations"


class NotMigratedError(Exception):
    """The database has not the tables this version needs."""

    def __init__(self, has: str | None, needs: str | None) -> None:
        """Say which revision there is, which is needed, and the command that helps."""
        super().__init__(
            f"The database is at revision {has or 'none'}, this version of Debrief needs {needs}. "
            "Run: debrief migrate"
        )


def migrate(settings: Settings, revision: str = "head") -> str | None:
    """Bring the database to a revision, up or down; return the one it then has."""
    if settings.is_sqlite:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        # SQLite takes an empty file for an empty database, and gives its log the same rights.
        settings.sqlite_path.touch(mode=0o600)
    config = _config(settings)
    has = current_revision(settings)
    known = _revisions()
    if revision == "base" or (has in known and revision in known[known.index(has) :]):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
    return current_revision(settings)


def check_migrated(settings: Settings) -> None:
    """Raise NotMigratedError unless the database has exactly the tables this version needs."""
    has = current_revision(settings)
    needs = _revisions()[0]
    if has != needs:
        raise NotMigratedError(has, needs)


def has_pending_migrations(connection: Connection) -> bool:
    """Whether the database lacks tables that this version needs.

    A revision that this version has never heard of is one of a later version, which is being
    rolled out beside it: revisions only add to what is there, so this one can go on.
    """
    has = connection.execute(_HAS).scalar_one_or_none()
    needs, *older = _revisions()
    return has is None or (has != needs and has in older)


def current_revision(settings: Settings) -> str | None:
    """Return the revision the database has, or None for an empty one."""
    if settings.is_sqlite and not settings.sqlite_path.exists():
        return None
    engine = create_engine(database_url(settings), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


_HAS = text("SELECT version_num FROM alembic_version")


@cache
def _revisions() -> tuple[str, ...]:
    """Return every revision of this version, the newest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.walk_revisions())


def _config(settings: Settings | None = None) -> Config:
    config = Config()
    place = _BESIDE_THE_PACKAGE if _BESIDE_THE_PACKAGE.exists() else _INSIDE_THE_WHEEL
    config.set_main_option("script_location", str(place).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["settings"] = settings
    return config
