"""Ten thousand walks on each database: `python -m tests.harness.walks [--walks N]`.

Exits with 1 when a row that did not change was missed, seen twice or seen out of
order, or when a cursor opened a list that it was not given for.
"""

import argparse
import http.client
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role
from app.main import build_runner
from tests.harness.walks.walking import Reader, Result, World
from tests.support.databases import postgresql
from tests.support.servers import SECRET, serving
from tests.support.service import create_member, create_workspace


def main() -> None:
    """Take the walks on both databases."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.walks", description=__doc__)
    parser.add_argument("--walks", type=int, default=10_000)
    walks = parser.parse_args().walks
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/debrief.db", postgresql(Path(folder), "walks")]
        results = [_tell(url, walks) for url in urls]
    sys.exit(any(result.wrong for result in results))


def take(url: str, walks: int, seed: int) -> Result:
    """Take so many walks over an empty database of this URL."""
    keys = _keys(url)
    with serving(url) as server, _connections(server.address, len(keys)) as connections:
        reader, *others = map(Reader, connections, keys)
        world = World(reader, others, seed)
        for number in range(walks):
            if number and number % (walks // 10 or 1) == 0:
                print(f"{number:,} of {walks:,} walks", file=sys.stderr, flush=True)
            world.walk()
    return world.result


def _tell(url: str, walks: int) -> Result:
    began = time.monotonic()
    result = take(url, walks, seed=walks)
    print(
        f"{url.partition(':')[0]}: {result.walks:,} walks, {result.pages:,} pages, "
        f"{result.changes:,} changes between them, {result.refused:,} cursors refused elsewhere, "
        f"{len(result.wrong)} wrong ({time.monotonic() - began:.0f} s)",
        flush=True,
    )
    for line in result.wrong[:10]:
        print(f"  {line}")
    return result


def _keys(url: str) -> list[str]:
    """Return the keys of a candidate, of another of the same workspace, and of one elsewhere."""
    settings = Settings(database_url=url, secret=SECRET)
    migrate(settings)
    runner = build_runner(settings)
    here, elsewhere = create_workspace(runner), create_workspace(runner)
    keys = [create_member(runner, Role.CANDIDATE, where).text for where in (here, here, elsewhere)]
    runner.database.close()
    return keys


@contextmanager
def _connections(address: str, many: int) -> Iterator[list[http.client.HTTPConnection]]:
    host = address.removeprefix("http://")
    made = [http.client.HTTPConnection(host) for _ in range(many)]
    try:
        yield made
    finally:
        for connection in made:
            connection.close()


if __name__ == "__main__":
    main()
