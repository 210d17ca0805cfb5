"""Nobody gets at what is not theirs, whatever they try: probes generated from the document."""

import pytest

from tests.harness.authorization.matrix import Spy
from tests.harness.authorization.tokens import taking_tokens
from tests.harness.authorization.world import build
from tests.support.service import Service


@pytest.mark.slow
def test_two_thousand_probes_find_no_leak(service: Service) -> None:
    with taking_tokens(service) as token:
        spy = Spy(build(service, token))
        spy.run()
    assert spy.leaks == []
    assert spy.probes >= 2_000
