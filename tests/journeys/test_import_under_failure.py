"""A history sent to a real server: killed, cut off, read while it is sent, and never held whole."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from benchmarks.import_export import past
from tests.harness.idempotency.__main__ import candidate_key
from tests.support.servers import Running, serving, start

LINES = 3_000


class Upload:
    """A history on its way: pieces go out when told to, and the answer is read line by line."""

    def __init__(self, server: Running, key: str) -> None:
        address = urlsplit(server.address)
        self._socket = socket.create_connection((address.hostname or "", address.port or 0))
        self._socket.settimeout(60)
        self.answer = self._socket.makefile("rb")
        head = (
            "POST /v1/history HTTP/1.1",
            "Host: test",
            f"Authorization: Bearer {key}",
            "Content-Type: application/jsonl",
            "Transfer-Encoding: chunked",
        )
        self._socket.sendall("\r\n".join([*head, "", ""]).encode())

    def send(self, piece: bytes) -> None:
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))

    def end(self) -> None:
        self._socket.sendall(b"0\r\n\r\n")

    def lines(self) -> Iterator[Any]:
        """Yield the lines of the answer as they come."""
        for text in self.answer:
            if text.startswith(b"{"):
                yield json.loads(text)

    def close(self) -> None:
        self.answer.close()
        self._socket.close()


@contextmanager
def uploading(server: Running, key: str) -> Iterator[Upload]:
    upload = Upload(server, key)
    try:
        yield upload
    finally:
        upload.close()


def post(server: Running, key: str, body: bytes) -> Any:
    """Send a whole history and return the last line of the answer."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/jsonl"}
    answer = httpx2.post(f"{server.address}/v1/history", content=body, headers=headers, timeout=120)
    return json.loads(answer.text.splitlines()[-1])


def external_ids(server: Running, key: str) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx2.get(f"{server.address}/v1/history", headers=headers, timeout=120)
    return [json.loads(line)["external_id"] for line in answer.text.splitlines()]


@pytest.mark.slow
def test_a_killed_server_leaves_whole_lines_and_the_file_sent_again_completes_them(
    own_url: str,
) -> None:
    key = candidate_key(own_url)
    lines = list(past(12_000))
    server = start(own_url)
    with uploading(server, key) as upload:
        upload.send(b"".join(lines[:11_000]))
        progress = next(upload.lines())
        server.process.kill()
        server.reap()
    assert progress["kind"] == "progress"
    with serving(own_url) as anew:
        there = external_ids(anew, key)
        # What was told is there; what is there are lines in their order, none of them twice.
        assert len(there) >= progress["imported"] == progress["lines"]
        assert there == [f"tracker-{number}" for number in range(len(there))]
        last = post(anew, key, b"".join(lines))
        assert (last["imported"], last["unchanged"]) == (12_000 - len(there), len(there))
        assert external_ids(anew, key) == [f"tracker-{number}" for number in range(12_000)]


@pytest.mark.slow
def test_a_caller_who_goes_away_leaves_no_half_a_line(own_url: str) -> None:
    key = candidate_key(own_url)
    lines = list(past(6_001))
    with serving(own_url) as server:
        with uploading(server, key) as upload:
            upload.send(b"".join(lines[:6_000]) + lines[6_000][:-20])
            assert next(upload.lines())["lines"] == 5_000
        last = post(server, key, b"".join(lines))
        assert last["imported"] + last["unchanged"] == 6_001
        assert last["imported"] >= 1
        assert len(external_ids(server, key)) == 6_001


@pytest.mark.slow
def test_the_answer_comes_while_the_history_is_still_being_sent(own_url: str) -> None:
    key = candidate_key(own_url)
    lines = past(LINES)
    with serving(own_url) as server, uploading(server, key) as upload:
        upload.send(b"{\n" + b"".join(islice(lines, 1_000)))
        told = upload.lines()
        assert next(told)["line"] == 1
        upload.send(b"".join(lines))
        upload.end()
        assert list(told)[-1]["imported"] == LINES


@pytest.mark.slow
def test_what_is_too_large_is_cut_off_and_what_came_before_is_kept(own_url: str) -> None:
    key = candidate_key(own_url)
    body = b"".join(past(LINES))
    with serving(own_url, max_history_bytes=len(body) - 1) as server:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/jsonl"}
        path = f"{server.address}/v1/history"
        announced = httpx2.post(path, content=body, headers=headers)
        assert (announced.status_code, announced.json()["code"]) == (413, "body_too_large")
        assert external_ids(server, key) == []
        with uploading(server, key) as upload:
            upload.send(body)
            last = list(upload.lines())[-1]
        assert (last["kind"], last["code"]) == ("stopped", "body_too_large")
        assert len(external_ids(server, key)) == last["imported"] > 0


@pytest.mark.slow
def test_memory_does_not_grow_with_the_history(own_url: str) -> None:
    key = candidate_key(own_url)

    def resident(server: Running) -> int:
        status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
        (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1024

    with serving(own_url, worker=False) as server:  # what it learns from them stays in memory
        post(server, key, b"".join(past(2_000)))
        external_ids(server, key)
        before = resident(server)
        body = b"".join(past(12_000)) + b" " * 20_000_000 + b"\n{\n"
        assert post(server, key, body)["rejected"] == 2
        assert len(external_ids(server, key)) == 12_000
        assert resident(server) - before < 20_000_000 < len(body)
