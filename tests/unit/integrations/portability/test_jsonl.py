"""JSON Lines: pages that are streamed, and a report that is read while it is written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from app.accounts.request_context import RequestContext
from app.core.persistence.tenancy import Caller, Role
from app.core.problems import Conflict
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.core.unit_of_work.session import ReadSession
from app.integrations.portability import jsonl
from app.integrations.portability.jsonl import SpooledReport, stream
from app.integrations.portability.schemas import LineError, RejectedLine
from tests.support.callers import Services, candidate
from tests.support.service import Service


def refused(number: int, detail: str = "") -> RejectedLine:
    fault = LineError(pointer="#", code="x", detail=detail)
    return RejectedLine(line=number, errors=[fault])


def text_of(*lines: RejectedLine) -> bytes:
    return b"".join(line.model_dump_json().encode() + b"\n" for line in lines)


def run(test: Callable[[SpooledReport], Awaitable[Any]]) -> Any:
    async def with_report() -> Any:
        async with asyncio.timeout(10):  # a report that is never complete would hang the test
            return await test(SpooledReport())

    return asyncio.run(with_report())


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def test_a_report_is_one_line_for_each_object() -> None:
    async def test(report: SpooledReport) -> bytes:
        report.write(refused(1), refused(2))
        report.write()
        report.write(refused(3))
        report.end()
        return await whole(report.read())

    assert run(test) == text_of(refused(1), refused(2), refused(3))


def test_a_report_without_lines_ends_at_once() -> None:
    async def test(report: SpooledReport) -> bytes:
        report.end()
        return await whole(report.read())

    assert run(test) == b""


def test_a_report_is_read_while_it_is_written() -> None:
    async def test(report: SpooledReport) -> None:
        chunks = report.read()
        for number in range(3):
            report.write(refused(number))
            assert await anext(chunks) == text_of(refused(number))
        report.end()
        assert await anext(chunks, None) is None

    run(test)


def test_a_reader_waits_for_the_next_line() -> None:
    async def test(report: SpooledReport) -> bytes:
        reading = asyncio.create_task(whole(report.read()))
        for number in range(3):
            await asyncio.sleep(0)
            assert not reading.done()
            report.write(refused(number))
        await asyncio.sleep(0)
        report.end()
        return await reading

    assert run(test) == text_of(*map(refused, range(3)))


def test_a_long_report_goes_to_a_file_and_comes_back_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonl, "_MAX_IN_MEMORY", 1_000)
    monkeypatch.setattr(jsonl, "_CHUNK_SIZE", 300)
    lines = [refused(number, "x" * number) for number in range(100)]

    async def test(report: SpooledReport) -> bytes:
        report.write(*lines[:50])
        assert report._file._rolled  # type: ignore[attr-defined]  # noqa: SLF001 - where it is kept shows nowhere else
        chunks = report.read()
        read = [await anext(chunks) for _ in range(5)]
        report.write(*lines[50:])  # at the end, though the reader is in the middle of the file
        report.end()
        read += [chunk async for chunk in chunks]
        assert max(map(len, read)) == 300
        return b"".join(read)

    assert run(test) == text_of(*lines)


def test_the_file_is_closed_when_the_reader_has_gone() -> None:
    async def test(report: SpooledReport) -> bool:
        report.write(refused(1))
        chunks: Any = report.read()
        await anext(chunks)
        await chunks.aclose()
        return report._file.closed  # noqa: SLF001 - nothing else shows it

    assert run(test)


@pytest.fixture
def ada(service: Service) -> Services:
    return candidate(service)


def context_of(ada: Services) -> RequestContext:
    async def reauthenticate() -> Caller:
        return ada.caller

    runner = ada.service.runner
    return RequestContext(ada.caller, runner, NO_PRECONDITIONS, None, set(), reauthenticate)


def test_pages_are_streamed_until_the_last_one(ada: Services) -> None:
    def page(session: ReadSession, position: int) -> tuple[bytes, int | None]:
        assert session.caller.role is Role.CANDIDATE
        return f"{position}\n".encode(), position + 1 if position < 3 else None

    async def read() -> bytes:
        answer = await stream(context_of(ada), page, 1)
        assert answer.media_type == "application/jsonl"
        return await whole(answer.body_iterator)  # type: ignore[arg-type]  # of bytes

    assert asyncio.run(read()) == b"1\n2\n3\n"


def test_an_error_on_the_first_page_is_raised_before_the_response_starts(ada: Services) -> None:
    def fail(_: ReadSession, __: int) -> tuple[bytes, int | None]:
        raise Conflict

    with pytest.raises(Conflict):
        asyncio.run(stream(context_of(ada), fail, 1))
