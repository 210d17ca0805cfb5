"""The published contract is what runs, and every example in it works as it stands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError
from starlette.testclient import TestClient

from app.accounts import service as accounts
from app.accounts.request_context import RUNNER
from app.accounts.scopes import SCOPES
from app.api.openapi.metadata import EXTENSIBLE
from app.core.config.settings import Settings
from app.core.http.field_types import Line
from app.core.persistence.migrations import migrate
from app.core.persistence.tenancy import Role, system_caller
from app.core.problems import registry
from app.main import build_app, build_runner
from app.sample_data import writer
from tests.support.openapi import DOCUMENT, SERVED
from tests.support.service import Person, create_member

COMMITTED = Path(__file__).parents[2] / "openapi"
JSON, LINES = "application/json", "application/jsonl"
METHODS = ("get", "put", "post", "patch", "delete")
OPERATIONS = [
    (path, method)
    for method in METHODS
    for path, methods in DOCUMENT["paths"].items()
    if method in methods
]
ENDLESS = {"/v1/events/stream"}  # has tests of its own, which end it
each_operation = pytest.mark.parametrize(
    ("path", "method"),
    OPERATIONS,
    ids=[DOCUMENT["paths"][path][method]["operationId"] for path, method in OPERATIONS],
)


def operation_of(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method]
    return found


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][name] if name else schema


def schemas_of(part: Any) -> Iterator[dict[str, Any]]:
    """Everything in this part of the document that says of what type it is."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield part
        for name, inner in part.items():
            if name != "examples":
                yield from schemas_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from schemas_of(inner)


def example_body(operation: dict[str, Any]) -> Any:
    content = operation["requestBody"]["content"]
    if LINES in content:
        return content[LINES]["example"]
    return resolve(content["application/json"]["schema"])["examples"][0]


def validate(content: dict[str, Any], body: Any) -> None:
    """Hold a body against its schema; lines one by one."""
    is_lines = LINES in content
    declared = next(iter(content.values()))["schema"]  # further media types have the same
    schema = declared["contentSchema"] if is_lines else declared
    validator = Draft202012Validator(schema | {"components": DOCUMENT["components"]})
    for each in map(json.loads, body.splitlines()) if is_lines else [body]:
        validator.validate(each)


def example_path(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            example = next(iter(parameter["examples"].values()))["value"]
            path = path.replace("{" + parameter["name"] + "}", example)
    return path


def example_headers(operation: dict[str, Any]) -> dict[str, str]:
    headers = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "header" and "examples" in parameter:
            headers[parameter["name"]] = next(iter(parameter["examples"].values()))["value"]
    return headers


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service as `make run` starts it for the first time, with the key that it prints."""
    path = tmp_path_factory.mktemp("sample") / "debrief.db"
    settings = Settings(database_url=f"sqlite:///{path}", worker=False)
    migrate(settings)
    runner = build_runner(settings)
    key = writer.issue_demo_key(
        runner, writer.ensure_sample(runner), "demo", live=False, lasts=None
    )
    headers = {"Authorization": f"Bearer {key}"}
    with TestClient(build_app(settings, runner), headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def administrator(sample: TestClient) -> dict[str, str]:
    """The header of an administrator, for the operations that are theirs alone."""
    runner = RUNNER.of({"app": sample.app})
    inside = system_caller(writer.ensure_workspace(runner))
    member_id = runner.write_sync(inside, accounts.create_member_row, "Root", Role.ADMIN)
    grant = accounts.Grant(Role.ADMIN)
    key = runner.write_sync(inside, accounts.issue_key, member_id, "test", grant, live=False).text
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def leaver(sample: TestClient) -> Person:
    """Somebody who can be erased, for the one example that names whoever sends it."""
    runner = RUNNER.of({"app": sample.app})
    workspace_id = writer.ensure_workspace(runner)
    made = create_member(runner, Role.CANDIDATE, workspace_id)
    return Person(sample, workspace_id, made.member_id, made.text)


def is_for_administrators(operation: dict[str, Any]) -> bool:
    needed = operation["security"][0].get("bearerAuth", [])
    return not SCOPES[Role.CANDIDATE].issuperset(needed)


def test_the_committed_document_is_what_runs() -> None:
    committed = json.loads((COMMITTED / "openapi.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(SERVED)), "run: python3 dev.py openapi --write"


def test_the_committed_problem_registry_is_what_runs() -> None:
    committed = json.loads((COMMITTED / "problems.json").read_text(encoding="utf-8"))
    assert [problem["code"] for problem in committed] == [
        code for code, kind in registry().items() if kind.title
    ]


@pytest.mark.parametrize(
    ("path", "method"), [each for each in OPERATIONS if each[0] not in ENDLESS]
)
def test_every_example_works_as_it_stands(
    sample: TestClient,
    administrator: dict[str, str],
    leaver: Person,
    path: str,
    method: str,
) -> None:
    operation = operation_of(path, method)
    body = example_body(operation) if "requestBody" in operation else None
    headers = example_headers(operation)
    headers |= administrator if is_for_administrators(operation) else {}
    if operation["operationId"] == "erase_me":
        body = {"confirm": leaver.member_id}
        headers |= {"Authorization": f"Bearer {leaver.key}"}
    sent: dict[str, Any] = {"json": body}
    if isinstance(body, str):
        headers |= {"Content-Type": LINES}
        sent = {"content": body}
    answer = sample.request(method.upper(), example_path(path, operation), headers=headers, **sent)
    assert answer.is_success, answer.text
    declared = operation["responses"][str(answer.status_code)]
    if answer.status_code == 204:
        assert not answer.content
        return
    is_json = JSON in declared["content"]
    validate(declared["content"], answer.json() if is_json else answer.text)


@each_operation
def test_every_operation_is_told(path: str, method: str) -> None:
    operation = operation_of(path, method)
    assert operation["summary"]
    assert operation["description"].rstrip(".") != operation["summary"]
    assert operation["tags"]
    statuses = set(operation["responses"])
    assert "500" in statuses
    if path.startswith("/v1"):
        is_for_every_key = operation["operationId"] == "get_me"
        assert operation["security"][0]["bearerAuth"] or is_for_every_key
        assert {"401", "403", "422"} <= statuses
    if "requestBody" in operation:
        assert "413" in statuses
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_schema_has_a_name_of_its_own_in_every_language() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert not [name for name in schemas if "__" in name], "two rooms gave a schema one name"


def test_whole_numbers_texts_and_lists_have_limits() -> None:
    for schema in schemas_of(DOCUMENT):
        match schema:
            case {"enum": _} | {"const": _}:
                pass
            case {"type": "string"}:
                assert "maxLength" in schema, schema
                assert {"format", "pattern"} & schema.keys(), schema
            case {"type": "integer"}:
                width = {"int32": 2**31 - 1, "int64": 2**63 - 1}[schema["format"]]
                assert -width <= schema["minimum"] <= schema["maximum"] <= width, schema
            case {"type": "array"}:
                assert "maxItems" in schema, schema


def test_the_linters_make_four_exceptions_at_most() -> None:
    rules = (COMMITTED / "spectral.yaml").read_text(encoding="utf-8")
    redocly = (COMMITTED / "redocly.yaml").read_text(encoding="utf-8")
    assert len(re.findall(r"^ +\S+: off$", rules, re.MULTILINE)) <= 4
    assert "rules:" not in redocly


def test_operation_ids_are_unique_and_read_as_methods() -> None:
    ids = [operation_of(path, method)["operationId"] for path, method in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(name.isidentifier() and name == name.lower() for name in ids)


def test_the_lists_that_may_grow_are_marked_and_no_others() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    marked = {name for name, schema in schemas.items() if schema.get("x-extensible")}
    assert marked == EXTENSIBLE
    assert all(schemas[name]["enum"] for name in marked)


def test_every_example_body_is_itself_valid() -> None:
    for path, method in OPERATIONS:
        operation = operation_of(path, method)
        if "requestBody" in operation:
            validate(operation["requestBody"]["content"], example_body(operation))


def test_an_example_names_its_fields_in_the_order_of_its_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        for example in schema.get("examples", ()):
            if isinstance(example, dict):
                assert list(example) == [name for name in schema["properties"] if name in example]


def docs_parts(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(docs/assets/[^"]+)"', page)


def test_a_text_of_one_character_is_taken_exactly_where_its_pattern_says_so() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    pattern = re.compile(schemas["ApplicationCreate"]["properties"]["job_title"]["pattern"])
    assert "\\s" not in pattern.pattern  # which is another set in each language
    line = TypeAdapter(Line)

    def is_taken(character: str) -> bool:
        try:
            return bool(line.validate_python(character))
        except ValidationError:
            return False

    characters = [chr(n) for n in range(0x1_1000) if not 0xD800 <= n < 0xE000]
    assert [c for c in characters if is_taken(c) != bool(pattern.search(c))] == []


def test_the_docs_page_loads_nothing_from_elsewhere(sample: TestClient) -> None:
    page = sample.get("/docs")
    assert "http:" not in page.text
    assert "https:" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(docs_parts(page.text)) == 5
    assert all(sample.get(f"/{part}").is_success for part in docs_parts(page.text))
    assert sample.get("/docs/assets/..%2fdocs.py").status_code == 404


def test_a_part_of_the_docs_page_is_kept_for_good_in_the_edition_of_its_page(
    sample: TestClient,
) -> None:
    page = sample.get("/docs")
    assert page.headers["cache-control"] == "no-cache"
    for part in docs_parts(page.text):
        assert "immutable" in sample.get(f"/{part}").headers["cache-control"]
        _, _, edition, name = part.split("/")
        assert sample.get(f"/docs/assets/{edition[::-1]}/{name}").status_code == 404


def test_the_first_steps_of_the_docs_page_are_operations(sample: TestClient) -> None:
    (start,) = [part for part in docs_parts(sample.get("/docs").text) if part.endswith("start.js")]
    listed = sample.get(f"/{start}").text.partition("const STEPS = [")[2].partition("]")[0]
    steps = re.findall(r'"(\w+)"', listed)
    assert "get_estimate" in steps
    assert set(steps) <= {operation_of(path, method)["operationId"] for path, method in OPERATIONS}
