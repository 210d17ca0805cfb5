"""The pure rooms load neither a web framework nor a database."""

import subprocess
import sys

import pytest

FORBIDDEN = "fastapi starlette sqlalchemy alembic psycopg pydantic uvicorn typer"


@pytest.mark.parametrize("room", ["kit", "guide", "scoring"])
def test_a_pure_room_loads_nothing_it_must_not_know(room: str) -> None:
    program = (
        "import importlib, pkgutil, sys\n"
        f"room = importlib.import_module('app.{room}')\n"
        "for part in pkgutil.walk_packages(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(part.name)\n"
        f"print(' '.join(name for name in '{FORBIDDEN}'.split() if name in sys.modules))\n"
    )
    loaded = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
