"""Pagination cursors: a position survives encoding, and a changed cursor is rejected."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.cursors import CursorSigner, TamperedCursorError

SIGNER = CursorSigner(b"one secret")


@given(st.lists(st.text(max_size=40), max_size=3), st.text(max_size=20))
def test_a_cursor_decodes_to_its_position(position: list[str], binding: str) -> None:
    assert SIGNER.decode(SIGNER.encode(position, binding=binding), binding=binding) == position


def test_a_cursor_of_another_list_is_rejected() -> None:
    cursor = SIGNER.encode(["x"], binding="mine")
    with pytest.raises(TamperedCursorError):
        SIGNER.decode(cursor, binding="yours")


def test_a_cursor_of_another_secret_is_rejected() -> None:
    cursor = CursorSigner(b"another secret").encode(["x"], binding="mine")
    with pytest.raises(TamperedCursorError):
        SIGNER.decode(cursor, binding="mine")


def test_no_single_letter_of_a_cursor_can_be_changed() -> None:
    cursor = SIGNER.encode(["2026-11-02", "app_1"], binding="mine")
    alphabet = string.ascii_letters + string.digits + "-_"
    for at in range(len(cursor)):
        for letter in alphabet.replace(cursor[at], ""):
            changed = cursor[:at] + letter + cursor[at + 1 :]
            with pytest.raises(TamperedCursorError):
                SIGNER.decode(changed, binding="mine")


@pytest.mark.parametrize("nonsense", ["", "x", "äöü", "AAAA", "=" * 50, "null"])
def test_nonsense_is_no_cursor(nonsense: str) -> None:
    with pytest.raises(TamperedCursorError):
        SIGNER.decode(nonsense, binding="mine")
