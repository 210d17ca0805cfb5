"""Middleware by itself, over an application of a few lines."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.api.middleware.body_size import BodySizeLimitMiddleware
from app.api.middleware.head import HeadMiddleware
from app.api.middleware.headers import SECURITY_HEADERS, with_default_headers


async def _echo(request: Request) -> Response:
    return PlainTextResponse(await request.body() or b"nothing", headers={"x-own": "1"})


APP = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])


def test_a_body_beyond_the_limit_is_rejected_before_it_is_read() -> None:
    limited: Any = BodySizeLimitMiddleware(APP, largest=10, streams={("POST", "/import"): 20})
    client = TestClient(limited)
    assert client.post("/x", content=b"x" * 10).status_code == 200
    rejected = client.post("/x", content=b"x" * 11)
    assert rejected.status_code == 413
    assert rejected.headers["content-type"] == "application/problem+json"
    assert (rejected.json()["code"], rejected.json()["largest_bytes"]) == ("body_too_large", 10)
    assert client.post("/import", content=b"x" * 20).status_code == 200
    assert client.post("/import", content=b"x" * 21).status_code == 413


def test_head_is_get_without_the_body() -> None:
    client = TestClient(HeadMiddleware(APP))
    head, get = client.head("/x"), client.get("/x")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize("name", [name for name, _ in SECURITY_HEADERS])
def test_a_response_keeps_the_security_headers_that_it_sets_itself(name: bytes) -> None:
    own = [(name, b"own"), (b"x-other", b"1")]
    headers = with_default_headers(own, SECURITY_HEADERS)
    assert [value for header, value in headers if header == name] == [b"own"]
    assert {header for header, _ in headers} == {name for name, _ in SECURITY_HEADERS} | {
        b"x-other"
    }
