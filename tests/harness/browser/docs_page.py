"""The docs page, as somebody uses it who sees it for the first time."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, Response, expect

MOST_TABS = 40


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page lists it."""

    name: str
    tag: str
    summary: str
    scopes: frozenset[str]


class DocsPage:
    """The page in one tab of the browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, at: Operation | None = None) -> Response:
        """Go to the page, or to one operation of it, and wait for it; return how it was served."""
        fragment = f"#/{at.tag}/{at.name}" if at else ""
        answer = self.page.goto(f"{self.address}/docs{fragment}")
        assert answer is not None
        self.page.locator(".opblock").first.wait_for()
        if at:
            expect(self._box(at)).to_be_in_viewport()
        return answer

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()
        self.page.locator(".opblock").first.wait_for()

    def authorize_by_keyboard(self, key: str) -> bool:
        """Hand a key over without touching the mouse; tell whether that was possible."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.locator("button.authorize:focus").count():
                break
        else:
            return False
        self.page.keyboard.press("Enter")
        # Of the two it is the one for tokens, which takes a key as well: both are sent alike.
        self._dialogue.locator("input:focus").wait_for()
        self.page.keyboard.type(key)
        self.page.keyboard.press("Enter")
        self._close()
        return True

    def authorize(self, key: str) -> None:
        """Hand a key over in place of the one that may be there."""
        self.page.locator("button.authorize").click()
        for logout in self._dialogue.get_by_text("Logout", exact=True).all():
            logout.click()
        self._form.locator("input").fill(key)
        self._form.get_by_text("Authorize", exact=True).click()
        self._close()

    def is_authorized(self) -> bool:
        """Tell whether the page holds a key."""
        return bool(self.page.locator("button.authorize.locked").count())

    def steps(self) -> list[str]:
        """Return the names of the operations that the page proposes to begin with."""
        links = self.page.locator(".first-steps a").all()
        return [str(link.get_attribute("href")).rpartition("/")[2] for link in links]

    def follow(self, operation: Operation) -> None:
        """Go to an operation by its link among the first steps."""
        self.page.locator(".first-steps").get_by_text(operation.summary, exact=True).click()
        expect(self._box(operation)).to_be_in_viewport()

    def fold(self, operation: Operation) -> None:
        """Open an operation where it stands in the list, or close it."""
        self._box(operation).locator(".opblock-summary-control").click()

    def execute(self, operation: Operation) -> str:
        """Send the example of an open operation as it stands; return the status shown."""
        box = self._box(operation)
        box.locator(".execute").click()
        shown = box.locator(".live-responses-table tbody .response-col_status").first
        return " ".join(shown.inner_text().split())

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider

    def fetched_parts(self) -> list[str]:
        """Return the parts that came over the network, and not out of the browser's cache."""
        parts: list[str] = self.page.evaluate(
            "performance.getEntriesByType('resource')"
            ".filter(({name, transferSize}) => name.includes('/docs/assets/') && transferSize)"
            ".map(({name}) => name)"
        )
        return parts

    def picture(self, path: Path, operation: Operation | None = None) -> None:
        """Keep what the window shows, or all of an open operation."""
        (self._box(operation) if operation else self.page).screenshot(path=path)

    @property
    def _form(self) -> Locator:
        """Where a key goes; what takes an access token stands below it."""
        return self._dialogue.locator(".auth-container").first

    @property
    def _dialogue(self) -> Locator:
        return self.page.locator(".dialog-ux .modal-ux")

    def _close(self) -> None:
        self._dialogue.get_by_text("Logout", exact=True).wait_for()
        self._dialogue.get_by_text("Close", exact=True).first.click()

    def _box(self, operation: Operation) -> Locator:
        return self.page.locator(f"[id='operations-{operation.tag}-{operation.name}']")
