"""A sealed secret opens for its own endpoint alone."""

import pytest

from app.core.security.encryption import DecryptionError, SecretCipher

SEALER = SecretCipher(b"a secret of the service, 32 bytes")
SECRET = "whsec_c2VjcmV0"


def test_what_was_sealed_opens_again_and_is_never_sealed_alike() -> None:
    one, two = (SEALER.encrypt("wsp_1", "hook_1", SECRET) for _ in range(2))
    assert one != two
    assert SECRET.encode() not in one
    assert (
        SEALER.decrypt("wsp_1", "hook_1", one) == SEALER.decrypt("wsp_1", "hook_1", two) == SECRET
    )


@pytest.mark.parametrize(
    "whose", [("wsp_1", "hook_2"), ("wsp_2", "hook_1"), ("wsp_1h", "ook_1"), ("hook_1", "wsp_1")]
)
def test_it_does_not_open_for_another_endpoint_or_workspace(whose: tuple[str, str]) -> None:
    with pytest.raises(DecryptionError):
        SEALER.decrypt(*whose, SEALER.encrypt("wsp_1", "hook_1", SECRET))


def test_no_byte_of_it_may_be_altered_and_none_left_out() -> None:
    sealed = SEALER.encrypt("wsp_1", "hook_1", SECRET)
    altered = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for place in range(len(sealed))
    ]
    for broken in [*altered, *(sealed[:end] for end in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(DecryptionError):
            SEALER.decrypt("wsp_1", "hook_1", broken)


def test_another_service_cannot_open_it() -> None:
    other = SecretCipher(b"another secret of a service, as long")
    with pytest.raises(DecryptionError):
        other.decrypt("wsp_1", "hook_1", SEALER.encrypt("wsp_1", "hook_1", SECRET))


def test_a_sealer_does_not_tell_its_secret() -> None:
    assert "secret of" not in repr(SEALER)
