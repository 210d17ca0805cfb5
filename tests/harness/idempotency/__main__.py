"""Ten thousand trials on each database: `python -m tests.harness.idempotency [--trials N]`.

Exits with 1 when a call was carried out twice, was lost, or was answered wrongly.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role
from app.main import build_runner
from tests.harness.idempotency.trials import (
    CALLERS,
    check,
    run,
    two_servers,
)
from tests.support.databases import postgresql
from tests.support.servers import SECRET
from tests.support.service import create_member, create_workspace

BETWEEN_KILLS = (1.0, 4.0)  # seconds


def main() -> None:
    """Run the trials on both databases."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.harness.idempotency", description=__doc__
    )
    parser.add_argument("--trials", type=int, default=10_000)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/debrief.db", postgresql(Path(folder), "trials")]
        wrong = [endure(url, trials) for url in urls]
    sys.exit(any(wrong))


def endure(url: str, trials: int) -> int:
    """Run the trials over one database, and say what came of them."""
    key, began = candidate_key(url), time.monotonic()
    with two_servers(url) as servers:
        result = run(servers, key, trials, between_kills=BETWEEN_KILLS)
        wrong = check(servers, key, result)
    told = ", ".join(f"{count} {kind}" for kind, count in wrong.items())
    print(
        f"{url.partition(':')[0]}: {trials:,} trials of {CALLERS} callers, {result.kills} kills, "
        f"{result.answers:,} answers of which {result.replays:,} replays: {told} "
        f"({time.monotonic() - began:.0f} s)",
        flush=True,
    )
    for line in result.wrong[:10]:
        print(f"  {line}")
    return sum(wrong.values())


def candidate_key(url: str) -> str:
    """Migrate an empty database and return the key of a candidate in it."""
    settings = Settings(database_url=url, secret=SECRET)
    migrate(settings)
    runner = build_runner(settings)
    key = create_member(runner, Role.CANDIDATE, create_workspace(runner)).text
    runner.database.close()
    return key


if __name__ == "__main__":
    main()
