"""Server processes (`debrief serve`), for tests that need a real process."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.accounts import service as accounts
from app.core.config.settings import Settings
from app.core.persistence.tenancy import Role, system_caller
from app.core.unit_of_work.session import WriteSession
from app.main import build_runner
from app.sample_data.writer import ensure_workspace

DEBRIEF = str(Path(sys.executable).parent / "debrief")
SECRET = "a secret of the tests, nobody else's"


@dataclass(frozen=True, slots=True)
class Running:
    """A running server, and the addresses and key that it printed at its start."""

    process: subprocess.Popen[str]
    url: str
    address: str
    demo_key: str
    metrics: str = ""

    def end(self) -> None:
        """Terminate the server and wait for its end."""
        self.process.terminate()
        self.reap()

    def reap(self) -> None:
        """Wait for the end of the process."""
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def environment(url: str, **settings: object) -> dict[str, str]:
    """Return the environment of a server for this database; of this process's only PATH."""
    values = {"database_url": url, "secret": SECRET, "port": 0, "demo": False}
    # The rate limit has tests of its own.
    values |= {"rate_limit_per_minute": 1_000_000_000} | settings
    return {"PATH": os.environ["PATH"]} | {
        f"DEBRIEF_{name.upper()}": str(value) for name, value in values.items()
    }


def start(
    url: str,
    *arguments: str,
    log: Path | None = None,
    variables: Mapping[str, str] | None = None,
    **settings: object,
) -> Running:
    """Start `debrief serve` for this database and wait until it listens.

    Log lines go to the file `log`, if given. `variables` are additional environment variables.
    """
    with ExitStack() as stack:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [DEBRIEF, "serve", *arguments],
            env=environment(url, **settings) | dict(variables or {}),
            stdout=subprocess.PIPE,
            stderr=stack.enter_context(log.open("w")) if log else None,
            text=True,
        )
    printed = {"Demo key": "", "Metrics": ""}
    for line in process.stdout or ():
        if line.startswith("Stop"):
            break
        name, _, value = line.strip().rpartition("  ")
        printed[name.strip()] = value
    return Running(process, url, printed["Address"], printed["Demo key"], printed["Metrics"])


@contextmanager
def serving(url: str, *arguments: str, **options: Any) -> Iterator[Running]:
    """Run a server for this database during the block."""
    running = start(url, *arguments, **options)
    try:
        yield running
    finally:
        running.end()


def make_key(url: str, role: str) -> str:
    """Create a member in the first workspace of a migrated database; return their API key."""
    runner = build_runner(Settings(database_url=url, secret=SecretStr(SECRET)))

    def issue(session: WriteSession) -> str:
        member_id = accounts.create_member_row(session, role, Role(role))
        grant = accounts.Grant(Role(role))
        return accounts.issue_key(session, member_id, role, grant, live=False).text

    try:
        workspace_id = ensure_workspace(runner)
        return runner.write_sync(system_caller(workspace_id), issue)
    finally:
        runner.database.close()
