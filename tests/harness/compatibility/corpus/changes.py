"""What a change of the corpus is, and the ways to the places that it alters."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tests.harness.compatibility.findings import Code
from tests.support.openapi import inline_components_of

CONTRACT = Path(__file__).parents[4] / "openapi" / "openapi.json"
TODAY = date(2030, 6, 1)

Document = dict[str, Any]
Alter = Callable[[Document], object]


def nothing(_document: Document) -> None:
    """Leave the document as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with the code of the break that it is, or None where it breaks nothing."""

    name: str
    alter: Alter
    code: Code | None
    given: Alter = nothing  # what the released contract has besides

    def documents(self) -> tuple[Document, Document]:
        """Return the contract as released, and with the change."""
        released, current = read_contract(), read_contract()
        self.given(released)
        self.given(current)
        self.alter(current)
        return released, current


def read_contract() -> Document:
    """Return the committed contract, fresh."""
    document: Document = json.loads(_contract_text())
    return document


@cache
def _contract_text() -> str:
    return CONTRACT.read_text(encoding="utf-8")


def change(
    to: list[Change], code: Code | None = None, *, given: Alter = nothing
) -> Callable[[Alter], Alter]:
    """Put a function that alters the document into a corpus, under its own name."""

    def keep(alter: Alter) -> Alter:
        to.append(Change(alter.__name__.replace("_", " ").strip(), alter, code, given))
        return alter

    return keep


# --- ways to a place --------------------------------------------------------------


def schema(document: Document, name: str) -> Any:
    """Return a schema by its name."""
    return document["components"]["schemas"][name]


def field(document: Document, name: str) -> Any:
    """Return the schema of a field: `Application.notes`."""
    owner, _, own = name.partition(".")
    return schema(document, owner)["properties"][own]


def text_of(document: Document, name: str) -> Any:
    """Return what a field is when it is not null."""
    return field(document, name)["anyOf"][0]


def operation(document: Document, identity: str) -> Any:
    """Return an operation by its id."""
    path, method = place_of(document, identity)
    found = document["paths"][path][method]
    inline_components_of(found, document)  # what is altered here is altered here alone
    return found


def place_of(document: Document, identity: str) -> tuple[str, str]:
    """Return the path and the method of an operation."""
    return next(
        (path, method)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if told["operationId"] == identity
    )


def parameter(document: Document, identity: str, name: str) -> Any:
    """Return a parameter of an operation."""
    return next(p for p in operation(document, identity)["parameters"] if p["name"] == name)


def add_parameter(document: Document, identity: str, **told: Any) -> None:
    """Give an operation one more parameter in its query."""
    given = {"in": "query", "schema": {"type": "string"}, **told}
    operation(document, identity)["parameters"].append(given)


def answer(document: Document, identity: str, status: str = "200") -> Any:
    """Return an answer of an operation."""
    return operation(document, identity)["responses"][status]


def replace(place: Any, **keywords: Any) -> None:
    """Put these keywords in place of all that a schema says."""
    place.clear()
    place.update({name.rstrip("_"): value for name, value in keywords.items()})


def add_field(document: Document, name: str, told: Any, *, is_required: bool = False) -> None:
    """Give a schema one more field."""
    owner, _, own = name.partition(".")
    schema(document, owner)["properties"][own] = told
    if is_required:
        schema(document, owner).setdefault("required", []).append(own)


def remove_field(document: Document, name: str) -> None:
    """Take a field from a schema."""
    owner, _, own = name.partition(".")
    del schema(document, owner)["properties"][own]
    required = schema(document, owner).get("required", [])
    required[:] = [each for each in required if each != own]


# --- what the real contract does not have, or not yet --------------------------------


def with_webhook(document: Document) -> None:
    """Tell receivers of interviews that took place."""
    kind = {"type": "string", "const": "interview.concluded"}
    document["webhooks"] |= {
        "interview.planted": {
            "post": {
                "operationId": "on_interview_concluded",
                "parameters": [
                    {"name": "webhook-id", "in": "header", "required": True, "schema": {}}
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"type": kind, "interview": {"type": "string"}},
                                "required": ["type", "interview"],
                                "additionalProperties": False,
                            }
                        }
                    },
                },
                "responses": {"204": {"description": "Taken"}, "410": {"description": "No more"}},
            }
        }
    }


def webhook(document: Document) -> Any:
    """Return that webhook's operation."""
    return document["webhooks"]["interview.planted"]["post"]


def message(document: Document) -> Any:
    """Return what that webhook sends."""
    return webhook(document)["requestBody"]["content"]["application/json"]["schema"]


def with_stream(document: Document) -> None:
    """Offer applications as JSON Lines, too."""
    item = {"$ref": "#/components/schemas/Application"}
    answer(document, "list_applications")["content"]["application/jsonl"] = {"itemSchema": item}


def with_kinds(document: Document) -> None:
    """Let an estimate hold one of two kinds of remark, told apart by a field."""
    for kind in ("hint", "warning"):
        schemas = document["components"]["schemas"]
        schemas[f"Remark{kind.title()}"] = {
            "type": "object",
            "properties": {
                "kind": {"type": "string", "const": kind},
                "form": {"type": "string", "const": kind},
                "text": {"type": "string"},
            },
            "required": ["kind", "form", "text"],
        }
    names = ("#/components/schemas/RemarkHint", "#/components/schemas/RemarkWarning")
    told = {"propertyName": "kind", "mapping": dict(zip(("hint", "warning"), names, strict=True))}
    one_of = [{"$ref": name} for name in names]
    add_field(document, "Estimate.remark", {"oneOf": one_of, "discriminator": told})


def with_growing_kinds(document: Document) -> None:
    """Let there be more kinds of remark one day."""
    with_kinds(document)
    field(document, "Estimate.remark")["x-extensible"] = True


def with_callback(document: Document) -> None:
    """Tell who asks when an application has changed."""
    body = {"content": {"application/json": {"schema": {"type": "string"}}}}
    told = {"post": {"requestBody": body, "responses": {"204": {"description": "Taken"}}}}
    operation(document, "create_application")["callbacks"] = {"changed": {"{$request.url}": told}}


def recursive(document: Document) -> None:
    """Let a question lead to others like it."""
    also = {"type": "array", "items": {"$ref": "#/components/schemas/Question"}}
    add_field(document, "Question.leads_to", also)


def on_leave(place: Any, *, since: str = "2029-01-01", sunset: str = "2030-02-01") -> None:
    """Deprecate what stands at a place, in time for it to be gone today."""
    place |= {"deprecated": True, "x-deprecated-since": since, "x-sunset": sunset}
