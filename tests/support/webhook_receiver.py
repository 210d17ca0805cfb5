"""A receiver of webhooks on this machine, as well or as badly behaved as a test wants it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic_core import from_json


@dataclass(frozen=True, slots=True)
class Received:
    """One call as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id by which repeats are known."""
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        """What it says."""
        return from_json(self.body)


Behaviour = Callable[[Received], tuple[int, dict[str, str]]]


def well(_: Received) -> tuple[int, dict[str, str]]:
    """Take everything."""
    return 204, {}


@dataclass
class Receiver:
    """Keeps what came, and answers as it is told to."""

    behaviour: Behaviour = well
    received: list[Received] = field(default_factory=list)
    url: str = ""

    @property
    def types(self) -> list[str]:
        """What came, by type."""
        return [each.message["type"] for each in self.received]

    def answers(self, status: int, **headers: str) -> None:
        """Answer like this from now on."""
        told = {name.replace("_", "-"): text for name, text in headers.items()}
        self.behaviour = lambda _: (status, told)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for the length of a block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): text for name, text in self.headers.items()}
            came = Received(headers, body)
            receiver.received.append(came)
            status, told = receiver.behaviour(came)
            self.send_response(status)
            for name, text in told.items():
                self.send_header(name, text)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
