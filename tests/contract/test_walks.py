"""A short run of the walks that `make walks` takes by the thousand."""

from pathlib import Path

import pytest

from tests.walks.__main__ import take

WALKS = 60


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_walk_sees_every_unchanged_row_once_and_no_cursor_opens_another_list(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/debrief.db"
    if kind == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    result = take(url, WALKS, seed=1)
    assert not result.wrong
    assert (result.walks, result.changes > WALKS, result.refused > WALKS) == (WALKS, True, True)
