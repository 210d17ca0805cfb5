"""The one answer that is given before there is a request: what came could not be read as HTTP."""

from fastapi import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.middleware import CAREFUL
from app.api.problems import render
from app.api.request_id import name_request
from app.core.problems import RequestUnreadable
from app.kit.ids import new_id


class Protocol(HttpToolsProtocol):
    """Uvicorn's reading of HTTP, whose only answer of its own is a problem here too."""

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
