"""Server processes of our own, for what can only be seen from outside."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEBRIEF = str(Path(sys.executable).parent / "debrief")
SECRET = "a secret of the tests, nobody else's"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and what it said when it began."""

    process: subprocess.Popen[str]
    url: str
    address: str
    demo_key: str
    metrics: str = ""

    def end(self) -> None:
        """Let it come to its end, and wait for that."""
        self.process.terminate()
        self.reap()

    def reap(self) -> None:
        """Wait until it is gone."""
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def environment(url: str, **settings: object) -> dict[str, str]:
    """Return what a process needs to serve this database: nothing of ours but the path."""
    told = {"database_url": url, "secret": SECRET, "port": 0, "demo": False}
    # What the quotas are worth has tests of its own.
    told |= {"quota_per_minute": 1_000_000_000} | settings
    return {"PATH": os.environ["PATH"]} | {
        f"DEBRIEF_{name.upper()}": str(value) for name, value in told.items()
    }


def start(
    url: str,
    *arguments: str,
    log: Path | None = None,
    variables: Mapping[str, str] | None = None,
    **settings: object,
) -> Running:
    """Start `debrief serve` over this database and wait until it listens.

    What it logs goes into a file, where one is named; variables are those of others than ours.
    """
    with ExitStack() as stack:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [DEBRIEF, "serve", *arguments],
            env=environment(url, **settings) | dict(variables or {}),
            stdout=subprocess.PIPE,
            stderr=stack.enter_context(log.open("w")) if log else None,
            text=True,
        )
    said = {"Demo key": "", "Metrics": ""}
    for line in process.stdout or ():
        if line.startswith("Stop"):
            break
        name, _, value = line.strip().rpartition("  ")
        said[name.strip()] = value
    return Running(process, url, said["Address"], said["Demo key"], said["Metrics"])


@contextmanager
def serving(url: str, *arguments: str, **options: Any) -> Iterator[Running]:
    """Serve this database for the length of a block."""
    running = start(url, *arguments, **options)
    try:
        yield running
    finally:
        running.end()


def make_key(url: str, role: str) -> str:
    """Make a key for somebody new."""
    command = [DEBRIEF, "keys", "create", "--role", role, "--name", role]
    return subprocess.run(  # noqa: S603 - our own command
        command, env=environment(url), capture_output=True, text=True, check=True
    ).stdout.split()[-1]
