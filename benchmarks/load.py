"""A bounded load over kept connections, cheap enough not to distort the measurement."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from benchmarks.servers import Server

CONNECTIONS = 4
"""Callers at once: as many as the service has threads at the database by default."""

Requests = Callable[[int], list[bytes]]
"""Makes the raw requests of the n-th operation; most are a single one."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation costs."""

    cpu_us: float  # processor time of the server process, microseconds
    per_second: float  # operations finished in a second


def request(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """Spell a request out."""
    head = [f"{method} {path} HTTP/1.1", "Host: benchmark", f"Authorization: Bearer {key}"]
    if method in {"PUT", "PATCH", "DELETE"}:
        head.append("If-Match: *")
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def measure(server: Server, make: Requests, first: int, count: int) -> Cost:
    """Send `count` operations, numbered from `first`; raise RuntimeError when one is refused."""
    share = count // CONNECTIONS
    starts = [first + share * n for n in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as callers:
        cpu, clock = server.cpu_seconds(), time.perf_counter()
        list(callers.map(partial(_call, server, make, share), starts))
        took, used = time.perf_counter() - clock, server.cpu_seconds() - cpu
    done = share * CONNECTIONS
    return Cost(used / done * 1e6, done / took)


def answer_to(server: Server, message: bytes) -> bytes:
    """Send one request and return the body of its answer."""
    with socket.create_connection((server.host, server.port)) as connection:
        return _exchange(connection, message)


def _call(server: Server, make: Requests, count: int, start: int) -> None:
    with socket.create_connection((server.host, server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(start, start + count):
            for message in make(number):
                _exchange(connection, message)


def _exchange(connection: socket.socket, message: bytes) -> bytes:
    connection.sendall(message)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(received.decode())
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body
