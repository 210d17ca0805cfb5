"""Typed application state."""

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from app.core.http.app_state import StateKey

NUMBER: StateKey[int] = StateKey("number")


def test_an_object_is_read_from_a_scope_and_as_a_dependency() -> None:
    app = FastAPI()
    NUMBER.set(app, 7)

    @app.get("/")
    async def read(number: Annotated[int, Depends(NUMBER)]) -> int:
        return number

    assert NUMBER.of({"app": app}) == 7
    assert TestClient(app).get("/").json() == 7


def test_a_missing_object_is_an_error_of_the_composition_root() -> None:
    with pytest.raises(AttributeError, match="number"):
        NUMBER.of({"app": FastAPI()})
