"""The server secret: from the settings, or generated once and stored beside the SQLite file."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.core.config.settings import Settings


class SecretMissingError(Exception):
    """Set DEBRIEF_SECRET to at least 32 random characters, the same for every process."""


def signing_secret(settings: Settings) -> bytes:
    """Return the secret; raise SecretMissingError when it is not set and there is no SQLite file.

    It signs pagination cursors; the keys for encryption at rest are derived from it.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    if not settings.is_sqlite:
        raise SecretMissingError(SecretMissingError.__doc__)
    return _read_or_generate(settings.sqlite_path)


def _read_or_generate(database: Path) -> bytes:
    path = database.with_name(database.name + ".secret")
    if not path.exists():
        _generate(path)
    return path.read_bytes()


def _generate(path: Path) -> None:
    # Written to a draft and then linked, so that two processes that start at once use one secret.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
