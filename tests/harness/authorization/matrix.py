"""The probes: every operation, every caller who should not, every place an id can be put."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from httpx2 import Response

from tests.harness.authorization.world import (
    PRIVATE,
    USED_KEY,
    USED_KEY_TOO,
    World,
    without,
)
from tests.support.openapi import DOCUMENT
from tests.support.service import Person

METHODS = ("get", "post", "put", "patch", "delete")
LINES = "application/jsonl"
OPENED = "the recruiter it was opened to"
NOBODYS = "01k9a0zzzzdebr1ef0zzz00001"
CHANGES = {"PUT", "PATCH", "DELETE"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document that needs a key."""

    name: str
    method: str
    template: str
    scopes: list[str]
    body: Any
    queries: list[str]

    @property
    def takes(self) -> str | None:
        """The path parameter, of which there is one at most."""
        found = re.search(r"{(\w+)}", self.template)
        return found[1] if found else None

    def path(self, identity: str = "") -> str:
        """Return the path with an id in it."""
        return re.sub(r"{\w+}", identity, self.template)


@dataclass(frozen=True, slots=True)
class Leak:
    """A probe that got what it should not."""

    who: str
    what: str
    why: str


def operations() -> list[Operation]:
    """Return every operation that needs a key."""
    return [
        Operation(
            told["operationId"],
            method.upper(),
            template,
            told["security"][0]["bearerAuth"],
            _example(told),
            [each["name"] for each in told.get("parameters", ()) if each["in"] == "query"],
        )
        for template, path in DOCUMENT["paths"].items()
        for method, told in path.items()
        if method in METHODS and any(told["security"])
    ]


class FoundOneError(Exception):
    """One leak is enough."""


class Spy:
    """Makes the probes, counts them, and keeps the leaks."""

    def __init__(self, world: World, *, stops_at_first: bool = False) -> None:
        self.world = world
        self.stops_at_first = stops_at_first
        self.probes = 0
        self.leaks: list[Leak] = []

    def run(self) -> None:
        """Make every probe, or those up to the first leak."""
        with suppress(FoundOneError):
            self._run()

    def _run(self) -> None:
        before = self.world.fingerprint()
        for operation in operations():
            for probe in (self._doors, self._scopes, self._paths, self._bodies, self._queries):
                probe(operation)
        if self.world.fingerprint() != before:
            self._keep(Leak("somebody", "some operation", "changed the victim's records"))

    def _doors(self, operation: Operation) -> None:
        identity = self.world.ids.get(operation.takes or "", "")
        for who, authorization in self.world.doors.items():
            answer = self.world.service.client.request(
                operation.method,
                operation.path(identity),
                **_sent(operation.body),
                headers={"Authorization": authorization, **_headers(operation)},
            )
            self._expect(who, operation, answer, {401})

    def _scopes(self, operation: Operation) -> None:
        if operation.name == "create_member" or not operation.scopes:
            return  # a candidate has no such scope to begin with, or everybody may
        narrow = without(self.world, operation.scopes)
        identity = self.world.ids.get(operation.takes or "", "")
        self._expect("the wrong scope", operation, self._ask(narrow, operation, identity), {403})

    def _paths(self, operation: Operation) -> None:
        if operation.takes is None:
            return
        theirs = self.world.ids[operation.takes]
        for who, person in self.world.attackers.items():
            if self._may(who, operation):
                self._only_what_is_shared(who, person, operation, theirs)
            else:
                self._as_if_nothing(who, person, operation, theirs)
            closed = self.world.closed.get(operation.takes)
            if closed is not None:
                self._as_if_nothing(who, person, operation, closed)

    def _as_if_nothing(self, who: str, person: Person, operation: Operation, theirs: str) -> None:
        nobodys = f"{theirs.split('_', maxsplit=1)[0]}_{NOBODYS}"
        for headers in self._headers(operation):
            told = self._ask(person, operation, theirs, headers)
            blank = self._ask(person, operation, nobodys, headers)
            self._expect(who, operation, told, {403, 404})
            if _gist(told, theirs) != _gist(blank, nobodys):
                self._leak(who, operation, "tells what exists from what does not")

    def _bodies(self, operation: Operation) -> None:
        """Put the victim's id wherever the body takes one."""
        if not isinstance(operation.body, dict):
            return
        for field in ("shared_with", "member", "confirm"):
            if field not in _fields(operation):
                continue
            for who, person in self.world.attackers.items():
                if field == "member" and who == "an administrator":
                    continue  # makes keys for everybody
                body = operation.body | {field: self.world.victim.member_id}
                identity = self._own(person) if operation.takes else ""
                answer = self._ask(person, operation, identity, body=body)
                self._expect(who, operation, answer, {403, 404, 409, 422})

    def _queries(self, operation: Operation) -> None:
        """Use the victim's filters, cursors and idempotency key."""
        if operation.name == "stream_events":
            return  # goes on as long as somebody listens; whom it tells has tests of its own
        for who, person in self.world.attackers.items():
            for query in self._filters(operation):
                answer = person("GET", f"{operation.path()}?{query}")
                self.probes += 1
                self._look(who, operation, answer)
            if "cursor" in operation.queries:
                self._foreign_cursor(who, person, operation)
            if operation.method == "POST" and operation.takes is None:
                told = self._ask(person, operation, "", USED_KEY, body=self._used(operation))
                if "idempotent-replayed" in told.headers:
                    self._leak(who, operation, "replays the victim's answer")
                self._look(who, operation, told)

    def _foreign_cursor(self, who: str, person: Person, operation: Operation) -> None:
        path = operation.path(self.world.ids.get(operation.takes or "", ""))
        cursor = self.world.victim("GET", f"{path}?limit=1").json()["next_cursor"]
        if cursor is None:
            return
        answer = person("GET", f"{path}?limit=1&cursor={cursor}")
        self._expect(who, operation, answer, {403, 404, 422})

    def _only_what_is_shared(
        self, who: str, person: Person, operation: Operation, identity: str
    ) -> None:
        answer = self._ask(person, operation, identity)
        # The name of the company, the role and the panel are what the candidate opened.
        shown = re.sub(rf"(Company|Engineer|Ines) {PRIVATE}", "", answer.text)
        if PRIVATE in shown:
            self._leak(who, operation, "shows a private field")

    def _headers(self, operation: Operation) -> Iterator[dict[str, str]]:
        tag = self.world.tags.get(operation.takes or "", '"1"')
        if operation.method in CHANGES:
            yield from ({"If-Match": tag}, {"If-Match": '"0"'}, {"If-Match": "*"})
        elif operation.method == "GET":
            yield from ({}, {"If-None-Match": tag}, {"If-None-Match": "*"})
        if operation.method in {"POST", "PATCH"}:
            yield USED_KEY_TOO | _condition(operation)
            yield _condition(operation)

    def _filters(self, operation: Operation) -> Iterator[str]:
        if operation.method != "GET" or operation.takes is not None:
            return
        yield "limit=100" if "limit" in operation.queries else ""
        if "company" in operation.queries:
            yield f"company={self.world.company}"
            yield f"company=Company {PRIVATE}"
            yield "status=offer"
            yield "sort=-updated_at"
        if "due" in operation.queries:
            yield f"due=later&application={self.world.ids['application_id']}"
            yield "state=open"
        if "owed" in operation.queries:
            yield "owed=true"

    def _may(self, who: str, operation: Operation) -> bool:
        if who == OPENED and operation.method == "GET":
            return operation.takes in {"application_id", "interview_id"}
        if who == OPENED and operation.name == "create_feedback":
            return True
        # An administrator sees members and keys, of whomever, and ends keys.
        return who == "an administrator" and operation.takes in {"member_id", "key_id"}

    def _ask(
        self,
        person: Person,
        operation: Operation,
        identity: str,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> Response:
        self.probes += 1
        return person(
            operation.method,
            operation.path(identity),
            **_sent(operation.body if body is None else body),
            headers=_headers(operation) | (headers or {}),
        )

    def _expect(self, who: str, operation: Operation, answer: Response, statuses: set[int]) -> None:
        if who in self.world.doors:
            self.probes += 1
        if answer.status_code not in statuses:
            self._leak(who, operation, f"answered {answer.status_code}, not {statuses}")
        self._look(who, operation, answer)

    def _look(self, who: str, operation: Operation, answer: Response) -> None:
        if PRIVATE in answer.text and who != OPENED:
            self._leak(who, operation, "shows what is private")
        if answer.is_server_error:
            self._leak(who, operation, "made the service fail")

    def _leak(self, who: str, operation: Operation, why: str) -> None:
        self._keep(Leak(who, operation.name, why))

    def _keep(self, leak: Leak) -> None:
        self.leaks.append(leak)
        if self.stops_at_first:
            raise FoundOneError

    def _own(self, person: Person) -> str:
        """Return an application of the attacker's own, where they can have one."""
        wanted = {"company": {"name": "Own"}, "job_title": "Own"}
        made = person("POST", "/v1/applications", json=wanted)
        return str(made.json().get("id", f"app_{NOBODYS}"))

    def _used(self, operation: Operation) -> Any:
        if operation.name == "create_application":
            # Without the marker, which would come back to whoever sent it.
            return {"company": {"name": "Own"}, "job_title": "Own"}
        return operation.body


def _condition(operation: Operation) -> dict[str, str]:
    return {"If-Match": "*"} if operation.method in CHANGES else {"X-Nothing": "-"}


def _headers(operation: Operation) -> dict[str, str]:
    told = {"Content-Type": LINES} if isinstance(operation.body, str) else {}
    return told | _condition(operation)


def _sent(body: Any) -> dict[str, Any]:
    """Return how a body is handed to the client: lines as they are, anything else as JSON."""
    return {"content": body} if isinstance(body, str) else {"json": body}


def _gist(answer: Response, identity: str) -> tuple[int, str]:
    """Return an answer without what is its own: ids and the moment."""
    text = answer.text.replace(identity, "ID")
    return answer.status_code, re.sub(r'"request_id":"\w+"', "", text)


def _example(told: dict[str, Any]) -> Any:
    if "requestBody" not in told:
        return None
    content = told["requestBody"]["content"]
    if LINES in content:
        return content[LINES]["example"]
    schema = content["application/json"]["schema"]
    return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0]


def _fields(operation: Operation) -> set[str]:
    told = DOCUMENT["paths"][operation.template][operation.method.lower()]
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    return set(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"])
