"""Every answer of every operation is careful, has an id and, refused, is a problem.

The operations are those of the document, so that a new one is held to this from its first day.
The promises themselves are in `tests/answers.py`, which looks at every other test's answers too.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient

from app.accounts.authentication import AUTHENTICATOR, Authenticator
from app.api.application import create_app
from app.core.config.settings import Settings
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Caller, Role
from app.kit.ids import new_id
from app.main import build_app, build_runner
from tests.support.openapi import DOCUMENT
from tests.support.response_checks import check_response
from tests.support.service import MovableClock, Person, Service

FRIEND = {"Origin": "https://jobs.example"}
STRANGER = {"Origin": "https://elsewhere.example"}
METHODS = ("get", "put", "post", "patch", "delete")
OPERATIONS = [
    (method, path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
    if method in METHODS
]
KEYED = [each for each in OPERATIONS if any(each[2]["security"])]
TAKING = [each for each in OPERATIONS if "requestBody" in each[2]]


def each(operations: list[tuple[str, str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("method", "path"),
        [(method.upper(), re.sub(r"{\w+}", "x", path)) for method, path, _ in operations],
        ids=[told["operationId"] for _, _, told in operations],
    )


class BrokenAuthenticator(Authenticator):
    """Fails in a way that nobody foresaw."""

    async def authenticate_optional(self, scope: object) -> None:
        del scope

    async def authenticate(self, credential: str) -> Caller:
        raise RuntimeError(credential)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over SQLite alone: hardly any of these calls gets as far as the database."""
    path = tmp_path_factory.mktemp("answers") / "debrief.db"
    made = Settings(database_url=f"sqlite:///{path}", rate_limit_per_minute=1_000_000, worker=False)
    migrate(made)
    return made


def serving(settings: Settings, **more: object) -> Service:
    clock = MovableClock()
    wanted = settings.model_copy(update={"cors_origins": [FRIEND["Origin"]], **more})
    runner = build_runner(wanted, clock=clock)
    return Service(build_app(wanted, runner), runner, clock)


@pytest.fixture(scope="module")
def ada(settings: Settings) -> Iterator[Person]:
    with serving(settings) as service:
        yield service.person(Role.ADMIN)


@pytest.fixture(scope="module")
def sold_out(settings: Settings) -> Iterator[TestClient]:
    with serving(settings, rate_limit_per_minute=1) as service:
        service.client.get("/problems")
        yield service.client


@pytest.fixture(scope="module")
def broken(settings: Settings) -> Iterator[TestClient]:
    with serving(settings) as service:
        AUTHENTICATOR.set(service.app, BrokenAuthenticator(service.runner, 0))
        yield service.client


def readable_by_friend(answer: Any) -> None:
    """Say whether a page that was let in can read the answer."""
    assert answer.headers["access-control-allow-origin"] == FRIEND["Origin"]
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]


@each(OPERATIONS)
def test_a_call_with_nothing_right_about_it(ada: Person, method: str, path: str) -> None:
    answer = ada.client.request(method, path, headers=FRIEND)
    assert answer.status_code in {200, 401, 404}
    readable_by_friend(answer)


@each(OPERATIONS)
def test_a_call_with_a_key_and_a_parameter_that_is_not_there(
    ada: Person, method: str, path: str
) -> None:
    answer = ada(method, f"{path}?nonsense=1", headers=FRIEND)
    assert answer.status_code in {200, 422}
    readable_by_friend(answer)


@each(OPERATIONS)
def test_a_method_that_is_not_there(ada: Person, method: str, path: str) -> None:
    answer = ada.client.request("TRACE", path, headers=FRIEND)
    assert answer.status_code == 405
    assert method in answer.headers["allow"].split(", ")
    readable_by_friend(answer)


@each(OPERATIONS)
def test_a_body_that_is_too_large(ada: Person, method: str, path: str) -> None:
    answer = ada(method, path, headers=FRIEND | {"Content-Length": "999999999"}, content=b"")
    assert answer.status_code == 413
    readable_by_friend(answer)


@each(TAKING)
def test_a_body_that_cannot_be_read(ada: Person, method: str, path: str) -> None:
    told = FRIEND | {"Content-Type": "application/json", "If-Match": "*"}
    answer = ada(method, path, headers=told, content=b"{")
    assert answer.status_code in {400, 403}
    readable_by_friend(answer)


@each(OPERATIONS)
def test_a_page_that_was_let_in_is_told_so_beforehand(ada: Person, method: str, path: str) -> None:
    asking = {"Access-Control-Request-Method": method, **FRIEND}
    answer = ada.client.options(path, headers=asking)
    assert answer.status_code == 200
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == FRIEND["Origin"]


@each(OPERATIONS)
def test_any_other_page_is_refused_beforehand(ada: Person, method: str, path: str) -> None:
    asking = {"Access-Control-Request-Method": method, **STRANGER}
    answer = ada.client.options(path, headers=asking)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@each([one for one in OPERATIONS if one[1] not in {"/healthz", "/readyz"}])
def test_a_call_too_many(sold_out: TestClient, method: str, path: str) -> None:
    answer = sold_out.request(method, path, headers=FRIEND)
    assert answer.status_code == 429
    readable_by_friend(answer)


@each(KEYED)
def test_a_failure_nobody_foresaw(broken: TestClient, method: str, path: str) -> None:
    answer = broken.request(method, path, headers=FRIEND | {"Authorization": "Bearer any"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "ratelimit" in answer.headers
    readable_by_friend(answer)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/v1", 404),
        ("/metrics", 404),
        ("/docs", 200),
        ("/docs/assets/nothing.js", 404),
        ("/openapi.json", 200),
    ],
)
def test_what_is_no_operation(ada: Person, path: str, status: int) -> None:
    answer = ada.client.get(path, headers=FRIEND)
    assert answer.status_code == status
    readable_by_friend(answer)


def test_a_failure_in_what_comes_before_the_operations(settings: Settings) -> None:
    with serving(settings) as service:
        del service.app.state.rate_limiter
        assert service.client.get("/v1/me").status_code == 500


def test_browsers_may_send_and_read_every_header_of_the_document(ada: Person) -> None:
    declared = {
        parameter["name"]
        for _, _, told in OPERATIONS
        for parameter in told.get("parameters", ())
        if parameter["in"] == "header"
    }
    told_back = {
        name
        for _, _, told in OPERATIONS
        for answer in told["responses"].values()
        for name in answer.get("headers", ())
    }
    assert declared
    asking = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": ", ".join(
            {*declared, "Authorization", "X-Request-Id", "Traceparent"}
        ).lower(),
    }
    assert ada.client.options("/v1/me", headers=asking | FRIEND).status_code == 200
    exposed = ada.client.get("/v1/me", headers=FRIEND).headers["access-control-expose-headers"]
    by_cors_itself = {name for name in told_back if name.startswith("Access-Control-")}
    assert told_back - by_cors_itself <= set(exposed.split(", "))


def test_browsers_are_told_to_insist_on_tls_in_production_or_when_it_is_set() -> None:
    def told(**settings: Any) -> str | None:
        app = create_app(Settings(**settings), new_id)
        client = TestClient(app)
        found: str | None = client.get("/healthz").headers.get("strict-transport-security")
        return found

    assert told(environment="production") == "max-age=31536000"
    assert told(environment="production", hsts_seconds=0) is None
    assert told(environment="development", hsts_seconds=60) == "max-age=60"
    assert told(environment="development") is None


@pytest.fixture
def streaming(settings: Settings) -> Iterator[tuple[TestClient, FastAPI]]:
    """The service with two answers that come in pieces."""
    with serving(settings) as service:

        async def pieces(*, breaks: bool) -> AsyncIterator[bytes]:
            yield b"one\n"
            logging.getLogger("debrief").error("between the pieces")
            if breaks:
                raise RuntimeError
            yield b"two\n"

        @service.app.get("/whole")
        async def whole() -> StreamingResponse:
            return StreamingResponse(pieces(breaks=False))

        @service.app.get("/broken")
        async def broken() -> StreamingResponse:
            return StreamingResponse(pieces(breaks=True))

        yield service.client, service.app


def test_an_answer_in_pieces_is_as_careful(streaming: tuple[TestClient, FastAPI]) -> None:
    client, _ = streaming
    with client.stream("GET", "/whole") as answer:
        check_response(answer)
        assert answer.text == "one\ntwo\n"


def test_an_answer_that_breaks_off_is_not_made_to_look_whole(
    streaming: tuple[TestClient, FastAPI],
) -> None:
    _, app = streaming
    client = TestClient(app)  # as a server does, it hears of what came out of the app
    with pytest.raises(RuntimeError):
        client.get("/broken")


@each([one for one in OPERATIONS if one[0] == "get" and one[2]["operationId"] != "stream_events"])
def test_head_is_get_without_the_body(ada: Person, method: str, path: str) -> None:
    of_get, of_head = ada(method, path), ada("HEAD", path)
    assert of_head.status_code == of_get.status_code
    assert of_head.content == b""
    named = {"content-type", "content-length", "etag", "vary", "cache-control"}
    assert [of_head.headers.get(name) for name in named] == [
        of_get.headers.get(name) for name in named
    ]


def test_head_of_a_stream_ends_with_its_headers(settings: Settings) -> None:
    with serving(settings) as service:
        answer = service.candidate()("HEAD", "/v1/events/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/v1/me", "/problems"])
def test_head_is_answered_wherever_get_is(ada: Person, path: str) -> None:
    answer = ada("HEAD", path)
    assert (answer.status_code, answer.content) == (200, b"")
