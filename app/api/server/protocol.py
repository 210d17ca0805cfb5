"""Reading HTTP, and the one answer that is given before there is a request: it could not be read.

Uvicorn reads by httptools. What it does not do is done here: a head has an end and says which host
it is for, what comes after a body is no part of it, an upgrade that nobody here takes is passed
over together with what follows, and what is unreadable is refused by a problem, without a word
into the answer to another request.
"""

from asyncio import BaseTransport, TimerHandle
from typing import Any

from fastapi import Request
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.middleware.headers import SECURITY_HEADERS, with_default_headers
from app.api.problems import problem_response
from app.api.request_id import assign_request_id
from app.core.problems import RequestUnreadable
from app.kit.ids import new_id

LARGEST_HEAD_BYTES = 65_536
HEAD_SECONDS = 30.0

_OFFERS = frozenset({b"upgrade", b"http2-settings"})
_AROUND_A_HEADER, _AROUND_A_LINE = 4, 14  # colon, space and line end; spaces, version, two ends


class StrictHttpProtocol(HttpToolsProtocol):
    """One connection."""

    _is_in_head = False
    _is_in_body = False
    _has_gone_on = False  # by a message that began, or by a piece of a body
    _waiting_bytes = 0  # read since then
    _is_over = False  # nothing more is read
    _offered = b""  # the first line of a request that would rather go on in another protocol
    _running: RequestResponseCycle | None = None
    _patience: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Wait for the first request, and not for ever."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._unset_keepalive_if_required()
        while data and not self._is_over:
            data = self._read(data)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._is_in_head = self._has_gone_on = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that comes after the body is passed over."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large, or that does not say, once, which host it is for."""
        self._is_in_head = False
        self._stop_waiting()
        method, version = self.parser.get_method(), self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        has_its_host = hosts == 1 or (hosts == 0 and version == "1.0")
        is_too_large = _size(method, self.url, self.headers) > LARGEST_HEAD_BYTES
        if is_too_large or not has_its_host or method == b"CONNECT":
            raise ValueError
        if self.parser.should_upgrade():
            self._offered = b"%s %s HTTP/%s" % (method, self.url, version.encode())
            return
        self._is_in_body = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body in."""
        self._has_gone_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the next one."""
        if not self._offered:
            self._is_in_body = False
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what was sent and hang up: where the next request would begin is not known."""
        del msg  # says less than the problem does
        scope = {"type": "http", "path": "/", "headers": []}
        stamp = assign_request_id(scope, new_id)
        answer = problem_response(Request(scope), RequestUnreadable())
        headers = [
            *with_default_headers(answer.raw_headers, SECURITY_HEADERS),
            (b"x-request-id", stamp.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _read(self, data: bytes) -> bytes:
        """Read this, and return what of it is to be read anew."""
        self._has_gone_on = False
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as passed_over:
            return self._as_if_not_offered(data[passed_over.args[0] :])
        except HttpParserError:
            self._refuse()
            return b""
        self._waiting_bytes = 0 if self._has_gone_on else self._waiting_bytes + len(data)
        if self._waiting_bytes > LARGEST_HEAD_BYTES:
            self._refuse()
        elif self._is_in_head and self._patience is None:
            self._wait_for_a_head()
        return b""

    def _as_if_not_offered(self, rest: bytes) -> bytes:
        """Return the request without its offer: the parser has passed over its body."""
        headers = [name + b": " + value for name, value in self.headers if name not in _OFFERS]
        head = [self._offered, *headers]
        self._offered = b""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        return b"\r\n".join([*head, b"", rest])

    def _refuse(self) -> None:
        self._is_over = True
        last: RequestResponseCycle | None = self.cycle  # None until there is one
        if self._is_in_body and last is not None and self.pipeline:
            # It has not begun: whoever came before still gets their answers.
            self.pipeline.popleft()
            before = self.pipeline[0][0] if self.pipeline else self._running
            if before is not None:
                before.keep_alive = False
        elif last is None or last.response_complete:
            self._hang_up_or_refuse(is_answered=self._is_in_body)
        elif self._is_in_body:
            self._hang_up_or_refuse(is_answered=last.response_started)
        else:
            last.keep_alive = False

    def _hang_up_or_refuse(self, *, is_answered: bool) -> None:
        if is_answered:
            self.transport.close()
        else:
            self.send_400_response("")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _wait_for_a_head(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        if self._is_in_head:
            self._refuse()
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _size(method: bytes, url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    """Return how many bytes a head takes on the line."""
    lines = sum(len(name) + len(value) + _AROUND_A_HEADER for name, value in headers)
    return len(method) + len(url) + _AROUND_A_LINE + lines
