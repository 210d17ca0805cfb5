"""One trial is one `Idempotency-Key` that eight callers use at the same moment."""

import http.client
import json
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.servers import start

CALLERS = 8
PATIENCE = 12_000  # attempts of one caller at one call: two minutes, for machines that are busy
PAUSE = 0.01  # seconds between them


@dataclass
class Result:
    """What came of the trials."""

    trials: int
    kills: int = 0
    answers: int = 0
    replays: int = 0
    wrong: list[str] = field(default_factory=list)
    ids: dict[int, set[str]] = field(default_factory=dict)


class Server:
    """A server process on a port of its own, which can be killed and comes back."""

    def __init__(self, url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._url = url
        self._running = start(url, port=self.port)

    def kill(self) -> None:
        """End it without a word, and start it anew."""
        self._running.process.send_signal(signal.SIGKILL)
        self._running.reap()
        self._running = start(self._url, port=self.port)

    def stop(self) -> None:
        """End it for good."""
        self._running.end()


@contextmanager
def two_servers(url: str) -> Iterator[list[Server]]:
    """Serve one database from two processes."""
    servers = [Server(url), Server(url)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def run(
    servers: list[Server], key: str, trials: int, *, between_kills: tuple[float, float]
) -> Result:
    """Make all trials while servers are killed, so many seconds apart; gather every answer."""
    result = Result(trials)
    together, lock, done = threading.Barrier(CALLERS), threading.Lock(), threading.Event()

    def call_all(caller: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        for trial in range(trials):
            together.wait()
            if not caller and trial and trial % (trials // 10 or 1) == 0:
                sys.stderr.write(f"{trial:,} of {trials:,} trials\n")
            port = servers[(caller + trial) % len(servers)].port
            try:
                status, headers, body = _insist(connections, port, key, trial)
            except TimeoutError:
                together.abort()  # the others would wait for this caller for ever
                raise
            with lock:
                _take_down(result, trial, status, headers, body)
        for connection in connections.values():
            connection.close()

    def kill_now_and_then() -> None:
        moments = random.Random(trials)  # noqa: S311 - a series to repeat, not a secret
        while not done.wait(moments.uniform(*between_kills)):
            moments.choice(servers).kill()
            result.kills += 1

    killer = threading.Thread(target=kill_now_and_then)
    callers = [threading.Thread(target=call_all, args=(n,)) for n in range(CALLERS)]
    for thread in (killer, *callers):
        thread.start()
    for thread in callers:
        thread.join()
    done.set()
    killer.join()
    return result


def check(servers: list[Server], key: str, result: Result) -> dict[str, int]:
    """Compare what was answered with what is there; return how much is wrong, by kind."""
    there: dict[int, list[str]] = {}
    connection = http.client.HTTPConnection("127.0.0.1", servers[0].port)
    cursor = ""
    while True:
        path = f"/v1/applications?limit=100{cursor}"
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        page = json.loads(connection.getresponse().read())
        for row in page["data"]:
            there.setdefault(int(row["job_title"].split()[-1]), []).append(row["id"])
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    connection.close()
    answered = result.ids
    return {
        "duplicates": sum(len(ids) > 1 for ids in there.values()),
        "lost": sum(not ids <= set(there.get(trial, ())) for trial, ids in answered.items())
        + result.trials
        - len(there),
        "wrong replays": sum(len(ids) > 1 for ids in answered.values()) + len(result.wrong),
    }


def _take_down(result: Result, trial: int, status: int, headers: Any, body: bytes) -> None:
    told = json.loads(body)
    if status != http.client.CREATED or told["job_title"] != f"Engineer {trial}":
        result.wrong.append(f"{trial}: {status} {told}")
        return
    result.answers += 1
    result.replays += headers.get("Idempotent-Replayed") == "true"
    result.ids.setdefault(trial, set()).add(told["id"])


def _insist(
    connections: dict[int, http.client.HTTPConnection], port: int, key: str, trial: int
) -> tuple[int, Any, bytes]:
    """Repeat a call until it is answered, as a careful client does."""
    body = json.dumps({"company": {"name": "Tidemark"}, "job_title": f"Engineer {trial}"})
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"trial-{trial}",
    }
    for _ in range(PATIENCE):
        connection = connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port))
        try:
            connection.request("POST", "/v1/applications", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            connections.pop(port).close()  # it was killed; it will be back
        else:
            if answer.status not in {http.client.CONFLICT, http.client.INTERNAL_SERVER_ERROR}:
                return answer.status, answer.headers, content
        time.sleep(PAUSE)
    message = f"trial {trial} was never answered"
    raise TimeoutError(message)
