"""The secret from which cursors are signed: set by the operator, or made once beside SQLite."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.core.config.settings import Settings


class SecretMissingError(Exception):
    """Set DEBRIEF_SECRET to at least 32 random characters, the same for every process."""


def signing_secret(settings: Settings) -> bytes:
    """Return the secret; raise SecretMissingError where it cannot be made here."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    if not settings.is_sqlite:
        raise SecretMissingError(SecretMissingError.__doc__)
    return _kept_beside(settings.sqlite_path)


def _kept_beside(database: Path) -> bytes:
    path = database.with_name(database.name + ".secret")
    if not path.exists():
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    # Written whole under another name and linked: two processes starting at once end with one.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
