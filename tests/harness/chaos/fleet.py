"""Our side: one server, some workers that can be killed, and the receiver beside them."""

import http.client
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.servers import DEBRIEF, environment, serving

PATIENCE = 300  # tries of one call
PAUSE_SECONDS = 0.1
RETRIES = (0.2, 0.5, 1, 2, 4, *[8] * 12)  # seconds; long enough for every trouble here to pass
SETTINGS: dict[str, object] = {
    "worker": False,
    "webhook_timeout_seconds": 1,
    "webhook_retry_schedule": ",".join(map(str, RETRIES)),
}

_SERVER_ERROR = 500


class NotAnsweredError(Exception):
    """A call was refused, or not answered however often it was made."""


@dataclass
class Caller:
    """Calls one address as a careful client does: again and again until it is answered."""

    address: str
    key: str = ""
    _connection: http.client.HTTPConnection | None = None

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Return what is answered."""
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if method == "PATCH":
            headers["If-Match"] = "*"
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        return self._insist(method, path, "" if body is None else json.dumps(body), headers)

    def _insist(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> Any:
        status, told = _SERVER_ERROR, b"it was never called"
        for _ in range(PATIENCE):
            try:
                status, told = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                self._connection = None
                status, told = _SERVER_ERROR, b""
            if status < http.client.BAD_REQUEST:
                return json.loads(told) if told else None
            if status < _SERVER_ERROR and status != http.client.CONFLICT:
                break
            time.sleep(PAUSE_SECONDS)
        message = f"{method} {path}: {status} {told.decode()}"
        raise NotAnsweredError(message)

    def _once(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        if self._connection is None:
            host = self.address.rpartition("/")[2]
            self._connection = http.client.HTTPConnection(host, timeout=30)
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read()


@dataclass
class Worker:
    """A worker process that is started again whenever it is killed."""

    url: str
    log: Path
    _process: subprocess.Popen[bytes] | None = None
    _lives: int = 0

    def start(self) -> None:
        """Begin a life."""
        self._lives += 1
        with ExitStack() as stack:
            out = stack.enter_context(self._said.open("wb"))
            log = stack.enter_context(self.log.open("ab"))
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [DEBRIEF, "worker"],
                env=environment(self.url, **SETTINGS),
                stdout=out,
                stderr=log,
            )

    def look_after(self) -> None:
        """Start it again when it ended by itself: it found no database."""
        if self._process and self._process.poll() is not None:
            self.start()

    def is_at_work(self) -> bool:
        """Tell whether it said so."""
        return self._said.stat().st_size > 0

    def kill(self) -> None:
        """End it without a word, and start it anew."""
        self.stop(with_a_word=False)
        self.start()

    def stop(self, *, with_a_word: bool = True) -> None:
        """End it."""
        assert self._process
        (self._process.terminate if with_a_word else self._process.kill)()
        self._process.wait()

    @property
    def _said(self) -> Path:
        return self.log.with_suffix(f".{self._lives}")


@dataclass
class Fleet:
    """Everything that runs, and how to reach it."""

    address: str
    receiver: Caller
    workers: Sequence[Worker]
    took: Path
    kills: int = 0
    moments: random.Random = field(default_factory=lambda: random.Random(11))  # noqa: S311

    def kill_one(self) -> None:
        """Kill a worker that is at work, if any is."""
        for worker in self.workers:
            worker.look_after()
        at_work = [worker for worker in self.workers if worker.is_at_work()]
        if at_work:
            self.moments.choice(at_work).kill()
            self.kills += 1


@contextmanager
def running(url: str, workers: int, folder: Path) -> Iterator[Fleet]:
    """Run a server, so many workers and the receiver for the length of a block."""
    took = folder / "took.jsonl"
    with ExitStack() as stack:
        receiver = stack.enter_context(_receiving(took))
        server = stack.enter_context(serving(url, log=folder / "server.log", **SETTINGS))
        crew = [Worker(url, folder / f"worker-{number}.log") for number in range(workers)]
        for worker in crew:
            worker.start()
            stack.callback(worker.stop)
        yield Fleet(server.address, Caller(receiver), crew, took)


@contextmanager
def _receiving(took: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.harness.chaos.receiving", str(took)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()
