"""Measure import and export: `python -m benchmarks.import_export [--lines N] [--write]`.

The file is sent over loopback by a client that reads nothing before it has sent everything, as
most do, and is never held whole on either side. Exits with 1 when the server's memory
was above 300 MB at any time, or when a count is not as it has to be.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple

from app.scoring import SignalId
from benchmarks import records
from benchmarks.page import PAGE, put
from benchmarks.servers import OURS, Server, databases, serving

MOST_MEGABYTES = 300
LINES = 100_000

_TITLE = "Import and export"
_PREFACE = """
`python -m benchmarks.import_export` measures this in some minutes, apart from `make bench`.
{lines:,} past applications in {size:.0f} MB, each with two interviews and eight signals, are sent
by a client that reads nothing before it has sent everything; then again; then as many lines that
are all rejected. Then everything is exported. Memory is the peak RSS of the server process since
it was started; an idle one has {idle:.0f} MB.

| database | what | lines a second | seconds | peak MB |
|---|---|---:|---:|---:|
"""
_LEVELS = ("absent", "somewhat", "clearly")
_SIGNALS = (
    SignalId.CONVERSATIONAL,
    SignalId.RAMBLED,
    SignalId.CLEAR_NEXT_STEPS,
    SignalId.FELT_EXCITED,
)
_OUTCOMES = ("offer", "no_offer", "no_response", "withdrawn")
_PIECE = 65_536


class Measured(NamedTuple):
    """How one thing went."""

    what: str
    lines: int
    seconds: float
    peak_megabytes: float
    is_right: bool


def main() -> None:
    """Measure on both databases, print the table, and write it down if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_export", description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--write", action="store_true", help="write it into docs/benchmarks.md")
    options = parser.parse_args()
    size = sum(len(line) for line in past(options.lines)) / 1e6
    found: list[tuple[str, Measured]] = []
    idle = 0.0
    with databases() as urls:
        for kind, url in urls.items():
            key = records.begin(url).key
            with serving(OURS, url) as server:
                idle = idle or peak_megabytes(server)
                found += [(kind, each) for each in measure(server, key, options.lines)]
    rows = (
        f"| {kind} | {each.what} | {each.lines / each.seconds:,.0f} | {each.seconds:.1f} "
        f"| {each.peak_megabytes:.0f} |"
        for kind, each in found
    )
    table = _PREFACE.format(lines=options.lines, size=size, idle=idle) + "\n".join(rows) + "\n"
    print(table)
    if options.write:
        put(_TITLE, table)
    sys.exit(not all(e.is_right and e.peak_megabytes < MOST_MEGABYTES for _, e in found))


def sections_measured_apart() -> str:
    """Return what the page says of histories and of what follows them."""
    _, title, section = PAGE.read_text(encoding="utf-8").partition(f"\n## {_TITLE}\n")
    return title + section


def measure(server: Server, key: str, lines: int) -> Iterator[Measured]:
    """Send a history, send it again, send as many bad lines, and read everything."""

    def sends(what: str, body: Callable[[], Iterator[bytes]], **expected: int) -> Measured:
        began = time.perf_counter()
        last = send(server, key, body())
        right = last["kind"] == "done" and all(last[k] == n for k, n in expected.items())
        return _measured(server, what, lines, began, is_right=right)

    def reads(what: str, path: str, least: int) -> Measured:
        began = time.perf_counter()
        found = read(server, key, path)
        return _measured(server, what, found, began, is_right=found >= least)

    yield sends("imported", lambda: past(lines), imported=lines)
    yield sends("sent again, unchanged", lambda: past(lines), unchanged=lines)
    # The limit on refusals is as many; one more would be too many.
    yield sends("all rejected", lambda: bad(lines - 1), refused=lines - 1)
    yield reads("exported as applications", "/v1/history", lines)
    yield reads("exported as personal data", "/v1/me/export", lines * 8)


def _measured(server: Server, what: str, lines: int, began: float, *, is_right: bool) -> Measured:
    seconds = time.perf_counter() - began
    print(f"{what}: {seconds:.1f} s", "" if is_right else "WRONG", file=sys.stderr, flush=True)
    return Measured(what, lines, seconds, peak_megabytes(server), is_right)


def past(count: int) -> Iterator[bytes]:
    """Yield so many lines of past applications."""
    for number in range(count):
        applied = date(2020, 1, 1) + timedelta(days=number % 2_000)
        company = number % records.COMPANIES
        line = {
            "external_id": f"tracker-{number}",
            "company": {"name": f"Company {company}"},
            "job_title": "Backend Engineer",
            "hiring_manager": {"name": f"Manager {company}", "title": "Head of Platform"},
            "source": "referral",
            "applied_on": applied.isoformat(),
            "location": "Leeds",
            "notes": "Came across it by chance; the team is small and knows what it wants.",
            "interviews": [
                {
                    "round": held,
                    "format": "video",
                    "starts_at": f"{applied + timedelta(days=days)}T10:00:00Z",
                    "signals": {
                        signal: _LEVELS[(number // 3**place + days) % 3]
                        for place, signal in enumerate(_SIGNALS)
                    },
                }
                for held, days in (("first", 7), ("second", 14))
            ],
            "outcome": _OUTCOMES[number % 4],
            "known_on": (applied + timedelta(days=21)).isoformat(),
        }
        yield json.dumps(line).encode() + b"\n"


def bad(count: int) -> Iterator[bytes]:
    """Yield so many lines that each lack what is needed."""
    return (b'{"external_id": "tracker-%d"}\n' % number for number in range(count))


def send(server: Server, key: str, lines: Iterator[bytes]) -> dict[str, Any]:
    """Send a history of unknown length; return the last line of the answer."""
    answer = _ask(server, key, "POST", "/v1/history", _pieces(lines))
    last = b""
    while line := answer.readline():
        last = line
    told: dict[str, Any] = json.loads(last)
    return told


def read(server: Server, key: str, path: str) -> int:
    """Read a stream to its end and return how many lines it had."""
    answer = _ask(server, key, "GET", path)
    found = 0
    while some := answer.read(_PIECE):
        found += some.count(b"\n")
    return found


def peak_megabytes(server: Server) -> float:
    """Return the most that the server process ever had in main memory (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / 1e6


def _ask(
    server: Server, key: str, method: str, path: str, body: Iterator[bytes] | None = None
) -> HTTPResponse:
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers |= {"Content-Type": "application/jsonl", "Transfer-Encoding": "chunked"}
    connection = HTTPConnection(server.host, server.port)
    connection.request(method, path, body, headers, encode_chunked=body is not None)
    return connection.getresponse()


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


if __name__ == "__main__":
    main()
