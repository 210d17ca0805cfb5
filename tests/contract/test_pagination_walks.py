"""A short run of the walks that `make walks` takes by the thousand."""

import pytest

from tests.harness.walks.__main__ import take

WALKS = 60


@pytest.mark.slow
def test_a_walk_sees_every_unchanged_row_once_and_no_cursor_opens_another_list(
    own_url: str,
) -> None:
    result = take(own_url, WALKS, seed=1)
    assert not result.wrong
    assert (result.walks, result.changes > WALKS, result.refused > WALKS) == (WALKS, True, True)
