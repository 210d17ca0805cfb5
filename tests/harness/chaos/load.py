"""Candidates who make events without a pause, each with endpoints of which most misbehave."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import create_engine, func, select

from app.core.config.settings import Settings
from app.core.messaging.job_queue import JobRow
from app.core.messaging.outbox import FAN_OUT
from app.core.persistence.migrations import migrate
from app.core.persistence.pools import database_url
from app.core.persistence.tenancy import Role
from app.main import build_runner
from tests.harness.chaos.fleet import Caller, Fleet
from tests.support.servers import SECRET
from tests.support.service import create_member, create_workspace

WORKSPACES = 4
CANDIDATES = 8
APPLICATIONS = 20  # of each candidate
TROUBLES = ("errors", "hangs", "resets", "slow", "redirects", "gone", "busy", "huge")
OTHER_TYPES = {"redirects": ["application.created"], "gone": ["application.created"]}
"""What never arrives is not tried too often."""

ROTATED_EVERY = 10.0  # seconds
HURRY = 6.0  # seconds that a receiver takes to go over to a new secret

_STAGES = ("screening", "first", "second", "final")
_INTERESTS = ("high", "low", "medium")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of a candidate: its path at the receiver, of which the first part is its kind."""

    id: str
    path: str

    @property
    def kind(self) -> str:
        """How it behaves."""
        return self.path.split("/")[1]


@dataclass
class Candidate:
    """Somebody with a key, endpoints, and applications that keep changing."""

    call: Caller
    endpoints: list[Endpoint] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    made: int = 0  # events, as far as is known

    def apply(self) -> None:
        """Enter every application."""
        for number in range(APPLICATIONS):
            wanted = {"company": {"name": f"Company {number}"}, "job_title": "Engineer"}
            self.applications.append(self.call("POST", "/v1/applications", wanted)["id"])
            self.made += 1

    def change(self, number: int) -> None:
        """Change one application's stage and interest: two events of one resource."""
        application = self.applications[number % APPLICATIONS]
        turn = number // APPLICATIONS
        wanted = {
            "stage": _STAGES[turn % len(_STAGES)],
            "interest": _INTERESTS[turn % len(_INTERESTS)],
        }
        self.call("PATCH", f"/v1/applications/{application}", wanted)
        self.made += 2


def candidates(url: str, fleet: Fleet) -> list[Candidate]:
    """Take everybody in, with their endpoints, before anything happens."""
    runner = build_runner(Settings(database_url=url, secret=SECRET))
    workspaces = [create_workspace(runner) for _ in range(WORKSPACES)]
    everybody = []
    for number in range(CANDIDATES):
        key = create_member(runner, Role.CANDIDATE, workspaces[number % WORKSPACES]).text
        one = Candidate(Caller(fleet.address, key))
        other = TROUBLES[(number + len(TROUBLES) // 2) % len(TROUBLES)]
        for kind in ("well", TROUBLES[number % len(TROUBLES)], other):
            one.endpoints.append(_listen(one, fleet, f"/{kind}/{number}"))
        everybody.append(one)
    runner.database.close()
    return everybody


def prepare(url: str) -> None:
    """Migrate an empty database."""
    migrate(Settings(database_url=url, secret=SECRET))


def is_all_published(url: str) -> bool:
    """Tell whether deliveries have been made of everything that happened."""
    engine = create_engine(database_url(Settings(database_url=url, secret=SECRET)))
    with engine.connect() as connection:
        behind = select(func.count()).where(
            JobRow.kind == FAN_OUT, JobRow.completed_count < JobRow.requested_count
        )
        number: int = connection.execute(behind).scalar_one()
    engine.dispose()
    return number == 0


def make_events(everybody: Sequence[Candidate], wanted: int, a_second: float) -> Iterator[int]:
    """Have so many events made, no faster than this; yield how many there are by now."""
    stop = threading.Event()
    share = wanted / len(everybody)
    pace = 2 * len(everybody) / a_second  # seconds between two changes of one candidate

    def be_busy(one: Candidate) -> None:
        one.apply()
        began = time.monotonic()
        for number in count():
            if stop.is_set() or one.made >= share:
                return
            stop.wait(max(0, began + number * pace - time.monotonic()))
            one.change(number)

    threads = [threading.Thread(target=be_busy, args=(one,)) for one in everybody]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            yield sum(one.made for one in everybody)
            time.sleep(0.05)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@dataclass
class Rotation:
    """Exchanges the secrets of those endpoints that do well, over and over."""

    fleet: Fleet
    everybody: Sequence[Candidate]
    rotated: int = 0
    _next_at: float = field(default_factory=lambda: time.monotonic() + ROTATED_EVERY / 2)
    _held_back: list[tuple[float, str, str]] = field(default_factory=list)

    def look(self) -> None:
        """Rotate when it is time; hand over, some seconds after, what was told then."""
        now = time.monotonic()
        for at, path, secret in [each for each in self._held_back if each[0] <= now]:
            self._held_back.remove((at, path, secret))
            self.fleet.receiver("POST", "/direct/secrets", {path: secret})
        if now < self._next_at:
            return
        self._next_at = now + ROTATED_EVERY
        for one in self.everybody:
            path = f"/v1/webhook-endpoints/{one.endpoints[0].id}/rotation"
            # A connection of its own, for the candidate's thread uses the other.
            call = Caller(one.call.address, one.call.key)
            told = call("POST", path, {"overlap_minutes": 1})
            handed_over_at = time.monotonic() + HURRY
            self._held_back.append((handed_over_at, one.endpoints[0].path, told["secret"]))
            self.rotated += 1


def _listen(one: Candidate, fleet: Fleet, path: str) -> Endpoint:
    kind = path.split("/")[1]
    wanted = {"url": fleet.receiver.address + path, "event_types": OTHER_TYPES.get(kind)}
    told = one.call("POST", "/v1/webhook-endpoints", wanted)
    fleet.receiver("POST", "/direct/secrets", {path: told["secret"]})
    return Endpoint(told["id"], path)
