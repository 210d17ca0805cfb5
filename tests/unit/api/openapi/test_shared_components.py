"""Shared components of the OpenAPI document."""

from typing import Any

from app.api.application import describe
from app.api.openapi.shared_components import share_components
from tests.support.openapi import SERVED

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
ID = {"name": "id", "in": "path", "schema": {"type": "string"}}


def document(*operations: dict[str, Any]) -> dict[str, Any]:
    paths = {f"/{number}": {"get": operation} for number, operation in enumerate(operations)}
    return {"paths": paths, "webhooks": {}, "components": {"headers": {}}}


def problem(description: str, **more: Any) -> dict[str, Any]:
    headers = {"RateLimit": {"schema": {"type": "string"}}} | more
    return {"description": description, "headers": headers}


def test_equal_error_responses_are_one_component_named_after_their_codes() -> None:
    responses = {"200": {"description": "Yes"}, "404": problem("`lesson_not_found` No lesson")}
    whole = document({"responses": dict(responses)}, {"responses": dict(responses)})
    share_components(whole)
    reference = {"$ref": "#/components/responses/LessonNotFound"}
    for path in whole["paths"].values():
        assert path["get"]["responses"] == {"200": responses["200"], "404": reference}
    headers = {"RateLimit": {"$ref": "#/components/headers/RateLimit"}}
    shared = {"LessonNotFound": responses["404"] | {"headers": headers}}
    assert whole["components"]["responses"] == shared


def test_responses_that_differ_are_several_components() -> None:
    retry = {"Retry-After": {"schema": {"type": "string"}}}
    whole = document(
        {"responses": {"503": problem("`closed` Closed")}},
        {"responses": {"503": problem("`closed` Closed", **retry)}},
    )
    share_components(whole)
    assert list(whole["components"]["responses"]) == ["Closed", "Closed.2"]
    assert list(whole["components"]["headers"]) == ["RateLimit", "Retry-After"]


def test_a_response_without_a_rate_limit_is_not_moved() -> None:
    response = {"description": "`closed` Closed"}
    whole = document({"responses": {"503": response}})
    share_components(whole)
    assert whole["paths"]["/0"]["get"]["responses"] == {"503": response}


def test_parameters_are_shared_unless_they_are_part_of_the_path() -> None:
    whole = document(
        {"responses": {}, "parameters": [dict(ID), dict(LIMIT)]},
        {"responses": {}, "parameters": [dict(LIMIT)]},
        {"responses": {}, "parameters": [LIMIT | {"required": True}]},
    )
    share_components(whole)
    first, second, third = (path["get"]["parameters"] for path in whole["paths"].values())
    assert first == [ID, {"$ref": "#/components/parameters/limit"}]
    assert second == first[1:]
    assert third == [{"$ref": "#/components/parameters/limit.2"}]


def test_the_document_is_the_same_each_time_it_is_generated() -> None:
    assert describe() == SERVED


def test_every_reference_of_the_served_document_leads_somewhere() -> None:
    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    for reference in references(SERVED):
        place: Any = SERVED
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
