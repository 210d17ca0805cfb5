"""Deprecation: dates in the OpenAPI document, headers on every response."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api.exception_handlers import register_exception_handlers
from app.api.openapi import document
from app.api.openapi.metadata import METADATA
from app.core.http.deprecation import a_year_after, deprecated, deprecation_extra
from app.core.http.routing import make_router, problems
from app.core.http.schemas import Schema
from app.core.problems import NotFound
from tests.support.openapi import inline_components

SINCE, SUNSET = date(2027, 1, 15), date(2028, 2, 1)
HEADERS = {"Deprecation", "Sunset", "Link"}


class Lesson(Schema):
    """Something learnt."""

    text: str


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """An application with the service's own routers and deprecated operations."""
    routes = make_router(tag="Lessons")

    @routes.get("/lessons/{lesson_id}", responses=problems(NotFound))
    async def get_lesson(lesson_id: str) -> Lesson:
        return Lesson(text=lesson_id)

    @routes.get(
        "/old-lessons/{lesson_id}",
        responses=problems(NotFound),
        **deprecated(since=SINCE, sunset=SUNSET, instead="/v1/lessons/{lesson_id}"),
    )
    async def get_old_lesson(lesson_id: str, limit: int = 1) -> Lesson:
        if lesson_id == "none":
            raise NotFound
        return Lesson(text=lesson_id * limit)

    @routes.delete(
        "/old-lessons/{lesson_id}", status_code=204, **deprecated(since=SINCE, sunset=SUNSET)
    )
    async def delete_old_lesson(lesson_id: str) -> None:
        del lesson_id

    app = FastAPI(**METADATA)
    app.include_router(routes, max_body_size=1_000)
    register_exception_handlers(app)
    document.install_openapi(app)
    return app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_a_deprecated_operation_says_since_when_until_when_and_what_instead(
    client: TestClient,
) -> None:
    response = client.get("/v1/old-lessons/7")
    assert response.json() == {"text": "7"}
    seconds = response.headers["deprecation"].removeprefix("@")
    assert datetime.fromtimestamp(int(seconds), UTC) == datetime(2027, 1, 15, tzinfo=UTC)
    assert parsedate_to_datetime(response.headers["sunset"]) == datetime(2028, 2, 1, tzinfo=UTC)
    assert response.headers["sunset"] == "Tue, 01 Feb 2028 00:00:00 GMT"
    assert response.headers["link"] == (
        '</docs>; rel="deprecation"; type="text/html", </v1/lessons/7>; rel="successor-version"'
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/old-lessons/none", 404),
        ("GET", "/v1/old-lessons/7?limit=many", 422),
        ("GET", "/v1/old-lessons/7?unknown=1", 422),
        ("DELETE", "/v1/old-lessons/7", 204),
    ],
)
def test_it_says_so_on_refusals_and_empty_answers_too(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["deprecation"] == "@1799971200"
    assert "sunset" in response.headers


def test_without_a_successor_there_is_only_the_explanation(client: TestClient) -> None:
    response = client.delete("/v1/old-lessons/7")
    assert response.headers["link"] == '</docs>; rel="deprecation"; type="text/html"'


def test_links_stand_below_the_path_that_a_proxy_has_taken_off(app: FastAPI) -> None:
    with TestClient(app, root_path="/debrief") as client:
        link = client.get("/v1/old-lessons/7").headers["link"]
    assert link.startswith("</debrief/docs>")
    assert "</debrief/v1/lessons/7>" in link


def test_an_id_cannot_break_out_of_the_link(client: TestClient) -> None:
    link = client.get("/v1/old-lessons/a%3E%2C%20%0D%0A%C3%A9").headers["link"]
    assert '</v1/lessons/a%3E%2C%20%0D%0A%C3%A9>; rel="successor-version"' in link


def test_other_operations_say_nothing_of_it(client: TestClient) -> None:
    assert HEADERS.isdisjoint(name.title() for name in client.get("/v1/lessons/7").headers)


def test_the_document_tells_the_dates_and_declares_the_headers(app: FastAPI) -> None:
    document = inline_components(app.openapi())
    operation: dict[str, Any] = document["paths"]["/v1/old-lessons/{lesson_id}"]["get"]
    assert operation["deprecated"] is True
    assert operation["x-deprecated-since"] == "2027-01-15"
    assert operation["x-sunset"] == "2028-02-01"
    assert operation["x-successor"] == "/v1/lessons/{lesson_id}"
    assert operation["responses"]["200"]["headers"].keys() >= HEADERS
    assert operation["responses"]["404"]["headers"].keys() >= HEADERS
    assert HEADERS.isdisjoint(operation["responses"]["429"]["headers"])
    current = document["paths"]["/v1/lessons/{lesson_id}"]["get"]
    assert "deprecated" not in current
    assert HEADERS.isdisjoint(current["responses"]["200"]["headers"])


def test_less_than_a_year_of_notice_is_refused() -> None:
    with pytest.raises(ValueError, match="less than twelve months"):
        deprecated(since=SINCE, sunset=date(2028, 1, 14))
    assert deprecation_extra(since=SINCE, sunset=date(2028, 1, 15)) == {
        "x-deprecated-since": "2027-01-15",
        "x-sunset": "2028-01-15",
    }


def test_a_year_after_a_leap_day_is_the_first_of_march() -> None:
    assert a_year_after(date(2028, 2, 29)) == date(2029, 3, 1)
    assert a_year_after(date(2027, 2, 28)) == date(2028, 2, 28)
