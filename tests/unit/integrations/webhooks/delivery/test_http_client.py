"""Webhook HTTP client: whatever a receiver does, the result is a value and costs little."""

import asyncio
import gzip
import random
import resource
import socket
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.integrations.webhooks.delivery.http_client import (
    MAX_DETAIL_LENGTH,
    MAX_RESPONSE_BYTES,
    WebhookClient,
)
from app.integrations.webhooks.delivery.results import FailureKind, WebhookFailure, WebhookResponse
from tests.support.scripted_receivers import (
    Authority,
    Conduct,
    Dialler,
    Receiver,
    Wire,
    answer,
    answering,
    receiving,
)

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BODY = b'{"type":"test"}'


def patient(**options: Any) -> WebhookClient:
    """A client whose timeouts no healthy receiver reaches, however busy the machine is."""
    return WebhookClient(development=True, timeout_seconds=60, body_seconds=60, **options)


def quick() -> WebhookClient:
    """A client for receivers that have to reach a timeout."""
    return WebhookClient(development=True, timeout_seconds=1, body_seconds=0.2)


def post_to(
    conduct: Conduct, times: int = 1, client: Callable[[], WebhookClient] = patient
) -> tuple[Receiver, list[WebhookResponse | WebhookFailure]]:
    async def story() -> tuple[Receiver, list[WebhookResponse | WebhookFailure]]:
        async with receiving(conduct) as there, client() as poster:
            return there, [await poster.post(there.url, BODY, {}) for _ in range(times)]

    return asyncio.run(story())


def answered(conduct: Conduct) -> tuple[Receiver, WebhookResponse]:
    there, [outcome] = post_to(conduct)
    assert isinstance(outcome, WebhookResponse), outcome
    return there, outcome


def failed(conduct: Conduct, client: Callable[[], WebhookClient] = patient) -> FailureKind:
    _, [outcome] = post_to(conduct, client=client)
    assert isinstance(outcome, WebhookFailure), outcome
    assert 0 < len(outcome.detail) <= MAX_DETAIL_LENGTH
    return outcome.kind


def test_the_body_is_posted_as_it_was_signed_and_nothing_unpacked_is_asked_for() -> None:
    async def story() -> Receiver:
        async with receiving(answering(answer())) as there, patient() as poster:
            url = f"http://127.0.0.1:{there.port}/a/../b?c=%2F%C3%A9&d=x+y"
            await poster.post(url, BODY, {"webhook-id": "evt_1"})
            return there

    [request] = asyncio.run(story()).requests
    head, _, body = request.partition("\r\n\r\n")
    assert head.startswith("POST /a/../b?c=%2F%C3%A9&d=x+y HTTP/1.1\r\n")
    lines = head.lower().split("\r\n")
    assert {"accept-encoding: identity", "content-type: application/json"} <= set(lines)
    assert {"webhook-id: evt_1", "user-agent: debrief-webhooks"} <= set(lines)
    assert body.encode() == BODY


@pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    _, outcome = answered(answering(answer(f"{status} So", b"" if status == 204 else b"why")))
    assert (outcome.status, outcome.retry_after) == (status, None)
    assert outcome.response_excerpt == (b"" if status == 204 else b"why")
    assert outcome.latency_seconds > 0


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Fri, 27 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Fri, 27 Nov 2026 11:00:00 GMT", timedelta()),
        ("Friday, 27-Nov-26 12:10:00 GMT", timedelta(minutes=10)),
        ("-1", None),
        ("soon", None),
        ("99999999999999999999", None),
        ("Fri, 99 Nov 2026 12:10:00 GMT", None),
        ("Fri, 27 Nov 99999 12:10:00 GMT", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(asked: str, wait: timedelta | None) -> None:
    _, outcome = answered(answering(answer("429 Slower", b"", f"Retry-After: {asked}")))
    assert outcome.retry_after_delay(NOW) == wait


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(status: int) -> None:
    async def story() -> tuple[WebhookResponse | WebhookFailure, Receiver]:
        async with receiving(answering(answer())) as elsewhere:
            leads = answer(f"{status} There", b"", f"Location: {elsewhere.url}")
            async with receiving(answering(leads)) as there, patient() as poster:
                return await poster.post(there.url, BODY, {}), elsewhere

    outcome, elsewhere = asyncio.run(story())
    assert isinstance(outcome, WebhookResponse)
    assert (outcome.status, elsewhere.connections) == (status, 0)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    there, _ = answered(answering(answer()))
    assert len(there.requests) == 1


def test_cookies_are_not_kept() -> None:
    setting = answer("200 OK", b"", "Set-Cookie: who=me; Path=/")
    there, _ = post_to(answering(setting, setting), times=2)
    assert len(there.requests) == 2
    assert "who=me" not in there.requests[1]


# --- bodies ------------------------------------------------------------------------------------


def pouring(head: bytes, piece: bytes, pause: float = 0, pieces: int = 16_384) -> Conduct:
    async def conduct(receiver: Receiver, wire: Wire) -> None:
        reader, writer = wire
        await receiver.read(reader)
        await receiver.send(writer, head)
        for _ in range(pieces):
            await receiver.send(writer, piece)
            await asyncio.sleep(pause)

    return conduct


GIGABYTE = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (GIGABYTE, b"x" * 65536),
        (CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    ],
)
def test_of_a_gigabyte_the_first_bytes_are_kept_and_the_rest_not_waited_for(
    head: bytes, piece: bytes
) -> None:
    there, outcome = answered(pouring(head, piece))
    assert outcome.response_excerpt == b"x" * MAX_RESPONSE_BYTES
    assert there.sent < 16 * 2**20  # what the sockets of the machine buffer, and no more


def test_a_body_that_drips_costs_its_short_wait_and_is_still_an_answer() -> None:
    def client() -> WebhookClient:
        return WebhookClient(development=True, timeout_seconds=60, body_seconds=0.2)

    there, [outcome] = post_to(pouring(CHUNKED, b"1\r\nx\r\n", pause=0.02), client=client)
    assert isinstance(outcome, WebhookResponse)
    assert outcome.status == 200
    assert set(outcome.response_excerpt) <= {ord("x")}
    assert len(outcome.response_excerpt) < MAX_RESPONSE_BYTES  # not waited for: that takes a minute
    assert there.connections == 1


def test_a_body_that_breaks_off_is_an_answer_as_far_as_it_came() -> None:
    _, outcome = answered(answering(b"HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\npart"))
    assert (outcome.status, outcome.response_excerpt) == (500, b"part")


def test_a_body_that_is_packed_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, outcome = answered(answering(answer("200 OK", bomb, "Content-Encoding: gzip")))
    assert outcome.response_excerpt == bomb[:MAX_RESPONSE_BYTES]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


# --- receivers that do not answer, or not in HTTP ------------------------------------------------


async def hang(receiver: Receiver, wire: Wire) -> None:
    await receiver.read(wire[0])
    await asyncio.sleep(60)


async def reset(_receiver: Receiver, wire: Wire) -> None:
    connection = wire[1].get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_receiver_that_never_answers_is_a_timeout() -> None:
    assert failed(hang, quick) is FailureKind.TIMEOUT


def test_a_head_that_drips_is_a_timeout() -> None:
    assert (
        failed(pouring(b"HTTP/1.1 200 OK\r\nX: ", b"x", pause=0.05), quick) is FailureKind.TIMEOUT
    )


def test_promises_without_an_answer_are_a_timeout() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert failed(pouring(b"", hint, pause=0.01), quick) is FailureKind.TIMEOUT


@pytest.mark.parametrize("conduct", [reset, answering(b"")])
def test_a_connection_that_is_closed_without_an_answer_is_told(conduct: Conduct) -> None:
    there, [outcome] = post_to(conduct)
    assert isinstance(outcome, WebhookFailure)
    assert (outcome.kind, there.connections) == (FailureKind.RESET, 1)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"+PONG\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"x" * 100_000,
    ],
)
def test_what_is_not_http_is_told_as_such(garbage: bytes) -> None:
    assert failed(answering(garbage)) is FailureKind.PROTOCOL


@pytest.mark.parametrize("piece", [b"X: " + b"x" * 4000 + b"\r\n", b"x" * 65536])
def test_enormous_headers_are_broken_off(piece: bytes) -> None:
    seen: list[Receiver] = []

    async def conduct(receiver: Receiver, wire: Wire) -> None:
        seen.append(receiver)
        await pouring(b"HTTP/1.1 200 OK\r\nX: y\r\nY: ", piece)(receiver, wire)

    assert failed(conduct) is FailureKind.PROTOCOL
    assert seen[0].sent < 16 * 2**20


def test_whatever_is_answered_is_an_outcome_and_never_an_exception() -> None:
    chance = random.Random(5)  # noqa: S311 - repeatable, not secret
    whole = answer("200 OK", b"x" * 50, "Retry-After: 5", "Connection: close", "ETag: y")

    def spoilt() -> bytes:
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data[: chance.randint(1, len(data))])

    async def conduct(receiver: Receiver, wire: Wire) -> None:
        await answering(spoilt())(receiver, wire)

    _, outcomes = post_to(conduct, times=300)
    assert len(outcomes) == 300


def test_nobody_at_the_port_is_unreachable() -> None:
    async def story() -> WebhookResponse | WebhookFailure:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            async with patient() as poster:
                return await poster.post(f"http://127.0.0.1:{taken.getsockname()[1]}/", BODY, {})

    outcome = asyncio.run(story())
    assert isinstance(outcome, WebhookFailure)
    assert outcome.kind is FailureKind.UNREACHABLE


# --- connections that are kept -------------------------------------------------------------------


def test_a_healthy_connection_is_used_again() -> None:
    there, outcomes = post_to(answering(*[answer("200 OK", b"thanks")] * 5), times=5)
    assert [outcome.__class__ for outcome in outcomes] == [WebhookResponse] * 5
    assert there.connections == 1


def test_a_connection_whose_body_was_not_read_to_its_end_is_not_used_again() -> None:
    long = answer("200 OK", b"x" * 2**20)
    there, outcomes = post_to(answering(long, long), times=2)
    assert [outcome.__class__ for outcome in outcomes] == [WebhookResponse] * 2
    assert there.connections == 2


def test_a_kept_connection_that_was_closed_meanwhile_is_not_held_against_the_receiver() -> None:
    async def conduct(receiver: Receiver, wire: Wire) -> None:
        reader, writer = wire
        await receiver.read(reader)
        await receiver.send(writer, answer())
        await reader.read(1)  # the next request has come, and is not answered

    there, outcomes = post_to(conduct, times=3)
    assert [outcome.__class__ for outcome in outcomes] == [WebhookResponse] * 3
    assert there.connections == 3


def test_a_slow_receiver_does_not_delay_another() -> None:
    async def story() -> None:
        are_both_waiting = asyncio.Event()

        async def keep_waiting(receiver: Receiver, wire: Wire) -> None:
            await receiver.read(wire[0])
            if len(receiver.requests) == 2:
                are_both_waiting.set()
            await asyncio.sleep(60)

        async with receiving(keep_waiting) as slow, receiving(answering(answer())) as other:
            dialler = Dialler(answers=[["127.0.0.1"]], connects=True)
            async with patient(lookup=dialler.lookup, per_host=2) as poster:
                url = f"http://slow.example:{slow.port}/"
                waiting = [asyncio.create_task(poster.post(url, BODY, {})) for _ in range(200)]
                await are_both_waiting.wait()
                outcome = await poster.post(f"http://other.example:{other.port}/", BODY, {})
                assert isinstance(outcome, WebhookResponse)
                assert slow.connections == 2
                assert not any(task.done() for task in waiting)
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(story())


# --- TLS -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def post_securely(
    authority: Authority, host: str, proves: str, *, days: int = 1, trusted: bool = True
) -> tuple[Receiver, WebhookResponse | WebhookFailure]:
    async def story() -> tuple[Receiver, WebhookResponse | WebhookFailure]:
        dialler = Dialler(answers=[["127.0.0.1"]], connects=True)
        also = {"tls": authority.client()} if trusted else {}
        async with (
            receiving(answering(answer()), authority.server(proves, days=days)) as there,
            patient(lookup=dialler.lookup, **also) as poster,
        ):
            return there, await poster.post(f"https://{host}:{there.port}/", BODY, {})

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("host", "proves"),
    [
        ("receiver.example", "receiver.example"),
        ("Receiver.Example.", "receiver.example"),
        ("one.receiver.example", "*.receiver.example"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_receiver_that_proves_its_name_is_answered_to(
    authority: Authority, host: str, proves: str
) -> None:
    there, outcome = post_securely(authority, host, proves)
    assert isinstance(outcome, WebhookResponse), outcome
    assert there.names == [proves.replace("*", "one")]


@pytest.mark.parametrize(
    ("host", "proves", "days", "trusted"),
    [
        ("receiver.example", "other.example", 1, True),
        ("a.b.receiver.example", "*.receiver.example", 1, True),
        ("127.0.0.1", "localhost", 1, True),
        ("receiver.example", "receiver.example", -1, True),
        ("receiver.example", "receiver.example", 1, False),
    ],
)
def test_a_receiver_that_cannot_prove_its_name_is_sent_nothing(
    authority: Authority, host: str, proves: str, days: int, *, trusted: bool
) -> None:
    there, outcome = post_securely(authority, host, proves, days=days, trusted=trusted)
    assert isinstance(outcome, WebhookFailure)
    assert (outcome.kind, there.requests) == (FailureKind.TLS, [])


def secure_against(conduct: Conduct, client: Callable[[], WebhookClient]) -> WebhookFailure:
    async def story() -> WebhookResponse | WebhookFailure:
        async with receiving(conduct) as there, client() as poster:
            return await poster.post(f"https://127.0.0.1:{there.port}/", BODY, {})

    outcome = asyncio.run(story())
    assert isinstance(outcome, WebhookFailure)
    return outcome


async def speak_plainly(receiver: Receiver, wire: Wire) -> None:
    await receiver.send(wire[1], answer())
    await asyncio.sleep(0.1)


async def say_nothing(_receiver: Receiver, _wire: Wire) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("conduct", "client", "kind"),
    [(speak_plainly, patient, FailureKind.TLS), (say_nothing, quick, FailureKind.TIMEOUT)],
)
def test_a_receiver_without_tls_is_told(
    conduct: Callable[[Receiver, Wire], Awaitable[None]],
    client: Callable[[], WebhookClient],
    kind: FailureKind,
) -> None:
    assert secure_against(conduct, client).kind is kind
