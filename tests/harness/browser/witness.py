"""What a page asked for and complained of, whatever it was."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

# Carried inside the page: nobody is asked for them.
_LOCAL = ("data", "blob")
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  tellViolation(`${effectiveDirective}: ${blockedURI}`));
"""


@dataclass
class Witness:
    """Sees every request, error and breach of policy in what it watches, and stops nothing."""

    origin: str
    requests: int = 0
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Look at all that happens in this context from now on."""
        context.on("request", self._see_request)
        context.on("page", self._see_page)
        context.on("console", self._hear)
        context.on("weberror", self._see_error)
        context.expose_function("tellViolation", self._hear_violation)
        context.add_init_script(_TELL_VIOLATIONS)

    def _see_page(self, page: Page) -> None:
        page.on("websocket", self._see_socket)

    def _see_request(self, request: Request) -> None:
        self._count(request.url)

    def _see_socket(self, socket: WebSocket) -> None:
        self._count(socket.url.replace("ws", "http", 1))

    def _count(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in _LOCAL:
            return
        self.requests += 1
        if f"{address.scheme}://{address.netloc}" != self.origin:
            self.foreign.append(url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _see_error(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def _hear_violation(self, told: str) -> None:
        self.violations.append(told)
