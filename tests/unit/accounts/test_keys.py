"""The text of API keys."""

import pytest

from app.accounts.keys import digest_of, is_key, is_well_formed, new_key


@pytest.mark.parametrize(("live", "prefix"), [(True, "dbk_live_"), (False, "dbk_test_")])
def test_a_new_key_is_well_formed_and_never_the_same(*, live: bool, prefix: str) -> None:
    keys = {new_key(live=live) for _ in range(20)}
    assert len(keys) == 20
    for key in keys:
        assert key.startswith(prefix)
        assert is_key(key)
        assert is_well_formed(key)


def test_a_mistyped_key_is_noticed_without_the_database() -> None:
    key = new_key(live=False)
    for index in range(len("dbk_test_"), len(key)):
        other = "A" if key[index] != "A" else "B"
        assert not is_well_formed(key[:index] + other + key[index + 1 :])
    assert not is_well_formed(key[:-1])
    assert not is_well_formed(key + "0")


def test_another_credential_is_no_key() -> None:
    assert not is_key("eyJhbGciOiJSUzI1NiJ9.e30.x")
    assert not is_well_formed("eyJhbGciOiJSUzI1NiJ9.e30.x")


def test_what_is_stored_is_a_digest() -> None:
    key = new_key(live=True)
    assert digest_of(key) == digest_of(key)
    assert len(digest_of(key)) == 32
    assert digest_of(key) != digest_of(new_key(live=True))
