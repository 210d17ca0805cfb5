"""The gate lets nothing by that would break a client, and stops nothing that would not."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.harness.compatibility.__main__ import OPENAPI
from tests.harness.compatibility.__main__ import main as gate
from tests.harness.compatibility.corpus.breaks import BREAKS
from tests.harness.compatibility.corpus.changes import (
    TODAY,
    Change,
    on_leave,
    operation,
    read_contract,
    schema,
)
from tests.harness.compatibility.corpus.compatible import COMPATIBLE
from tests.harness.compatibility.document import Node, UnresolvableReferenceError
from tests.harness.compatibility.findings import TOLD, Code, Way
from tests.harness.compatibility.operations import breaks


def each_of(changes: list[Change]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("change", changes, ids=[change.name for change in changes])


@pytest.mark.slow  # together half a minute
@each_of(BREAKS)
def test_a_break_is_caught(change: Change) -> None:
    released, current = change.documents()
    assert released != current
    assert {found.code for found in breaks(released, current, today=TODAY)} == {change.code}


@pytest.mark.slow  # together half a minute
@each_of(COMPATIBLE)
def test_a_compatible_change_is_let_by(change: Change) -> None:
    released, current = change.documents()
    assert released != current
    assert breaks(released, current, today=TODAY) == []


def test_the_corpus_is_as_large_as_it_should_be_and_every_code_is_planted() -> None:
    assert len(BREAKS) >= 30
    assert len(COMPATIBLE) >= 30
    of_problems = {Code.PROBLEM_CODE_REMOVED, Code.PROBLEM_STATUS_CHANGED}
    assert {change.code for change in BREAKS} == set(Code) - of_problems
    assert TOLD.keys() == set(Code)


# --- the same, said otherwise -----------------------------------------------------------


def renamed(place: Any) -> Any:
    """The same document with every schema under another name, so that all of it is compared."""
    if isinstance(place, list):
        return [renamed(each) for each in place]
    if not isinstance(place, dict):
        return place
    below = {name: renamed(each) for name, each in place.items()}
    if isinstance(reference := below.get("$ref"), str):
        below["$ref"] = reference.replace("/schemas/", "/schemas/Other")
    if isinstance(schemas := below.get("schemas"), dict):
        below["schemas"] = {f"Other{name}": told for name, told in schemas.items()}
    return below


def shuffled(place: Any, chance: random.Random, root: Any) -> Any:
    """The same document with its keys in another order and some references spelt out."""
    if isinstance(place, list):
        return [shuffled(each, chance, root) for each in place]
    if not isinstance(place, dict):
        return place
    if place.keys() == {"$ref"} and chance.random() < 0.1:
        return shuffled(Node("#", place, root).resolved().value, chance, root)
    names = list(place)
    chance.shuffle(names)
    return {name: shuffled(place[name], chance, root) for name in names}


def test_the_same_contract_under_other_names_breaks_nothing() -> None:
    document = read_contract()
    assert breaks(document, renamed(document), today=TODAY) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_references_matter(seed: int) -> None:
    document = read_contract()
    otherwise = shuffled(document, random.Random(seed), document)  # noqa: S311 - a seeded shuffle
    assert otherwise["paths"] != document["paths"]
    assert breaks(document, otherwise, today=TODAY) == []
    assert breaks(otherwise, document, today=TODAY) == []


def test_a_break_is_found_however_it_is_said() -> None:
    document = read_contract()
    otherwise = renamed(document)
    otherwise["components"]["schemas"]["OtherBand"]["enum"].append("certain")
    assert {found.code for found in breaks(document, otherwise, today=TODAY)} == {
        Code.RESPONSE_VALUE_ADDED
    }


# --- schemas, at random -------------------------------------------------------------------

NAMES = ("a", "b")
VALUES: list[Any] = [
    *(None, True, False, 0, 1, 2, 3, -1, 1.5, "", "a", "b", "ab", "abc", "7"),
    *([], [1], ["a"], ["a", "a"], [1, "a"], [None, "b", 3]),
    *({}, {"a": 1}, {"b": "a"}, {"a": "a", "b": 1}, {"a": None}, {"a": {"a": 1}}, {"c": 1}),
]
simple = st.one_of(
    st.just({}),
    st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(lambda t: {"type": t}),
    st.sets(st.sampled_from(["string", "integer", "null"]), min_size=1).map(
        lambda kinds: {"type": sorted(kinds)}
    ),
    st.lists(st.sampled_from([None, True, 1, 2, 1.5, "a", "ab"]), min_size=1, max_size=4).map(
        lambda values: {"enum": values}
    ),
    st.sampled_from([1, "a", None]).map(lambda value: {"const": value}),
    st.builds(lambda n: {"type": "string", "maxLength": n}, st.integers(0, 3)),
    st.builds(lambda n: {"type": "string", "minLength": n}, st.integers(0, 3)),
    st.builds(lambda n: {"type": "number", "minimum": n}, st.integers(-1, 2)),
    st.builds(lambda n: {"type": "integer", "exclusiveMaximum": n}, st.integers(0, 3)),
    st.builds(lambda n: {"type": "number", "exclusiveMinimum": n}, st.integers(-1, 2)),
    st.builds(lambda n: {"type": "integer", "multipleOf": n}, st.integers(1, 3)),
    st.sampled_from(["^a", "b$", "^[0-9]$"]).map(lambda p: {"type": "string", "pattern": p}),
    st.just({"$ref": "#/components/schemas/Itself"}),
)


def compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        several.map(lambda parts: {"anyOf": parts}),
        several.map(lambda parts: {"allOf": parts}),
        st.builds(lambda part, rest: {**rest, "anyOf": [part]}, inner, simple),
        st.builds(lambda part, n: {"type": "array", "items": part, "maxItems": n}, inner, LENGTHS),
        several.map(lambda parts: {"type": "array", "prefixItems": parts, "minItems": 1}),
        st.builds(lambda u: {"type": "array", "uniqueItems": u}, st.booleans()),
        st.builds(
            lambda fields, needed: {
                "type": "object",
                "properties": fields,
                "required": sorted(needed),
                "additionalProperties": False,
            },
            st.dictionaries(st.sampled_from(NAMES), inner, max_size=2),
            st.sets(st.sampled_from(NAMES)),
        ),
        st.builds(lambda part: {"type": "object", "additionalProperties": part}, inner),
        st.builds(lambda part: {"not": part}, inner),
    )


LENGTHS = st.integers(0, 3)
schemas = st.recursive(simple, compound, max_leaves=5)
ITSELF = {
    "type": "object",
    "properties": {"a": {"anyOf": [{"$ref": "#/components/schemas/Itself"}, {"type": "integer"}]}},
    "additionalProperties": False,
}


def taking(told: Any) -> dict[str, Any]:
    """A contract of one operation, which takes such a body."""
    body = {"required": True, "content": {"application/json": {"schema": told}}}
    answers = {"204": {"description": "Taken"}}
    paths = {"/x": {"post": {"operationId": "x", "requestBody": body, "responses": answers}}}
    return {"paths": paths, "components": {"schemas": {"Itself": ITSELF}}}


@pytest.mark.slow
@hypothesis.settings(max_examples=200, deadline=None, database=None)
@hypothesis.given(schemas, schemas)
def test_what_the_gate_lets_by_takes_every_body_that_was_taken(old: Any, new: Any) -> None:
    released, current = taking(old), taking(new)
    hypothesis.assume(not breaks(released, current, today=TODAY))
    before, now = (
        Draft202012Validator({**told, "components": released["components"]}) for told in (old, new)
    )
    for value in VALUES:
        assert now.is_valid(value) or not before.is_valid(value), value


@hypothesis.settings(max_examples=50, deadline=None, database=None)
@hypothesis.given(schemas)
def test_a_body_against_itself_breaks_nothing(told: Any) -> None:
    current = taking(told)
    current["info"] = {}
    current["components"]["schemas"]["Itself"] = {**ITSELF, "title": "compared all the same"}
    assert breaks(taking(told), current, today=TODAY) == []


# --- what is told of a break ----------------------------------------------------------------


def test_a_break_is_told_with_its_places_and_what_to_do_instead() -> None:
    released, current = read_contract(), read_contract()
    schema(current, "Estimate")["required"].remove("coverage")
    (found,) = breaks(released, current, today=TODAY)
    assert found.way is Way.RESPONSE
    assert found.released == found.current == "#/components/schemas/Estimate"
    assert found.seen_in == "get_estimate"
    assert "`coverage`" in str(found)
    assert "Clients fail on the answers that lack this field." in str(found)
    assert "Instead: go on sending it always." in str(found)


def test_one_break_of_a_shared_schema_is_told_once_for_each_way() -> None:
    released, current = read_contract(), read_contract()
    schema(current, "Money")["properties"]["currency"]["pattern"] = "^[A-Z]{4}$"
    found = breaks(released, current, today=TODAY)
    assert [each.code for each in found] == [
        Code.REQUEST_PATTERN_CHANGED,
        Code.RESPONSE_PATTERN_CHANGED,
    ]


def test_a_reference_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(UnresolvableReferenceError):
        breaks(
            taking({"$ref": "#/nowhere"}),
            taking({"$ref": "#/nowhere"}) | {"security": []},
            today=TODAY,
        )


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as `openapi/` is, in which the contract was released as it stands."""
    for name in ("openapi.json", "problems.json"):
        shutil.copy(OPENAPI / name, tmp_path)
    assert gate(["--folder", str(tmp_path), "--release"]) == 0
    return tmp_path


def rewrite(path: Path, alter: Callable[[Any], object]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    alter(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_the_committed_contract_breaks_no_client_of_the_released_one() -> None:
    assert gate([]) == 0


def test_growth_is_let_by_and_released(folder: Path) -> None:
    rewrite(folder / "openapi.json", lambda d: d["servers"].append({"url": "https://eu.example/"}))
    assert gate(["--folder", str(folder)]) == 0
    assert (folder / "released.json").read_bytes() != (folder / "openapi.json").read_bytes()
    assert gate(["--folder", str(folder), "--release"]) == 0
    assert (folder / "released.json").read_bytes() == (folder / "openapi.json").read_bytes()


def test_a_break_is_neither_let_by_nor_released(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "released.json").read_bytes()
    rewrite(folder / "openapi.json", lambda document: document["paths"].pop("/v1/me"))
    assert gate(["--folder", str(folder)]) == 1
    assert "operation_removed" in capsys.readouterr().out
    assert gate(["--folder", str(folder), "--release"]) == 1
    assert (folder / "released.json").read_bytes() == before


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (lambda kinds: kinds.pop(), "problem_code_removed"),
        (lambda kinds: kinds[0].update(status=418), "problem_status_changed"),
    ],
    ids=["gone", "another status"],
)
def test_a_problem_that_is_told_otherwise_is_a_break(
    folder: Path, capsys: pytest.CaptureFixture[str], alter: Callable[[Any], object], code: str
) -> None:
    rewrite(folder / "problems.json", alter)
    assert gate(["--folder", str(folder)]) == 1
    assert code in capsys.readouterr().out


def test_a_new_problem_is_no_break(folder: Path) -> None:
    new = {"code": "brand_new", "status": 409}
    rewrite(folder / "problems.json", lambda kinds: kinds.append(new))
    assert gate(["--folder", str(folder)]) == 0


def test_without_a_released_contract_nothing_is_let_by(tmp_path: Path) -> None:
    shutil.copy(OPENAPI / "openapi.json", tmp_path)
    assert gate(["--folder", str(tmp_path)]) == 1


def test_a_deprecation_is_released_only_with_a_whole_year_left() -> None:
    released, current = read_contract(), read_contract()
    on_leave(operation(current, "get_model"), since="2030-01-15", sunset="2031-01-15")
    assert breaks(released, current, today=date(2030, 4, 1)) == []
    late = breaks(released, current, today=date(2030, 4, 1), releasing=True)
    assert [found.code for found in late] == [Code.DEPRECATED_WITHOUT_NOTICE]
    on_leave(operation(released, "get_model"), since="2030-01-15", sunset="2031-01-15")
    assert breaks(released, current, today=date(2030, 4, 1), releasing=True) == []
