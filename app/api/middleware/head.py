"""HEAD requests, answered by the GET operation without its body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Answer HEAD as a GET would be answered, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a GET, and send what it answers up to the body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["method"] = "GET"
        has_ended = False

        async def without_body(message: Message) -> None:
            nonlocal has_ended
            scope["method"] = "HEAD"  # by which the server knows that no body belongs to it
            if message["type"] == "http.response.start":
                await send(message)
            elif not has_ended:
                has_ended = True  # a stream is told by `receive` then that nobody hears it
                await send({"type": "http.response.body"})

        try:
            await self.app(scope, receive, without_body)
        finally:
            scope["method"] = "HEAD"
