"""API keys: `dbk_test_<256 random bits>_<checksum>`.

The checksum detects a mistyped key without a query, and lets secret scanners recognise a leaked key
reliably. The secret has full entropy, so a plain SHA-256 digest is stored.
"""

import hashlib
import re
import secrets
import zlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LETTERS = 43  # 62 ** 43 > 2 ** 256
_CHECK_LETTERS = 6  # 62 ** 6 > 2 ** 32
_FORM = re.compile(
    rf"dbk_(?:live|test)_[0-9A-Za-z]{{{_SECRET_LETTERS}}}_[0-9A-Za-z]{{{_CHECK_LETTERS}}}"
)


def new_key(*, live: bool) -> str:
    """Return a new key, which cannot be read again: only its digest is stored."""
    secret = _letters(secrets.randbits(256), _SECRET_LETTERS)
    body = f"dbk_{'live' if live else 'test'}_{secret}"
    return f"{body}_{_checksum(body)}"


def is_key(credential: str) -> bool:
    """Whether a credential is an API key, even a mistyped one, and not an access token."""
    return credential.startswith("dbk_")


def is_well_formed(key: str) -> bool:
    """Whether the format and the checksum of a key are valid."""
    if not _FORM.fullmatch(key):
        return False
    body, _, check = key.rpartition("_")
    return secrets.compare_digest(check, _checksum(body))


def digest_of(key: str) -> bytes:
    """Return the digest that is stored instead of the key."""
    return hashlib.sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    return _letters(zlib.crc32(body.encode()), _CHECK_LETTERS)


def _letters(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "".join(reversed(letters))
