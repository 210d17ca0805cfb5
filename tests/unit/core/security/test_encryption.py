"""Encryption at rest: a ciphertext decrypts only for its own context, purpose and secret."""

import pytest

from app.core.security.encryption import DecryptionError, SecretCipher

SERVER_SECRET = b"a secret of the service, 32 bytes"
CIPHER = SecretCipher(SERVER_SECRET, b"tests")
PLAINTEXT = b"whsec_c2VjcmV0"
CONTEXT = b"ws_1\0whe_1"


def test_a_ciphertext_decrypts_and_differs_each_time() -> None:
    one, two = (CIPHER.encrypt(PLAINTEXT, CONTEXT) for _ in range(2))
    assert one != two
    assert PLAINTEXT not in one
    assert CIPHER.decrypt(one, CONTEXT) == CIPHER.decrypt(two, CONTEXT) == PLAINTEXT


@pytest.mark.parametrize("context", [b"ws_1\0whe_2", b"ws_2\0whe_1", b"ws_1w\0he_1", b""])
def test_it_does_not_decrypt_in_another_context(context: bytes) -> None:
    with pytest.raises(DecryptionError):
        CIPHER.decrypt(CIPHER.encrypt(PLAINTEXT, CONTEXT), context)


def test_an_altered_or_truncated_ciphertext_is_rejected() -> None:
    ciphertext = CIPHER.encrypt(PLAINTEXT, CONTEXT)
    altered = [
        ciphertext[:index] + bytes([ciphertext[index] ^ 1]) + ciphertext[index + 1 :]
        for index in range(len(ciphertext))
    ]
    truncated = [ciphertext[:end] for end in range(len(ciphertext))]
    for broken in [*altered, *truncated, ciphertext + b"\0"]:
        with pytest.raises(DecryptionError):
            CIPHER.decrypt(broken, CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        SecretCipher(b"another secret of a service, as long", b"tests"),
        SecretCipher(SERVER_SECRET, b"another purpose"),
    ],
)
def test_another_secret_or_purpose_cannot_decrypt_it(other: SecretCipher) -> None:
    with pytest.raises(DecryptionError):
        other.decrypt(CIPHER.encrypt(PLAINTEXT, CONTEXT), CONTEXT)


def test_the_representation_of_a_cipher_shows_no_secret() -> None:
    assert "secret of" not in repr(CIPHER)
