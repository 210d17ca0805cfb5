"""The secret of an endpoint at rest: sealed, and of no use in another's row.

It cannot be kept as a digest, for it has to sign. The key is drawn from the service's
own secret, which is not in the database; workspace and endpoint are sealed with it, so
that whoever can write the database cannot have one endpoint signed with another's.
"""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Changes with how it is sealed, so that what was sealed otherwise is told by its first byte.
_FORM = b"\x01"
_PURPOSE = b"debrief: secret of a webhook endpoint, form 1"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class DecryptionError(ValueError):
    """What was kept was altered, belongs to another endpoint or was sealed with another secret."""


@dataclass(frozen=True, slots=True)
class SecretCipher:
    """Seals and opens with a key of its own, drawn from the service's secret."""

    secret: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Draw the key once: drawing is meant to be no cheaper than it is."""
        drawn = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(self.secret)
        object.__setattr__(self, "_cipher", AESGCM(drawn))

    def encrypt(self, workspace_id: str, endpoint_id: str, text: str) -> bytes:
        """Return what is kept of an endpoint's secret; it differs each time."""
        nonce = os.urandom(_NONCE_BYTES)
        whose = _whose(workspace_id, endpoint_id)
        return _FORM + nonce + self._cipher.encrypt(nonce, text.encode(), whose)

    def decrypt(self, workspace_id: str, endpoint_id: str, sealed: bytes) -> str:
        """Return the secret again; raise BrokenSealError when the seal does not hold."""
        start = len(_FORM) + _NONCE_BYTES
        nonce, rest = sealed[len(_FORM) : start], sealed[start:]
        if not sealed.startswith(_FORM) or not rest:
            raise DecryptionError(DecryptionError.__doc__)
        try:
            return self._cipher.decrypt(nonce, rest, _whose(workspace_id, endpoint_id)).decode()
        except InvalidTag:
            raise DecryptionError(DecryptionError.__doc__) from None


def _whose(workspace_id: str, endpoint_id: str) -> bytes:
    # Ids hold no NUL, so that no two pairs read alike.
    return _FORM + f"{workspace_id}\0{endpoint_id}".encode()
