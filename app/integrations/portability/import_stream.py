"""Import over HTTP: lines are read as they arrive and imported in batches.

Each line is imported atomically or rejected with its number; other lines are unaffected. A line
is reported only once it is committed. Lines that are stored already are left as they are, so a
file can be sent again.
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
from app.integrations.portability.problems import UnsupportedMediaType
from app.integrations.portability.schemas import (
    ImportDone,
    ImportProgress,
    ImportStopped,
    PastApplication,
    RejectedLine,
)
from app.tracking.applications.models import ApplicationRow

MEDIA_TYPES = (MEDIA_TYPE, "application/x-ndjson")

_BATCH_SIZE = 500  # lines in one transaction
_MAX_BATCH_BYTES = 1_048_576
_LINES_BETWEEN_PROGRESS = 5_000
_MAX_REJECTED = 100_000

_log = logging.getLogger("debrief")

Batch = Sequence[RawLine]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an import, in bytes."""

    body: int
    line: int


IMPORT_LIMITS: StateKey[Limits] = StateKey("import_limits")


async def import_history(
    context: RequestContext, request: Request, limits: Limits
) -> DuplexJsonLinesResponse:
    """Import a body of JSON lines; the response starts once the first batch is committed.

    An error before that is an ordinary problem. From then on, the last line of the response says
    how the import ended.
    """
    _require_json_lines(request)
    batches = _batches(request.stream(), limits)
    running = _Import(context, limits, SpooledReport())
    first = await anext(batches, None)
    if first is not None:
        await running.add(first)
    rest = asyncio.create_task(running.run(batches))

    async def report() -> AsyncIterator[bytes]:
        try:
            async for chunk in running.report.read():
                yield chunk
        finally:
            rest.cancel()
            with suppress(asyncio.CancelledError):
                await rest

    return DuplexJsonLinesResponse(report())


@dataclass(slots=True)
class _Import:
    """One import and its progress."""

    context: RequestContext
    limits: Limits
    report: SpooledReport
    counts: dict[str, int] = field(
        default_factory=lambda: {"lines": 0, "imported": 0, "unchanged": 0, "rejected": 0}
    )
    _reported_lines: int = 0
    _analyze_at: int = 1_000  # imported lines, after which the planner's statistics are out of date

    async def run(self, batches: AsyncIterator[Batch]) -> None:
        """Import all that still arrives, and report how it ended."""
        try:
            async for batch in batches:
                await self.add(batch)
                if self.counts["rejected"] >= _MAX_REJECTED:
                    await _discard(batches)
                    self._stop("too_many_rejected", _TOO_MANY_REJECTED)
                    return
            self.report.write(ImportDone(**self.counts))
        except ClientDisconnect:
            pass  # complete lines are stored, and nobody is left to read the report
        except BodyTooLarge as problem:
            self._stop("body_too_large", problem.detail)
        except Exception:  # noqa: BLE001 - the response has started: no handler can report it
            _log.exception("an import failed")
            self._stop("internal_error", _INTERNAL_ERROR)
        finally:
            self.report.end()

    async def add(self, batch: Batch) -> None:
        """Import a batch, and report it once it is committed."""
        lines, rejected = await asyncio.to_thread(self._parse, batch)
        runner = self.context.runner
        result = await runner.write(
            runner.bind_write(self.context.caller, NO_PRECONDITIONS, import_batch, lines)
        )
        rejected = sorted([*rejected, *result.rejected], key=lambda line: line.line)
        self.counts["lines"] = batch[-1].number
        self.counts["imported"] += result.imported
        self.counts["unchanged"] += result.unchanged
        self.counts["rejected"] += len(rejected)
        self.report.write(*rejected)
        if self.counts["imported"] >= self._analyze_at:
            self._analyze_at *= 10
            await runner.database.analyze(ApplicationRow.__tablename__)
        if self.counts["lines"] - self._reported_lines >= _LINES_BETWEEN_PROGRESS:
            self._reported_lines = self.counts["lines"]
            self.report.write(ImportProgress(**self.counts))

    def _parse(self, batch: Batch) -> tuple[list[ParsedLine], list[RejectedLine]]:
        parsed: list[ParsedLine] = []
        rejected: list[RejectedLine] = []
        for line in batch:
            match parse(line, self.limits.line):
                case ParsedLine() as valid:
                    parsed.append(valid)
                case RejectedLine() as invalid:
                    rejected.append(invalid)
        return parsed, rejected

    def _stop(self, code: str, detail: str) -> None:
        self.report.write(ImportStopped(code=code, detail=detail, **self.counts))


def parse(line: RawLine, max_bytes: int) -> ParsedLine | RejectedLine:
    """Validate a line by itself."""
    if line.content is None:
        detail = f"a line has at most {max_bytes} bytes"
        return rejected_line(line.number, [FieldError("#", "line_too_long", detail)])
    try:
        return parsed_line(line.number, PastApplication.model_validate_json(line.content))
    except ValidationError as error:
        errors = [
            {**details, "loc": ("body", *details["loc"])}
            for details in error.errors(include_url=False, include_input=False)
        ]
        return rejected_line(line.number, field_errors(errors))


async def _batches(chunks: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[Batch]:
    """Split the body into batches of lines; raise BodyTooLarge beyond the limit."""
    splitter = LineSplitter(limits.line)
    batch: list[RawLine] = []
    batch_bytes = body_bytes = 0
    async for chunk in chunks:
        body_bytes += len(chunk)
        if body_bytes > limits.body:
            raise BodyTooLarge(largest_bytes=limits.body)
        for line in splitter.feed(chunk):
            batch.append(line)
            batch_bytes += len(line.content or b"")
            if len(batch) >= _BATCH_SIZE or batch_bytes >= _MAX_BATCH_BYTES:
                yield batch
                batch, batch_bytes = [], 0
    batch.extend(splitter.end())
    if batch:
        yield batch


async def _discard(batches: AsyncIterator[Batch]) -> None:
    """Read the rest of the body: most clients read nothing before they have sent everything."""
    async for _ in batches:
        pass


def _require_json_lines(request: Request) -> None:
    if media_type_of(request) not in MEDIA_TYPES:
        raise UnsupportedMediaType(headers={"Accept-Post": ", ".join(MEDIA_TYPES)})


_TOO_MANY_REJECTED = f"{_MAX_REJECTED:,} lines were rejected; the lines after them were not read"
_INTERNAL_ERROR = "the server failed; send the file again, which adds the lines that are missing"
