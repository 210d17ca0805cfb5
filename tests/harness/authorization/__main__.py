"""Authorization probes, proved by planted bugs: `python -m tests.harness.authorization`.

Exits with 1 when there is a leak, when there were fewer than 2,000 probes, or when
a planted bug is not caught.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.main import build_app, build_runner
from tests.harness.authorization.matrix import Spy
from tests.harness.authorization.planted import BUGS
from tests.harness.authorization.tokens import taking_tokens
from tests.harness.authorization.world import build
from tests.support.databases import postgresql
from tests.support.servers import SECRET
from tests.support.service import MovableClock, Service

FEWEST = 2_000


def main() -> None:
    """Probe both databases, then every planted bug."""
    logging.disable()  # a planted bug may make the service fail, which it would tell at length
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/debrief.db", postgresql(Path(folder), "probes")]
        sound = [probe(url) for url in urls]
    caught = [catch(name) for name in BUGS]
    print(f"{sum(caught)} of {len(BUGS)} planted bugs caught")
    sys.exit(not (all(sound) and all(caught)))


def probe(url: str) -> bool:
    """Make every probe over one database; tell whether nothing leaked."""
    with serving(url) as service, taking_tokens(service) as token:
        spy = Spy(build(service, token))
        spy.run()
    print(f"{url.partition(':')[0]}: {spy.probes:,} probes, {len(spy.leaks)} leaks")
    for leak in spy.leaks:
        print(f"  {leak.who}, {leak.what}: {leak.why}")
    return not spy.leaks and spy.probes >= FEWEST


def catch(name: str) -> bool:
    """Plant one bug; tell whether the probes find it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(f"sqlite:///{folder}/x.db") as service,
        taking_tokens(service) as token,
    ):
        world = build(service, token)
        spy = Spy(world, stops_at_first=True)
        with BUGS[name](world):
            spy.run()
    found = f"caught: {spy.leaks[0].why}" if spy.leaks else "NOT CAUGHT"
    print(f"  {name}: {found}")
    return bool(spy.leaks)


@contextmanager
def serving(url: str) -> Iterator[Service]:
    """Give the service over this database, with quotas and caches out of the way."""
    settings = Settings(
        database_url=url,
        secret=SECRET,
        key_cache_seconds=0,
        rate_limit_per_minute=1_000_000,
        worker=False,
    )
    migrate(settings)
    clock = MovableClock()
    runner = build_runner(settings, clock=clock)
    with Service(build_app(settings, runner), runner, clock) as running:
        yield running


if __name__ == "__main__":
    main()
