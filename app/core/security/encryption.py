"""Encryption at rest: AES-256-GCM with keys derived from the server secret (HKDF-SHA256).

Each purpose has a key of its own. The context (the owner of the secret, the request) is
authenticated with the text, so that a ciphertext does not decrypt after it was copied to another
row.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = b"\x01"  # the first byte of every ciphertext; another format would have another byte
_KEY_BYTES = 32
_NONCE_BYTES = 12


class DecryptionError(ValueError):
    """The ciphertext was altered, or belongs to another context, purpose or secret."""


class SecretCipher:
    """Encrypts and decrypts for one purpose."""

    def __init__(self, secret: bytes, purpose: bytes) -> None:
        """Derive the key; reuse the instance where one purpose serves many calls."""
        key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(secret)
        self._aead = AESGCM(key)

    def encrypt(self, plaintext: bytes, context: bytes) -> bytes:
        """Return the ciphertext; the nonce is random, so it differs each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._aead.encrypt(nonce, plaintext, _FORMAT + context)

    def decrypt(self, ciphertext: bytes, context: bytes) -> bytes:
        """Return the plaintext; raise DecryptionError when it is not authentic."""
        start = len(_FORMAT) + _NONCE_BYTES
        nonce, encrypted = ciphertext[len(_FORMAT) : start], ciphertext[start:]
        if not ciphertext.startswith(_FORMAT) or not encrypted:
            raise DecryptionError(DecryptionError.__doc__)
        try:
            return self._aead.decrypt(nonce, encrypted, _FORMAT + context)
        except InvalidTag:
            raise DecryptionError(DecryptionError.__doc__) from None
