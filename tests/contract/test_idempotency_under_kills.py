"""A short run of the trials that `make idempotency` makes by the thousand."""

import pytest

from tests.harness.idempotency.__main__ import candidate_key
from tests.harness.idempotency.trials import check, run, two_servers

TRIALS = 50


@pytest.mark.slow
def test_nothing_happens_twice_or_is_lost_while_servers_are_killed(
    own_url: str,
) -> None:
    key = candidate_key(own_url)
    with two_servers(own_url) as servers:
        result = run(servers, key, TRIALS, between_kills=(0.3, 1.0))
        assert check(servers, key, result) == {"duplicates": 0, "lost": 0, "wrong replays": 0}
    assert result.kills > 0
    assert result.answers == TRIALS * 8
