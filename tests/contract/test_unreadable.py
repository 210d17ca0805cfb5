"""What cannot be read as HTTP is refused by a problem too, and by a server of our own process."""

import json
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.servers import Running, serving

if TYPE_CHECKING:
    from pathlib import Path

HOST = b"Host: debrief\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    path: Path = tmp_path_factory.mktemp("unreadable") / "debrief.db"
    with serving(f"sqlite:///{path}", "--migrate", worker=False) as running:
        yield running


def sent(server: Running, raw: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """Send these bytes; return the first line, the headers and the body of what comes back."""
    port = int(server.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(raw)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    return first.encode(), {n.lower(): v for n, v in (each.split(": ", 1) for each in lines)}, body


@pytest.mark.parametrize(
    "raw",
    [
        b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        b"get /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /" + 70_000 * b"x" + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST /v1/keys HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"A header without a colon\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody who speaks TLS
    ],
    ids=["method", "small letters", "length", "two lengths", "header", "version", "tls"],
)
def test_what_is_no_http_is_a_problem(server: Running, raw: bytes) -> None:
    first, headers, body = sent(server, raw)
    assert first == b"HTTP/1.1 400 Bad Request"
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["code"], problem["status"]) == ("request_unreadable", 400)
    assert problem["request_id"] == headers["x-request-id"] != ""


def test_an_upgrade_that_is_not_offered_is_passed_over(server: Running) -> None:
    asked = b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
    first, _, body = sent(server, b"GET /healthz HTTP/1.1\r\n" + HOST + asked + b"\r\n")
    assert first == b"HTTP/1.1 200 OK"
    assert json.loads(body) == {"status": "ok"}


def test_head_tells_of_a_body_and_sends_none(server: Running) -> None:
    ask = b" /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    _, of_get, body = sent(server, b"GET" + ask)
    first, of_head, nothing = sent(server, b"HEAD" + ask)
    assert first == b"HTTP/1.1 200 OK"
    assert int(of_head["content-length"]) == int(of_get["content-length"]) == len(body)
    assert nothing == b""
