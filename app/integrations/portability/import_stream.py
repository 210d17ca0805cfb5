"""Past applications in: each line taken in whole, or refused by its number.

Lines are read and checked as they come, and taken in some hundred at a time, each
time in one transaction. Nothing is told of a line before it is committed. What is
known by its `external_id` is left as it is, so that a file can be sent again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fastapi import Request
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from app.accounts.request_context import RequestContext
from app.core.http.app_state import StateKey
from app.core.http.request_validation import media_type_of
from app.core.http.validation_errors import field_errors
from app.core.problems import BodyTooLarge, FieldError
from app.core.unit_of_work.preconditions import NO_PRECONDITIONS
from app.integrations.portability.importer import (
    ParsedLine,
    import_batch,
    parsed_line,
    rejected_line,
)
from app.integrations.portability.jsonl import MEDIA_TYPE, DuplexJsonLinesResponse, SpooledReport
from app.integrations.portability.line_splitter import LineSplitter, RawLine
from app.integrations.portability.problems import MediaTypeNotTaken
from app.integrations.portability.schemas import (
    HistoryDone,
    HistoryProgress,
    HistoryStopped,
    LineRefused,
    PastApplication,
)
from app.tracking.applications.models import ApplicationRow

TAKEN = (MEDIA_TYPE, "application/x-ndjson")

_AT_ONCE = 500  # lines in a transaction
_BYTES_AT_ONCE = 1_048_576
_BETWEEN_PROGRESS = 5_000  # lines
_MOST_REFUSED = 100_000

_log = logging.getLogger("debrief")

Batch = Sequence[RawLine]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, in bytes."""

    body: int
    line: int


IMPORT_LIMITS: StateKey[Limits] = StateKey("import_limits")


async def import_history(
    access: RequestContext, request: Request, limits: Limits
) -> DuplexJsonLinesResponse:
    """Take a history in; the answer begins once the first lines are committed.

    Until then, what goes wrong is answered as everywhere. From then on the last line tells it.
    """
    _check_media_type(request)
    batches = _batches(request.stream(), limits)
    taking = _Taking(access, limits, SpooledReport())
    first = await anext(batches, None)
    if first is not None:
        await taking.take(first)
    going_on = asyncio.create_task(taking.go_on(batches))

    async def lines() -> AsyncIterator[bytes]:
        try:
            async for some in taking.report.read():
                yield some
        finally:
            going_on.cancel()
            with suppress(asyncio.CancelledError):
                await going_on

    return DuplexJsonLinesResponse(lines())


@dataclass(slots=True)
class _Taking:
    """One history on its way in, and how far it is."""

    access: RequestContext
    limits: Limits
    report: SpooledReport
    counts: dict[str, int] = field(
        default_factory=lambda: {"lines": 0, "taken_in": 0, "unchanged": 0, "refused": 0}
    )
    _told: int = 0
    _count_anew_at: int = 1_000  # lines taken in

    async def go_on(self, batches: AsyncIterator[Batch]) -> None:
        """Take in all that is still to come, and tell how it ended."""
        try:
            async for batch in batches:
                await self.take(batch)
                if self.counts["refused"] >= _MOST_REFUSED:
                    await _pass_over(batches)
                    self._stop("too_many_refused", _TOO_MANY)
                    return
            self.report.write(HistoryDone(**self.counts))
        except ClientDisconnect:
            pass  # whole lines are in, and nobody is there to be told
        except BodyTooLarge as problem:
            self._stop("body_too_large", problem.detail)
        except Exception:  # noqa: BLE001 - the answer has begun, so nobody else could tell of it
            _log.exception("a history could not be taken in to its end")
            self._stop("unexpected", _UNEXPECTED)
        finally:
            self.report.end()

    async def take(self, batch: Batch) -> None:
        """Take some lines in, and tell of them once they are committed."""
        entries, refused = await asyncio.to_thread(self._read, batch)
        work = self.access.work
        tally = await work.write(
            work.bind_write(self.access.caller, NO_PRECONDITIONS, import_batch, entries)
        )
        refused = sorted([*refused, *tally.refused], key=lambda each: each.line)
        self.counts["lines"] = batch[-1].number
        self.counts["taken_in"] += tally.taken_in
        self.counts["unchanged"] += tally.unchanged
        self.counts["refused"] += len(refused)
        self.report.write(*refused)
        if self.counts["taken_in"] >= self._count_anew_at:
            self._count_anew_at *= 10
            await work.database.analyze(ApplicationRow.__tablename__)
        if self.counts["lines"] - self._told >= _BETWEEN_PROGRESS:
            self._told = self.counts["lines"]
            self.report.write(HistoryProgress(**self.counts))

    def _read(self, batch: Batch) -> tuple[list[ParsedLine], list[LineRefused]]:
        entries: list[ParsedLine] = []
        refused: list[LineRefused] = []
        for line in batch:
            match read(line, self.limits.line):
                case ParsedLine() as read_well:
                    entries.append(read_well)
                case LineRefused() as told:
                    refused.append(told)
        return entries, refused

    def _stop(self, code: str, detail: str) -> None:
        self.report.write(HistoryStopped(code=code, detail=detail, **self.counts))


def read(line: RawLine, longest: int) -> ParsedLine | LineRefused:
    """Read a line by itself."""
    if line.content is None:
        detail = f"a line has at most {longest} bytes"
        return rejected_line(line.number, [FieldError("#", "line_too_long", detail)])
    try:
        return parsed_line(line.number, PastApplication.model_validate_json(line.content))
    except ValidationError as error:
        mistakes = [
            {**mistake, "loc": ("body", *mistake["loc"])}
            for mistake in error.errors(include_url=False, include_input=False)
        ]
        return rejected_line(line.number, field_errors(mistakes))


async def _batches(pieces: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[Batch]:
    """Cut the body into lines, some at a time; raise BodyTooLarge beyond the limit."""
    cutter = LineSplitter(limits.line)
    batch: list[RawLine] = []
    held = read_so_far = 0
    async for piece in pieces:
        read_so_far += len(piece)
        if read_so_far > limits.body:
            raise BodyTooLarge(largest_bytes=limits.body)
        for line in cutter.feed(piece):
            batch.append(line)
            held += len(line.content or b"")
            if len(batch) >= _AT_ONCE or held >= _BYTES_AT_ONCE:
                yield batch
                batch, held = [], 0
    batch.extend(cutter.end())
    if batch:
        yield batch


async def _pass_over(batches: AsyncIterator[Batch]) -> None:
    """Read on without looking: most callers hear nothing until they have sent everything."""
    async for _ in batches:
        pass


def _check_media_type(request: Request) -> None:
    if media_type_of(request) not in TAKEN:
        raise MediaTypeNotTaken(headers={"Accept-Post": ", ".join(TAKEN)})


_TOO_MANY = f"{_MOST_REFUSED:,} lines were refused; what follows was not looked at"
_UNEXPECTED = "something went wrong on our side; send the file again, which adds what is missing"
