"""`Idempotency-Key`: a call repeated is not carried out again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from tests.support.service import Person, Service

WANTED = {"company": {"name": "Tidemark"}, "job_title": "Engineer"}
KEY = {"Idempotency-Key": "6e0c7f5a-first"}


@pytest.fixture
def ada(service: Service) -> Person:
    return service.candidate()


def apply(person: Person, body: Any = WANTED, headers: dict[str, str] = KEY) -> Response:
    return person("POST", "/v1/applications", json=body, headers=headers)


def count(person: Person) -> int:
    return len(person.does("GET", "/v1/applications?limit=100")["data"])


def test_a_repeated_call_gets_the_first_answer_and_makes_nothing_new(ada: Person) -> None:
    first, again = apply(ada), apply(ada)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("etag", "location", "content-type", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert count(ada) == 1


def test_a_repeated_change_is_answered_as_it_was_though_the_tag_has_moved(ada: Person) -> None:
    made = apply(ada, headers={})
    path = f"/v1/applications/{made.json()['id']}"
    headers = KEY | {"If-Match": made.headers["etag"]}
    first = ada("PATCH", path, json={"location": "Leeds"}, headers=headers)
    again = ada("PATCH", path, json={"location": "Leeds"}, headers=headers)
    assert first.is_success
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    "other",
    [WANTED | {"job_title": "Manager"}, WANTED | {"location": "Leeds"}],
    ids=["another value", "one field more"],
)
def test_the_same_key_for_another_body_is_refused(ada: Person, other: Any) -> None:
    apply(ada)
    answer = apply(ada, other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert count(ada) == 1


def test_the_same_key_for_another_path_is_refused(ada: Person) -> None:
    made = apply(ada).json()
    problem = ada.fails(
        "PATCH", f"/v1/applications/{made['id']}", WANTED, headers=KEY | {"If-Match": "*"}
    )
    assert problem["code"] == "idempotency_key_reused"


def test_a_key_is_its_owners_own(service: Service, ada: Person) -> None:
    peer = service.candidate(ada.workspace_id)
    assert apply(ada).json()["id"] != apply(peer).json()["id"]
    assert count(ada) == count(peer) == 1


def test_a_refused_call_is_not_kept(ada: Person) -> None:
    refused = apply(ada, {"company": {"name": "Tidemark"}})
    assert refused.status_code == 422
    assert apply(ada).status_code == 201


def test_a_key_is_forgotten_after_72_hours(service: Service, ada: Person) -> None:
    first = apply(ada)
    with service.clock.later(timedelta(hours=71)):
        assert apply(ada).content == first.content
    with service.clock.later(timedelta(hours=73)):
        assert apply(ada).json()["id"] != first.json()["id"]
    assert count(ada) == 2


@pytest.mark.parametrize(
    "key", [b"", "é".encode(), b"x" * 256], ids=["empty", "not ASCII", "too long"]
)
def test_a_key_that_cannot_be_one_is_refused(ada: Person, key: bytes) -> None:
    authorization = f"Bearer {ada.key}".encode()
    answer = ada.client.post(
        "/v1/applications",
        json=WANTED,
        headers=[(b"authorization", authorization), (b"idempotency-key", key)],
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert count(ada) == 0


def test_eight_callers_at_once_make_one_thing(ada: Person) -> None:
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: apply(ada), range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(made) + len(waiting) == 8
    assert len({answer.content for answer in made}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 1
    for answer in waiting:
        assert answer.json()["code"] == "idempotent_call_in_flight"
        assert answer.headers["retry-after"] == "1"
    assert count(ada) == 1
