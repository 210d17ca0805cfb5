"""Reading HTTP, and the one answer that is given before there is a request: it could not be read.

Uvicorn reads by httptools. What it does not do is done here: a head has an end and says which host
it is for, an upgrade that nobody here takes is passed over together with what follows, and what is
unreadable is refused by a problem, without a word into the answer to another request.
"""

from fastapi import Request
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.middleware import CAREFUL
from app.api.problems import render
from app.api.request_id import name_request
from app.core.problems import RequestUnreadable
from app.kit.ids import new_id

LARGEST_HEAD_BYTES = 65_536

_OFFERS = frozenset({b"upgrade", b"http2-settings"})


class Protocol(HttpToolsProtocol):
    """One connection."""

    _is_in_head = False
    _is_in_body = False
    _head_bytes = 0  # of a head that comes in several pieces, those that have come
    _offered = b""  # the first line of a request that would rather go on in another protocol

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as passed_over:
            self._read_as_if_not_offered(data[passed_over.args[0] :])
        except HttpParserError:
            self._refuse()
        else:
            self._head_bytes += len(data) if self._is_in_head else 0
            if self._head_bytes > LARGEST_HEAD_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large, or that does not say, once, which host it is for."""
        self._is_in_head = False
        method, version = self.parser.get_method(), self.parser.get_http_version()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        hosts = sum(name == b"host" for name, _ in self.headers)
        has_its_host = hosts == 1 or (hosts == 0 and version == "1.0")
        if size > LARGEST_HEAD_BYTES or not has_its_host or method == b"CONNECT":
            raise ValueError
        if self.parser.should_upgrade():
            self._offered = b"%s %s HTTP/%s" % (method, self.url, version.encode())
            return
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next one."""
        if not self._offered:
            self._is_in_body = False
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what was sent and hang up: where the next request would begin is not known."""
        del msg  # says less than the problem does
        scope = {"type": "http", "path": "/", "headers": []}
        stamp = name_request(scope, new_id)
        answer = render(Request(scope), RequestUnreadable())
        headers = [
            *answer.raw_headers,
            *(header for header in CAREFUL if header[0] != b"cache-control"),
            (b"x-request-id", stamp.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _refuse(self) -> None:
        last: RequestResponseCycle | None = self.cycle  # None until there is one
        is_under_way = last is not None and not last.response_complete
        if not is_under_way or (
            self._is_in_body and not self.pipeline and not self.cycle.response_started
        ):
            self.send_400_response("")
        elif self._is_in_body:
            self.transport.close()
        else:
            self.cycle.keep_alive = False  # whoever came before still gets their answer

    def _read_as_if_not_offered(self, rest: bytes) -> None:
        """Read the request anew without its offer: the parser has passed over its body."""
        headers = [name + b": " + value for name, value in self.headers if name not in _OFFERS]
        head = [self._offered, *headers]
        self._offered = b""
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        self.data_received(b"\r\n".join([*head, b"", rest]))
