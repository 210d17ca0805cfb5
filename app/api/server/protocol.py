"""HTTP protocol: stricter parsing of requests than uvicorn's httptools protocol.

- A request head is limited in size and time, and needs exactly one `Host` header (HTTP/1.0: at
  most one).
- Trailers after a body are ignored.
- An upgrade offer is ignored without losing the body of the request.
- A malformed request is rejected with a problem. It never corrupts the response to another request
  of the connection.
"""

from asyncio import BaseTransport, TimerHandle
from typing import Any

from fastapi import Request
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.exception_handlers import problem_response
from app.api.middleware.headers import SECURITY_HEADERS, with_default_headers
from app.api.request_id import assign_request_id
from app.core.problems import MalformedRequest
from app.kit.ids import new_id

MAX_HEAD_BYTES = 65_536
HEAD_SECONDS = 30.0

_UPGRADE_HEADERS = frozenset({b"upgrade", b"http2-settings"})
_HEADER_OVERHEAD = 4  # colon, space and line end
_REQUEST_LINE_OVERHEAD = 14  # spaces, version and two line ends


class StrictHttpProtocol(HttpToolsProtocol):
    """Protocol of one connection."""

    _is_in_head = False
    _is_in_body = False
    _has_progressed = False  # during this read: a message began, or a part of a body arrived
    _bytes_without_progress = 0
    _has_stopped_reading = False
    _upgrade_request_line = b""  # of a request that offers an upgrade
    _running_cycle: RequestResponseCycle | None = None
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Start the timer for the head of the first request."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._cancel_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data, unless reading has stopped."""
        self._unset_keepalive_if_required()
        while data and not self._has_stopped_reading:
            data = self._read(data)

    def on_message_begin(self) -> None:
        """Note the start of a head."""
        self._is_in_head = self._has_progressed = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; trailers after the body are ignored."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Reject a head that is too large or does not have exactly one `Host` header."""
        self._is_in_head = False
        self._cancel_head_timer()
        method, version = self.parser.get_method(), self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        has_valid_host = hosts == 1 or (hosts == 0 and version == "1.0")
        is_too_large = _head_size(method, self.url, self.headers) > MAX_HEAD_BYTES
        if is_too_large or not has_valid_host or method == b"CONNECT":
            raise ValueError
        if self.parser.should_upgrade():
            self._upgrade_request_line = b"%s %s HTTP/%s" % (method, self.url, version.encode())
            return
        self._is_in_body = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body."""
        self._has_progressed = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of the message, unless it is read again without its upgrade offer."""
        if not self._upgrade_request_line:
            self._is_in_body = False
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Reject the data and close: the start of the next request is not known."""
        del msg  # says less than the problem does
        scope = {"type": "http", "path": "/", "headers": []}
        request_id = assign_request_id(scope, new_id)
        response = problem_response(Request(scope), MalformedRequest())
        headers = [
            *with_default_headers(response.raw_headers, SECURITY_HEADERS),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()

    def _read(self, data: bytes) -> bytes:
        """Parse the data; return the bytes that have to be parsed again."""
        self._has_progressed = False
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            return self._without_upgrade(data[upgrade.args[0] :])
        except HttpParserError:
            self._reject()
            return b""
        if self._has_progressed:
            self._bytes_without_progress = 0
        else:
            self._bytes_without_progress += len(data)
        if self._bytes_without_progress > MAX_HEAD_BYTES:
            self._reject()
        elif self._is_in_head and self._head_timer is None:
            self._start_head_timer()
        return b""

    def _without_upgrade(self, rest: bytes) -> bytes:
        """Return the request without its upgrade offer, because the parser has skipped its body."""
        headers = [
            name + b": " + value for name, value in self.headers if name not in _UPGRADE_HEADERS
        ]
        head = [self._upgrade_request_line, *headers]
        self._upgrade_request_line = b""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        return b"\r\n".join([*head, b"", rest])

    def _reject(self) -> None:
        """Stop reading; respond with 400 when no other response is sent or pending."""
        self._has_stopped_reading = True
        last: RequestResponseCycle | None = self.cycle  # None before the first request
        if self._is_in_body and last is not None and self.pipeline:
            # Drop the malformed request, which has not started. Those before it are completed.
            self.pipeline.popleft()
            previous = self.pipeline[0][0] if self.pipeline else self._running_cycle
            if previous is not None:
                previous.keep_alive = False
        elif last is None or last.response_complete:
            self._close_or_send_400(has_response=self._is_in_body)
        elif self._is_in_body:
            self._close_or_send_400(has_response=last.response_started)
        else:
            last.keep_alive = False

    def _close_or_send_400(self, *, has_response: bool) -> None:
        if has_response:
            self.transport.close()
        else:
            self.send_400_response("")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        self._running_cycle = cycle
        super()._start_asgi_task(cycle, app)

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._on_head_timeout)

    def _on_head_timeout(self) -> None:
        if self._is_in_head:
            self._reject()
        else:
            self.transport.close()

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _head_size(method: bytes, url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    """Return the size of a request head in bytes."""
    lines = sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in headers)
    return len(method) + len(url) + _REQUEST_LINE_OVERHEAD + lines
