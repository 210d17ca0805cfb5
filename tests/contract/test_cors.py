"""Pages of other origins: only those that were let in."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.core.config.settings import Settings
from app.main import build_app, build_runner

FRIEND = "https://jobs.example"
ASKING = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,if-match,idempotency-key",
}


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    open_to = settings.model_copy(update={"cors_origins": [FRIEND]})
    with TestClient(build_app(open_to, build_runner(open_to))) as client:
        yield client


def test_a_page_that_was_let_in_may_call_and_read_the_headers(client: TestClient) -> None:
    asked = client.options("/v1/me", headers=ASKING | {"Origin": FRIEND})
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == FRIEND
    answer = client.get("/v1/me", headers={"Origin": FRIEND})
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert {"Deprecation", "ETag", "Link", "Location", "RateLimit", "Retry-After", "Sunset"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in answer.headers


def test_any_other_page_may_not(client: TestClient) -> None:
    stranger = {"Origin": "https://elsewhere.example"}
    refused = client.options("/v1/me", headers=ASKING | stranger)
    assert (refused.status_code, refused.json()["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in client.get("/v1/me", headers=stranger).headers
