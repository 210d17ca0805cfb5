"""A webhook receiver on this machine; tests set its responses."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic_core import from_json


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook request as it was received."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message id, which retries repeat."""
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        """The parsed body."""
        return from_json(self.body)


Behaviour = Callable[[Received], tuple[int, dict[str, str]]]


def well(_: Received) -> tuple[int, dict[str, str]]:
    """Accept every request."""
    return 204, {}


@dataclass
class Receiver:
    """Records the requests, and responds as the behaviour says."""

    behaviour: Behaviour = well
    received: list[Received] = field(default_factory=list)
    url: str = ""

    @property
    def types(self) -> list[str]:
        """The event types of the received messages."""
        return [request.message["type"] for request in self.received]

    def answers(self, status: int, **headers: str) -> None:
        """Respond with this status and these headers from now on."""
        by_name = {name.replace("_", "-"): text for name, text in headers.items()}
        self.behaviour = lambda _: (status, by_name)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver during the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): text for name, text in self.headers.items()}
            request = Received(headers, body)
            receiver.received.append(request)
            status, response_headers = receiver.behaviour(request)
            self.send_response(status)
            for name, text in response_headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

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
