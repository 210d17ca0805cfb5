"""Use the docs page as a person would, in a real browser: `python -m tests.harness.browser`.

Somebody opens it, hands over the key that the server printed, takes the first steps, and then
sends the example of every other operation as it stands. Exits with 1 when an example does not
work, when the page asks another server for anything, when it breaks its own policy, or when
the browser complains. Screenshots are kept in `var/artefacts`.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser

from app.accounts.scopes import SCOPES
from app.core.persistence.tenancy import Role
from tests.harness.browser.chromium import chromium
from tests.harness.browser.docs_page import DocsPage, Operation
from tests.harness.browser.witness import Witness
from tests.support.servers import make_key, serving

ARTEFACTS = Path(__file__).parents[3] / "var" / "artefacts"
ORDER = ("get", "put", "post", "patch", "delete")
SHOWN = "get_estimate"  # the operation that is shown in pictures
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
# Settles with what the policy stopped, or with nothing when the call was made all the same.
# Refused as its example stands, which names somebody else: nobody erases themselves by a click.
NOT_BY_TRYING = frozenset({"erase_me"})
CALL = """
(address) => new Promise((settle) => {
  addEventListener("securitypolicyviolation", ({ blockedURI }) => settle(blockedURI));
  fetch(address, { mode: "no-cors" }).then(() => settle(""), () => setTimeout(settle, 5000));
})
"""


def main() -> None:
    """Visit the page and print what was found."""
    began = time.monotonic()
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/debrief.db"
        with serving(url, "--migrate", demo=True) as server, chromium() as browser:
            visit = Visit(browser, server.address)
            visit.at_the_desk(server.demo_key, make_key(url, "admin"))
            visit.on_the_phone(server.demo_key)
            visit.in_the_dark()
            visit.against_the_policy()
    visit.sum_up(time.monotonic() - began)
    sys.exit(bool(visit.wrong))


@dataclass
class Visit:
    """Everything that is done with the page of one server, and what went wrong."""

    browser: Browser
    address: str
    executed: int = 0
    pictures: list[Path] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to watch, and read which operations there are."""
        self.witness = Witness(self.address)
        self.operations = operations(httpx2.get(f"{self.address}/openapi.json").json())

    def at_the_desk(self, key: str, administrators_key: str) -> None:
        """Do the main job and then everything else, with a keyboard and a wide window."""
        with self._tab(**DESKTOP) as docs:
            policy = docs.open().headers.get("content-security-policy", "")
            self._expect("default-src 'none'" in policy, f"The policy of the page is {policy!r}.")
            self._keep(docs, "docs-page")
            self._expect(docs.authorize_by_keyboard(key), "No key leads to Authorize.")
            docs.reload()
            self._expect(docs.is_authorized(), "A reload loses the key.")
            self._expect(not docs.fetched_parts(), f"Fetched twice: {docs.fetched_parts()}.")
            steps = self._take_first_steps(docs)
            left = [one for name, one in self.operations.items() if name not in steps]
            own = [one for one in left if one.scopes <= SCOPES[Role.CANDIDATE]]
            self._execute_all(docs, own)
            docs.authorize(administrators_key)
            self._execute_all(docs, [one for one in left if one not in own])

    def on_the_phone(self, key: str) -> None:
        """Ask for an estimate in a window as narrow as a phone's."""
        with self._tab(**PHONE) as docs:
            docs.open()
            self._keep(docs, "docs-page-phone")
            docs.authorize(key)
            docs.follow(self.operations[SHOWN])
            docs.execute(self.operations[SHOWN])
            self._keep(docs, "docs-page-phone-operation", self.operations[SHOWN])
            self._expect(docs.overflow() <= 0, f"{docs.overflow()} pixels too wide for a phone.")

    def in_the_dark(self) -> None:
        """Come by a link to one operation, as somebody who prefers dark colours."""
        with self._tab(**DESKTOP, color_scheme="dark") as docs:
            docs.open(at=self.operations[SHOWN])
            self._keep(docs, "docs-page-dark")

    def against_the_policy(self) -> None:
        """Call elsewhere, from the page and from one without a policy: both must be noticed."""
        elsewhere = f"{self.address.replace('127.0.0.1', 'localhost')}/healthz"
        planted = Witness(self.address)
        with self._tab(planted) as docs:
            docs.open()
            stopped = docs.page.evaluate(CALL, elsewhere)
            self._expect(stopped == elsewhere, "The policy lets the page call elsewhere.")
            docs.page.goto("about:blank")  # every answer of the service has a policy
            docs.page.evaluate(CALL, elsewhere)
        self._expect(len(planted.violations) == 1, "A breach of the policy went unnoticed.")
        self._expect(planted.foreign == [elsewhere], f"Noticed elsewhere: {planted.foreign}.")

    def sum_up(self, seconds: float) -> None:
        """Print the figures, where the pictures are, and what was wrong."""
        seen = self.witness
        for what, found in (
            ("went elsewhere", seen.foreign),
            ("broke the policy", seen.violations),
            ("was complained of", seen.errors),
        ):
            self.wrong += [f"This {what}: {one}" for one in found]
        print(
            f"Chromium {self.browser.version}: {self.executed} of {len(self.operations)} "
            f"operations executed, {seen.requests:,} requests, {len(seen.foreign)} of them to "
            f"other origins, {len(seen.violations)} breaches of the policy, {len(seen.errors)} "
            f"warnings and errors in the console ({seconds:.0f} s)"
        )
        for picture in self.pictures:
            print(f"  {picture.relative_to(Path.cwd())}")
        for line in self.wrong:
            print(f"  WRONG: {line}")

    def _take_first_steps(self, docs: DocsPage) -> list[str]:
        steps = docs.steps()
        self._expect(SHOWN in steps, f"The first steps are {steps}.")
        for name in steps:
            docs.follow(self.operations[name])
            self._execute(docs, self.operations[name])
            if name == SHOWN:
                self._keep(docs, "docs-page-operation", self.operations[name])
            docs.fold(self.operations[name])
        return steps

    def _execute_all(self, docs: DocsPage, some: list[Operation]) -> None:
        for operation in some:
            docs.fold(operation)
            self._execute(docs, operation)
            docs.fold(operation)

    def _execute(self, docs: DocsPage, operation: Operation) -> None:
        status = docs.execute(operation)
        self.executed += 1
        is_as_told = status.startswith("2") and status.isdigit()  # "201 Undocumented" is neither
        self._expect(is_as_told, f"The example of {operation.name} is answered by {status}.")

    def _keep(self, docs: DocsPage, name: str, operation: Operation | None = None) -> None:
        self.pictures.append(ARTEFACTS / f"{name}.png")
        docs.picture(self.pictures[-1], operation)

    def _expect(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition, not a mode
        if not is_so:
            self.wrong.append(otherwise)

    @contextmanager
    def _tab(self, witness: Witness | None = None, **window: Any) -> Iterator[DocsPage]:
        context = self.browser.new_context(**window)
        (witness or self.witness).watch(context)
        try:
            yield DocsPage(context.new_page(), self.address)
        finally:
            context.close()


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Return every operation, in an order in which all their examples work one after another.

    Answers without an end are left out: Swagger UI shows an answer once it is whole. So is what
    must not happen by trying things out.
    """
    return {
        operation["operationId"]: Operation(
            name=operation["operationId"],
            tag=operation["tags"][0],
            summary=operation["summary"],
            scopes=frozenset(
                scope
                for way in operation.get("security", ())
                for scopes in way.values()
                for scope in scopes
            ),
        )
        for method in ORDER
        for path in document["paths"].values()
        if (operation := path.get(method)) and not is_endless(operation)
        if operation["operationId"] not in NOT_BY_TRYING
    }


def is_endless(operation: dict[str, Any]) -> bool:
    """Tell whether the answer goes on as long as somebody listens."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


if __name__ == "__main__":
    main()
