"""What cannot be read as HTTP is refused by a problem too, and by a server of our own process."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from app.api.server import protocol
from tests.support.servers import Running, serving

if TYPE_CHECKING:
    from pathlib import Path

HOST = b"Host: debrief\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    path: Path = tmp_path_factory.mktemp("unreadable") / "debrief.db"
    with serving(f"sqlite:///{path}", "--migrate", demo=True, worker=False) as running:
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
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: another\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Long: " + 70_000 * b"x" + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + 700 * (b"X: " + 97 * b"x" + b"\r\n") + b"\r\n",
        b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody who speaks TLS
    ],
    ids=[
        *("method", "small letters", "length", "two lengths", "header", "no host", "two hosts"),
        *("a long header", "many headers", "version", "tls"),
    ],
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
    assert (problem["code"], problem["status"]) == ("malformed_request", 400)
    assert problem["request_id"] == headers["x-request-id"] != ""


def test_what_is_as_long_as_it_may_be_is_read(server: Running) -> None:
    many = 600 * (b"X: " + 97 * b"x" + b"\r\n") + b"Connection: close\r\n"
    first, _, _ = sent(server, b"GET /healthz HTTP/1.1\r\n" + HOST + many + b"\r\n")
    assert first == b"HTTP/1.1 200 OK"


def test_old_clients_need_not_name_a_host(server: Running) -> None:
    first, _, _ = sent(server, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert first == b"HTTP/1.1 200 OK"


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


KEYS = b"POST /v1/keys HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"


def talk(server: Running, *pieces: bytes) -> bytes:
    """Send these pieces, one after another, and return all that comes back until it hangs up."""
    port = int(server.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(0.1)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def authorized(server: Running) -> bytes:
    return f"Authorization: Bearer {server.demo_key}\r\n".encode()


def test_what_came_before_is_answered_and_nothing_is_said_of_the_rest(server: Running) -> None:
    body = b'{"name": "before"}'
    good = KEYS + authorized(server) + b"Content-Length: %d\r\n\r\n" % len(body) + body
    heard = talk(server, good + b"GARBAGE \x00\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 201 Created")
    assert heard.count(b"HTTP/1.1 ") == 1


def test_an_unreadable_body_is_a_problem_unless_an_answer_has_begun(server: Running) -> None:
    chunked = KEYS + authorized(server) + b"Transfer-Encoding: chunked\r\n\r\n"
    heard = talk(server, chunked, b"no length\r\n")
    assert heard.startswith(b"HTTP/1.1 400 Bad Request")
    assert heard.count(b"HTTP/1.1 ") == 1


def test_nothing_is_written_into_a_stream(server: Running) -> None:
    listen = b"GET /v1/events/stream HTTP/1.1\r\n" + HOST + authorized(server) + b"\r\n"
    port = int(server.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(listen)
        heard = line.recv(65_536)
        line.sendall(b"GARBAGE \x00\r\n\r\n")
        line.settimeout(0.5)
        with suppress(TimeoutError):
            heard += line.recv(65_536)
    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert heard.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("is_split", [False, True])
def test_an_offer_to_upgrade_is_passed_over_and_not_the_body(
    server: Running, *, is_split: bool
) -> None:
    body = b'{"name": "offered"}'
    head = KEYS + authorized(server) + OFFER + b"Content-Length: %d\r\n\r\n" % len(body)
    after = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    heard = talk(server, *((head, body, after) if is_split else (head + body + after,)))
    assert heard.startswith(b"HTTP/1.1 201 Created")
    assert heard.count(b"HTTP/1.1 200 OK") == 1
    assert heard.count(b"HTTP/1.1 ") == 2


@pytest.mark.slow
def test_a_body_is_not_taken_for_a_request(server: Running) -> None:
    within = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    head = KEYS + authorized(server) + OFFER + b"Content-Length: %d\r\n\r\n" % len(within)
    heard = talk(server, head, within)
    assert heard.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"malformed_body" in heard
    assert heard.count(b"HTTP/1.1 ") == 1


def test_this_server_is_no_proxy(server: Running) -> None:
    heard = talk(server, b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Endless: ",
        KEYS + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX-After: ",
        KEYS + b"Transfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["a header", "a trailer", "an extension"],
)
def test_nothing_but_a_body_goes_on_for_ever(server: Running, begun: bytes) -> None:
    heard = talk(server, begun, *(3 * [40_000 * b"x"]))
    assert heard.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"malformed_request" in heard


def test_what_comes_after_a_body_is_no_header(server: Running) -> None:
    late = authorized(server) + b"\r\n"
    ask = b"GET /v1/me HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    after = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    heard = talk(server, ask + late + after)
    assert heard.startswith(b"HTTP/1.1 401 Unauthorized")
    assert heard.count(b"HTTP/1.1 200 OK") == 1


def test_a_broken_body_costs_those_before_it_nothing(server: Running) -> None:
    body = b'{"name": "first"}'
    good = KEYS + authorized(server) + b"Content-Length: %d\r\n\r\n" % len(body) + body
    broken = KEYS + authorized(server) + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n"
    for pieces in (good + broken, good + good + broken):
        heard = talk(server, pieces)
        assert heard.count(b"HTTP/1.1 201 Created") == pieces.count(body)
        assert heard.count(b"HTTP/1.1 ") == pieces.count(body)


def test_any_number_of_offers_may_come_at_once(server: Running) -> None:
    ask = b"GET /healthz HTTP/1.1\r\n" + HOST + OFFER
    heard = talk(server, 1_500 * (ask + b"\r\n") + ask.replace(b"Upgrade, ", b"close, ") + b"\r\n")
    assert heard.count(b"HTTP/1.1 200 OK") == 1_501


def test_nobody_is_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)

    async def heard(sent: bytes) -> bytes:
        config = uvicorn.Config(_answers, lifespan="off", log_config=None)
        config.load()
        there = await asyncio.get_running_loop().create_server(
            lambda: protocol.StrictHttpProtocol(config, ServerState(), {}), "127.0.0.1", 0
        )
        async with there:
            reader, writer = await asyncio.open_connection(*there.sockets[0].getsockname())
            writer.write(sent)
            told = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return told

    whole = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    assert asyncio.run(heard(b"")) == b""
    assert asyncio.run(heard(b"GET /hea")).startswith(b"HTTP/1.1 400 Bad Request")
    answered = asyncio.run(heard(whole + b"GET /hea"))
    assert answered.startswith(b"HTTP/1.1 204 No Content")
    assert answered.count(b"HTTP/1.1 ") == 1 or answered.endswith(b"}")


async def _answers(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})
