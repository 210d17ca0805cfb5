"""Servers to measure, each a process of its own, and what they cost."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import postgresql
from tests.support.servers import DEBRIEF, environment

OURS = (DEBRIEF, "serve")
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
def serving(command: tuple[str, ...], url: str, **settings: object) -> Iterator[Server]:
    """Start a server over this database; stop it when the block ends."""
    with subprocess.Popen(
        command, env=environment(url, **settings), stdout=subprocess.PIPE, text=True
    ) as process:
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
            "PostgreSQL": postgresql(Path(folder), "debrief"),
        }
