"""A short run of the trials that `make idempotency` makes by the thousand."""

from pathlib import Path

import pytest

from tests.idempotency.__main__ import candidate_key
from tests.idempotency.trials import check, run, two_servers

TRIALS = 50


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_happens_twice_or_is_lost_while_servers_are_killed(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/debrief.db"
    if kind == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    key = candidate_key(url)
    with two_servers(url) as servers:
        result = run(servers, key, TRIALS, between_kills=(0.3, 1.0))
        assert check(servers, key, result) == {"duplicates": 0, "lost": 0, "wrong replays": 0}
    assert result.kills > 0
    assert result.answers == TRIALS * 8
