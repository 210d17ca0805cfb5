"""The pure packages import neither a web framework nor a database library."""

import subprocess
import sys

import pytest

FORBIDDEN = "fastapi starlette sqlalchemy alembic psycopg pydantic uvicorn typer"


@pytest.mark.parametrize("package", ["kit", "guide", "scoring"])
def test_a_pure_package_imports_no_forbidden_library(package: str) -> None:
    program = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module('app.{package}')\n"
        "for part in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(part.name)\n"
        f"print(' '.join(name for name in '{FORBIDDEN}'.split() if name in sys.modules))\n"
    )
    loaded = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
