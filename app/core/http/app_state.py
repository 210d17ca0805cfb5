"""Typed application state: objects that live as long as the application.

Starlette's `app.state` accepts any attribute and types it `Any`. A key names one object and its
type. The composition root sets the object; dependencies and middleware read it from the request.
"""

from typing import Generic, TypeVar

from fastapi import Request
from starlette.applications import Starlette
from starlette.types import Scope

T = TypeVar("T")


class StateKey(Generic[T]):
    """The name of one object of the application, usable as a FastAPI dependency."""

    def __init__(self, name: str) -> None:
        self.name = name

    def set(self, app: Starlette, value: T) -> None:
        """Set the object of the application."""
        setattr(app.state, self.name, value)

    def of(self, scope: Scope) -> T:
        """Return the object; raise AttributeError where the application has none."""
        value: T = getattr(scope["app"].state, self.name)
        return value

    async def __call__(self, request: Request) -> T:
        """Return the object, for `Depends(KEY)`."""
        return self.of(request.scope)
