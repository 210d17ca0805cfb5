"""HEAD requests: the GET operation handles them, and its body is not sent."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Respond to HEAD as to GET, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a GET, and send only the head of its response."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["method"] = "GET"
        has_ended = False

        async def without_body(message: Message) -> None:
            nonlocal has_ended
            scope["method"] = "HEAD"  # so that the server expects no body
            if message["type"] == "http.response.start":
                await send(message)
            elif not has_ended:
                has_ended = True  # `receive` then reports a disconnect, which ends a stream
                await send({"type": "http.response.body"})

        try:
            await self.app(scope, receive, without_body)
        finally:
            scope["method"] = "HEAD"
