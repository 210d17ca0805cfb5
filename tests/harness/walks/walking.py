"""One walk reads a list to its end, page by page, while other rows come, change and go.

The rows that nothing touches must be seen exactly once and in order; and no
cursor may open any list but the one that it was given for.
"""

import http.client
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SORTS = ("-created_at", "created_at", "-updated_at", "updated_at", "-applied_on", "applied_on")
COMPANIES = ("Halden", "Tidemark", "Orrery")
STEADY = 40  # rows that nothing touches
PASSING = (10, 40)  # fewest and most rows that do come and go
CHURN = 0.5  # changes between one page and the next, at most one
FOREIGN = 0.2  # pages whose cursor is also tried where it does not belong
DAYS = 20


@dataclass
class Result:
    """What came of the walks."""

    walks: int = 0
    pages: int = 0
    changes: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a key, over one kept connection."""

    connection: http.client.HTTPConnection
    key: str

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request; return the status and what the answer says."""
        headers = {"Authorization": f"Bearer {self.key}", "If-Match": "*"}
        if method == "GET":
            del headers["If-Match"]
        sent = None
        if body is not None:
            sent = json.dumps(body)
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, sent, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # A server hangs up on a connection that was not used for some seconds, unread.
            self.connection.request(method, path, sent, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None


class World:
    """One candidate's list, some of it steady and some passing, and others who have cursors too."""

    def __init__(self, reader: Reader, others: Sequence[Reader], seed: int) -> None:
        """Write the first rows; the seed settles everything that is left to chance."""
        self.reader = reader
        self.others = others
        self.chance = random.Random(seed)  # noqa: S311 - a series to repeat, not a secret
        self.steady: dict[str, dict[str, Any]] = {}
        self.passing: list[str] = []
        self.result = Result()
        for number in range(STEADY):
            made = self._write(number)
            self.steady[made["id"]] = made
            if number % 2:
                self.passing.append(self._write(number)["id"])
        for other in others:
            other.call("POST", "/v1/applications", self._wanted(0))

    def walk(self) -> None:
        """Read one list to its end and compare it with the steady rows."""
        self.result.walks += 1
        query = {"sort": self.chance.choice(SORTS)} | self._filter()
        limit = self.chance.choice((1, 2, 3, 5, 8, 13, 40, 100))
        seen: list[str] = []
        cursor = None
        while True:
            status, page = self.reader.call("GET", _path(query, limit, cursor))
            if status != http.client.OK:
                self.result.wrong.append(f"{query} was answered {status}: {page}")
                return
            self.result.pages += 1
            seen.extend(row["id"] for row in page["data"])
            cursor = page["next_cursor"]
            if cursor is None:
                break
            if self.chance.random() < FOREIGN:
                self._try_elsewhere(query, limit, cursor)
            if self.chance.random() < CHURN:
                self._change()
        self._compare(query, [name for name in seen if name in self.steady])

    def _compare(self, query: dict[str, str], seen: list[str]) -> None:
        expected = [row for row in self.steady.values() if _fits(row, query)]
        column, descending = query["sort"].lstrip("-"), query["sort"].startswith("-")
        expected.sort(key=lambda row: (_sort_key(row, column), row["id"]), reverse=descending)
        if seen != [row["id"] for row in expected]:
            self.result.wrong.append(f"{query}: saw {seen}, not {[r['id'] for r in expected]}")

    def _try_elsewhere(self, query: dict[str, str], limit: int, cursor: str) -> None:
        other_sort = self.chance.choice([sort for sort in SORTS if sort != query["sort"]])
        at = self.chance.randrange(len(cursor))
        letter = "A" if cursor[at] != "A" else "B"
        attempts = [
            (self.reader, query | {"sort": other_sort}, cursor),
            (self.reader, _other_filter(query), cursor),
            (self.reader, query, cursor[:at] + letter + cursor[at + 1 :]),
            *((other, query, cursor) for other in self.others),
        ]
        reader, asked, shown = self.chance.choice(attempts)
        status, problem = reader.call("GET", _path(asked, limit, shown))
        if (status, problem.get("code")) == (422, "cursor_invalid"):
            self.result.refused += 1
        else:
            self.result.wrong.append(f"a cursor of {query} was answered {status} for {asked}")

    def _change(self) -> None:
        self.result.changes += 1
        fewest, most = PASSING
        what = self.chance.choice(("write", "delete", "touch"))
        if len(self.passing) <= fewest:
            what = "write"
        elif len(self.passing) >= most:
            what = "delete"
        if what == "write":
            self.passing.append(self._write(self.chance.randrange(1000))["id"])
            return
        path = f"/v1/applications/{self.chance.choice(self.passing)}"
        if what == "delete":
            self.passing.remove(path.rpartition("/")[2])
            self.reader.call("DELETE", path)
        else:
            wanted = self._wanted(self.chance.randrange(1000))
            wanted["stage"] = self.chance.choice(("applied", "screening", "first"))
            self.reader.call("PATCH", path, wanted)

    def _write(self, number: int) -> Any:
        status, made = self.reader.call("POST", "/v1/applications", self._wanted(number))
        if status != http.client.CREATED:
            raise AssertionError(made)
        return made

    def _wanted(self, number: int) -> dict[str, Any]:
        return {
            "company": {"name": COMPANIES[number % len(COMPANIES)]},
            "job_title": f"Engineer {number}",
            "applied_on": f"2026-10-{number % DAYS + 1:02}",
        }

    def _filter(self) -> dict[str, str]:
        company = {"company": self.chance.choice(COMPANIES)}
        return self.chance.choice(({}, {}, company, {"status": "active"}, {"stage": "applied"}))


def _other_filter(query: dict[str, str]) -> dict[str, str]:
    if "status" in query:
        return {"sort": query["sort"]}
    return {"sort": query["sort"], "status": "active"}


def _fits(row: dict[str, Any], query: dict[str, str]) -> bool:
    company: str = row["company"]["name"]
    return query.get("company", company) == company


def _sort_key(row: dict[str, Any], column: str) -> str:
    # An id begins with the instant at which it was made, to the millisecond and in order.
    return str(row["id"] if column == "created_at" else row[column])


def _path(query: dict[str, str], limit: int, cursor: str | None) -> str:
    told = query | {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    return "/v1/applications?" + "&".join(f"{name}={value}" for name, value in told.items())
